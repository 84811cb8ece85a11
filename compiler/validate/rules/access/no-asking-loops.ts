import { makeKeyParty, placeAt } from '../../../mesh/spec-place.ts'
import { findLoop } from '../../asked-service.ts'
import { defineRule } from '../../rule.ts'

/**
 * An authorization request is a request. If the proxy of an authorizer calls the authorizer about it, no authorization request gets
 * an answer.
 */
export const noAskingLoops = defineRule<{ service: string; authorizer: string; through: readonly string[] }>(
  {
    code: 'MESH3429',
    severity: 'error',
    summary: 'An authorizer does not wait for its own answer',
    reads: ['authorizers'],
    message: p =>
      p.through.length === 0
        ? `\`${p.service}\` is the service of \`${p.authorizer}\`, and asks it about its own requests`
        : `\`${p.service}\` asks \`${p.authorizer}\`, whose service waits for it: ${p.through.map(name => `\`${name}\``).join(' asks ')}`,
    help: p =>
      `remove \`authorize\` of \`${p.service}\`, and name the callers of the authorizer under \`allow\``,
  },
  function* (mesh, report, { asking }) {
    for (const { service, authorize } of asking) {
      const loop = findLoop(mesh, service, ({ authorize }) => authorize?.authorizer)
      if (loop === undefined) continue
      const params = {
        service: service.key,
        authorizer: authorize.by.value,
        through: loop.length === 1 ? [] : loop.map(({ key }) => key),
      }
      yield report(placeAt(authorize.by.place!), params, [
        makeKeyParty(authorize.authorizer.origin, 'the authorizer'),
      ])
    }
  },
)
