import type { DestinationRule, Service, VirtualService } from '../behavior/model.ts'
import { groupBy } from '../behavior/symbolic/side.ts'
import { isMap } from '../source/document.ts'
import { type Claim, type Field, nameKey, type Proposal, type Unsaid } from './claim.ts'
import { claimTrafficPolicy } from './destination-rules.ts'
import { type ForeignMesh, hasSidecars } from './foreign-mesh.ts'
import { Unsayable } from './matches.ts'
import { readMap, readSpec } from './read-spec.ts'
import { describeRule } from './rules.ts'

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
      const claim = claimEntry(key, services, model, isOpen)
      taken.add(key)
      claims.push(claim)
    } catch (error) {
      if (!(error instanceof Unsayable)) throw error
      unsaid.push({ object: entry, reason: error.message })
    }
  }
  return { claims, unsaid, ineffective: [] }
}

function claimEntry(
  key: string,
  services: readonly Service[],
  { destinationRules, virtualServices, services: all, settings }: ForeignMesh['model'],
  isOpen: boolean,
): Claim {
  const [entry] = services as readonly [Service]
  if (entry.unmodelled.length > 0) throw new Unsayable('a part of it is beyond the model')
  if (!entry.isExternal) throw new Unsayable('it is inside the mesh')
  if (Object.keys(entry.selector).length + entry.endpoints.length > 0)
    throw new Unsayable('it has endpoints of its own')
  if (entry.subjectAltNames.length > 0) throw new Unsayable('it names the certificate of the system')
  const [port] = entry.ports
  if (port === undefined || entry.ports.length > 1) throw new Unsayable(`it has ${entry.ports.length} ports`)
  const hosts = [...new Set(services.map(({ host }) => host))]
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
      ...claimVisibility(entry, isOpen).map(allow => set([allow], 'allow')),
      ...describePolicy(rules, hosts, originates, set),
      ...describeTimes(routes, hosts, port.number, set),
    ],
  }
}

const protocolWords: Readonly<Record<string, string>> = { HTTP: 'http', TLS: 'tls', HTTPS: 'tls', TCP: 'tcp' }

function isOriginating({ trafficPolicy }: DestinationRule): boolean {
  return trafficPolicy?.tls?.mode === 'SIMPLE'
}

function claimVisibility({ exportTo }: Service, isOpen: boolean): readonly unknown[] {
  if (exportTo.includes('*')) return isOpen ? [] : [{ from: 'anyone', because: 'every namespace sees it' }]
  return exportTo.map(namespace => ({ from: `namespace/${namespace}` }))
}

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
