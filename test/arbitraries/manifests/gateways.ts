import type { Draw } from './draw.ts'
import { type Json, type KubernetesObject, object } from './kubernetes-object.ts'
import { drawUri } from './patterns.ts'
import { drawHttpRoutes } from './routing.ts'
import { type DrawnService, pod } from './workloads.ts'

const ingress = 'istio-ingress'
const publicHosts = [
  'shop.example.com',
  'api.example.com',
  'admin.example.com',
  '*.example.com',
  '*.example.org',
  '*',
] as const
const namesBelow = {
  '*.example.com': 'www.example.com',
  '*.example.org': 'a.b.example.org',
  '*': 'anything.example.net',
} as const

/**
 * Draws a gateway with its Deployment, or a pod with an address. Draws its Service, its servers, and the
 * VirtualServices that are bound to it.
 */
export function drawGateways(
  draw: Draw,
  services: readonly DrawnService[],
  address: number | undefined,
): readonly KubernetesObject[] {
  if (!draw.percent(75)) return []
  const labels = { istio: 'public' }
  const hosts = draw.some(publicHosts, 1, 3)
  const tcp = draw.percent(20)
    ? services.find(({ ports }) => ports.some(({ protocol }) => protocol === 'tcp'))
    : undefined
  const tls = draw.percent(30)
    ? services.find(({ ports }) => ports.some(({ protocol }) => protocol === 'tls'))
    : undefined
  const servers = [
    {
      port: { number: 80, name: 'http', protocol: 'HTTP' },
      hosts: hosts.map(host => scoped(draw, host)),
      ...draw.maybe(20, 'tls', () => ({ httpsRedirect: true })),
    },
    ...(draw.percent(60)
      ? [
          {
            port: { number: 443, name: 'https', protocol: 'HTTPS' },
            hosts: [...hosts],
            tls: { mode: draw.pick(['SIMPLE', 'SIMPLE', 'MUTUAL']), credentialName: 'public' },
          },
        ]
      : []),
    ...(tls === undefined
      ? []
      : [
          {
            port: { number: 8443, name: 'tls', protocol: 'TLS' },
            hosts: ['through.example.com'],
            tls: { mode: 'PASSTHROUGH' },
          },
        ]),
    ...(tcp === undefined ? [] : [{ port: { number: 31400, name: 'tcp', protocol: 'TCP' }, hosts: ['*'] }]),
  ]
  const ports = [
    { name: 'http', port: 80, targetPort: 8080 },
    { name: 'https', port: 443, targetPort: 8443 },
    { name: 'tls', port: 8443, targetPort: 9443 },
    { name: 'tcp', port: 31400, targetPort: 31400 },
  ]
  const annotations = { 'inject.istio.io/templates': 'gateway' }
  const spec = { serviceAccountName: 'public', containers: [{ name: 'istio-proxy', image: 'auto' }] }
  return [
    address === undefined
      ? object('Deployment', ingress, 'public', {
          selector: { matchLabels: labels },
          template: { metadata: { labels, annotations }, spec },
        })
      : pod(ingress, 'public', labels, spec, address, annotations),
    object('Service', ingress, 'public', { type: 'LoadBalancer', selector: labels, ports }),
    object('Gateway', ingress, 'public', { selector: labels, servers }),
    ...draw.times(1, 3, index => bound(draw, services, hosts, index)),
    ...(tcp === undefined ? [] : [toPort(tcp, 'tcp', 31400)]),
    ...(tls === undefined ? [] : [toPort(tls, 'tls', 8443)]),
  ]
}

function scoped(draw: Draw, host: string): string {
  return draw.percent(80) ? host : `${draw.pick(['*', '.', 'shop'])}/${host}`
}

/** Draws a VirtualService of the gateway, which may delegate requests. */
function bound(
  draw: Draw,
  services: readonly DrawnService[],
  hosts: readonly string[],
  index: number,
): KubernetesObject {
  const home = draw.pick(services)
  const host = draw.pick(hosts)
  const isBelow = host in namesBelow && draw.percent(40)
  // The condition proves that the host is a key.
  const ownNamesBelow = isBelow ? namesBelow[host as keyof typeof namesBelow] : host
  const namespace = draw.percent(70) ? home.namespace : ingress
  const isInMesh = draw.percent(10) && ownNamesBelow !== '*'
  return object('VirtualService', namespace, `public-${index}`, {
    hosts: [ownNamesBelow],
    gateways: ['istio-ingress/public', ...(isInMesh ? ['mesh'] : [])],
    http: drawHttpRoutes(draw, { services, home, isMesh: false, takesClaims: !isInMesh }),
  })
}

function toPort(service: DrawnService, protocol: 'tcp' | 'tls', at: number): KubernetesObject {
  const { port } = service.ports.find(drawnPort => drawnPort.protocol === protocol)!
  const route = [{ destination: { host: service.host, port: { number: port } } }]
  const isTls = protocol === 'tls'
  return object('VirtualService', service.namespace, `through-${service.name}`, {
    hosts: [isTls ? 'through.example.com' : '*'],
    gateways: ['istio-ingress/public'],
    ...(isTls
      ? { tls: [{ match: [{ port: at, sniHosts: ['through.example.com'] }], route }] }
      : { tcp: [{ match: [{ port: at }], route }] }),
  })
}

/** Draws a root VirtualService and the delegates that it names. */
export function drawDelegation(draw: Draw, services: readonly DrawnService[]): readonly KubernetesObject[] {
  if (!draw.percent(20)) return []
  const home = draw.pick(services)
  const context = { services, home, isMesh: true }
  const delegates = draw.times(1, 2, index =>
    object('VirtualService', home.namespace, `${home.name}-delegate-${index}`, {
      http: drawHttpRoutes(draw, context).map(withoutNameClash),
    }),
  )
  const roots = delegates.map(({ metadata }) => ({
    match: [{ uri: drawUri(draw) }],
    delegate: { name: metadata.name, namespace: home.namespace },
  }))
  const root = object('VirtualService', home.namespace, `${home.name}-root`, {
    hosts: [home.host],
    http: [...roots, { route: [{ destination: { host: home.host } }] }],
  })
  return [root, ...delegates]
}

const withoutNameClash = (route: Json): Json => route
