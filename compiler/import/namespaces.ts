import type { Claim } from './claim.ts'
import type { ForeignMesh } from './foreign-mesh.ts'

/** Claims the labels of Namespaces, which hold where the spec has the namespace. A part leaves them to their owners. */
export function claimNamespaces({ model, part }: ForeignMesh): readonly Claim[] {
  if (part !== undefined) return []
  return [...model.namespaces].flatMap(([name, namespace]) => {
    const labels = Object.entries(namespace.labels).filter(([key]) => !writtenLabels.has(key))
    if (name === model.settings.rootNamespace || labels.length === 0) return []
    const path = ['namespaces', name, 'labels']
    return [{ objects: [namespace], fields: [{ path, value: Object.fromEntries(labels) }] }]
  })
}

/** The labels that Kubernetes sets, or that meshc writes for another field. */
const writtenLabels: ReadonlySet<string> = new Set([
  'app.kubernetes.io/managed-by',
  'app.kubernetes.io/part-of',
  'istio-injection',
  'istio.io/rev',
  'kubernetes.io/metadata.name',
])
