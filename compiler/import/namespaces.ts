import type { Claim } from './claim.ts'
import { type ForeignMesh, findOtherRevision } from './foreign-mesh.ts'

/**
 * Claims the labels of Namespaces, which apply if the spec has the namespace, and the revisions of namespaces that differ from the
 * others. A spec for a part of the mesh leaves the labels to their owners.
 */
export function claimNamespaces(mesh: ForeignMesh): readonly Claim[] {
  const { model, part } = mesh
  const names = [...model.namespaces.keys()].filter(name => name !== model.settings.rootNamespace)
  const revisions = names.flatMap((name): readonly Claim[] => {
    const value = findOtherRevision(mesh, name)
    if (value === undefined || part?.has(name) === false) return []
    return [{ objects: [], fields: [{ path: ['namespaces', name, 'revision'], value }] }]
  })
  if (part !== undefined) return revisions
  const labelled = names.flatMap((name): readonly Claim[] => {
    const namespace = model.namespaces.get(name)!
    const labels = Object.entries(namespace.labels).filter(([key]) => !writtenLabels.has(key))
    if (labels.length === 0) return []
    const path = ['namespaces', name, 'labels']
    return [{ objects: [namespace], fields: [{ path, value: Object.fromEntries(labels) }] }]
  })
  return [...revisions, ...labelled]
}

/** The labels that Kubernetes sets, or that meshc emits for another field. */
const writtenLabels: ReadonlySet<string> = new Set([
  'app.kubernetes.io/managed-by',
  'app.kubernetes.io/part-of',
  'istio-injection',
  'istio.io/rev',
  'kubernetes.io/metadata.name',
])
