import type { CertificateSpec } from '../../../schema/generated/certificate.ts'
import type { Gateway, Mesh } from '../../mesh/mesh.ts'
import { type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'

/** The certificate of a gateway, in the namespace of its pods, since they read secrets of their own namespace only. */
export function emitCertificate(mesh: Mesh, gateway: Gateway): readonly Manifest[] {
  const { certificate } = gateway
  if (certificate?.issuer === undefined) return []
  const { issuer, secret, duration, renewBefore } = certificate
  const spec: Sourceable<CertificateSpec> = {
    secretName: secret,
    dnsNames: gateway.hosts,
    issuerRef: { name: issuer.name, kind: issuer.kind, group: 'cert-manager.io' },
    duration,
    renewBefore,
    privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
    usages: ['digital signature', 'server auth'],
  }
  return [
    makeManifest(
      mesh,
      'Certificate',
      { name: secret, namespace: gateway.workloadNamespace, policy: 'policy:certificate' },
      spec,
    ),
  ]
}
