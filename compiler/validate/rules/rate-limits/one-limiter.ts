import type { Gateway } from '../../../mesh/mesh.ts'
import { areSameProxies } from '../../../mesh/same-proxies.ts'
import { makeKeyParty, placeAt } from '../../../mesh/spec-place.ts'
import { listCounting } from '../../list-counting.ts'
import { defineRule } from '../../rule.ts'

/** Each rate-limit filter of a proxy sends all entries of a route to its service, including entries for another service. */
export const oneLimiter = defineRule<{ gateway: string; limiter: string; otherLimiter: string }>(
  {
    code: 'MESH3495',
    severity: 'error',
    summary: 'The proxies of a gateway ask one rate limiter',
    reads: ['services.*.expose', 'gateways', 'services.*.routes'],
    message: p =>
      `the proxies of \`${p.gateway}\` would ask \`${p.otherLimiter}\` and \`${p.limiter}\` about the same requests`,
    help: () => 'name one rate limiter for the gateway and its routes',
  },
  function* (mesh, report, parts) {
    const seen: { readonly gateway: Gateway; readonly name: string; readonly origin: unknown }[] = []
    for (const { caller, counted, rateLimit } of listCounting(mesh, parts)) {
      if (caller.kind !== 'gateway') continue
      const { gateway } = caller
      const earlier = seen.find(candidate => areSameProxies(candidate.gateway, gateway))
      if (earlier === undefined) {
        seen.push({ gateway, name: counted.by.value, origin: rateLimit.origin })
        continue
      }
      if (earlier.name === counted.by.value) continue
      const params = {
        gateway: gateway.name.value,
        limiter: counted.by.value,
        otherLimiter: earlier.name,
      }
      yield report(placeAt(counted.by.place!), params, [
        makeKeyParty(earlier.origin as typeof rateLimit.origin, 'the other limit'),
      ])
    }
  },
)
