import type { Mesh, Namespace } from '../../mesh/mesh.ts'
import { decided } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest, namespaceManifest } from '../manifest.ts'

/** A namespace with exactly one injection label: that of the default revision, or the revision's. */
export function namespace(mesh: Mesh, { name, labels }: Namespace): Manifest {
  const { revision } = mesh.istio
  const injection =
    revision === undefined
      ? { 'istio-injection': decided('policy:injection', 'enabled') }
      : { 'istio.io/rev': revision }
  return namespaceManifest(mesh, name, { ...injection, ...labelRecord(labels) })
}
