import type { PodMonitorSpec } from '../../../schema/generated/pod-monitor.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { decided } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'

/**
 * Scrapes every proxy, of sidecars and gateways, in every namespace of the mesh. The port of the proxy's own metrics
 * takes no part in mTLS. See https://istio.io/latest/docs/ops/integrations/prometheus/
 */
export function emitPodMonitor(mesh: Mesh): readonly Manifest[] {
  if (mesh.namespaces.length === 0) return []
  const { prometheus } = mesh.observability
  const policy = 'policy:metrics'
  const spec: Sourceable<PodMonitorSpec> = {
    jobLabel: 'envoy-stats',
    selector: { matchExpressions: [{ key: 'istio-prometheus-ignore', operator: 'DoesNotExist' }] },
    namespaceSelector: { matchNames: mesh.namespaces.map(({ name }) => name) },
    podMetricsEndpoints: [
      {
        port: 'http-envoy-prom',
        path: '/stats/prometheus',
        interval: prometheus.interval,
        relabelings: [
          { action: 'keep', sourceLabels: ['__meta_kubernetes_pod_container_name'], regex: 'istio-proxy' },
          { action: 'replace', sourceLabels: ['__meta_kubernetes_namespace'], targetLabel: 'namespace' },
          { action: 'replace', sourceLabels: ['__meta_kubernetes_pod_name'], targetLabel: 'pod_name' },
        ],
      },
    ],
  }
  const identity = { name: decided(policy, 'envoy-stats'), namespace: mesh.home, policy } as const
  return [
    makeManifest(mesh, 'PodMonitor', { ...identity, labels: labelRecord(prometheus.selectorLabels) }, spec),
  ]
}
