import { everyAddress, isAddress } from '../address-ranges.ts'
import type { Service, Workload } from '../model.ts'
import type { Request } from '../request.ts'
import type { IndexedModel } from './indexed-model.ts'

/** The destination that a connection is dialled to, before any proxy takes it. */
export type Dialled =
  | { readonly to: 'service'; readonly service: Service }
  | { readonly to: 'pod'; readonly workload: Workload }
  /** A destination outside the mesh. The address is undefined if no manifest has it. */
  | { readonly to: 'elsewhere'; readonly address: string | undefined; readonly host: string }

/** Resolves a host as the caller's DNS does in its namespace; or takes the address that the request names. */
export function resolveDialled(
  indexed: IndexedModel,
  request: Request,
  namespace: string,
  port: number,
): Dialled {
  const { host, ip } = request.to
  const address = ip || (isAddress(host) ? host : undefined)
  if (address !== undefined) return findDialledAddress(indexed, address, host)
  const service = findKubernetesService(indexed, host, namespace)
  if (service !== undefined) {
    if (!service.isHeadless) return { to: 'service', service }
    const [workload] = indexed.workloadsWith(service.namespace, service.selector)
    const hasPort = service.ports.some(({ number }) => number === port)
    return workload === undefined || !hasPort || Object.keys(service.selector).length === 0
      ? { to: 'elsewhere', address: undefined, host }
      : { to: 'pod', workload }
  }
  const pod = findNamedPod(indexed, host, namespace)
  if (pod !== undefined) return { to: 'pod', workload: pod }
  for (const entry of indexed.servicesByHost.get(host.toLowerCase())?.values() ?? []) {
    const [first] = entry.addresses
    const dialled = first === everyAddress ? undefined : first?.split('/', 1)[0]
    return { to: 'elsewhere', address: dialled, host }
  }
  return { to: 'elsewhere', address: undefined, host }
}

function findDialledAddress(indexed: IndexedModel, address: string, host: string): Dialled {
  const service = indexed.serviceByAddress.get(address)
  if (service !== undefined) return { to: 'service', service }
  const workload = indexed.workloadByAddress.get(address)
  return workload === undefined ? { to: 'elsewhere', address, host } : { to: 'pod', workload }
}

/** The pod of a StatefulSet with its own name under a headless Service: `kafka-0.kafka.data.svc.cluster.local`. */
function findNamedPod(indexed: IndexedModel, host: string, namespace: string): Workload | undefined {
  const [, name, domain] = /^([a-z\d-]+)-\d+\.(.+)$/.exec(host.toLowerCase()) ?? []
  const service = domain === undefined ? undefined : findKubernetesService(indexed, domain, namespace)
  if (service?.isHeadless !== true || Object.keys(service.selector).length === 0) return undefined
  return indexed
    .workloadsWith(service.namespace, service.selector)
    .find(workload => workload.kind === 'StatefulSet' && workload.name === name)
}

/** A Service by any of its names, as a pod of a namespace may use them. */
export function findKubernetesService(
  indexed: IndexedModel,
  host: string,
  namespace: string,
): Service | undefined {
  const name = host
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/\.svc(?:\.cluster\.local)?$/, '')
  return indexed.kubernetesServices.get(name.includes('.') ? name : `${name}.${namespace}`)
}
