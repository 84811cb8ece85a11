import type { DestinationRule, Labels, Service, Sidecar, VirtualService } from '../behavior/model.ts'
import { listAt } from '../behavior/read/values.ts'
import { groupBy } from '../behavior/symbolic/side.ts'
import { compare } from '../diagnostics/compare.ts'
import { isMap } from '../source/document.ts'
import { type Claim, type Field, nameKey, type Proposal, type Unsaid } from './claim.ts'
import { claimTrafficPolicy } from './destination-rules.ts'
import { type ForeignMesh, hasSidecars, listSamePods } from './foreign-mesh.ts'
import { Unsayable } from './matches.ts'
import { readMap, readSpec } from './read-spec.ts'
import { describeRule } from './rules.ts'
import { findSidecar } from './sidecars.ts'

/** Claims the ServiceEntries for systems outside, with the DestinationRules and VirtualServices of their hosts. */
export function claimExternals(mesh: ForeignMesh, isOpen: boolean): Proposal {
  const { model } = mesh
  const claims: Claim[] = []
  const unsaid: Unsaid[] = []
  const taken = new Set<string>()
  const hosts = model.services.filter(({ registry }) => registry === 'External')
  // A ServiceEntry has a service for each of its hosts.
  for (const services of groupBy(hosts, entry => [nameKey(entry)]).values()) {
    const [entry] = services as readonly [Service]
    try {
      if (!hasSidecars(mesh, entry.namespace) && entry.namespace !== model.settings.rootNamespace)
        throw new Unsayable('the pods of its namespace have no sidecars')
      const key = taken.has(entry.name) ? `${entry.name}-${entry.namespace}` : entry.name
      const claim = claimEntry(key, services, mesh, isOpen)
      taken.add(key)
      claims.push(claim)
    } catch (error) {
      if (!(error instanceof Unsayable)) throw error
      unsaid.push({ object: entry, reason: error.message })
    }
  }
  return { claims, unsaid, ineffective: [] }
}

function claimEntry(key: string, services: readonly Service[], mesh: ForeignMesh, isOpen: boolean): Claim {
  const { destinationRules, virtualServices, services: all, settings } = mesh.model
  const [entry] = services as readonly [Service]
  if (entry.unmodelled.length > 0) throw new Unsayable('a part of it is beyond the model')
  if (!entry.isExternal) throw new Unsayable('it is inside the mesh')
  if (Object.keys(entry.selector).length + entry.endpoints.length > 0)
    throw new Unsayable('it has endpoints of its own')
  if (entry.subjectAltNames.length > 0) throw new Unsayable('it names the certificate of the system')
  const [port] = entry.ports
  if (port === undefined || entry.ports.length > 1) throw new Unsayable(`it has ${entry.ports.length} ports`)
  const hosts = listAt(readSpec(entry), 'hosts').map(String)
  const addresses = [...new Set(services.flatMap(each => each.addresses))]
  if (all.some(service => !services.includes(service) && hosts.includes(service.host)))
    throw new Unsayable('another object has its host')
  const isWild = hosts.some(host => host.startsWith('*'))
  const resolution = isWild || addresses.length > 0 ? 'passthrough' : 'dns'
  const isLookedUp = resolution === 'dns' && entry.resolution === 'passthrough'
  if (entry.resolution !== resolution && !isLookedUp)
    throw new Unsayable('the way to find its address is another')
  const rules = destinationRules.filter(({ host }) => hosts.includes(host))
  const routes = virtualServices.filter(({ hosts: routed }) => routed.some(host => hosts.includes(host)))
  const set = (value: unknown, ...path: readonly string[]): Field => ({
    path: ['external', key, ...path],
    value,
  })
  const originates = rules.length > 0 && rules.every(isOriginating)
  if (originates && port.protocol !== 'HTTP')
    throw new Unsayable('a rule starts TLS for another protocol than HTTP')
  const target = typeof port.targetPort === 'number' ? port.targetPort : port.number
  const protocol = originates ? 'https' : protocolWords[port.protocol]
  if (protocol === undefined) throw new Unsayable(`it speaks ${port.protocol}`)
  return {
    objects: [...services, ...rules, ...routes],
    fields: [
      ...(entry.namespace === settings.rootNamespace
        ? []
        : [set(entry.namespace, 'namespace'), { path: ['namespaces', entry.namespace], value: {} }]),
      set(hosts, 'hosts'),
      set(originates ? target : port.number, 'port', protocol),
      ...(originates ? [set('originate', 'tls')] : []),
      ...(isLookedUp ? [set('none', 'resolution')] : []),
      ...(addresses.length > 0 ? [set(addresses, 'addresses')] : []),
      ...claimCallers(mesh, entry, hosts, isOpen).map(allow => set(allow, 'allow')),
      ...describePolicy(rules, hosts, originates, set),
      ...describeTimes(routes, hosts, port.number, set),
    ],
  }
}

const protocolWords: Readonly<Record<string, string>> = { HTTP: 'http', TLS: 'tls', HTTPS: 'tls', TCP: 'tcp' }

function isOriginating({ trafficPolicy }: DestinationRule): boolean {
  return trafficPolicy?.tls?.mode === 'SIMPLE'
}

/** Says who may call, as a list of one `allow`; nothing where access is open. */
function claimCallers(
  mesh: ForeignMesh,
  { exportTo, namespace: home }: Service,
  hosts: readonly string[],
  isOpen: boolean,
): readonly (readonly unknown[])[] {
  if (exportTo.includes('*')) return isOpen ? [] : [[{ from: 'anyone', because: 'every namespace sees it' }]]
  return [
    exportTo.flatMap(namespace =>
      listCallers(mesh, namespace, home, hosts).map(caller => ({ from: caller })),
    ),
  ]
}

/** The callers of a namespace that see hosts: those whose Sidecars have them, or all. */
function listCallers(
  mesh: ForeignMesh,
  namespace: string,
  home: string,
  hosts: readonly string[],
): readonly string[] {
  const whole = `namespace/${namespace}`
  const pods = new Map<string, { readonly namespace: string; readonly labels: Labels }>([
    ...mesh.callers,
    // The settings of pods stand under the name of the first of their services.
    ...mesh.services
      .filter(service => listSamePods(mesh, service)[0] === service)
      .map(({ key, service }) => [key, { namespace: service.namespace, labels: service.selector }] as const),
  ])
  const all = [...pods].filter(([, each]) => each.namespace === namespace)
  const sidecars = all.map(([, { labels }]) => findSidecar(mesh, namespace, labels))
  const hasPods = mesh.model.workloads.some(each => each.namespace === namespace && each.proxy === 'sidecar')
  if (sidecars.includes(undefined) || (all.length === 0 && hasPods)) return [whole]
  const callers = all.filter((_, index) => hosts.every(host => seesHost(sidecars[index]!, home, host)))
  // The only workload of a namespace is named itself: another one may come.
  if (callers.length > 1 && callers.length === all.length) return [whole]
  if (callers.length > 0 || namespace === home) return callers.map(([key]) => key).toSorted(compare)
  return [whole]
}

const seesHost = ({ egress }: Sidecar, namespace: string, host: string): boolean =>
  egress.some(({ hosts }) => hosts.some(each => each.namespace === namespace && each.host === host))

function describePolicy(
  rules: readonly DestinationRule[],
  hosts: readonly string[],
  originates: boolean,
  set: (value: unknown, ...path: readonly string[]) => Field,
): readonly Field[] {
  if (rules.length === 0) return []
  if (rules.length !== hosts.length) throw new Unsayable('its hosts have different DestinationRules')
  for (const rule of rules) {
    if (rule.subsets.length > 0) throw new Unsayable('its DestinationRule has subsets')
    if (!originates && rule.trafficPolicy?.tls !== undefined)
      throw new Unsayable('its DestinationRule sets TLS')
  }
  const policies = rules.map(rule => readMap(readSpec(rule), 'trafficPolicy'))
  for (const policy of policies) {
    const { connectionPool, outlierDetection, tls, ...others } = policy
    if (Object.keys(others).length > 0)
      throw new Unsayable(`its DestinationRule sets \`${Object.keys(others)[0]}\``)
    if (isMap(tls) && Object.keys(tls).some(field => !originFields.includes(field)))
      throw new Unsayable('its DestinationRule sets more of TLS')
  }
  const fields = claimTrafficPolicy(policies[0]!, set)
  for (const policy of policies.slice(1))
    if (JSON.stringify(claimTrafficPolicy(policy, set)) !== JSON.stringify(fields))
      throw new Unsayable('its hosts have different DestinationRules')
  return fields
}

/** The fields of a client's TLS that the language sets, all with the name of the host. */
const originFields = ['mode', 'sni', 'caCertificates', 'subjectAltNames']

function describeTimes(
  routes: readonly VirtualService[],
  hosts: readonly string[],
  port: number,
  set: (value: unknown, ...path: readonly string[]) => Field,
): readonly Field[] {
  const words = routes.flatMap(({ gateways, hosts: routed, http, tls, tcp }) => {
    if (!gateways.includes('mesh') || gateways.length > 1) throw new Unsayable('a gateway leads to it')
    const [route] = http
    if (route === undefined || http.length > 1 || tls.length + tcp.length > 0 || route.matches.length > 0)
      throw new Unsayable('its VirtualService has several routes')
    if (routed.some(host => !hosts.includes(host))) throw new Unsayable('its VirtualService has other hosts')
    return routed.map(host => describeRule(route, host, port))
  })
  const [first] = words
  if (first === undefined) return []
  const { traffic, redirect, rewrite, headers, mirror, timeout, retries } = first
  if ([traffic, redirect, rewrite, headers, mirror].some(part => part !== undefined))
    throw new Unsayable('its VirtualService changes requests')
  if (words.some(each => JSON.stringify(each) !== JSON.stringify(first)))
    throw new Unsayable('its hosts are routed differently')
  return [set(timeout, 'timeout'), set(retries, 'retries')]
}
