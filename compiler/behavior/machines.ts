import type { ServicePort, Workload } from './model.ts'

/** Tells whether a workload is a virtual machine, which runs outside of Kubernetes: kube-proxy sends nothing to it. */
export const isMachine = ({ kind }: Pick<Workload, 'kind'>): boolean =>
  kind === 'WorkloadEntry' || kind === 'WorkloadGroup'

/**
 * Finds the port of a workload that a port of a Service leads to. A WorkloadEntry gives numbers to the ports of Services by their
 * names; undefined: istiod leaves it out of the endpoints of the port. See findServiceTargetPort and
 * serviceInstanceFromWorkloadInstance in pilot/pkg/serviceregistry/kube/controller of istio/istio.
 */
export function findTargetPort(
  { targetPort, number, name }: ServicePort,
  workload: Pick<Workload, 'kind' | 'ports'>,
): number | undefined {
  const { ports } = workload
  if (typeof targetPort === 'number') return (isMachine(workload) ? ports[name] : undefined) ?? targetPort
  return ports[targetPort] ?? (isMachine(workload) ? undefined : number)
}
