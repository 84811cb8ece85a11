import type { Workload } from './model.ts'

/** The annotation of pods that lists the inbound ports that the sidecar does not capture. */
export const bypassAnnotation = 'traffic.sidecar.istio.io/excludeInboundPorts'

/**
 * Tells whether connections reach the application of a workload directly at a port: the pod has no proxy, or its sidecar does not
 * capture the port. See https://istio.io/latest/docs/reference/config/annotations/#SidecarTrafficExcludeInboundPorts
 */
export const isBare = ({ proxy, bypassedPorts }: Workload, port: number): boolean =>
  proxy === 'none' || (proxy === 'sidecar' && bypassedPorts.includes(port))
