import { isMachine } from '../is-machine.ts'
import { isSubset } from '../is-subset.ts'
import type { Labels, Service, ServiceEndpoint, ServicePort, Workload } from '../model.ts'
import { findPort } from './find-port.ts'
import type { IndexedModel } from './indexed-model.ts'

/** An endpoint that answers for a service on one of its ports. */
export interface Endpoint {
  /** The workload; undefined: outside the mesh, or at an address that no manifest runs anything at. */
  readonly workload: Workload | undefined
  readonly address: string
  readonly port: number
  readonly namespace: string
  readonly labels: Labels
  /** True if its proxy, as far as its labels say, speaks Istio's mutual TLS. */
  readonly speaksMtls: boolean
}

/** The endpoints of a port, of all services that share its host. `subset`: labels that they must have. */
export function listEndpoints(
  indexed: IndexedModel,
  service: Service,
  { number }: ServicePort,
  subsetName: string,
  subset: Labels = {},
): readonly Endpoint[] {
  const key = `endpoints ${service.namespace}/${service.host} ${number}`
  const all = indexed.remember(key, () =>
    (indexed.servicesByKey.get(`${service.namespace}/${service.host}`) ?? []).flatMap(givenService => {
      const port = findPort(givenService, number)
      return port === undefined
        ? []
        : givenService.registry === 'Kubernetes'
          ? listPodEndpoints(indexed, givenService, port)
          : listServiceEntryEndpoints(indexed, givenService, port)
    }),
  )
  return subsetName === '' ? all : all.filter(({ labels }) => isSubset(subset, labels))
}

function listPodEndpoints(indexed: IndexedModel, service: Service, port: ServicePort): readonly Endpoint[] {
  if (Object.keys(service.selector).length === 0) return []
  return (
    indexed
      .workloadsWith(service.namespace, service.selector)
      // Endpoints of a Service without an address are those that Kubernetes knows.
      .filter(workload => !(service.isHeadless && isMachine(workload)))
      .flatMap(workload => {
        const target = findTargetPort(port, workload)
        return target === undefined ? [] : makePodEndpoint(workload, target)
      })
  )
}

/**
 * Finds the port of a workload that a port of a Service leads to. A WorkloadEntry gives numbers to the ports of Services by their
 * names; undefined: istiod leaves it out of the endpoints of the port. See findServiceTargetPort and
 * serviceInstanceFromWorkloadInstance in pilot/pkg/serviceregistry/kube/controller of istio/istio.
 */
function findTargetPort({ targetPort, number, name }: ServicePort, workload: Workload): number | undefined {
  const { ports } = workload
  if (!isMachine(workload)) return typeof targetPort === 'number' ? targetPort : (ports[targetPort] ?? number)
  return typeof targetPort === 'number' ? (ports[name] ?? targetPort) : ports[targetPort]
}

/** The same of a workload that is an endpoint. */
export const resolveTargetPort = (port: ServicePort, workload: Workload): number =>
  findTargetPort(port, workload) ?? port.number

const makePodEndpoint = (workload: Workload, port: number): Endpoint => ({
  workload,
  address: workload.address ?? '',
  port,
  namespace: workload.namespace,
  labels: workload.labels,
  speaksMtls:
    (workload.labels[tlsModeLabel] ?? (workload.proxy === 'sidecar' ? 'istio' : 'disabled')) === 'istio',
})

const tlsModeLabel = 'security.istio.io/tlsMode'

/** See convertServiceEntryToInstances in pilot/pkg/serviceregistry/serviceentry/conversion.go of istio/istio. */
function listServiceEntryEndpoints(
  indexed: IndexedModel,
  service: Service,
  port: ServicePort,
): readonly Endpoint[] {
  const target = typeof port.targetPort === 'number' ? port.targetPort : port.number
  const isSelecting = Object.keys(service.selector).length > 0
  const isDns = ['dns', 'dnsRoundRobin', 'dynamicDns'].includes(service.resolution)
  if (service.endpoints.length === 0 && !isSelecting && isDns)
    return [
      {
        workload: undefined,
        address: service.host,
        port: target,
        namespace: service.namespace,
        labels: {},
        speaksMtls: false,
      },
    ]
  const pods = isSelecting
    ? indexed
        .workloadsWith(service.namespace, service.selector)
        .filter(({ assumed }) => assumed === undefined)
        .map(workload =>
          makePodEndpoint(workload, (isMachine(workload) ? workload.ports[port.name] : undefined) ?? target),
        )
    : []
  return [...service.endpoints.map(entry => makeEntryEndpoint(indexed, entry, port, target)), ...pods]
}

function makeEntryEndpoint(
  indexed: IndexedModel,
  entry: ServiceEndpoint,
  port: ServicePort,
  target: number,
): Endpoint {
  const mode = entry.labels[tlsModeLabel] ?? (entry.serviceAccount ? 'istio' : 'disabled')
  return {
    workload: indexed.workloadByAddress.get(entry.address),
    address: entry.address,
    port: entry.ports[port.name] ?? target,
    namespace: entry.namespace,
    labels: entry.labels,
    speaksMtls: mode === 'istio',
  }
}
