import type { Draw } from './draw.ts'
import { type Json, type KubernetesObject, object } from './kubernetes-object.ts'
import {
  drawClaims,
  drawHeaders,
  drawHeaderValue,
  drawParameters,
  drawPath,
  drawUri,
  methods,
} from './patterns.ts'
import { type DrawnService, namespaces, rootNamespace } from './workloads.ts'

/** The user of a VirtualService: the caller's sidecar, a gateway, or a route that delegates to it. */
interface RouteContext {
  readonly services: readonly DrawnService[]
  /** The destination of a route if nothing else is drawn. */
  readonly home: DrawnService
  /** True if Istio reads conditions on the caller. */
  readonly isMesh: boolean
  /** True for routes of gateways only: Istio accepts conditions on claims nowhere else. */
  readonly takesClaims?: boolean
}

/** Draws VirtualServices and DestinationRules of one service, as its team may have written them. */
export function drawRouting(
  draw: Draw,
  services: readonly DrawnService[],
  home: DrawnService,
): readonly KubernetesObject[] {
  const context: RouteContext = { services, home, isMesh: true }
  const virtualServices = draw.percent(60)
    ? draw.times(1, draw.percent(10) ? 2 : 1, index => virtualService(draw, context, index))
    : []
  return [...virtualServices, ...drawDestinationRules(draw, home)]
}

function virtualService(draw: Draw, context: RouteContext, index: number): KubernetesObject {
  const { home, services } = context
  const { name, namespace, host, ports } = home
  const others = draw.percent(15) ? [draw.pick(services).host] : []
  const tcp = ports.find(({ protocol }) => protocol === 'tcp')
  const tls = ports.find(({ protocol }) => protocol === 'tls')
  const hosts = draw.percent(8)
    ? [`*.${namespace}.svc.cluster.local`]
    : [tls === undefined && draw.percent(20) ? name : host, ...others]
  return object('VirtualService', namespace, index === 0 ? name : `${name}-too`, {
    hosts: [...new Set(hosts)].filter((first, at, all) => at === 0 || !(all[0] === name && first === host)),
    ...draw.maybe(10, 'gateways', () => ['mesh']),
    ...draw.maybe(10, 'exportTo', () => draw.pick([['.'], ['*'], [draw.pick(namespaces)]])),
    ...((tcp === undefined && tls === undefined) || draw.percent(50)
      ? { http: drawHttpRoutes(draw, context) }
      : {}),
    ...(tcp !== undefined && { tcp: [tcpRoute(draw, home, tcp.port)] }),
    ...(tls !== undefined && {
      tls: [
        {
          match: [{ sniHosts: [host], ...draw.maybe(50, 'port', () => tls.port) }],
          route: [{ destination: destination(draw, home, tls.port) }],
        },
      ],
    }),
  })
}

function tcpRoute(draw: Draw, home: DrawnService, port: number): Json {
  return {
    ...draw.maybe(70, 'match', () => [
      { port, ...draw.maybe(25, 'sourceLabels', () => ({ version: 'v1' })) },
    ]),
    route: [{ destination: destination(draw, home, port) }],
  }
}

export function drawHttpRoutes(draw: Draw, context: RouteContext): readonly Json[] {
  const conditional = draw.times(0, 3, index => ({
    ...draw.maybe(60, 'name', () => `route-${index}`),
    match: draw.times(1, 2, () => drawMatch(draw, context)),
    ...drawAction(draw, context),
  }))
  return draw.percent(85) || conditional.length === 0
    ? [...conditional, drawAction(draw, context)]
    : conditional
}

const drawCompared = (draw: Draw, takesClaims: boolean): Json =>
  draw.percent(12) && takesClaims ? drawClaims(draw) : drawHeaders(draw)

function drawMatch(draw: Draw, { home, isMesh, takesClaims = false, services }: RouteContext): Json {
  const match = {
    ...draw.maybe(65, 'uri', () => drawUri(draw)),
    ...draw.maybe(8, 'ignoreUriCase', () => true),
    ...draw.maybe(30, 'headers', () => drawCompared(draw, takesClaims)),
    ...draw.maybe(8, 'withoutHeaders', () => drawCompared(draw, takesClaims)),
    ...draw.maybe(12, 'queryParams', () => drawParameters(draw)),
    ...draw.maybe(15, 'method', () =>
      draw.percent(70) ? { exact: draw.pick(methods) } : { regex: 'GET|HEAD' },
    ),
    ...draw.maybe(4, 'authority', () => ({ prefix: home.name })),
    ...draw.maybe(4, 'scheme', () => ({ exact: draw.pick(['http', 'https']) })),
    ...draw.maybe(8, 'port', () => draw.pick(home.ports).port),
    ...(isMesh && {
      ...draw.maybe(10, 'sourceLabels', () => ({ app: draw.pick(services).name })),
      ...draw.maybe(8, 'sourceNamespace', () => draw.pick(namespaces)),
    }),
  }
  return Object.keys(match).length === 0 ? { uri: { prefix: '/' } } : match
}

function drawAction(draw: Draw, context: RouteContext): Json {
  const kind = draw.percent(85) ? 'route' : draw.pick(['redirect', 'directResponse'] as const)
  if (kind === 'directResponse')
    return { directResponse: { status: draw.pick([200, 403, 418, 503]), body: { string: 'as you wish' } } }
  if (kind === 'redirect')
    return {
      redirect: {
        ...draw.pick([{ uri: drawPath(draw) }, { authority: 'elsewhere.example.com' }, { scheme: 'https' }]),
        ...draw.maybe(30, 'uri', () => drawPath(draw)),
        ...draw.maybe(30, 'authority', () => 'elsewhere.example.com'),
        ...draw.maybe(40, 'redirectCode', () => draw.pick([302, 307, 308])),
      },
    }
  const several = draw.percent(35)
  const weights = draw.pick([
    [80, 20],
    [50, 50],
    [100, 0],
    [1, 99],
    [2, 1],
  ] as const)
  return {
    route: several
      ? weights.map(weight => ({
          destination: anyDestination(draw, context),
          weight,
          ...draw.maybe(10, 'headers', () => headerChange(draw)),
        }))
      : [{ destination: anyDestination(draw, context) }],
    ...draw.maybe(25, 'timeout', () => draw.pick(['1s', '2.5s', '300ms', '0s'].slice(0, 3))),
    ...draw.maybe(25, 'retries', () => drawRetries(draw)),
    ...draw.maybe(15, 'rewrite', () => drawRewrite(draw, context)),
    ...draw.maybe(10, 'headers', () => headerChange(draw)),
    ...draw.maybe(8, 'mirror', () => anyDestination(draw, context)),
    ...draw.maybe(8, 'fault', () => ({
      ...(draw.percent(50)
        ? {
            abort: {
              httpStatus: draw.pick([500, 503, 429]),
              percentage: { value: draw.pick([100, 100, 50]) },
            },
          }
        : { delay: { fixedDelay: '2s', percentage: { value: 10 } } }),
    })),
    ...draw.maybe(6, 'corsPolicy', () => ({
      allowOrigins: [
        draw.pick([{ exact: 'https://app.example.com' }, { regex: 'https://.*\\.example\\.com' }]),
      ],
      allowMethods: ['GET', 'POST'],
    })),
  }
}

function drawRetries(draw: Draw): Json {
  if (draw.percent(20)) return { attempts: 0 }
  return {
    attempts: draw.pick([1, 2, 5]),
    ...draw.maybe(50, 'perTryTimeout', () => draw.pick(['500ms', '2s'])),
    ...draw.maybe(60, 'retryOn', () =>
      draw.pick(['5xx', 'gateway-error,connect-failure', 'connect-failure,503', 'reset']),
    ),
  }
}

function drawRewrite(draw: Draw, { home }: RouteContext): Json {
  const form = draw.pick(['uri', 'uri', 'authority', 'regex'] as const)
  if (form === 'authority') return { authority: draw.pick([home.host, 'rewritten.example.com']) }
  if (form === 'regex') return { uriRegexRewrite: { match: '^/api/(.*)', rewrite: '/v2/\\1' } }
  return { uri: draw.pick(['/', '/v2', '/admin', '/internal/']) }
}

function headerChange(draw: Draw): Json {
  const [name, value] = drawHeaderValue(draw)
  return { request: draw.pick([{ set: { [name]: value } }, { add: { [name]: value } }, { remove: [name] }]) }
}

function anyDestination(draw: Draw, { services, home }: RouteContext): Json {
  const service = draw.percent(85) ? home : draw.pick(services)
  const { port } = draw.pick(service.ports)
  if (draw.percent(2))
    return { host: `nobody.${service.namespace}.svc.cluster.local`, port: { number: port } }
  return destination(draw, service, port)
}

function destination(draw: Draw, { host, versions }: DrawnService, port: number): Json {
  return {
    host,
    ...draw.maybe(80, 'port', () => ({ number: port })),
    ...draw.maybe(55, 'subset', () => (draw.percent(6) ? 'v9' : draw.pick(versions))),
  }
}

const tlsModes = [
  { mode: 'ISTIO_MUTUAL' },
  { mode: 'ISTIO_MUTUAL' },
  { mode: 'DISABLE' },
  { mode: 'SIMPLE' },
] as const

function drawDestinationRules(
  draw: Draw,
  { name, namespace, host, versions, ports }: DrawnService,
): readonly KubernetesObject[] {
  if (!draw.percent(65)) return []
  const subsets = versions.map(version => ({
    name: version,
    labels: { version },
    ...draw.maybe(10, 'trafficPolicy', () => trafficPolicy(draw, ports[0]!.port)),
  }))
  const place = draw.pick([
    namespace,
    namespace,
    namespace,
    namespace,
    namespace,
    rootNamespace,
    draw.pick(namespaces),
  ])
  const main = object('DestinationRule', place, name, {
    host: draw.percent(85) || place !== namespace ? host : `*.${namespace}.svc.cluster.local`,
    ...draw.maybe(30, 'trafficPolicy', () => trafficPolicy(draw, ports[0]!.port)),
    ...draw.maybe(90, 'subsets', () => subsets),
    ...draw.maybe(6, 'exportTo', () => draw.pick([['.'], ['*'], [draw.pick(namespaces)]])),
  })
  if (!draw.percent(8)) return [main]
  const second = {
    host,
    trafficPolicy: trafficPolicy(draw, ports[0]!.port),
    subsets: [{ name: 'v9', labels: { version: 'v9' } }],
  }
  return [main, object('DestinationRule', place, `${name}-more`, second)]
}

function trafficPolicy(draw: Draw, port: number): Json {
  const policy = {
    ...draw.maybe(35, 'tls', () => draw.pick(tlsModes)),
    ...draw.maybe(15, 'portLevelSettings', () => [
      {
        port: { number: port },
        ...(draw.percent(60) ? { tls: draw.pick(tlsModes) } : { loadBalancer: { simple: 'RANDOM' } }),
      },
    ]),
    ...draw.maybe(20, 'connectionPool', () => ({ tcp: { maxConnections: 100 } })),
  }
  return Object.keys(policy).length === 0 ? { loadBalancer: { simple: 'ROUND_ROBIN' } } : policy
}
