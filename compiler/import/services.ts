import type { Protocol as LanguageProtocol } from '../../schema/protocols.ts'
import { isBare } from '../behavior/is-bare.ts'
import type { Protocol, ServicePort, Workload } from '../behavior/model.ts'
import type { Claim, Field } from './claim.ts'
import type { ForeignMesh, ForeignService } from './foreign-mesh.ts'

/** Claims each Service with its pods: the names, the labels and the ports; and each workload that only calls. */
export const claimServices = ({ services, callers }: ForeignMesh): readonly Claim[] => [
  ...services.map(claimService),
  ...[...callers].map(([key, workload]) => claimCaller(key, workload)),
]

/** A caller has no ports. Its labels are those by which no other workload of its namespace is called. */
const claimCaller = (key: string, workload: Workload): Claim => ({
  objects: [workload],
  fields: [
    { path: ['services', key, 'namespace'], value: workload.namespace },
    ...(workload.labels['app'] === key
      ? []
      : [{ path: ['services', key, 'workload', 'labels'], value: { ...workload.labels } }]),
    ...(workload.serviceAccount === key
      ? []
      : [{ path: ['services', key, 'workload', 'serviceAccount'], value: workload.serviceAccount }]),
  ],
})

function claimService(foreign: ForeignService): Claim {
  const { key, service, serviceAccount } = foreign
  const set = (value: unknown, ...path: readonly string[]): Field => ({
    path: ['services', key, ...path],
    value,
  })
  const { selector } = service
  const hasUsualLabels = Object.keys(selector).length === 1 && selector['app'] === service.name
  return {
    objects: [service],
    fields: [
      ...(key === service.name ? [] : [set(service.name, 'name')]),
      set(service.namespace, 'namespace'),
      ...(service.isHeadless ? [set(true, 'headless')] : []),
      ...(hasUsualLabels ? [] : [set({ ...selector }, 'workload', 'labels')]),
      ...(serviceAccount === service.name ? [] : [set(serviceAccount, 'workload', 'serviceAccount')]),
      ...(isBareService(foreign) ? [set('off', 'workload', 'sidecar')] : []),
      ...claimPorts(foreign, set),
    ],
  }
}

function claimPorts(
  foreign: ForeignService,
  set: (value: unknown, ...path: readonly string[]) => Field,
): readonly Field[] {
  const streams = foreign.service.ports.filter(({ protocol }) => protocol !== 'UDP')
  if (streams.length === 1) return [set(describePort(streams[0]!, foreign), 'port')]
  return streams.map(port => set(describePort(port, foreign), 'ports', namePort(port)))
}

/** The name of a port in the spec. A Service of several ports names each. */
export const namePort = ({ name, number }: ServicePort): string => (name === '' ? `port-${number}` : name)

/** The place of a port of a service in the spec. */
export const findPortPath = ({ key, service }: ForeignService, port: ServicePort): readonly string[] =>
  service.ports.filter(({ protocol }) => protocol !== 'UDP').length === 1
    ? ['services', key, 'port']
    : ['services', key, 'ports', namePort(port)]

function describePort(port: ServicePort, foreign: ForeignService): Readonly<Record<string, unknown>> {
  const target = findContainerPort(port, foreign.pods[0]!)
  return {
    [findProtocol(port)]: port.number,
    ...(target !== port.number && { target }),
    ...(!isBareService(foreign) && isDirectPort(foreign, port) && { sidecar: 'off' }),
  }
}

/** Tells whether no pod of a service has a sidecar. */
export const isBareService = ({ pods }: ForeignService): boolean => pods[0]?.proxy === 'none'

/** Tells whether no pod of a service has a sidecar that captures a port. */
export const isDirectPort = ({ pods }: ForeignService, port: ServicePort): boolean =>
  pods.every(pod => isBare(pod, findContainerPort(port, pod)))

/** The port of the container that a port of the Service leads to. */
export const findContainerPort = ({ targetPort, number }: ServicePort, { ports }: Workload): number =>
  typeof targetPort === 'number' ? targetPort : (ports[targetPort] ?? number)

/** The word of the language for the protocol of a port. Istio finds the protocol of an undeclared one by its bytes. */
function findProtocol({ protocol, name }: Pick<ServicePort, 'protocol' | 'name'>): LanguageProtocol {
  if (protocol === 'TCP' && name.startsWith('postgres')) return 'postgres'
  return protocolWords[protocol]
}

/** Tells whether the language has requests, and limits of them, for a port. */
export const isHttpPort = (port: ServicePort): boolean =>
  ['http', 'http2', 'grpc', 'grpc-web'].includes(findProtocol(port))

const protocolWords: Readonly<Record<Protocol, LanguageProtocol>> = {
  HTTP: 'http',
  HTTP2: 'http2',
  GRPC: 'grpc',
  'GRPC-Web': 'grpc-web',
  HTTPS: 'https',
  TLS: 'tls',
  TCP: 'tcp',
  Mongo: 'mongo',
  Redis: 'redis',
  MySQL: 'mysql',
  UDP: 'tcp',
  HTTP_PROXY: 'http',
  Unsupported: 'http',
}
