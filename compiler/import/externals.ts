import { groupBy } from '../basics/group-by.ts'
import type { DestinationRule, Labels, Service, Sidecar, VirtualService } from '../behavior/model.ts'
import { listAt } from '../behavior/read/values.ts'
import { compare } from '../diagnostics/compare.ts'
import { anyAddress } from '../mesh/external-lookup.ts'
import { isMap } from '../source/document.ts'
import { isEqual } from '../source/is-equal.ts'
import { declareCallers } from './allow.ts'
import { type Claim, type Field, makeModelKey, type Proposal, type Unsaid } from './claim.ts'
import { claimTrafficPolicy } from './describe-policy.ts'
import { findExit, listPassingCallers, withoutDoors } from './exits.ts'
import { type ForeignMesh, hasSidecars, listSamePods } from './foreign-mesh.ts'
import { Unsayable } from './matches.ts'
import { readMap, readObjectSpec, type Tree } from './read-object-spec.ts'
import { describeRoute } from './rules.ts'
import { isBareService } from './services.ts'
import { findWorkloadSidecar } from './sidecars.ts'

/** Claims the ServiceEntries for systems outside, with the DestinationRules and VirtualServices of their hosts. */
export function claimExternals(mesh: ForeignMesh, isOpen: boolean): Proposal {
  const { model } = mesh
  const claims: Claim[] = []
  const unsaid: Unsaid[] = []
  const taken = new Set<string>()
  const hosts = model.services.filter(({ registry }) => registry === 'External')
  // A ServiceEntry has a service for each of its hosts.
  for (const services of groupBy(hosts, entry => [makeModelKey(entry)]).values()) {
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
  if (Object.keys(entry.selector).length > 0) throw new Unsayable('it selects its endpoints')
  if (entry.subjectAltNames.length > 0) throw new Unsayable('it names the certificate of the system')
  const [port] = entry.ports
  if (port === undefined || entry.ports.length > 1) throw new Unsayable(`it has ${entry.ports.length} ports`)
  const hosts = listAt(readObjectSpec(entry), 'hosts').map(String)
  const addresses = [...new Set(services.flatMap(each => each.addresses))]
  const isAnyAddress = addresses.length === 1 && addresses[0] === anyAddress
  if (all.some(service => !services.includes(service) && hosts.includes(service.host)))
    throw new Unsayable('another object has its host')
  const lookup = describeLookup(entry, hosts, addresses)
  const rules = destinationRules.filter(({ host }) => hosts.includes(host))
  const routed = virtualServices.filter(route => route.hosts.some(host => hosts.includes(host)))
  const exit = findExit(mesh.model, routed)
  const routes = exit === undefined ? routed : withoutDoors(mesh.model, exit, routed)
  const set = (value: unknown, ...path: readonly string[]): Field => ({
    path: ['external', key, ...path],
    value,
  })
  const originates = rules.length > 0 && rules.every(isOriginating)
  const selecting = rules.filter(({ workloadSelector }) => workloadSelector !== undefined)
  if (originates && port.protocol !== 'HTTP')
    throw new Unsayable('a rule starts TLS for another protocol than HTTP')
  const target = typeof port.targetPort === 'number' ? port.targetPort : port.number
  const protocol = originates ? 'https' : externalProtocolWords[port.protocol]
  if (protocol === undefined) throw new Unsayable(`it speaks ${port.protocol}`)
  const passing =
    exit && listPassingCallers(mesh, exit, hosts, principal => listSeeing(mesh, entry, hosts, principal))
  return {
    // The routes and the policy of a gateway follow from the whole spec.
    objects: [...services, ...rules, ...routed.filter(({ gateways }) => gateways.includes('mesh'))],
    fields: [
      ...(entry.namespace === settings.rootNamespace
        ? []
        : [set(entry.namespace, 'namespace'), { path: ['namespaces', entry.namespace], value: {} }]),
      set(hosts, 'hosts'),
      set(originates ? target : port.number, 'port', protocol),
      ...(originates ? [set('originate', 'tls')] : []),
      ...(lookup === undefined ? [] : [set(lookup, 'resolution')]),
      ...(addresses.length > 0 ? [set(isAnyAddress ? 'any' : addresses, 'addresses')] : []),
      ...describeEndpoints(entry, port.name).map(endpoints => set(endpoints, 'endpoints')),
      ...(exit === undefined ? [] : [set(exit.name, 'through')]),
      ...(exit !== undefined
        ? passing === undefined && isOpen
          ? []
          : [set(passing ?? [], 'allow'), ...declareCallers(mesh, passing ?? [])]
        : selecting.length > 0
          ? [set(listSelected(mesh, selecting), 'allow')]
          : claimCallers(mesh, entry, hosts, isOpen).map(allow => set(allow, 'allow'))),
      ...describeExternalPolicy(rules, hosts, originates, set),
      ...describeTimes(routes, hosts, port.number, set),
    ],
  }
}

const externalProtocolWords: Readonly<Record<string, string>> = {
  HTTP: 'http',
  TLS: 'tls',
  HTTPS: 'tls',
  TCP: 'tcp',
}

function isOriginating({ trafficPolicy }: DestinationRule): boolean {
  return trafficPolicy?.tls?.mode === 'SIMPLE' || trafficPolicy?.tls?.mode === 'MUTUAL'
}

const lookupWords: Readonly<Record<Service['resolution'], string | undefined>> = {
  passthrough: 'none',
  dns: 'dns',
  dnsRoundRobin: 'dns-round-robin',
  dynamicDns: 'dynamic-dns',
  client: undefined,
  alias: undefined,
}

/** Describes the resolution of an address, if it is not the default of the language. */
function describeLookup(
  { resolution, endpoints }: Service,
  hosts: readonly string[],
  addresses: readonly string[],
): string | undefined {
  const isWild = hosts.some(host => host.startsWith('*'))
  const usual =
    endpoints.length > 0
      ? endpoints.every(({ address }) => /^[\d.]+$/.test(address))
        ? 'client'
        : 'dns'
      : isWild || addresses.length > 0
        ? 'passthrough'
        : 'dns'
  if (resolution === usual) return undefined
  const word = lookupWords[resolution]
  if (word === undefined) throw new Unsayable('the way to find its address is another')
  return word
}

/** Describes the endpoints as a list of one map, by address; empty without endpoints. */
function describeEndpoints(entry: Service, portName: string): readonly Tree[] {
  const endpoints = listAt(readObjectSpec(entry), 'endpoints')
  if (endpoints.length === 0) return []
  const described = new Map<string, unknown>()
  for (const endpoint of endpoints) {
    const { address, weight, locality, ports = {}, ...others } = isMap(endpoint) ? endpoint : {}
    if (Object.keys(others).length > 0) throw new Unsayable('its endpoints have more than the language says')
    if (described.has(String(address))) throw new Unsayable('two of its endpoints have one address')
    const port = isMap(ports) ? ports[portName] : undefined
    const fields = {
      ...(weight !== undefined && { weight }),
      ...(port !== undefined && { port }),
      ...(locality !== undefined && { locality }),
    }
    const isWeight = weight !== undefined && Object.keys(fields).length === 1
    described.set(String(address), isWeight ? weight : fields)
  }
  return [Object.fromEntries([...described].toSorted(([a], [b]) => compare(a, b)))]
}

/** Lists the callers that rules select, each by the first of the services that have the pods. */
function listSelected(mesh: ForeignMesh, rules: readonly DestinationRule[]): readonly unknown[] {
  const keys = rules.map(({ namespace, workloadSelector }) => {
    const selected = mesh.services.find(
      ({ service }) => service.namespace === namespace && isEqual(service.selector, workloadSelector),
    )
    if (selected !== undefined) return listSamePods(mesh, selected)[0]!.key
    const caller = [...mesh.callers].find(
      ([, { namespace: home, labels }]) => home === namespace && isEqual(labels, workloadSelector),
    )
    if (caller === undefined) throw new Unsayable('a rule selects pods of no service')
    return caller[0]
  })
  return [...new Set(keys)].toSorted(compare).map(key => ({ from: key }))
}

/** Lists the keys of those with an identity that see hosts, and then of all others with it. */
function listSeeing(
  mesh: ForeignMesh,
  { namespace: home }: Service,
  hosts: readonly string[],
  principal: string,
): readonly string[] {
  const [, account = ''] = /\/ns\/([^/]+\/sa\/[^/]+)$/.exec(principal) ?? []
  const keys = mesh.keysByAccount.get(account.replace('/sa/', '/')) ?? []
  if (keys.length < 2) return keys
  const [namespace = ''] = account.split('/')
  const seeing = listSeeingCallers(mesh, namespace, home, hosts).filter(key => keys.includes(key))
  return [...new Set([...seeing, ...keys])]
}

/** Describes the callers as a list of one `allow`; empty if access is open. */
function claimCallers(
  mesh: ForeignMesh,
  { exportTo, namespace: home }: Service,
  hosts: readonly string[],
  isOpen: boolean,
): readonly (readonly unknown[])[] {
  if (exportTo.includes('*')) return isOpen ? [] : [[{ from: 'anyone', because: 'every namespace sees it' }]]
  return [
    exportTo.flatMap(namespace =>
      listSeeingCallers(mesh, namespace, home, hosts).map(caller => ({ from: caller })),
    ),
  ]
}

/** The callers of a namespace that see hosts: those whose Sidecars list them, or all. */
function listSeeingCallers(
  mesh: ForeignMesh,
  namespace: string,
  home: string,
  hosts: readonly string[],
): readonly string[] {
  const whole = `namespace/${namespace}`
  const pods = new Map<string, { readonly namespace: string; readonly labels: Labels }>([
    ...mesh.callers,
    // The settings of pods have the name of their first service.
    ...mesh.services
      .filter(service => !isBareService(service) && listSamePods(mesh, service)[0] === service)
      .map(({ key, service }) => [key, { namespace: service.namespace, labels: service.selector }] as const),
  ])
  const all = [...pods].filter(([, each]) => each.namespace === namespace)
  const sidecars = all.map(([, { labels }]) => findWorkloadSidecar(mesh, namespace, labels))
  const hasPods = mesh.model.workloads.some(each => each.namespace === namespace && each.proxy === 'sidecar')
  if (sidecars.includes(undefined) || (all.length === 0 && hasPods)) return [whole]
  const callers = all.filter((_, index) => hosts.every(host => seesHost(sidecars[index]!, home, host)))
  // The only workload of a namespace is listed by name: the namespace may get another one.
  if (callers.length > 1 && callers.length === all.length) return [whole]
  if (callers.length > 0 || namespace === home) return callers.map(([key]) => key).toSorted(compare)
  return [whole]
}

const seesHost = ({ egress }: Sidecar, namespace: string, host: string): boolean =>
  egress.some(({ hosts }) => hosts.some(each => each.namespace === namespace && each.host === host))

function describeExternalPolicy(
  rules: readonly DestinationRule[],
  hosts: readonly string[],
  originates: boolean,
  set: (value: unknown, ...path: readonly string[]) => Field,
): readonly Field[] {
  if (rules.length === 0) return []
  const isForAll = rules.every(({ workloadSelector }) => workloadSelector === undefined)
  const callers = new Set(rules.map(rule => JSON.stringify([rule.namespace, rule.workloadSelector])))
  if (rules.length !== hosts.length * (isForAll ? 1 : callers.size))
    throw new Unsayable('its hosts have different DestinationRules')
  for (const rule of rules) {
    if (rule.subsets.length > 0) throw new Unsayable('its DestinationRule has subsets')
    if (!originates && rule.trafficPolicy?.tls !== undefined)
      throw new Unsayable('its DestinationRule sets TLS')
  }
  const policies = rules.map(rule => readMap(readObjectSpec(rule), 'trafficPolicy'))
  for (const policy of policies) {
    const { connectionPool, outlierDetection, tls, ...others } = policy
    if (Object.keys(others).length > 0)
      throw new Unsayable(`its DestinationRule sets \`${Object.keys(others)[0]}\``)
    if (isMap(tls) && Object.keys(tls).some(field => !originFields.includes(field)))
      throw new Unsayable('its DestinationRule sets more of TLS')
  }
  const describe = (policy: Tree) => [...claimTrafficPolicy(policy, set), ...describeCertificate(policy, set)]
  const fields = describe(policies[0]!)
  for (const policy of policies.slice(1))
    if (JSON.stringify(describe(policy)) !== JSON.stringify(fields))
      throw new Unsayable('its hosts have different DestinationRules')
  return fields
}

/** The fields of a client's TLS that the language sets. */
const originFields = [
  'mode',
  'sni',
  'caCertificates',
  'subjectAltNames',
  'credentialName',
  'clientCertificate',
  'privateKey',
]

function describeCertificate(
  policy: Tree,
  set: (value: unknown, ...path: readonly string[]) => Field,
): readonly Field[] {
  const { mode, credentialName, clientCertificate, privateKey, caCertificates } = readMap(policy, 'tls')
  if (mode !== 'MUTUAL') return []
  if (credentialName !== undefined) return [set({ secret: credentialName }, 'clientCertificate')]
  const hasCa = caCertificates !== undefined && caCertificates !== 'system'
  const files = { certificate: clientCertificate, key: privateKey, ...(hasCa && { ca: caCertificates }) }
  return [set(files, 'clientCertificate')]
}

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
    return routed.map(host => describeRoute(route, { host, port, services: new Map() }))
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
