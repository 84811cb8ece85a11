import type { Mesh, Namespace } from '../../mesh/mesh.ts'
import { because } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest, makeNamespaceManifest } from '../manifest.ts'

/**
 * A namespace with exactly one injection label: that of the default revision, or the revision's. If injection is off, a label sets
 * this: otherwise a label that an operator has set by hand would stay, and istioctl would report a missing label (IST0102).
 */
export const emitNamespace = (mesh: Mesh, namespace: Namespace): Manifest =>
  makeNamespaceManifest(mesh, namespace.name, {
    ...injectionLabel(namespace),
    ...labelRecord(namespace.labels),
  })

function injectionLabel({ injection, revision }: Namespace) {
  if (injection.value === 'off')
    return { 'istio-injection': because('disabled', injection, 'policy:injection') }
  return revision === undefined
    ? { 'istio-injection': because('enabled', injection, 'policy:injection') }
    : { 'istio.io/rev': because(revision, injection) }
}
