import { groupBy } from '../../basics/group-by.ts'
import { weakMemo, weakMemoOfPair } from '../../basics/weak-memo.ts'
import { compare } from '../../diagnostics/compare.ts'
import type { Protocol, Service, VirtualService } from '../model.ts'
import { isHttpProtocol } from '../symbolic/delivery.ts'
import { isWildcard } from '../symbolic/host-names.ts'
import { type IndexedModel, servicesByHost } from '../symbolic/indexed-model.ts'
import type { Target } from '../symbolic/sidecar-tree.ts'
import type { DestinationName } from './names.ts'

/**
 * A destination inside the mesh: its host, port and protocol, and its name. A host that represents other hosts has its wildcard as
 * its name.
 */
export interface Destination {
  readonly name: DestinationName
  readonly target: Target
}

/**
 * Lists the hosts that a caller in the mesh can name and the manifests affect: each declared host, for each wildcard one host that
 * matches no other declaration, and one host that no manifest declares.
 */
export function listMeshDestinations(before: IndexedModel, after: IndexedModel): readonly Destination[] {
  const [was, now] = [before.model, after.model]
  const hasSameServices = was.services === now.services
  if (hasSameServices && was.virtualServices === now.virtualServices)
    return listServiceDestinations(now.services, now.virtualServices)
  const ports = new Map(indexPorts(now.services, now.virtualServices))
  const shared = new Set(hasSameServices ? now.virtualServices : [])
  addPorts(
    ports,
    hasSameServices ? [] : was.services,
    was.virtualServices.filter(virtualService => !shared.has(virtualService)),
    before.servicesByHost,
  )
  return listDestinationsOfPorts(ports)
}

/** Groups destinations by their hosts, of which a mesh has thousands. */
export const groupDestinationsByHost = weakMemo(
  <Each extends { readonly name: DestinationName }>(all: readonly Each[]) =>
    groupBy(all, ({ name }) => [name.host]),
)

/** The ports by host, then number. */
type Ports = Map<string, ReadonlyMap<number, NamedPort>>
type NamedPort = Pick<DestinationName, 'protocol' | 'isExternal'>

const indexPorts = weakMemoOfPair(
  (services: readonly Service[], virtualServices: readonly VirtualService[]) => {
    const ports: Ports = new Map()
    addPorts(ports, services, virtualServices, servicesByHost(services))
    addPort(ports, '*', 80, { protocol: 'HTTP', isExternal: true })
    addPort(ports, '*', 443, { protocol: 'TLS', isExternal: true })
    return ports
  },
)

const listServiceDestinations = weakMemoOfPair(
  (services: readonly Service[], virtualServices: readonly VirtualService[]): readonly Destination[] =>
    listDestinationsOfPorts(indexPorts(services, virtualServices)),
)

function addPorts(
  ports: Ports,
  services: readonly Service[],
  virtualServices: readonly VirtualService[],
  byHost: IndexedModel['servicesByHost'],
): void {
  for (const service of services)
    for (const { number, protocol } of service.ports)
      if (protocol !== 'UDP')
        addPort(ports, service.host, number, { protocol, isExternal: service.registry === 'External' })
  for (const { hosts, gateways, http } of virtualServices) {
    if (!gateways.includes('mesh') || http.length === 0) continue
    const shared = new Set([80])
    for (const host of hosts)
      for (const service of byHost.get(host) ?? [])
        for (const { number, protocol } of service.ports) if (isHttpProtocol(protocol)) shared.add(number)
    for (const host of hosts)
      for (const port of shared)
        addPort(ports, host, port, { protocol: 'HTTP', isExternal: !byHost.has(host) })
  }
}

/** The first protocol of a port counts. */
function addPort(ports: Ports, host: string, number: number, port: NamedPort): void {
  const namedPorts = ports.get(host)
  if (namedPorts?.has(number) !== true) ports.set(host, new Map(namedPorts).set(number, port))
}

function listDestinationsOfPorts(ports: Ports): readonly Destination[] {
  const taken = new Set(ports.keys())
  return [...ports]
    .sort(([a], [b]) => compare(a, b))
    .flatMap(([host, namedPorts]) => {
      const called = isWildcard(host) ? makeMemberName(host, taken) : host
      return [...namedPorts].flatMap(([port, { protocol, isExternal }]) =>
        listSpokenProtocols(protocol).map(spoken => ({
          name: { host, port, protocol, isExternal },
          target: { host: called, port, protocol: spoken },
        })),
      )
    })
}

/**
 * Lists the protocols that a port is spoken to with. A protocol that Istio finds out by looking may be both.
 */
function listSpokenProtocols(protocol: Protocol): readonly Target['protocol'][] {
  if (protocol === 'Unsupported') return ['http', 'tcp']
  if (isHttpProtocol(protocol)) return ['http']
  return protocol === 'TLS' || protocol === 'HTTPS' ? ['tls'] : ['tcp']
}

/** A host of a wildcard that has no name of its own. */
export function makeMemberName(wildcard: string, taken: ReadonlySet<string>): string {
  const suffix = wildcard === '*' ? '.example' : wildcard.slice(1)
  for (let number = 0; ; number++) {
    const host = `${number === 0 ? 'any' : `any${number}`}${suffix}`
    if (!taken.has(host)) return host
  }
}
