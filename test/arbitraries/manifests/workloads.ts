import type { Draw } from './draw.ts'
import { type Json, type KubernetesObject, type Labels, object } from './kubernetes-object.ts'

/** A port of a Service. */
interface DrawnPort {
  readonly name?: string
  readonly appProtocol?: string
  readonly port: number
  readonly targetPort: number | string
  /** The protocol that Istio reads from the name. */
  readonly protocol: 'http' | 'tcp' | 'tls' | 'sniffed'
}

/** A Service with its Deployments. */
export interface DrawnService {
  readonly name: string
  readonly namespace: string
  readonly host: string
  readonly serviceAccount: string
  readonly versions: readonly string[]
  readonly ports: readonly DrawnPort[]
  readonly isHeadless: boolean
}

/** The namespaces of the workloads. The last has no sidecars, unless a pod asks for one. */
export const namespaces = ['shop', 'web', 'data', 'legacy'] as const
export const rootNamespace = 'istio-system'

const names = [
  'cart',
  'orders',
  'reviews',
  'ratings',
  'search',
  'ledger',
  'mail',
  'stock',
  'users',
  'audit',
] as const
const httpPort: DrawnPort = { name: 'http', port: 80, targetPort: 8080, protocol: 'http' }
const portLists: readonly (readonly DrawnPort[])[] = [
  [httpPort],
  [{ name: 'http', port: 8080, targetPort: 8080, protocol: 'http' }],
  [httpPort, { name: 'http-admin', port: 9090, targetPort: 9090, protocol: 'http' }],
  [httpPort, { name: 'tcp', port: 5432, targetPort: 5432, protocol: 'tcp' }],
  [{ name: 'http', port: 8080, targetPort: 'main', protocol: 'http' }],
  [{ name: 'main', appProtocol: 'http', port: 8080, targetPort: 7070, protocol: 'http' }],
  [{ name: 'grpc', port: 9000, targetPort: 9000, protocol: 'http' }],
  [{ name: 'tcp-db', port: 5432, targetPort: 5432, protocol: 'tcp' }],
  [{ name: 'tls', port: 8443, targetPort: 8443, protocol: 'tls' }],
  [{ name: 'web', port: 80, targetPort: 8080, protocol: 'sniffed' }],
]
const portWeights = [0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9]

export const namespaceObjects: readonly KubernetesObject[] = [
  ...namespaces.map(name => namespace(name, name === 'legacy' ? {} : { 'istio-injection': 'enabled' })),
  namespace('istio-ingress', { 'istio-injection': 'enabled' }),
  namespace(rootNamespace, {}),
]

function namespace(name: string, labels: Labels): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
}

export function drawServices(draw: Draw, most: number): readonly DrawnService[] {
  const services = draw.times(Math.ceil(most / 2), most, (): DrawnService => {
    const name = draw.pick(names)
    const namespace = draw.pick(namespaces)
    return {
      name,
      namespace,
      host: `${name}.${namespace}.svc.cluster.local`,
      serviceAccount: draw.percent(80) ? name : 'shared',
      versions: draw.pick([['v1'], ['v1'], ['v1', 'v2'], ['v1', 'v2', 'v3']]),
      ports: portLists[draw.pick(portWeights)]!,
      isHeadless: draw.percent(5),
    }
  })
  return [...new Map(services.map(service => [service.host, service])).values()]
}

/** Makes the Service and its workloads, one for each version: Deployments, or pods from this address on. */
export function workloadObjects(
  draw: Draw,
  service: DrawnService,
  address: number | undefined,
): readonly KubernetesObject[] {
  const { name, namespace, serviceAccount, versions, ports, isHeadless } = service
  const withoutSidecar = namespace !== 'legacy' && draw.percent(5)
  const withSidecar = namespace === 'legacy' && draw.percent(40)
  const containerPorts = ports.map(({ targetPort }) =>
    typeof targetPort === 'string'
      ? { name: targetPort, containerPort: 8080 }
      : { containerPort: targetPort },
  )
  const { containerPort: bypassed } = draw.pick(containerPorts)
  const annotations = draw.percent(8) && {
    'traffic.sidecar.istio.io/excludeInboundPorts': `${bypassed}`,
    ...(versions.length === 1 && { 'traffic.sidecar.istio.io/excludeOutboundPorts': `${bypassed}, 5432` }),
  }
  const workloads = versions.map((version, index) => {
    const labels = {
      app: name,
      version,
      ...(withoutSidecar && { 'sidecar.istio.io/inject': 'false' }),
      ...(withSidecar && { 'sidecar.istio.io/inject': 'true' }),
    }
    const spec = { serviceAccountName: serviceAccount, containers: [{ name: 'app', ports: containerPorts }] }
    if (address !== undefined)
      return pod(namespace, `${name}-${version}`, labels, spec, address + index, annotations || undefined)
    return object('Deployment', namespace, `${name}-${version}`, {
      selector: { matchLabels: { app: name, version } },
      template: { metadata: { labels, ...(annotations && { annotations }) }, spec },
    })
  })
  const spec = {
    ...(isHeadless && { clusterIP: 'None' }),
    selector: { app: name },
    ports: ports.map(({ protocol: _, ...port }) => port),
  }
  return [object('Service', namespace, name, spec), ...workloads]
}

/** Makes a pod with its own address. */
export function pod(
  namespace: string,
  name: string,
  labels: Labels,
  spec: Json,
  address: number,
  annotations?: Labels,
): KubernetesObject {
  const status = { podIP: `10.245.0.${address}` }
  const metadata = { name, namespace, labels, ...(annotations && { annotations }) }
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec, status }
}
