import { weakMemo } from '../../basics/weak-memo.ts'
import { indexByHost } from '../index-by-host.ts'
import { isSubset } from '../is-subset.ts'
import type { Gateway, GatewayServer, Workload } from '../model.ts'
import { isHttpProtocol } from '../protocol.ts'
import { resolveTargetPort } from './endpoints.ts'
import { findPort } from './find-port.ts'
import type { IndexedModel } from './indexed-model.ts'

/** A server of a Gateway that a workload serves. */
export interface ServedServer {
  readonly gateway: Gateway
  /** `namespace/name`. */
  readonly gatewayName: string
  readonly server: GatewayServer
  /** The hosts as routes see them: `host`, or `namespace/host`. */
  readonly hosts: readonly string[]
}

/** A listener of a gateway on one of its ports. */
export interface GatewayListener {
  readonly port: number
  /** Servers of plain HTTP, which share their routes. */
  readonly http: readonly ServedServer[]
  /** All others, each with chains of its own. */
  readonly others: readonly ServedServer[]
}

/** Selects the hosts of a server that may overlap some hosts: a server may have thousands. */
export const selectServerHosts = weakMemo(({ hosts }: GatewayServer) =>
  indexByHost(hosts, ({ host }) => [host]),
)

/**
 * The listeners of a gateway's workload, by the port of its pod. See mergeGateways in pilot/pkg/model/gateway.go of
 * istio/istio.
 */
export function listGatewayListeners(
  indexed: IndexedModel,
  workload: Workload,
): ReadonlyMap<number, GatewayListener> {
  return indexed.remember(`gateway listeners ${workload.namespace}/${workload.name}`, () => {
    const listeners = new Map<number, Building>()
    for (const gateway of indexed.model.gateways) {
      if (!isSubset(gateway.selector, workload.labels)) continue
      const gatewayName = `${gateway.namespace}/${gateway.name}`
      for (const server of gateway.servers) {
        const hosts = server.hosts.map(({ namespace, host }) =>
          namespace === '*' ? host : `${namespace}/${host}`,
        )
        const port = resolveListenerPort(indexed, workload, server.port.number)
        let building = listeners.get(port)
        if (building === undefined) {
          building = { port, http: [], others: [], plain: undefined, hosts: new Set(), names: new Set() }
          listeners.set(port, building)
        }
        addServer(building, { gateway, gatewayName, server, hosts })
      }
    }
    return listeners
  })
}

interface Building {
  readonly port: number
  readonly http: ServedServer[]
  readonly others: ServedServer[]
  /** The protocol of the servers that are not encrypted. */
  plain: GatewayServer['port']['protocol'] | undefined
  readonly hosts: Set<string>
  readonly names: Set<string>
}

function addServer(building: Building, served: ServedServer): void {
  const { server, hosts, gatewayName } = served
  const { protocol, name, number } = server.port
  if (server.tls !== undefined) {
    const keys = hosts.map(host => `${server.bind} ${host}`)
    if (keys.some(key => building.hosts.has(key))) return
    for (const key of keys) building.hosts.add(key)
  }
  const isEncrypted = server.tls !== undefined && !isHttpProtocol(protocol)
  const isFirst = building.http.length === 0 && building.others.length === 0
  const route = `${number} ${name} ${gatewayName}`
  if (!isFirst) {
    if (building.plain !== undefined && !(isHttpProtocol(building.plain) && isHttpProtocol(protocol))) return
    if (building.plain === undefined && isEncrypted && isTerminated(server) && building.names.has(route))
      return
  }
  if (!isEncrypted) building.plain ??= protocol
  else building.names.add(route)
  ;(isHttpProtocol(protocol) ? building.http : building.others).push(served)
}

/** Tells whether the server terminates TLS and finds HTTP in it. */
export const isTerminated = ({ port, tls }: GatewayServer): boolean =>
  port.protocol === 'HTTPS' &&
  tls !== undefined &&
  tls.mode !== 'PASSTHROUGH' &&
  tls.mode !== 'AUTO_PASSTHROUGH'

/** The pod port of the listener for a port of a Gateway: the target port of the first Service with that port. See resolvePorts. */
export function resolveListenerPort(indexed: IndexedModel, workload: Workload, number: number): number {
  for (const service of indexed.servicesOf(workload)) {
    const port = findPort(service, number)
    if (port !== undefined) return resolveTargetPort(port, workload)
  }
  return number
}
