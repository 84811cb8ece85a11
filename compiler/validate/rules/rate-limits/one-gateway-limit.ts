import { areSameProxies } from '../../../mesh/same-proxies.ts'
import { makeKeyParty, placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** A proxy counts all its requests, whichever Gateway has their host. */
export const oneGatewayLimit = defineRule<{ gateway: string; otherGateway: string }>(
  {
    code: 'MESH3456',
    severity: 'error',
    summary: 'Of the gateways with the same proxies, one limits the rate of their requests',
    message: p =>
      `the gateways \`${p.otherGateway}\` and \`${p.gateway}\` have the same proxies, and both limit all requests of these`,
    help: () => 'keep one limit: a proxy counts the requests of all gateways that it serves',
  },
  function* ({ gateways }, report) {
    const limiting = gateways.filter(({ rateLimit }) => rateLimit !== undefined)
    for (const [index, gateway] of limiting.entries()) {
      const earlier = limiting.slice(0, index).find(candidate => areSameProxies(candidate, gateway))
      if (earlier === undefined) continue
      const params = { gateway: gateway.name.value, otherGateway: earlier.name.value }
      yield report(placeAtKey(gateway.rateLimit!.origin), params, [
        makeKeyParty(earlier.rateLimit!.origin, 'the other limit'),
      ])
    }
  },
)
