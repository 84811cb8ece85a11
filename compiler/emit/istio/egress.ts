import type { DestinationRuleSpec, Subset } from '../../../schema/generated/destination-rule.ts'
import type { Server } from '../../../schema/generated/gateway.ts'
import type { Destination, HttpRoute, VirtualServiceSpec } from '../../../schema/generated/virtual-service.ts'
import { getCalledPort } from '../../mesh/called-port.ts'
import { getExitHost, listPassing, type PassingExternal } from '../../mesh/exit.ts'
import type { Gateway, Mesh, Through } from '../../mesh/mesh.ts'
import { isTimed } from '../../mesh/routed.ts'
import { because, decided, type Sourced, text } from '../../mesh/sourced.ts'
import { type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'
import { getVisibility } from './gateway-virtual-service.ts'

/**
 * A door of an egress gateway: there is one for each host of the systems that use the gateway. A door is a subset of the gateway's
 * Service, to which callers use mutual TLS with the host as SNI, and a server that terminates the mutual TLS for that name. So the
 * proxies know each caller, even if it opens TLS itself. See "Secure Control of Egress Traffic in Istio" on istio.io.
 */
interface Door {
  readonly external: PassingExternal
  readonly host: Sourced<string>
  readonly name: Sourced<string>
}

const listDoors = (mesh: Mesh, gateway: Gateway): readonly Door[] =>
  listPassing(mesh, gateway).flatMap(external =>
    external.hosts.map((host, index) => ({ external, host, name: external.through.doors[index]! })),
  )

/** The destination of callers that go through a door. */
export const makeDoorDestination = (
  { gateway, word }: Through,
  name: Sourced<string>,
): Sourceable<Destination> =>
  because(
    { host: getExitHost(gateway), subset: name, port: { number: gateway.ports.https } },
    word,
    'policy:egress-door',
  )

/** Makes the servers of an egress gateway, one for each door. */
export const makeDoorServers = (mesh: Mesh, gateway: Gateway): readonly Sourceable<Server>[] =>
  listDoors(mesh, gateway).map(({ external, host, name }) => {
    const { through, tls, port } = external
    const server: Sourceable<Server> = {
      port: {
        number: gateway.ports.https,
        name,
        // The gateway routes requests, and passes the TLS of callers through.
        protocol: because(isTimed(external) ? 'HTTPS' : 'TLS', tls, port.protocol),
      },
      hosts: [host.map(value => `./${value}`)],
      tls: { mode: 'ISTIO_MUTUAL' },
    }
    return because(server, host, through.word, 'policy:egress-door')
  })

/** Emits the routes of an egress gateway, one VirtualService for each door. */
export const emitDoorRoutes = (mesh: Mesh, gateway: Gateway): readonly Manifest[] =>
  listDoors(mesh, gateway).map(({ external, host }) => {
    const { through, tls, port, name: system } = external
    const destination: Sourceable<Destination> = { host, port: { number: getCalledPort(external) } }
    const rule: Sourceable<HttpRoute> = {
      name: system,
      route: [{ destination }],
      // The proxy of the caller tries again.
      retries: { attempts: 0 },
    }
    const reasons = [through.word, tls, port.protocol]
    const spec: Sourceable<VirtualServiceSpec> = {
      hosts: [host],
      gateways: [text`${gateway.namespace}/${gateway.name}`],
      ...(isTimed(external)
        ? { http: [rule] }
        : { tcp: [{ match: [{ port: gateway.ports.https }], route: [{ destination }] }] }),
      exportTo: [getVisibility(gateway)],
    }
    const identity = {
      name: text`${gateway.name}.${host}`,
      namespace: gateway.namespace,
      policy: 'policy:egress-door',
      reasons,
    } as const
    return makeManifest(mesh, 'VirtualService', identity, because(spec, ...reasons))
  })

/** Emits the subsets of the Service of an egress gateway, one for each door; none if no system uses the gateway. */
export function emitDoorSubsets(mesh: Mesh, gateway: Gateway): readonly Manifest[] {
  const doors = listDoors(mesh, gateway)
  if (doors.length === 0) return []
  const words = doors.map(({ external }) => external.through.word)
  const identity = {
    name: text`${gateway.name}.gateway`,
    namespace: gateway.workloadNamespace,
    policy: 'policy:egress-door',
    reasons: words,
  } as const
  const spec: Sourceable<DestinationRuleSpec> = {
    host: getExitHost(gateway),
    subsets: doors.map(makeDoorSubset),
    exportTo: [decided('policy:visibility', '*')],
  }
  return [makeManifest(mesh, 'DestinationRule', identity, because(spec, ...words))]
}

const makeDoorSubset = ({ external, host, name }: Door): Sourceable<Subset> =>
  because(
    { name, trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL', sni: host } } } as const,
    host,
    external.through.word,
    'policy:egress-door',
  )
