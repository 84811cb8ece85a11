import type {
  CorsPolicy,
  Destination,
  Headers,
  HttpFault,
  HttpMirror,
  HttpRedirect,
  HttpRetry,
  HttpRoute,
  HttpRouteDestination,
} from '../../../schema/generated/virtual-service.ts'
import { parseDuration, printIstioDuration } from '../../mesh/duration.ts'
import { countHundredths } from '../../mesh/hundredths.ts'
import { intersectMatches, listConditions } from '../../mesh/match.ts'
import type {
  Cors,
  Fault,
  HeaderChanges,
  HeaderOperations,
  Match,
  Port,
  Redirect,
  Retries,
  Rewrite,
  Route,
  Service,
  Share,
} from '../../mesh/mesh.ts'
import { findReceivingPort } from '../../mesh/receiving-port.ts'
import { isRouted } from '../../mesh/routed.ts'
import { because, decided, type Sourced } from '../../mesh/sourced.ts'
import { guardHttpRule } from '../helm/chart/adjustable-rule.ts'
import { labelRecord } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'
import { withChartForm } from '../template.ts'
import { makeHttpMatches } from './http-match.ts'

/** The parts that a gateway adds to the routes of a service. */
interface Entrance {
  readonly rewrite: Rewrite | undefined
  readonly headers: HeaderChanges | undefined
  readonly cors: Cors | undefined
}

/**
 * The rules for a route of a service on one port. If a fault hits only some of its requests, the first rule is for these.
 *
 * @param ports the ports for which the VirtualService has rules: if there are several, each rule names its port
 */
export function makeHttpRoutes(
  service: Service,
  route: Route,
  port: Port,
  ports: readonly Port[],
  when: Match | undefined = route.when,
  entrance?: Entrance,
): readonly Sourceable<HttpRoute>[] {
  const { fault } = service
  const number =
    ports.length > 1 ? because(port.number, ...ports.map(otherPort => otherPort.number)) : undefined
  if (fault === undefined || route.redirect !== undefined) return [rule(when)]
  if (fault.when === undefined) return [rule(when, fault)]
  const hit =
    when === undefined ? ({ kind: 'some', value: fault.when } as const) : intersectMatches(when, fault.when)
  const rules = hit.kind === 'some' ? [rule(hit.value, fault), rule(when)] : [rule(when)]
  // The two matches decide whether both rules are needed, or one of them.
  const reasons = [when, fault.when].flatMap(match => (match === undefined ? [] : listConditions(match)))
  return rules.map(sourceable => because(sourceable, ...reasons))

  function rule(match: Match | undefined, fault?: Fault): Sourceable<HttpRoute> {
    const matches = makeHttpMatches(match, number)
    const isForwarded = route.redirect === undefined
    const spec: Sourceable<HttpRoute> = {
      name: fault === undefined ? route.name : route.name.map(name => `${name}-fault`),
      match: matches,
      redirect: isForwarded ? undefined : redirect(route.redirect),
      route: isForwarded ? makeDestinations(service, route.shares, port) : undefined,
      rewrite: isForwarded ? rewrite(route.rewrite ?? entrance?.rewrite) : undefined,
      timeout:
        isForwarded && route.timeout.value !== 'none' ? route.timeout.map(printIstioDuration) : undefined,
      retries: isForwarded ? makeHttpRetry(route.retries) : undefined,
      mirrors: isForwarded && route.mirror.length > 0 ? route.mirror.map(mirror) : undefined,
      corsPolicy: entrance?.cors === undefined ? undefined : corsPolicy(entrance.cors),
      headers: makeHeaders(route.headers, entrance?.headers),
      fault: fault === undefined ? undefined : httpFault(fault),
    }
    // Values of the chart set times where both the mesh and the gateways have a route for them.
    if (isForwarded && isRouted(service))
      withChartForm(spec, part =>
        guardHttpRule(part, service, route, version => makeRouteDestination(service, { version }, port)),
      )
    return fault === undefined ? spec : because(spec, fault.origin)
  }

  function mirror(share: Share): Sourceable<HttpMirror> {
    const copy = {
      destination: makeRouteDestination(service, share, port),
      percentage: { value: share.weight },
    }
    return because(copy, share.weight)
  }
}

/**
 * The shares of a route. A single share has no weight. Istio's weights are whole numbers, and Envoy divides them by their sum: they
 * are percent, or tenths or hundredths of a percent if a share has decimals.
 */
export function makeDestinations(
  service: Service,
  shares: readonly Share[],
  port: Port,
): readonly Sourceable<HttpRouteDestination>[] {
  if (shares.length === 1)
    return [because({ destination: makeRouteDestination(service, shares[0]!, port) }, shares[0]!.weight)]
  const parts = shares.map(({ weight }) => countHundredths(weight.value))
  const unit = [100, 10].find(unit => parts.every(part => part % unit === 0)) ?? 1
  return shares.map(share => {
    const whole = share.weight.map(percent => countHundredths(percent) / unit)
    const weight = because(whole, ...shares.map(otherShare => otherShare.weight))
    return because({ destination: makeRouteDestination(service, share, port), weight }, share.weight)
  })
}

export function makeRouteDestination(
  service: Service,
  { version, service: receiver }: Pick<Share, 'version'> & Partial<Pick<Share, 'service'>>,
  port: Port,
): Sourceable<Destination> {
  if (receiver !== undefined) {
    // There is one, or the rule `receivingPorts` is broken.
    const receiving = findReceivingPort(receiver, port) ?? port
    return {
      host: receiver.host,
      subset: version?.name,
      port: {
        number: because(receiving.number.value, receiving.number, port.number, 'policy:explicit-port'),
      },
    }
  }
  return {
    host: service.host,
    subset: version?.name,
    port: { number: because(port.number.value, port.number, 'policy:explicit-port') },
  }
}

/**
 * A limited number of tries; undefined if Istio's default is wanted. See
 * https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry
 */
export function makeHttpRetry({
  isIstioDefault,
  attempts,
  perTryTimeout,
  on,
}: Retries): Sourceable<HttpRetry> | undefined {
  if (isIstioDefault) return undefined
  if (attempts.value === 0) return { attempts }
  return {
    attempts,
    perTryTimeout: perTryTimeout?.map(printIstioDuration),
    retryOn: on.value.length === 0 ? undefined : on.map(conditions => conditions.join(',')),
  }
}

function httpFault({ delay, abort, share }: Fault): Sourceable<HttpFault> {
  return {
    ...(delay !== undefined && {
      delay: because({ fixedDelay: delay.map(printIstioDuration), percentage: { value: share } }, delay),
    }),
    ...(abort !== undefined && {
      abort: because({ httpStatus: abort, percentage: { value: share } }, abort),
    }),
  }
}

function redirect({ path, host, scheme, port, code }: Redirect): Sourceable<HttpRedirect> {
  return {
    ...(path !== undefined &&
      (path.value.endsWith('*') ? { prefixRewrite: path.map(withoutStar) } : { uri: path })),
    authority: host,
    scheme: scheme?.map(value => (value === 'https' ? 'https' : 'http')),
    port,
    // The schema takes no other codes.
    redirectCode: code as Sourced<301 | 302 | 303 | 307 | 308>,
  }
}

function rewrite(rewrite: Rewrite | undefined): Sourceable<NonNullable<HttpRoute['rewrite']>> | undefined {
  if (rewrite === undefined) return undefined
  return { uri: rewrite.path?.map(withoutStar), authority: rewrite.host }
}

const withoutStar = (path: string) => path.replace(/\*$/, '')

function makeHeaders(...written: readonly (HeaderChanges | undefined)[]): Sourceable<Headers> | undefined {
  const changes = written.filter(change => change !== undefined)
  if (changes.length === 0) return undefined
  const request = makeHeaderOperations(changes.map(({ request }) => request))
  const response = makeHeaderOperations(changes.map(({ response }) => response))
  return request === undefined && response === undefined ? undefined : { request, response }
}

function makeHeaderOperations(
  all: readonly HeaderOperations[],
): Sourceable<NonNullable<Headers['request']>> | undefined {
  const set = all.flatMap(({ set }) => set)
  const add = all.flatMap(({ add }) => add)
  const removed = all.flatMap(({ remove }) => remove)
  // Route and gateway may both remove a header. It is listed once, with both reasons.
  const remove = [...new Set(removed.map(({ value }) => value))].map(name =>
    because(name, ...removed.filter(({ value }) => value === name)),
  )
  if (set.length + add.length + remove.length === 0) return undefined
  return {
    ...(set.length > 0 && { set: labelRecord(set) }),
    ...(add.length > 0 && { add: labelRecord(add) }),
    ...(remove.length > 0 && { remove }),
  }
}

/** See https://istio.io/latest/docs/reference/config/networking/virtual-service/#CorsPolicy */
function corsPolicy(cors: Cors): Sourceable<CorsPolicy> {
  return because(
    {
      allowOrigins: cors.origins.map(origin => ({ exact: origin })),
      ...(cors.methods.length > 0 && {
        // The schema knows the methods that CORS knows.
        allowMethods: cors.methods as readonly Sourced<NonNullable<CorsPolicy['allowMethods']>[number]>[],
      }),
      ...(cors.headers.length > 0 && { allowHeaders: cors.headers }),
      ...(cors.exposeHeaders.length > 0 && { exposeHeaders: cors.exposeHeaders }),
      // Istio takes whole seconds only.
      maxAge: cors.maxAge?.map(age => `${parseDuration(age) / 1000}s`),
      allowCredentials: cors.credentials,
      unmatchedPreflights: decided('policy:route-shape', 'IGNORE' as const),
    },
    cors.origin,
  )
}
