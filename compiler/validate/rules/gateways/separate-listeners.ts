import { listListeners } from '../../../mesh/gateway-listeners.ts'
import type { Gateway } from '../../../mesh/mesh.ts'
import { areSameProxies } from '../../../mesh/same-proxies.ts'
import { findWrittenPlace, makeParty, placeAt } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/**
 * Two Gateways of the same pods serve one host on one port: istiod drops the second server of HTTPS, and joins the routes of
 * plain HTTP in an order that the spec does not decide (`MergeGateways`).
 */
export const separateListeners = defineRule<{
  host: string
  port: number
  gateway: string
  otherName: string
}>(
  {
    code: 'MESH3310',
    severity: 'warning',
    summary: 'Gateways with the same proxies serve different hosts on a port',
    covers: ['IST0145'],
    message: p =>
      `the gateways \`${p.otherName}\` and \`${p.gateway}\` have the same proxies, and both serve \`${p.host}\` on port ${p.port}`,
    help: () => 'serve the host at one of them, and expose every service of the host there',
  },
  function* ({ gateways }, report) {
    const shared = gateways.filter(({ installation }) => installation === undefined)
    for (const [index, gateway] of shared.entries()) {
      for (const earlier of shared.slice(0, index)) {
        const port = areSameProxies(earlier, gateway) ? findSharedPort(earlier, gateway) : undefined
        if (port === undefined) continue
        for (const host of gateway.hosts) {
          const same = earlier.hosts.find(({ value }) => value === host.value)
          if (same === undefined) continue
          const otherName = earlier.name.value
          const params = { host: host.value, port, gateway: gateway.name.value, otherName }
          const related = makeParty(same, `\`${otherName}\` serves it here`)
          yield report(placeAt(findWrittenPlace(host)!), params, related)
        }
      }
    }
  },
)

/** Finds a port at which both gateways listen. */
const findSharedPort = (a: Gateway, b: Gateway): number | undefined =>
  listListeners(a)
    .map(({ number }) => number.value)
    .find(port => listListeners(b).some(({ number }) => number.value === port))
