import { listListenedPorts, listListeners } from '../../../mesh/gateway-listeners.ts'
import type { Gateway } from '../../../mesh/mesh.ts'
import { areSameProxies } from '../../../mesh/same-proxies.ts'
import type { Sourced } from '../../../mesh/sourced.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/**
 * Two Gateways of the same pods serve one host on one port: istiod drops the second server of HTTPS, and joins the routes of
 * plain HTTP in an order that the spec does not decide (`MergeGateways`).
 */
export const separateListeners = defineRule<{
  /** Undefined for a port of TCP, which has one host only: every one. */
  host: string | undefined
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
      `the gateways \`${p.otherName}\` and \`${p.gateway}\` have the same proxies, and both ${p.host === undefined ? 'listen' : `serve \`${p.host}\``} on port ${p.port}`,
    help: p =>
      p.host === undefined
        ? 'give the port of `tcp` a number of its own'
        : 'serve the host at one of them, and expose every service of the host there',
  },
  function* ({ gateways }, report) {
    const shared = gateways.filter(({ installation }) => installation === undefined)
    const earlierByKey = new Map<string, number[]>()
    for (const [index, gateway] of shared.entries()) {
      const { offered, taken } = listListenerKeys(gateway)
      const candidates = new Set(taken.flatMap(key => earlierByKey.get(key) ?? []))
      for (const key of offered) {
        const indexes = earlierByKey.get(key)
        if (indexes === undefined) earlierByKey.set(key, [index])
        else indexes.push(index)
      }
      for (const candidate of [...candidates].sort((a, b) => a - b)) {
        const earlier = shared[candidate]!
        if (!areSameProxies(earlier, gateway)) continue
        const otherName = earlier.name.value
        const reported = new Set<string>()
        for (const { host, number, at } of listServed(gateway)) {
          if (reported.has(host)) continue
          const same = listServed(earlier).find(served => served.number === number && served.host === host)
          if (same === undefined) continue
          reported.add(host)
          const params = { host, port: number, gateway: gateway.name.value, otherName }
          const related = makeParty(same.at, `\`${otherName}\` serves it here`)
          yield report(placeAt(findWrittenPlace(at)!), params, related)
        }
        for (const [first, second] of findTakenPorts(earlier, gateway)) {
          const [later, party] = findWrittenPlace(second) === undefined ? [first, second] : [second, first]
          const params = { host: undefined, port: later.value, gateway: gateway.name.value, otherName }
          yield report(placeAt(findWrittenPlace(later)!), params, makeParty(party, 'the other one'))
        }
      }
    }
  },
)

/** A host that a gateway serves, at the first of its ports for it. */
interface Served {
  readonly host: string
  readonly number: number
  readonly at: Sourced<string>
}

/** Lists each host at the ports for requests, and each TLS passthrough host at its own port. */
const listServed = (gateway: Gateway): readonly Served[] => [
  ...listListeners(gateway).flatMap(({ number }) =>
    gateway.hosts.map(host => ({ host: host.value, number: number.value, at: host })),
  ),
  ...gateway.passthrough.map(host => ({
    host: host.value,
    number: gateway.ports.passthrough.value,
    at: host,
  })),
]

/**
 * Makes keys of what a gateway listens to. Two gateways can only have a host or a TCP port in common if one offers a key that
 * the other one takes.
 */
function listListenerKeys(gateway: Gateway) {
  const identity = gateway.principal.value
  const hosts = listServed(gateway).map(({ number, host }) => `${identity} ${number} ${host}`)
  const ports = listListenedPorts(gateway)
  const anyPorts = ports.map(({ number }) => `${identity} ${number.value}`)
  const tcpPorts = ports.filter(({ isTcp }) => isTcp).map(({ number }) => `${identity} ${number.value}`)
  const toTcp = (key: string) => `${key} tcp`
  return {
    offered: [...hosts, ...anyPorts, ...tcpPorts.map(toTcp)],
    taken: [...hosts, ...anyPorts.map(toTcp), ...tcpPorts],
  }
}

/** Finds the common ports of two gateways that one of them uses for TCP. */
const findTakenPorts = (a: Gateway, b: Gateway) =>
  listListenedPorts(a).flatMap(first =>
    listListenedPorts(b)
      .filter(second => second.number.value === first.number.value && (first.isTcp || second.isTcp))
      .map(second => [first.number, second.number] as const),
  )
