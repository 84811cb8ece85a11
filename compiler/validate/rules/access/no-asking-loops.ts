import type { Mesh, Service } from '../../../mesh/mesh.ts'
import { makeKeyParty, placeAt } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** The question of a proxy is a request: where the proxy of an authorizer asks it again, no question gets an answer. */
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
      const loop = findLoop(mesh, service)
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

/** Finds the services that wait for each other, the given one first; undefined where its question comes to an end. */
function findLoop({ services }: Mesh, first: Service): readonly Service[] | undefined {
  const path: Service[] = []
  let service: Service | undefined = first
  while (service !== undefined) {
    const here: Service = service
    if (path.some(passed => passed.samePods.includes(here)))
      return first.samePods.includes(here) ? path : undefined
    path.push(here)
    const authorize = here.samePods.find(sharing => sharing.authorize !== undefined)?.authorize
    service = services.find(({ host }) => host.value === authorize?.authorizer.host.value)
  }
  return undefined
}
