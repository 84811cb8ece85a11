import * as assert from 'uvu/assert'
import type { CorsPolicy, HttpRedirect, HttpRoute } from '../../schema/generated/virtual-service.ts'
import { type Declared, type DeclaredService, type ExposeSpec, seesRequests } from '../support/declared.ts'
import { listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'
import { milliseconds } from '../support/quantities.ts'

/**
 * P11. Each redirect leads to another place with a status that Envoy knows. Pages of other sites may do only
 * the declared calls.
 */
property(
  11,
  'plain HTTP, redirects and CORS are as declared, and as Istio and browsers take them',
  [
    'a gateway that redirects',
    'a gateway that serves plain text',
    'a gateway without plain text',
    'a port of its own',
    'a redirect to a path',
    'a redirect that keeps the rest of the path',
    'a redirect to a host',
    'a rewrite of a path',
    'a replaced path within the path of an earlier rule',
    'CORS',
    'an exposed host without CORS',
    'an egress gateway',
  ],
  (compilation, declared, saw) => {
    for (const { name, spec } of listObjects(compilation, 'Gateway')) {
      const plain = spec.servers.filter(({ port }) => port.protocol === 'HTTP')
      if ([...declared.exits, ...declared.crossings].some(gateway => gateway.name === name)) {
        assert.equal(plain, [], `${name} is no way in`)
        saw('an egress gateway')
        continue
      }
      const { http = 'redirect', ports } = declared.gateways.find(gateway => gateway.name === name)!.spec
      assert.is(plain.length, http === 'off' ? 0 : 1, `plain HTTP of ${name}`)
      for (const { tls, port } of plain) {
        assert.is(port.number, ports?.http ?? 80)
        if (ports?.http !== undefined) saw('a port of its own')
        assert.equal(tls, http === 'redirect' ? { httpsRedirect: true } : undefined, `plain HTTP of ${name}`)
      }
      saw(sightOfPort80[http])
    }
    for (const { name, namespace, spec } of listObjects(compilation, 'VirtualService')) {
      const where = `VirtualService/${namespace}/${name}`
      const entrance = { gateway: spec.gateways![0]!.split('/').at(-1)!, host: spec.hosts[0]! }
      for (const [index, rule] of (spec.http ?? []).entries()) {
        const { redirect, corsPolicy } = rule
        if (replacesPrefix(rule) && isWithin(rule, spec.http!.slice(0, index)))
          saw('a replaced path within the path of an earlier rule')
        const services = servicesBehind(rule, entrance, declared)
        if (redirect !== undefined) {
          assertRedirect(rule, redirect, services, `${where} ${rule.name}`)
          saw(sightOfRedirect(redirect))
        }
        // A rewrite with a regular expression replaces the whole path.
        if (rule.rewrite?.uri !== undefined) {
          for (const { uri } of rule.match ?? [{}])
            assert.ok(uri && uri.regex === undefined, `${where} ${rule.name} says what it rewrites`)
          saw('a rewrite of a path')
        }
        const policies = services.map(service => findCors(exposureAt(service, entrance)))
        if (policies.length === 0) policies.push(undefined)
        assert.ok(
          policies.some(policy => isAlike(policy, corsPolicy)),
          `CORS of ${where} ${rule.name} is ${JSON.stringify(corsPolicy)}, not ${JSON.stringify(policies)}`,
        )
        if (corsPolicy !== undefined) assertCors(corsPolicy, where)
        if (entrance.gateway !== 'mesh') saw(corsPolicy ? 'CORS' : 'an exposed host without CORS')
      }
    }
    // Every redirect of the spec has a rule.
    for (const { host, ports, routes, spec: written } of declared.services) {
      if (!ports.some(({ protocol }) => seesRequests(protocol))) continue
      const emitted = listObjects(compilation, 'VirtualService').find(({ spec }) => spec.hosts.includes(host))
      for (const { name, redirect } of routes) {
        const isByClaims = written.routes?.some(({ name: each, when }) => each === name && when?.claims)
        // A sidecar has no rule about claims.
        if (redirect === undefined || isByClaims) continue
        const rules = emitted?.spec.http?.filter(rule => rule.name === name && rule.redirect !== undefined)
        assert.is.not(rules?.length ?? 0, 0, `${host} redirects by ${name}`)
      }
    }
  },
)

const replacesPrefix = ({ rewrite, redirect }: HttpRoute) =>
  rewrite?.uri !== undefined || redirect?.prefixRewrite !== undefined

/**
 * Checks whether the path of a rule has the prefix of an earlier rule. `istioctl analyze` must not report
 * them as duplicates.
 */
function isWithin({ match = [] }: HttpRoute, earlier: readonly HttpRoute[]): boolean {
  const prefixes = earlier.flatMap(({ match = [] }) => match.flatMap(({ uri }) => uri?.prefix ?? []))
  return match.some(({ uri }) =>
    prefixes.some(prefix => prefix !== uri?.prefix && uri?.prefix?.startsWith(prefix)),
  )
}

const sightOfPort80 = {
  redirect: 'a gateway that redirects',
  serve: 'a gateway that serves plain text',
  off: 'a gateway without plain text',
} as const

const sightOfRedirect = ({ uri, prefixRewrite }: HttpRedirect) =>
  prefixRewrite !== undefined
    ? 'a redirect that keeps the rest of the path'
    : uri !== undefined
      ? 'a redirect to a path'
      : 'a redirect to a host'

interface Entrance {
  /** The name of a gateway, or `mesh`. */
  readonly gateway: string
  readonly host: string
}

const exposureAt = ({ spec }: DeclaredService, { gateway, host }: Entrance): ExposeSpec | undefined =>
  spec.expose?.find(expose => expose.gateway === gateway && expose.host === host)

/**
 * Lists the services that a rule may belong to. It is one service, except for a redirect at a gateway, which
 * does not name its service. A rule of an external system belongs to no service: it is not exposed, and has
 * no redirect.
 */
function servicesBehind(
  rule: HttpRoute,
  entrance: Entrance,
  { services }: Declared,
): readonly DeclaredService[] {
  const destination = rule.route?.[0]?.destination.host ?? entrance.host
  const named = services.filter(({ host }) => host === destination)
  const routeName = rule.fault === undefined ? rule.name : rule.name?.replace(/-fault$/, '')
  const sharing = services.filter(
    service =>
      exposureAt(service, entrance) !== undefined &&
      service.routes.some(
        ({ name, shares }) =>
          name === routeName && Object.keys(shares ?? {}).some(receiver => receiver.startsWith('service/')),
      ),
  )
  if (named.length > 0) return [...named, ...sharing]
  return services.filter(
    service =>
      exposureAt(service, entrance) !== undefined &&
      service.routes.some(({ name, redirect }) => name === rule.name && redirect !== undefined),
  )
}

function assertRedirect(
  { name, match, ...rule }: HttpRoute,
  redirect: HttpRedirect,
  services: readonly DeclaredService[],
  where: string,
): void {
  const { uri, prefixRewrite, authority, scheme, port, redirectCode } = redirect
  for (const field of ['route', 'rewrite', 'fault', 'mirrors', 'timeout', 'retries'] as const)
    assert.is(rule[field], undefined, `${where} redirects and does nothing else`)
  assert.ok([301, 302, 303, 307, 308].includes(redirectCode ?? 301), `${where} answers ${redirectCode}`)
  assert.ok(
    [uri, prefixRewrite, authority, scheme, port].some(change => change !== undefined),
    `${where} changes something`,
  )
  assert.ok(uri === undefined || prefixRewrite === undefined, `${where} leads to one path`)
  // Istio refuses any other form.
  if (prefixRewrite !== undefined)
    for (const { uri } of match ?? [{}]) assert.ok(uri?.prefix, `${where} keeps what follows a prefix`)

  const declared = services.flatMap(({ routes }) =>
    routes.flatMap(route => (route.name === name && route.redirect ? [getRedirect(route.redirect)] : [])),
  )
  assert.ok(
    declared.some(httpRedirect => isAlike(httpRedirect, redirect)),
    `${where} is ${JSON.stringify(redirect)}, not ${JSON.stringify(declared)}`,
  )
}

function getRedirect({
  path,
  host,
  scheme,
  port,
  code = 301,
}: NonNullable<DeclaredService['routes'][number]['redirect']>): HttpRedirect {
  const keepsRest = path?.endsWith('*') === true
  return {
    ...(path !== undefined && (keepsRest ? { prefixRewrite: path.slice(0, -1) } : { uri: path })),
    ...(host !== undefined && { authority: host }),
    ...(scheme !== undefined && { scheme }),
    ...(port !== undefined && { port }),
    redirectCode: code,
  }
}

function findCors(exposure: ExposeSpec | undefined): CorsPolicy | undefined {
  if (exposure?.cors === undefined) return undefined
  const { origins = [], methods, headers, exposeHeaders, maxAge, credentials } = exposure.cors
  return {
    allowOrigins: origins.map(origin => ({ exact: origin })),
    ...(methods !== undefined && { allowMethods: methods }),
    ...(headers !== undefined && { allowHeaders: headers }),
    ...(exposeHeaders !== undefined && { exposeHeaders }),
    ...(maxAge !== undefined && { maxAge: `${milliseconds(maxAge) / 1000}s` }),
    ...(credentials !== undefined && { allowCredentials: credentials }),
    unmatchedPreflights: 'IGNORE',
  }
}

function assertCors({ allowOrigins, allowMethods, maxAge }: CorsPolicy, where: string): void {
  assert.ok(allowOrigins.length > 0, `${where} allows some origin`)
  for (const { exact } of allowOrigins) assert.match(exact ?? '', /^https?:\/\/[a-z0-9.-]+(:\d+)?$/, where)
  for (const method of allowMethods ?? [])
    assert.match(method, /^(GET|HEAD|POST|PUT|PATCH|DELETE|CONNECT|OPTIONS|TRACE)$/, where)
  // Istio accepts only whole seconds.
  if (maxAge !== undefined) assert.match(maxAge, /^[1-9]\d*s$/, where)
}

/** Checks whether two values are equal, in any order of keys. */
function isAlike(a: unknown, b: unknown): boolean {
  try {
    assert.equal(a, b)
    return true
  } catch {
    return false
  }
}
