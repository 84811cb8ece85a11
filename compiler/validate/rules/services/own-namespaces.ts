import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Istio never injects a sidecar there, and `istioctl analyze` never looks there. */
const systemNamespaces = ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage']

export const ownNamespaces = defineRule<{ namespace: string }>(
  {
    code: 'MESH3007',
    severity: 'error',
    summary: 'No namespace of the mesh is a system namespace of Kubernetes',
    message: p => `\`${p.namespace}\` belongs to Kubernetes: no pod there gets a sidecar`,
    help: () => 'run the workloads of the mesh in another namespace',
  },
  function* ({ namespaces }, report) {
    for (const { name } of namespaces) {
      if (!systemNamespaces.includes(name.value)) continue
      const place = findWrittenPlace(name)
      const isKey = place?.key === name.value
      yield report({ ...placeAt(place!), ...(isKey && { part: 'key' as const }) }, { namespace: name.value })
    }
  },
)
