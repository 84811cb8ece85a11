import { nameCaller } from '../../../mesh/caller.ts'
import { makeKeyParty, placeAt } from '../../../mesh/spec-place.ts'
import { findDenying } from '../../asked-service.ts'
import { listCounting } from '../../list-counting.ts'
import { defineRule } from '../../rule.ts'

/** A proxy asks with its own identity: a rate limiter that denies it counts nothing. */
export const countingAllowed = defineRule<{
  asking: string
  limiter: string
  service: string | undefined
  isOpen: boolean
}>(
  {
    code: 'MESH3492',
    severity: 'error',
    summary: 'A rate limiter in the mesh allows the callers whose requests it counts',
    reads: ['rateLimiters', 'services.*.allow', 'services.*.port', 'services.*.ports', 'services.*.expose'],
    message: p =>
      p.service === undefined
        ? `\`${p.asking}\` cannot ask \`${p.limiter}\`: its namespace is in the mesh, but no service of the spec allows calls to it`
        : `\`${p.asking}\` asks \`${p.limiter}\`, but its service \`${p.service}\` does not allow that`,
    help: p =>
      p.service === undefined
        ? `declare the service of \`${p.limiter}\`, with \`allow: [{ from: ${p.asking} }]\``
        : `add \`- { from: ${p.asking} }\` to \`allow\` of \`${p.service}\`: ${p.isOpen ? 'nothing would be limited' : 'every request would get 500'}`,
  },
  function* (mesh, report, parts) {
    for (const { caller, counted } of listCounting(mesh, parts)) {
      const { limiter, by } = counted
      const params = { asking: nameCaller(caller), limiter: by.value, isOpen: limiter.failOpen.value }
      const related = makeKeyParty(limiter.origin, 'the rate limiter')
      const denying = findDenying(mesh, caller, limiter)
      if (denying === 'undeclared')
        yield report(placeAt(by.place!), { ...params, service: undefined }, [related])
      else if (denying !== undefined) {
        const party = makeKeyParty(denying.origin, `its service is \`${denying.key}\``)
        yield report(placeAt(by.place!), { ...params, service: denying.key }, [related, party])
      }
    }
  },
)
