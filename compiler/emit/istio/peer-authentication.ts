import type { PeerAuthenticationSpec } from '../../../schema/generated/peer-authentication.ts'
import type { Mesh, Namespace, Service, SharedMesh } from '../../mesh/mesh.ts'
import { isFirstOfPods, listSharingReasons } from '../../mesh/same-pods.ts'
import { because, decided } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'

const defaultName = 'default'

/** Encryption for the whole mesh. */
export function emitMeshPeerAuthentication(mesh: Mesh): Manifest {
  const policy = 'policy:mesh-wide-mtls'
  const name = decided(policy, defaultName)
  const identity = { name, namespace: mesh.istio.namespace, policy, isMeshWide: true } as const
  return makeManifest(mesh, 'PeerAuthentication', identity, { mtls: { mode: mesh.mtls.map(upperCase) } })
}

/** The encryption of a namespace, even if it equals the mesh's. It so stays as declared if the mesh's changes. */
export function emitNamespacePeerAuthentication(mesh: Mesh, { name, mtls }: Namespace): Manifest {
  const policy = 'policy:mtls-identity'
  const identity = { name: decided(policy, defaultName), namespace: name, policy } as const
  return makeManifest(mesh, 'PeerAuthentication', identity, { mtls: { mode: mtls.map(upperCase) } })
}

/** The ports of a workload that callers without a sidecar may use. Istio counts ports of the container here. */
export function emitPortExceptions(
  mesh: SharedMesh,
  service: Service,
  namespace: Namespace | undefined,
): readonly Manifest[] {
  if (!isFirstOfPods(service)) return []
  const exceptions = service.samePods.flatMap(sharingService =>
    sharingService.ports.flatMap(({ target, mtls }) =>
      mtls === undefined
        ? []
        : [{ target, mtls, shared: sharingService === service ? [] : listSharingReasons(sharingService) }],
    ),
  )
  if (exceptions.length === 0) return []
  const policy = 'policy:mtls-exception'
  const name = service.name.map(name => `${name}.ports`)
  const mode = namespace?.mtls ?? mesh.mtls
  const portLevelMtls = Object.fromEntries(
    exceptions.map(({ target, mtls, shared }) => [
      String(target.value),
      because(
        { mode: mtls.map(word => (word === 'off' ? ('DISABLE' as const) : ('PERMISSIVE' as const))) },
        target,
        ...shared,
      ),
    ]),
  )
  const spec: Sourceable<PeerAuthenticationSpec> = {
    selector: { matchLabels: labelRecord(service.selector) },
    // A policy for a workload replaces the policy of its namespace, so it repeats the rest.
    mtls: { mode: mode.map(upperCase) },
    portLevelMtls,
  }
  const reasons = exceptions.map(({ mtls }) => mtls)
  const identity = { name, namespace: service.namespace, policy, reasons } as const
  return [makeManifest(mesh, 'PeerAuthentication', identity, because(spec, ...reasons))]
}

const upperCase = (mode: 'strict' | 'permissive') =>
  mode === 'strict' ? ('STRICT' as const) : ('PERMISSIVE' as const)
