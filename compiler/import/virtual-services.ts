import { weakMemo } from '../basics/weak-memo.ts'
import type { HttpRoute, L4Match, TcpRoute, TlsMatch, TlsRoute, VirtualService } from '../behavior/model.ts'
import { coversHost } from '../mesh/gateway-hosts.ts'
import { isMap } from '../source/document.ts'
import { isEqual } from '../source/is-equal.ts'
import type { Claim, Field, Proposal, Unsaid } from './claim.ts'
import type { ForeignMesh, ForeignService } from './foreign-mesh.ts'
import type { ForeignGateway } from './gateways.ts'
import { isTight } from './lift-defaults.ts'
import {
  asksForClaims,
  type Condition,
  describeMatches,
  dropNarrower,
  mergeConditions,
  Unsayable,
} from './matches.ts'
import type { Tree } from './read-object-spec.ts'
import {
  describeCors,
  describeFault,
  describeHeaders,
  describeRewrite,
  describeRoute,
  describeShares,
  type RouteWords,
  type RuleTarget,
} from './rules.ts'
import { isHttpPort } from './services.ts'

/** Claims the VirtualServices: those of sidecars as routes of services, those of gateways as `expose`. */
export function claimVirtualServices(
  mesh: ForeignMesh,
  gateways: ReadonlyMap<string, ForeignGateway>,
): Proposal {
  const claims: Claim[] = []
  const unsaid: Unsaid[] = []
  const ineffective: string[] = []
  const byHost = countMeshHosts(mesh.model.virtualServices)
  for (const virtualService of mesh.model.virtualServices) {
    try {
      if (virtualService.unmodelled.length > 0) throw new Unsayable('a part of it is beyond the model')
      const fields = [
        ...claimMeshRoutes(mesh, virtualService, byHost, ineffective),
        ...claimExposures(mesh, virtualService, gateways),
      ]
      claims.push({ objects: [virtualService], fields })
    } catch (error) {
      if (!(error instanceof Unsayable)) throw error
      unsaid.push({ object: virtualService, reason: error.message })
    }
  }
  return { claims, unsaid, ineffective }
}

const meshGateway = 'mesh'

function countMeshHosts(virtualServices: readonly VirtualService[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { hosts, gateways } of virtualServices)
    if (gateways.includes(meshGateway))
      for (const host of hosts) counts.set(host, (counts.get(host) ?? 0) + 1)
  return counts
}

/** The rules that hold at a gateway or in the mesh, without matches for elsewhere. */
function listRulesAt({ http }: VirtualService, gateway: string): readonly HttpRoute[] {
  return http.flatMap(route => {
    const matches = route.matches.filter(
      ({ gateways }) => gateways.length === 0 || gateways.includes(gateway),
    )
    return route.matches.length > 0 && matches.length === 0 ? [] : [{ ...route, matches }]
  })
}

function claimMeshRoutes(
  mesh: ForeignMesh,
  virtualService: VirtualService,
  counts: ReadonlyMap<string, number>,
  ineffective: string[],
): readonly Field[] {
  const { gateways, hosts, exportTo, tcp, tls } = virtualService
  if (!gateways.includes(meshGateway)) return []
  if (!exportTo.includes('*')) throw new Unsayable('some namespaces do not see it')
  return hosts.flatMap(host => {
    const service = mesh.serviceByHost.get(host)
    if (service === undefined) throw new Unsayable(`\`${host}\` is no service of the spec`)
    if (counts.get(host)! > 1) throw new Unsayable('another VirtualService has its host')
    const shares = describeConnectionShares(mesh, [...tcp, ...tls], service)
    const connections: readonly Field[] =
      shares === undefined ? [] : [{ path: ['services', service.key, 'traffic'], value: shares }]
    if (virtualService.http.length === 0) return connections
    const rules = withClaimRules(
      mesh,
      service,
      describeHttpRules(mesh, listRulesAt(virtualService, meshGateway), service),
    )
    if (tcp.length + tls.length > 0 && !isEqual(rules.at(-1)?.words.traffic, shares))
      throw new Unsayable('connections have other shares than requests')
    const last = rules.findIndex(({ conditions }) => conditions.length === 0)
    if (last === -1) throw new Unsayable('some requests have no route')
    for (const { name } of rules.slice(last + 1))
      ineffective.push(
        `the route \`${name}\` of VirtualService ${virtualService.namespace}/${virtualService.name}: an earlier route takes all requests`,
      )
    return placeRoutes(service.key, rules.slice(0, last + 1))
  })
}

/**
 * Inserts the gateway rules with conditions on claims into the rules of the mesh, which cannot have such conditions: each before the
 * mesh rule that follows it at the gateway, by name.
 */
function withClaimRules(mesh: ForeignMesh, target: ForeignService, rules: readonly Rule[]): readonly Rule[] {
  const { service } = target
  const claimRules = new Map<string, { readonly rule: Rule; readonly before: string | undefined }>()
  for (const { gateways, http } of mesh.model.virtualServices) {
    if (gateways.includes(meshGateway)) continue
    for (const [index, route] of http.entries()) {
      if (!asksForClaims(route.matches)) continue
      const followers = http.slice(index + 1).filter(({ matches }) => !asksForClaims(matches))
      const next = followers.find(({ destinations }) => destinations.length > 0)
      const hosts = [
        ...route.destinations,
        ...(route.redirect === undefined ? [] : (next?.destinations ?? [])),
      ]
      if (!hosts.some(({ host }) => host === service.host)) continue
      const [port] = route.destinations
      const words = describeRoute(route, makeTarget(mesh, service.host, port?.port))
      const earlier = claimRules.get(route.name)?.rule
      // Each gateway has changes of its own in addition to those of the route.
      const changes = withoutEntrance(
        words,
        describeNextEntrance(mesh, followers, target, listMeshRules(mesh, target)),
      )
      const described: Rule = {
        name: route.name,
        conditions: describeMatches(route.matches, port?.port, ''),
        words: { ...words, ...(earlier === undefined ? changes : joinChanges(earlier.words, changes)) },
        fault: route.fault,
      }
      // If a host exposes only some paths, each of its routes has these paths.
      const conditions = dropNarrower(
        mergeConditions([...(earlier?.conditions ?? []), ...described.conditions]),
      )
      const before = followers.map(({ name }) => name).find(name => rules.some(rule => rule.name === name))
      claimRules.set(route.name, { rule: { ...described, conditions }, before })
    }
  }
  if (claimRules.size === 0) return rules
  const claiming = [...claimRules.values()]
  const isNamed = (name: string | undefined) => rules.some(rule => rule.name === name)
  return [
    ...claiming.filter(({ before }) => !isNamed(before)).map(({ rule }) => rule),
    ...rules.flatMap(rule => [
      ...claiming.filter(({ before }) => before === rule.name).map(({ rule }) => rule),
      rule,
    ]),
  ]
}

/** Describes the changes of a gateway to the routes of a service, as the next of its rules for the service shows. */
function describeNextEntrance(
  mesh: ForeignMesh,
  followers: readonly HttpRoute[],
  { service }: ForeignService,
  meshRules: readonly HttpRoute[],
): RouteChanges {
  const next = followers.find(({ destinations }) => destinations.some(({ host }) => host === service.host))
  if (next === undefined) return { rewrite: undefined, headers: undefined }
  const namesake = meshRules.find(({ name }) => name === next.name && name !== '')
  return describeEntrance(
    describeRoute(next, makeTarget(mesh, service.host, next.destinations[0]?.port)),
    namesake ?? meshRules.at(-1),
  )
}

/** Removes the changes of a gateway from those of a rule. */
const withoutEntrance = ({ rewrite, headers }: RouteChanges, entrance: RouteChanges): RouteChanges => ({
  rewrite: isEqual(rewrite, entrance.rewrite) ? undefined : rewrite,
  headers: headers && dropAlike(headers, entrance.headers ?? {}),
})

/** Describes the shares of connections; undefined if the service as a whole gets them. */
function describeConnectionShares(
  mesh: ForeignMesh,
  rules: readonly (TcpRoute | TlsRoute)[],
  { service }: ForeignService,
): Readonly<Record<string, string>> | undefined {
  const all = rules.flatMap(({ matches, destinations }) =>
    (matches.length === 0 ? [undefined] : matches).map(match => {
      if (match !== undefined) checkConnectionMatch(match, service.host)
      return describeShares(
        destinations,
        makeTarget(mesh, service.host, match?.port ?? service.ports[0]?.number),
      )
    }),
  )
  const [first] = all
  if (all.some(shares => !isEqual(shares, first))) throw new Unsayable('connections are shared by port')
  return first
}

function checkConnectionMatch(match: L4Match | TlsMatch, host: string): void {
  if (match.destinationSubnets.length > 0) throw new Unsayable('connections are routed by their address')
  if (Object.keys(match.sourceLabels).length > 0 || match.sourceNamespace !== undefined)
    throw new Unsayable('connections are routed by who calls')
  if ('sniHosts' in match && !isEqual(match.sniHosts, [host]))
    throw new Unsayable('connections are routed by a server name')
}

/** A rule in words of the language. No condition: it takes every request. */
interface Rule {
  readonly name: string
  readonly conditions: readonly Condition[]
  readonly words: RouteWords
  readonly fault: HttpRoute['fault']
}

function describeHttpRules(
  mesh: ForeignMesh,
  routes: readonly HttpRoute[],
  { service }: ForeignService,
): readonly Rule[] {
  const ports = service.ports.filter(isHttpPort).map(({ number }) => number)
  const [port] = ports
  if (ports.length !== 1) return describePortRules(mesh, routes, service.host, ports)
  return routes.map(route => describeOne(route, makeTarget(mesh, service.host, port)))
}

/** Makes the target of rules for requests to a host. */
const makeTarget = ({ serviceByHost }: ForeignMesh, host: string, port: number | undefined): RuleTarget => ({
  host,
  port,
  services: serviceByHost,
})

/** The same rules for each of several ports, each with the condition on its port. */
function describePortRules(
  mesh: ForeignMesh,
  routes: readonly HttpRoute[],
  host: string,
  ports: readonly number[],
): readonly Rule[] {
  if (routes.every(({ matches }) => matches.every(({ port }) => port === undefined)))
    return routes.map(route => describeOne(route, makeTarget(mesh, host, undefined)))
  const lists = ports.flatMap(port => {
    const routesOfPort = routes.filter(({ matches }) => matches.some(match => match.port === port))
    return routesOfPort.length === 0
      ? []
      : [routesOfPort.map(route => describeOne(route, makeTarget(mesh, host, port)))]
  })
  const [first = []] = lists
  if (lists.reduce((sum, list) => sum + list.length, 0) !== routes.length)
    throw new Unsayable('a route is for several ports')
  if (lists.some(list => !isEqual(list.map(withoutName), first.map(withoutName))))
    throw new Unsayable('its routes differ by port')
  return first
}

const withoutName = ({ conditions, words, fault }: Rule) => ({ conditions, words, fault })

function describeOne(route: HttpRoute, target: RuleTarget): Rule {
  if (describeCors(route) !== undefined) throw new Unsayable('a route of the mesh sets CORS')
  return {
    name: route.name,
    conditions: describeMatches(route.matches, target.port, target.host),
    words: describeRoute(route, target),
    fault: route.fault,
  }
}

/** Places rules as fields of a service: settings that all share at the service, conditions under `routes`. */
function placeRoutes(key: string, written: readonly Rule[]): readonly Field[] {
  const { rules: unsharedRules, fault } = takeFault(written)
  const rules = withWholeShares(key, unsharedRules)
  const rest = rules.at(-1)!
  const others = rules.slice(0, -1)
  const isPlain =
    rest.words.redirect === undefined && rest.words.rewrite === undefined && rest.words.headers === undefined
  const areMirrorsAlike = others.every(
    ({ words }) => words.redirect !== undefined || isEqual(words.mirror, rest.words.mirror),
  )
  const isUnnamed = rest.name === '' || rest.name === 'default'
  const isRestOfService = isPlain && isUnnamed && areMirrorsAlike
  const { traffic, mirror } = rest.words
  const { timeout, retries } = chooseTimes(rules, isRestOfService)
  const set = (field: string, value: unknown): Field => ({ path: ['services', key, field], value })
  const routed = (isRestOfService ? others : rules).flatMap(rule =>
    listRoutes(rule, isRestOfService ? rest.words : undefined, { timeout, retries }),
  )
  return [
    ...(isRestOfService && traffic !== undefined ? [set('traffic', traffic)] : []),
    ...(isRestOfService && mirror !== undefined ? [set('mirror', mirror)] : []),
    set('timeout', timeout),
    set('retries', retries),
    ...(routed.length > 0 ? [set('routes', nameRoutes(routed))] : []),
    ...(fault === undefined ? [] : [set('fault', fault), { path: ['faults'], value: 'allowed' }]),
  ]
}

/** Adds explicit whole shares to rules for all pods, if other rules name versions or other services. */
function withWholeShares(key: string, rules: readonly Rule[]): readonly Rule[] {
  const isWhole = ({ words }: Rule) => words.redirect === undefined && words.traffic === undefined
  if (!rules.some(isWhole) || rules.every(({ words }) => words.traffic === undefined)) return rules
  const traffic = { [`service/${key}`]: '100%' }
  return rules.map(rule => (isWhole(rule) ? { ...rule, words: { ...rule.words, traffic } } : rule))
}

/**
 * Chooses the times of a service: those of the rule for all other requests. If that rule is a separate route, those of a route whose
 * tries do not fit into its timeout: the language accepts this if the per-try timeout comes from an outer level.
 */
function chooseTimes(
  rules: readonly Rule[],
  isRestOfService: boolean,
): Pick<RouteWords, 'timeout' | 'retries'> {
  const all = rules.map(({ words }) => words)
  const tight = isRestOfService
    ? undefined
    : all.find(
        ({ retries, timeout }) =>
          isMap(retries) &&
          isTight({ attempts: retries['attempts'], perTry: retries['perTryTimeout'], timeout }),
      )
  return tight ?? all.at(-1)!
}

/** Takes out the fault: rules with a fault repeat those without, for the requests that it affects. */
function takeFault(written: readonly Rule[]): {
  readonly rules: readonly Rule[]
  readonly fault: unknown
} {
  const faulty = written.filter(({ fault }) => fault !== undefined)
  const last = faulty.at(-1)
  if (last?.fault === undefined) return { rules: written, fault: undefined }
  if (faulty.some(({ fault }) => !isEqual(fault, last.fault)))
    throw new Unsayable('its routes have several faults')
  const forwarding = written.filter(({ words }) => words.redirect === undefined)
  if (faulty.length === forwarding.length)
    return { rules: written.map(nameWithoutFault), fault: describeFault(last.fault, undefined) }
  if (last.conditions.length !== 1) throw new Unsayable('a fault has several conditions')
  const rules = written.filter((rule, index) => {
    const next = written[index + 1]
    return rule.fault === undefined || next === undefined || !isEqual(rule.words, next.words)
  })
  return { rules, fault: describeFault(last.fault, last.conditions[0]) }
}

/** Removes the suffix that meshc adds to the name of a rule with a fault. */
const nameWithoutFault = (rule: Rule): Rule => ({ ...rule, name: rule.name.replace(/-fault$/, '') })

/** Lists the routes of a rule: one for each of its conditions. */
function listRoutes(
  { name, conditions, words }: Rule,
  service: RouteWords | undefined,
  rest: Pick<RouteWords, 'timeout' | 'retries'>,
): readonly Readonly<Record<string, unknown>>[] {
  const { traffic, redirect, rewrite, headers, mirror, timeout, retries } = words
  const isForwarded = redirect === undefined
  const settings = {
    ...(traffic !== undefined && !isEqual(traffic, service?.traffic) && { traffic }),
    ...(redirect !== undefined && { redirect }),
    ...(rewrite !== undefined && { rewrite }),
    ...(headers !== undefined && { headers }),
    ...(mirror !== undefined && !isEqual(mirror, service?.mirror) && { mirror }),
    ...(isForwarded && timeout !== rest.timeout && { timeout }),
    ...(isForwarded && !isEqual(retries, rest.retries) && { retries }),
  }
  const whens: readonly (Condition | undefined)[] = conditions.length === 0 ? [undefined] : conditions
  return whens.map(when => ({ name, ...(when !== undefined && { when }), ...settings }))
}

/** Gives each route a name of its own that the language takes. */
function nameRoutes(
  routes: readonly Readonly<Record<string, unknown>>[],
): readonly Readonly<Record<string, unknown>>[] {
  const taken = new Set<string>(['default'])
  return routes.map((route, index) => {
    const plain = String(route['name'])
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 50)
    let name = plain === '' || plain === 'default' ? `route-${index + 1}` : plain
    for (let number = 2; taken.has(name); number++) name = `${plain}-${number}`
    taken.add(name)
    return { ...route, name }
  })
}

function claimExposures(
  mesh: ForeignMesh,
  virtualService: VirtualService,
  gateways: ReadonlyMap<string, ForeignGateway>,
): readonly Field[] {
  return virtualService.gateways
    .filter(gateway => gateway !== meshGateway)
    .toSorted()
    .flatMap(name => {
      const gateway = gateways.get(name)
      if (gateway === undefined) throw new Unsayable(`the gateway \`${name}\` is not in the spec`)
      if (gateway.isExit) throw new Unsayable('no system outside of the spec goes through its gateway')
      const connections = claimPassages(mesh, virtualService, name, gateway)
      const rules = listRulesAt(virtualService, name)
      if (rules.length === 0) return connections
      if (connections.length > 0) throw new Unsayable('it routes requests and connections of a gateway')
      return virtualService.hosts.flatMap(host => {
        const hosts = listHostsAt(gateway, host)
        return [
          ...hosts.map(hostAt => ({ path: ['gateways', gateway.key, 'hosts'], value: [hostAt] })),
          ...hosts.flatMap(hostAt => claimCertificateHost(gateway, hostAt)),
          ...hosts.flatMap(hostAt => exposeRules(mesh, rules, gateway.key, hostAt)),
        ]
      })
    })
}

/** Adds a host that a wildcard of a further certificate covers to the hosts of this certificate. */
const claimCertificateHost = ({ key, certificates }: ForeignGateway, host: string): readonly Field[] =>
  certificates
    .filter(
      ({ path, hosts }) =>
        path.length > 1 && !hosts.includes(host) && hosts.some(wide => coversHost(wide, host)),
    )
    .map(({ path }) => ({ path: ['gateways', key, ...path, 'hosts'], value: [host] }))

/** Describes the connections that a gateway forwards as exposures of services. */
function claimPassages(
  mesh: ForeignMesh,
  { tls, tcp }: VirtualService,
  name: string,
  gateway: ForeignGateway,
): readonly Field[] {
  const isHere = ({ gateways }: L4Match) => gateways.length === 0 || gateways.includes(name)
  const expose = ({ destinations }: TcpRoute | TlsRoute, way: Tree): Field => {
    const [host, ...others] = new Set(destinations.map(destination => destination.host))
    const service = host === undefined ? undefined : mesh.serviceByHost.get(host)
    if (service === undefined || others.length > 0) throw new Unsayable('connections lead elsewhere')
    const ports = service.service.ports.filter(({ protocol }) => protocol !== 'UDP')
    const port = ports.find(({ number }) => number === (destinations[0]?.port ?? ports[0]?.number))
    const value = { gateway: gateway.key, ...way, ...(ports.length > 1 && port && { port: port.name }) }
    return { path: ['services', service.key, 'expose'], value: [value] }
  }
  return [
    ...tls.flatMap(route =>
      route.matches.filter(isHere).flatMap(match => {
        checkPassage(match)
        return match.sniHosts.map(host => expose(route, { host }))
      }),
    ),
    ...tcp.flatMap(route =>
      route.matches.filter(isHere).map(match => {
        checkPassage(match)
        const tcp = gateway.tcp.get(match.port ?? 0)
        if (tcp === undefined) throw new Unsayable('connections of every port lead there')
        return expose(route, { tcp })
      }),
    ),
    ...tcp
      .filter(({ matches }) => matches.length === 0)
      .flatMap(route => {
        if (gateway.tcp.size !== 1) throw new Unsayable('connections of every port lead there')
        return [...gateway.tcp.values()].map(tcp => expose(route, { tcp }))
      }),
  ]
}

function checkPassage({ destinationSubnets, sourceLabels, sourceNamespace }: L4Match): void {
  if (destinationSubnets.length > 0) throw new Unsayable('connections are routed by their address')
  if (Object.keys(sourceLabels).length > 0 || sourceNamespace !== undefined)
    throw new Unsayable('connections are routed by who calls')
}

/** The hosts of a gateway at which a host of a VirtualService is served. */
function listHostsAt({ hosts }: ForeignGateway, host: string): readonly string[] {
  if (hosts.includes(host)) return [host]
  const covers = (wide: string, narrow: string) =>
    wide === '*' || (wide.startsWith('*.') && narrow.endsWith(wide.slice(1)))
  if (hosts.some(wide => covers(wide, host))) return [host]
  const narrower = hosts.filter(narrow => covers(host, narrow))
  if (narrower.length === 0) throw new Unsayable(`the gateway does not serve \`${host}\``)
  return narrower
}

/** Describes the rules of a gateway for a host as exposures of services. */
function exposeRules(
  mesh: ForeignMesh,
  routes: readonly HttpRoute[],
  gateway: string,
  host: string,
): readonly Field[] {
  const exposures: Exposure[] = []
  /**
   * The service with conditional routes so far, which its route for a path completes; `unknown`: the service of a redirect, which has
   * no destination.
   */
  let open: ForeignService | 'unknown' | undefined
  /** Routes for a path that may belong to the service itself. */
  let pending: Exposure[] = []
  let changes: RouteChanges[] = []
  for (const route of routes) {
    if (route.redirect !== undefined) {
      open ??= 'unknown'
      continue
    }
    const target = new Set(route.destinations.map(destination => destination.host))
    const service = findRouted(mesh, route, target, open === 'unknown' ? undefined : open)
    if (service === undefined)
      throw new Unsayable(`a route leads to ${[...target].map(word => `\`${word}\``).join(', ')}`)
    if (pending.some(exposure => exposure.service !== service)) {
      exposures.push(...pending)
      pending = []
      open = undefined
      changes = []
    }
    if (open !== undefined && open !== 'unknown' && open !== service)
      throw new Unsayable('a route of a gateway has a condition')
    const ports = service.service.ports.filter(({ protocol }) => protocol !== 'UDP')
    const number = findPortOfRoute(mesh, route, service) ?? ports[0]!.number
    const conditions = describeMatches(route.matches, undefined, host)
    const isByPath = conditions.every(condition => Object.keys(condition).every(part => part === 'paths'))
    const rules = listMeshRules(mesh, service)
    const namesake = rules.find(rule => rule.name === route.name && rule.name !== '')
    // A rule with conditions on claims has no mesh rule with which it could be compared.
    if (!asksForClaims(route.matches))
      changes.push(
        describeEntrance(
          describeRoute(route, makeTarget(mesh, service.service.host, number)),
          namesake ?? rules.at(-1),
        ),
      )
    // A route with more conditions is one of the service, which the next route for a path closes.
    if (!isByPath) {
      open = service
      continue
    }
    const port = ports.find(port => port.number === number)
    const exposure: Exposure = {
      service,
      paths: conditions.flatMap(condition => condition.paths ?? []),
      changes: changes.reduce(joinChanges),
      cors: describeCors(route),
      port: ports.length > 1 ? port?.name : undefined,
    }
    if (namesake !== undefined && namesake !== rules.at(-1) && exposure.paths.length > 0) {
      pending.push(exposure)
      continue
    }
    exposures.push(...pending.filter(({ paths }) => !isCovered(paths, exposure.paths)), exposure)
    pending = []
    changes = []
    open = undefined
  }
  if (open !== undefined && pending.length === 0)
    throw new Unsayable(
      open === 'unknown' ? 'a route of a gateway redirects' : 'a route of a gateway has a condition',
    )
  return [...exposures, ...pending].map(({ service, paths, changes: { rewrite, headers }, cors, port }) => ({
    path: ['services', service.key, 'expose'],
    value: [
      {
        gateway,
        host,
        ...(paths.length > 0 && { paths }),
        ...(rewrite !== undefined && { rewrite }),
        ...(headers !== undefined && { headers }),
        ...(cors !== undefined && { cors }),
        ...(port !== undefined && { port }),
      },
    ],
  }))
}

/**
 * Finds the service to whose routes a rule of a gateway belongs: the service of a mesh rule with the same name and the same
 * destinations, or else the rule's only destination.
 *
 * @param open the service to whose routes the rules before belong
 */
function findRouted(
  mesh: ForeignMesh,
  route: HttpRoute,
  hosts: ReadonlySet<string>,
  open: ForeignService | undefined,
): ForeignService | undefined {
  const owners = listOutgoing(mesh).filter(({ rule }) => rule.name === route.name && leadsAlike(rule, route))
  const services = owners.map(({ service }) => service)
  const owner = services.find(service => service === open) ?? services[0]
  const [host] = hosts
  return owner ?? (hosts.size === 1 && host !== undefined ? mesh.serviceByHost.get(host) : undefined)
}

/** Finds the port of a service whose requests a rule of a gateway matches. */
function findPortOfRoute(
  mesh: ForeignMesh,
  route: HttpRoute,
  { service }: ForeignService,
): number | undefined {
  const led = [...route.destinations, ...route.mirrors.map(({ destination }) => destination)]
  const destination = led.find(({ host }) => host === service.host)
  if (destination !== undefined) return destination.port
  const alike = listOutgoing(mesh).find(
    ({ service: owner, rule }) =>
      owner.service === service && rule.name === route.name && leadsAlike(rule, route),
  )
  return alike?.rule.matches[0]?.port
}

const leadsAlike = (a: HttpRoute, b: HttpRoute): boolean =>
  isEqual(a.destinations.map(getWeighted), b.destinations.map(getWeighted))

const getWeighted = ({ host, subset, port, weight }: HttpRoute['destinations'][number]) => ({
  host,
  subset,
  port,
  weight,
})

interface Outgoing {
  readonly service: ForeignService
  readonly rule: HttpRoute
}

/** Lists the rules of the mesh from one service to another. */
const listOutgoing = weakMemo((mesh: ForeignMesh): readonly Outgoing[] =>
  mesh.model.virtualServices
    .filter(({ gateways }) => gateways.includes(meshGateway))
    .flatMap(({ hosts, http }) =>
      hosts.flatMap(host => {
        const service = mesh.serviceByHost.get(host)
        if (service === undefined) return []
        return http
          .filter(({ destinations }) => destinations.some(destination => destination.host !== host))
          .map(rule => ({ service, rule }))
      }),
    ),
)

/** The changes of a request in `expose`. */
type RouteChanges = Pick<RouteWords, 'rewrite' | 'headers'>

/** The part of a service that a gateway exposes. */
interface Exposure {
  readonly service: ForeignService
  readonly paths: readonly unknown[]
  readonly changes: RouteChanges
  readonly cors: Tree | undefined
  readonly port: string | undefined
}

/** Tells whether each of some paths is one of others. No path: every one. */
const isCovered = (paths: readonly unknown[], others: readonly unknown[]): boolean =>
  others.length === 0 ||
  paths.every(path =>
    others.some(
      wide =>
        isEqual(path, wide) ||
        (typeof path === 'string' &&
          typeof wide === 'string' &&
          wide.endsWith('*') &&
          path.startsWith(wide.slice(0, -1))),
    ),
  )

/** Lists the rules of the mesh for requests to a service. */
const listMeshRules = ({ model }: ForeignMesh, { service }: ForeignService): readonly HttpRoute[] =>
  model.virtualServices.find(
    ({ gateways, hosts }) => gateways.includes(meshGateway) && hosts.includes(service.host),
  )?.http ?? []

/** Describes the changes of a gateway to the route of the service, which applies there, too. */
function describeEntrance({ rewrite, headers }: RouteWords, rule: HttpRoute | undefined): RouteChanges {
  if (rule === undefined) return { rewrite, headers }
  return {
    rewrite: rule.rewrite !== undefined && isEqual(rewrite, describeRewrite(rule)) ? undefined : rewrite,
    headers: headers && dropAlike(headers, describeHeaders(rule) ?? {}),
  }
}

/** Joins the changes of an exposure that several routes show. */
const joinChanges = (a: RouteChanges, b: RouteChanges): RouteChanges => ({
  rewrite: b.rewrite ?? a.rewrite,
  headers: a.headers && b.headers ? joinMaps(a.headers, b.headers) : (b.headers ?? a.headers),
})

function joinMaps(a: Tree, b: Tree): Tree {
  const joined: Record<string, unknown> = { ...a }
  for (const [key, value] of Object.entries(b)) {
    const present = joined[key]
    joined[key] =
      Array.isArray(present) && Array.isArray(value)
        ? [...new Set([...present, ...value])]
        : isMap(present) && isMap(value)
          ? joinMaps(present, value)
          : value
  }
  return joined
}

/** Removes the common entries of maps and lists; undefined if nothing remains. */
function dropAlike(value: Tree, second: Tree): Tree | undefined {
  const rest = Object.entries(value).flatMap(([key, part]): [string, unknown][] => {
    const alike = second[key]
    if (isEqual(part, alike)) return []
    if (Array.isArray(part) && Array.isArray(alike)) {
      const entries = part.filter(entry => !alike.includes(entry))
      return entries.length === 0 ? [] : [[key, entries]]
    }
    if (!isMap(part) || !isMap(alike)) return [[key, part]]
    const inner = dropAlike(part, alike)
    return inner === undefined ? [] : [[key, inner]]
  })
  return rest.length === 0 ? undefined : Object.fromEntries(rest)
}
