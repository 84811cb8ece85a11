import { isDirect } from '../mesh/direct-ports.ts'
import type {
  Allow,
  AskedRequests,
  Authorize,
  Deny,
  Exposure,
  HeaderChanges,
  Jwt,
  Match,
  Mesh,
  Objective,
  Passage,
  Port,
  RateLimit,
  Retries,
  Rewrite,
  Route,
  Service,
  StringMatch,
  Timeout,
  TrafficPolicy,
} from '../mesh/mesh.ts'
import { isHttp } from '../mesh/port.ts'
import { requiresToken } from '../mesh/required-token.ts'
import { isTimed } from '../mesh/routed.ts'
import type { Sourced } from '../mesh/sourced.ts'

/**
 * The parts of a mesh for rules, by their features. One walk collects them, so that a rule looks
 * only at the parts that it checks: most services have no fault, no rewrite and no port that speaks TCP.
 */
export interface Parts {
  /** Conditions on requests, of routes and of faults. */
  readonly matches: readonly OfService<{ readonly match: Match }>[]
  /** Lists of paths, of conditions, exposures and allow rules. */
  readonly paths: readonly (readonly Sourced<StringMatch>[])[]
  readonly redirects: readonly OfService<{ readonly route: Route }>[]
  /** Rewrites of routes and exposures, with the paths that they replace. */
  readonly rewrites: readonly Rewriting[]
  /** The changes of headers by routes and exposures. */
  readonly headerChanges: readonly HeaderChanges[]
  /** Routes with shares in the spec. */
  readonly splits: readonly OfService<{ readonly route: Route }>[]
  readonly mirrors: readonly OfService<{ readonly route: Route }>[]
  /** Services whose shares name other services. */
  readonly sharing: readonly Service[]
  /** Services with several routes. */
  readonly routed: readonly Service[]
  /** The timeouts of requests and their tries, without repetition: most services share those of the defaults. */
  readonly times: readonly Times[]
  /** The ways to choose instances, each once. */
  readonly balancing: readonly TrafficPolicy['loadBalancing'][]
  readonly faulty: readonly Service[]
  readonly exposures: readonly OfService<{ readonly exposure: Exposure }>[]
  readonly passages: readonly OfService<{ readonly passage: Passage }>[]
  readonly jwts: readonly OfService<{ readonly jwt: Jwt }>[]
  readonly objectives: readonly OfService<{ readonly objective: Objective }>[]
  readonly versioned: readonly Service[]
  /** Services with several ports. */
  readonly ported: readonly Service[]
  /** Services with a port on which the mesh sees connections only, or with no port at all. */
  readonly opaque: readonly Service[]
  /** Ports that speak gRPC. */
  readonly grpc: readonly OfService<{ readonly port: Port }>[]
  /** Services with a port where no sidecar identifies the caller: the port accepts only plaintext, or no sidecar captures it. */
  readonly plain: readonly Service[]
  /** Services with a port that no sidecar takes. */
  readonly direct: readonly Service[]
  /** Services without an address. */
  readonly headless: readonly Service[]
  /** Services that run on virtual machines. */
  readonly onMachines: readonly Service[]
  /** Services with several allow rules. */
  readonly guarded: readonly Service[]
  /** Allow rules that ask for a token. */
  readonly tokenRules: readonly OfService<{ readonly allow: Allow }>[]
  /** Allow rules for a gateway. */
  readonly gatewayRules: readonly OfService<{ readonly allow: Allow }>[]
  /** Allow rules for anyone. */
  readonly openRules: readonly OfService<{ readonly allow: Allow }>[]
  /** Allow rules for some paths. */
  readonly pathRules: readonly OfService<{ readonly allow: Allow }>[]
  /** Services that refuse requests. */
  readonly denying: readonly Service[]
  /** Services whose proxies call an authorizer. */
  readonly asking: readonly OfService<{ readonly authorize: Authorize }>[]
  /** Services that limit the rate of their requests. */
  readonly limited: readonly OfService<{ readonly rateLimit: RateLimit }>[]
  /** Routes with a rate limit of their own. */
  readonly limitedRoutes: readonly OfService<{ readonly route: Route; readonly rateLimit: RateLimit }>[]
  /** Rules that ask for headers. */
  readonly headerRules: readonly (Allow | Deny | AskedRequests)[]
  /** Allow rules with a list of several methods, paths, ports or issuers, or with claims or headers. */
  readonly listingRules: readonly Allow[]
}

/** A part, and the service that it is part of. */
type OfService<Part> = Part & { readonly service: Service }

/** A rewrite, the paths it replaces, and its route; undefined for a rewrite of an exposure. */
interface Rewriting {
  readonly service: Service
  readonly rewrite: Rewrite
  readonly paths: Match['paths']
  readonly route: Route | undefined
}

/** A timeout, the tries within it, and the condition of the route that they hold for. */
interface Times {
  readonly timeout: Timeout
  readonly retries: Retries
  readonly when: Match | undefined
}

/** The parts of a mesh. */
export function collectParts(mesh: Mesh): Parts {
  const collector = new Collector()
  for (const service of mesh.services) collector.service(service)
  for (const external of mesh.externals) if (isTimed(external)) collector.time(external.policy, undefined)
  return collector
}

class Collector implements Parts {
  readonly matches: OfService<{ readonly match: Match }>[] = []
  readonly paths: (readonly Sourced<StringMatch>[])[] = []
  readonly redirects: OfService<{ readonly route: Route }>[] = []
  readonly rewrites: Rewriting[] = []
  readonly headerChanges: HeaderChanges[] = []
  readonly splits: OfService<{ readonly route: Route }>[] = []
  readonly mirrors: OfService<{ readonly route: Route }>[] = []
  readonly sharing: Service[] = []
  readonly routed: Service[] = []
  readonly times: Times[] = []
  readonly balancing: TrafficPolicy['loadBalancing'][] = []
  readonly faulty: Service[] = []
  readonly exposures: OfService<{ readonly exposure: Exposure }>[] = []
  readonly passages: OfService<{ readonly passage: Passage }>[] = []
  readonly jwts: OfService<{ readonly jwt: Jwt }>[] = []
  readonly objectives: OfService<{ readonly objective: Objective }>[] = []
  readonly versioned: Service[] = []
  readonly ported: Service[] = []
  readonly opaque: Service[] = []
  readonly grpc: OfService<{ readonly port: Port }>[] = []
  readonly plain: Service[] = []
  readonly direct: Service[] = []
  readonly headless: Service[] = []
  readonly onMachines: Service[] = []
  readonly guarded: Service[] = []
  readonly tokenRules: OfService<{ readonly allow: Allow }>[] = []
  readonly gatewayRules: OfService<{ readonly allow: Allow }>[] = []
  readonly openRules: OfService<{ readonly allow: Allow }>[] = []
  readonly pathRules: OfService<{ readonly allow: Allow }>[] = []
  readonly denying: Service[] = []
  readonly asking: OfService<{ readonly authorize: Authorize }>[] = []
  readonly limited: OfService<{ readonly rateLimit: RateLimit }>[] = []
  readonly limitedRoutes: OfService<{ readonly route: Route; readonly rateLimit: RateLimit }>[] = []
  readonly headerRules: (Allow | Deny | AskedRequests)[] = []
  readonly listingRules: Allow[] = []
  private readonly seen = new Set<object>()

  service(service: Service): void {
    const { routes, fault, exposures, jwt, objective, versions, ports, allow, deny, authorize, rateLimit } =
      service
    if (fault !== undefined) {
      this.faulty.push(service)
      if (fault.when !== undefined) this.match(service, fault.when)
    }
    if (jwt !== undefined) this.jwts.push({ service, jwt })
    if (objective !== undefined) this.objectives.push({ service, objective })
    if (versions.length > 0) this.versioned.push(service)
    if (routes.length > 1) this.routed.push(service)
    if (service.namesServices) this.sharing.push(service)
    if (allow.length > 1) this.guarded.push(service)
    this.balance(service.policy)
    for (const { refinement } of ports) if (refinement !== undefined) this.balance(refinement.policy)
    for (const { refinement, atPorts } of versions) {
      if (refinement !== undefined) this.balance(refinement.policy)
      for (const { policy } of atPorts) this.balance(policy)
    }
    const speaksHttp = this.ports(service, ports)
    for (const route of routes) this.route(service, route, speaksHttp)
    for (const exposure of exposures) this.exposure(service, exposure)
    for (const passage of service.passages) this.passages.push({ service, passage })
    for (const rule of allow) this.allow(service, rule)
    if (deny.length > 0) this.deny(service)
    if (authorize !== undefined) this.authorize(service, authorize)
    if (rateLimit !== undefined) this.limited.push({ service, rateLimit })
  }

  private balance({ loadBalancing }: TrafficPolicy): void {
    if (this.seen.has(loadBalancing)) return
    this.seen.add(loadBalancing)
    this.balancing.push(loadBalancing)
  }

  time({ timeout, retries }: Omit<Times, 'when'>, when: Match | undefined): void {
    if (this.seen.has(retries)) return
    this.seen.add(retries)
    this.times.push({ timeout, retries, when })
  }

  /** Tells whether one of the ports speaks HTTP. */
  private ports(service: Service, ports: readonly Port[]): boolean {
    if (ports.length > 1) this.ported.push(service)
    let http = 0
    let isPlain = false
    let hasDirect = false
    for (const port of ports) {
      if (isHttp(port)) http++
      if (port.protocol.value === 'grpc') this.grpc.push({ service, port })
      if (port.mtls?.value === 'off') isPlain = true
      if (isDirect(service, port)) hasDirect = true
    }
    if (isPlain || hasDirect) this.plain.push(service)
    if (hasDirect) this.direct.push(service)
    if (service.headless !== undefined) this.headless.push(service)
    if (service.machines !== undefined) this.onMachines.push(service)
    if (http < ports.length || http === 0) this.opaque.push(service)
    return http > 0
  }

  private match(service: Service, match: Match): void {
    this.matches.push({ service, match })
    if (match.paths.length > 0) this.paths.push(match.paths)
  }

  private route(service: Service, route: Route, speaksHttp: boolean): void {
    const { when, redirect, rewrite, headers, mirror, shares, rateLimit } = route
    if (rateLimit !== undefined) this.limitedRoutes.push({ service, route, rateLimit })
    if (when !== undefined) this.match(service, when)
    if (redirect !== undefined) this.redirects.push({ service, route })
    else if (speaksHttp) this.time(route, when)
    if (rewrite !== undefined) this.rewrites.push({ service, rewrite, paths: when?.paths ?? [], route })
    if (headers !== undefined) this.headerChanges.push(headers)
    if (mirror.length > 0) this.mirrors.push({ service, route })
    if (shares[0]?.origin !== undefined) this.splits.push({ service, route })
  }

  private exposure(service: Service, exposure: Exposure): void {
    const { paths, rewrite, headers } = exposure
    this.exposures.push({ service, exposure })
    if (paths.length > 0) this.paths.push(paths)
    if (rewrite !== undefined) this.rewrites.push({ service, rewrite, paths, route: undefined })
    if (headers !== undefined) this.headerChanges.push(headers)
  }

  private deny(service: Service): void {
    this.denying.push(service)
    for (const denial of service.deny) {
      if (denial.paths.length > 0) this.paths.push(denial.paths)
      if (denial.headers.length > 0) this.headerRules.push(denial)
    }
  }

  private authorize(service: Service, authorize: Authorize): void {
    this.asking.push({ service, authorize })
    for (const requests of authorize.requests) {
      for (const paths of [requests.paths, requests.exceptPaths]) if (paths.length > 0) this.paths.push(paths)
      if (requests.headers.length > 0) this.headerRules.push(requests)
    }
  }

  private allow(service: Service, allow: Allow): void {
    const { from, methods, paths, ports, issuers, claims, headers } = allow
    if (paths.length > 0) {
      this.paths.push(paths)
      this.pathRules.push({ service, allow })
    }
    if (headers.length > 0) this.headerRules.push(allow)
    if (
      [methods, paths, ports, issuers].some(({ length }) => length > 1) ||
      claims.length + headers.length > 0
    )
      this.listingRules.push(allow)
    if (requiresToken(allow)) this.tokenRules.push({ service, allow })
    if (from.kind === 'gateway') this.gatewayRules.push({ service, allow })
    if (from.kind === 'anyone') this.openRules.push({ service, allow })
  }
}
