import type { Workload } from './model.ts'

/** The annotation of pods that names the ports that the sidecar leaves alone, as they arrive. */
export const bypassAnnotation = 'traffic.sidecar.istio.io/excludeInboundPorts'

/**
 * Tells whether connections reach the application of a workload directly at a port: the pod has no proxy, or its sidecar leaves
 * the port alone. See https://istio.io/latest/docs/reference/config/annotations/#SidecarTrafficExcludeInboundPorts
 */
export const isBare = ({ proxy, bypassedPorts }: Workload, port: number): boolean =>
  proxy === 'none' || (proxy === 'sidecar' && bypassedPorts.includes(port))
