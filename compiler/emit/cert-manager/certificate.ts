import type { CertificateSpec } from '../../../schema/generated/certificate.ts'
import type { Certificate, Gateway, Mesh } from '../../mesh/mesh.ts'
import { type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'

/** The certificates of a gateway, in the namespace of its pods, since they read secrets of their own namespace only. */
export const emitCertificates = (mesh: Mesh, gateway: Gateway): readonly Manifest[] =>
  gateway.certificates.flatMap(certificate => emitCertificate(mesh, gateway, certificate))

function emitCertificate(mesh: Mesh, gateway: Gateway, certificate: Certificate): readonly Manifest[] {
  const { issuer, secret, hosts, duration, renewBefore } = certificate
  if (issuer === undefined) return []
  const spec: Sourceable<CertificateSpec> = {
    secretName: secret,
    dnsNames: hosts,
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
