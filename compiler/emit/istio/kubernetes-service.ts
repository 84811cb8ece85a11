import type { Decision } from '../../mesh/decisions.ts'
import type { Service, SharedMesh } from '../../mesh/mesh.ts'
import { getAppProtocol } from '../../mesh/port.ts'
import { because, type Sourced } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest, makeManifest } from '../manifest.ts'

/** Emits the Kubernetes Service of a service that no application in the cluster brings. */
export function emitKubernetesService(
  mesh: SharedMesh,
  { name, namespace, selector, ports }: Service,
  policy: Decision,
  reasons: readonly Sourced<unknown>[],
): Manifest {
  const spec = {
    selector: labelRecord(selector),
    ports: ports.map(port => ({
      name: port.name,
      port: port.number,
      targetPort: port.target,
      appProtocol: getAppProtocol(port),
    })),
  }
  return makeManifest(mesh, 'Service', { name, namespace, policy, reasons }, because(spec, ...reasons))
}
