import type { Mesh, Service } from '../../mesh/mesh.ts'
import { isFirstOfPods } from '../../mesh/same-pods.ts'
import { because } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest, makeManifest } from '../manifest.ts'

/** The tokens a service understands. It asks for none: that is the business of its AuthorizationPolicy. */
export function requestAuthentication(mesh: Mesh, service: Service): readonly Manifest[] {
  const { jwt } = service
  // Services of the same pods understand the same tokens.
  if (jwt === undefined || !isFirstOfPods(service)) return []
  const rule = because(
    {
      issuer: jwt.issuer,
      ...(jwt.audiences.length > 0 && { audiences: jwt.audiences }),
      jwksUri: jwt.jwks,
      ...(jwt.header !== undefined && { fromHeaders: [{ name: jwt.header }] }),
      forwardOriginalToken: jwt.forward,
    },
    jwt.origin,
  )
  const spec = { selector: { matchLabels: labelRecord(service.selector) }, jwtRules: [rule] }
  const policy = 'policy:mtls-identity'
  return [
    makeManifest(
      mesh,
      'RequestAuthentication',
      { name: service.name, namespace: service.namespace, policy },
      spec,
    ),
  ]
}
