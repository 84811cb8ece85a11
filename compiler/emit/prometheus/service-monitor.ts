import type { ServiceMonitorSpec } from '../../../schema/generated/service-monitor.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { because, decided } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'

/** Scrapes istiod. */
export function emitServiceMonitor(mesh: Mesh): Manifest {
  const { prometheus } = mesh.observability
  const policy = 'policy:metrics'
  const spec: Sourceable<ServiceMonitorSpec> = {
    jobLabel: 'istio',
    selector: {
      matchExpressions: [{ key: 'istio', operator: 'In', values: ['pilot'] }, ...listTagless(mesh)],
    },
    namespaceSelector: { matchNames: [mesh.istio.namespace] },
    endpoints: [{ port: 'http-monitoring', interval: prometheus.interval }],
  }
  const identity = { name: decided(policy, 'istiod'), namespace: mesh.home, policy } as const
  return makeManifest(
    mesh,
    'ServiceMonitor',
    { ...identity, labels: labelRecord(prometheus.selectorLabels) },
    spec,
  )
}

/** Passes over the Services of tags, which lead to pods that the Service of their revision has, too. */
function listTagless({ istio: { controlPlanes } }: Mesh) {
  const tags = controlPlanes.flatMap(({ tags }) => tags)
  return tags.length === 0
    ? []
    : [because({ key: 'istio.io/tag', operator: 'DoesNotExist' } as const, ...tags)]
}
