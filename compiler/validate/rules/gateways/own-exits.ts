import { areSameProxies } from '../../../mesh/same-proxies.ts'
import { makeKeyParty, placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** Callers know the doors of a gateway by one DestinationRule for its Service: of two for one host, Istio takes parts of both. */
export const ownExits = defineRule<{ gateway: string; otherName: string }>(
  {
    code: 'MESH3322',
    severity: 'error',
    summary: 'An egress gateway has proxies of its own',
    message: p =>
      `the gateways \`${p.otherName}\` and \`${p.gateway}\` have the same proxies, and one of them is an egress gateway`,
    help: () => 'go through one egress gateway, with proxies that no other gateway has',
  },
  function* ({ gateways }, report) {
    const shared = gateways.filter(({ installation }) => installation === undefined)
    if (!shared.some(({ isEgress }) => isEgress.value)) return
    for (const [index, gateway] of shared.entries()) {
      for (const earlier of shared.slice(0, index)) {
        if (!(gateway.isEgress.value || earlier.isEgress.value) || !areSameProxies(earlier, gateway)) continue
        const params = { gateway: gateway.name.value, otherName: earlier.name.value }
        const related = makeKeyParty(earlier.origin.at('workload'), `the proxies of \`${params.otherName}\``)
        yield report(placeAtKey(gateway.origin.at('workload')), params, [related])
      }
    }
  },
)
