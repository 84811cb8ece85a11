import { resolveTopology } from '../gateway-topology.ts'
import type { TcpRoute, Workload } from '../model.ts'
import { getQualifiedName } from '../qualified-name.ts'
import type { Unmodelled } from '../result.ts'
import type { Arrival, SeenAddress } from './arrival-view.ts'
import {
  type BoundServer,
  chooseTlsChain,
  findBytesRule,
  type HttpTarget,
  isBytesServer,
  isHttpServer,
  isPlainServer,
  isRequestServer,
  isUnclearRule,
  listBytesRules,
  listGatewayTlsChains,
  listServersAt,
  passesEverything,
  removeClaimedHosts,
} from './bound-servers.ts'
import type { Entered, EnterGateway, GatewayEntry } from './delivery.ts'
import { foldFates } from './fold-fates.ts'
import {
  buildHttpArrivalTree,
  buildPassedArrivalTree,
  type GatewayProxy,
  makeEdgeHeaders,
  makeGatewayProxy,
  makeOpaqueArrival,
} from './gateway-tree.ts'
import { findMostSpecific } from './host-names.ts'
import type { IndexedModel } from './indexed-model.ts'
import { type Fate, makeLeaf, type Tree } from './tree.ts'

/** More gateways in a row than this are a circle. */
const mostGateways = 4

/** Continues with a request of a proxy or pod of the mesh at a gateway, which forwards it. */
export const enterGateway: EnterGateway = (indexed, workload, entry) =>
  enter(indexed, workload, { ...entry, address: findSenderAddress(entry) }, 1)

/** Any sender may use plaintext. If the sender's address is unknown, the answer has one case for each address. */
const findSenderAddress = ({ transport, address }: GatewayEntry): SeenAddress =>
  transport === 'plaintext' ? (address ?? 'sent') : address

/**
 * Continues with a request at a gateway. `depth`: the number of gateways on the way, including this one.
 *
 * See istio pilot/pkg/networking/core/gateway.go, buildGatewayListenerTLSContext, for `ISTIO_MUTUAL`.
 */
function enter(indexed: IndexedModel, workload: Workload, entry: GatewayEntry, depth: number): Entered {
  const { port, transport, serverName, peer, address, sent } = entry
  const servers = listServersAt(indexed, workload, port)
  const because = [
    ...indexed.model.settings.unmodelled,
    ...workload.unmodelled,
    ...indexed.unmodelledFor(workload, ['gateway', 'arriving', 'leaving']),
    ...servers.flatMap(({ gateway }) => gateway.unmodelled),
  ]
  const unknown = (unmodelled: readonly Unmodelled[]): Entered => ({
    isOpened: false,
    answer: makeLeaf({ unknown: unmodelled }),
  })
  if (because.length > 0) return unknown(because)
  if (servers.length === 0) return closed
  const notFollowed = unknown([
    { object: workload, path: [], reason: { code: 'gateway-sending-on-mesh-traffic' } },
  ])
  if (depth > mostGateways || servers.some(({ server }) => server.bind !== '')) return notFollowed
  const proxy = makeGatewayProxy(indexed, workload, (nextModel, next, sent) =>
    enter(nextModel, next, sent, depth + 1),
  )
  // Only the load balancer sends the PROXY protocol. A gateway that expects it closes connections without it.
  if (resolveTopology(workload, indexed.model.settings).hasProxyProtocol) return closed
  if (servers.every(({ server }) => isHttpServer(server)))
    return enterHttpServer(proxy, entry, servers) ?? notFollowed
  if (servers.every(({ server }) => isBytesServer(server)))
    return enterBytesServer(proxy, entry, servers[0]!) ?? notFollowed
  if (servers.some(({ server }) => isPlainServer(server))) return notFollowed
  // A client that sends no server name does not reach a server of TLS, unless the server passes on what it does not read.
  if (serverName === '')
    return servers.some(bound => passesEverything(indexed, workload, bound)) ? notFollowed : closed
  if (servers.some(({ server }) => server.tls!.mode === 'AUTO_PASSTHROUGH')) return notFollowed
  if (servers.some(({ server }) => server.tls!.mode === 'PASSTHROUGH'))
    return transport === 'plaintext' ? (passUnopened(proxy, entry, servers) ?? notFollowed) : notFollowed
  const { unclear, chains } = indexed.once(`chains ${getQualifiedName(workload)} ${port}`, () =>
    listChains(indexed, workload, servers),
  )
  if (unclear !== undefined) return unknown(unclear.virtualService.unmodelled)
  const best = findMostSpecific(serverName, chains.keys())
  const chosen = best === undefined ? undefined : chains.get(best)
  if (chosen === undefined) return closed
  if (transport === 'plaintext') return notFollowed
  const { bound, rule } = chosen
  // A client of the mesh accepts only a mesh certificate.
  if (bound.server.tls?.mode !== 'ISTIO_MUTUAL') return closed
  const opened = (tree: Tree<Fate>): Entered => ({ isOpened: true, answer: foldFates(tree, workload) })
  const { authority } = sent
  if (rule !== undefined) {
    // Requests in a connection that no proxy looks into any more.
    if (sent.protocol === 'http') return notFollowed
    const arrival: Arrival = {
      ...makeOpaqueArrival(port, authority),
      peer,
      serverName,
      address,
      remoteAddress: address,
    }
    const target = { host: authority }
    return opened(buildPassedArrivalTree(proxy, bound, target, sent.protocol, rule.destinations, arrival))
  }
  if (sent.protocol !== 'http') return { isOpened: true, answer: makeLeaf({ verdict: 'RESET' }) }
  const tree = buildEntryTree(proxy, entry, [bound], 'https')
  return tree === undefined ? notFollowed : opened(tree)
}

/** Lists the filter chains of servers for TLS of the mesh, each by its names; a name belongs to its first chain. */
function listChains(indexed: IndexedModel, workload: Workload, servers: readonly BoundServer[]) {
  const chains = new Map<string, { readonly bound: BoundServer; readonly rule: TcpRoute | undefined }>()
  for (const bound of removeClaimedHosts(servers)) {
    const rule = isRequestServer(bound.server) ? undefined : findBytesRule(indexed, workload, bound)
    if (!isRequestServer(bound.server) && rule === undefined) continue
    for (const { host } of bound.server.hosts) if (!chains.has(host)) chains.set(host, { bound, rule })
  }
  return {
    unclear: servers.flatMap(bound => listBytesRules(indexed, workload, bound)).find(isUnclearRule),
    chains,
  }
}

/** Continues with a request of a proxy or pod of the mesh at HTTP servers; undefined: this is not modelled. */
function enterHttpServer(
  proxy: GatewayProxy,
  entry: GatewayEntry,
  servers: readonly BoundServer[],
): Entered | undefined {
  if (entry.transport !== 'plaintext' || entry.sent.protocol !== 'http') return closed
  const tree = buildEntryTree(proxy, entry, servers, 'http')
  return tree && { isOpened: false, answer: foldFates(tree, proxy.workload) }
}

/** Builds the tree of the fates of requests that servers with the same virtual hosts read; undefined: it is not modelled. */
function buildEntryTree(
  proxy: GatewayProxy,
  { port, peer, address, serverName, sent }: GatewayEntry,
  servers: readonly BoundServer[],
  scheme: HttpTarget['scheme'],
): Tree<Fate> | undefined {
  // Routes compare the path that a caller has sent.
  if (sent.path.kind !== 'sent') return undefined
  const { indexed, workload } = proxy
  const target: HttpTarget = {
    host: sent.authority.replace(/:\d+$/, ''),
    port: servers[0]!.server.port.number,
    scheme,
  }
  const topology = resolveTopology(workload, indexed.model.settings)
  const arrival: Arrival = {
    isHttp: true,
    peer,
    port,
    authority: sent.authority,
    serverName,
    address,
    remoteAddress: topology.trustedProxies > 0 ? 'forwarded' : address,
    path: sent.path,
    headers: makeEdgeHeaders(topology, scheme, sent.headers),
    hasToken: sent.hasToken,
  }
  return buildHttpArrivalTree(proxy, servers, target, arrival, address)
}

/** Passes bytes to the first server of a port of bytes, which sends them on; undefined: that is not modelled. */
function enterBytesServer(
  proxy: GatewayProxy,
  { port, transport, address, serverName, sent }: GatewayEntry,
  bound: BoundServer,
): Entered | undefined {
  const { indexed, workload } = proxy
  if (transport !== 'plaintext' || sent.protocol === 'http') return undefined
  if (listBytesRules(indexed, workload, bound).some(isUnclearRule)) return undefined
  const rule = findBytesRule(indexed, workload, bound)
  if (rule === undefined) return closed
  const target = { host: sent.authority }
  const tree = buildPassedArrivalTree(proxy, bound, target, sent.protocol, rule.destinations, {
    ...makeOpaqueArrival(port, sent.authority),
    serverName,
    address,
    remoteAddress: address,
  })
  return { isOpened: false, answer: foldFates(tree, proxy.workload) }
}

const closed: Entered = { isOpened: false, answer: makeLeaf({ verdict: 'RESET' }) }

/** Passes TLS of a caller to a gateway that does not open it; undefined: the server does, or that is not known. */
function passUnopened(
  proxy: GatewayProxy,
  { port, serverName, address }: GatewayEntry,
  servers: readonly BoundServer[],
): Entered | undefined {
  const { indexed, workload } = proxy
  const target: HttpTarget = { host: serverName, port: servers[0]!.server.port.number, scheme: 'https' }
  const chains = listGatewayTlsChains(indexed, workload, servers, target)
  const rules = chains.flatMap(chain => chain.rules ?? [])
  if (rules.some(each => isUnclearRule(each) || each.match.destinationSubnets.length > 0)) return undefined
  const chosen = chooseTlsChain(chains, target)
  if (chosen === undefined) return { isOpened: false, answer: makeLeaf({ verdict: 'RESET' }) }
  if (chosen.rule === undefined) return undefined
  const arrival: Arrival = {
    ...makeOpaqueArrival(port, serverName),
    serverName,
    address,
    remoteAddress: address,
  }
  const { bound, rule } = chosen
  const tree = buildPassedArrivalTree(proxy, bound, target, 'tls', rule.destinations, arrival)
  return { isOpened: false, answer: foldFates(tree, proxy.workload) }
}
