import type { JwtHeader, JwtRule } from '../../../schema/generated/request-authentication.ts'
import type { Gateway, Issuer, Jwt, Labels, Mesh, Service, SharedMesh } from '../../mesh/mesh.ts'
import { isFirstOfPods } from '../../mesh/same-pods.ts'
import { areSameProxies } from '../../mesh/same-proxies.ts'
import { because } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'

/** The tokens that a service accepts. It does not require a token: the AuthorizationPolicy does. */
export function requestAuthentication(mesh: SharedMesh, service: Service): readonly Manifest[] {
  const { jwt, name, namespace, selector } = service
  // Services of the same pods understand the same tokens.
  if (jwt === undefined || !isFirstOfPods(service)) return []
  const identity = { name, namespace, policy: 'policy:mtls-identity' } as const
  return [makeManifest(mesh, 'RequestAuthentication', identity, makeSpec(selector, jwt))]
}

/** The tokens that the proxies of a gateway understand. Gateways with the same proxies understand the same ones. */
export function emitGatewayAuthentication(mesh: Mesh, gateway: Gateway): readonly Manifest[] {
  const { jwt, name, workloadNamespace: namespace, selector } = gateway
  const first = mesh.gateways.find(candidate => areSameProxies(candidate, gateway))
  if (jwt === undefined || first !== gateway) return []
  const policy = 'policy:gateway-server'
  const identity = { name: name.map(value => `${value}.gateway`), namespace, policy } as const
  return [makeManifest(mesh, 'RequestAuthentication', identity, makeSpec(selector, jwt))]
}

const makeSpec = (selector: Labels, { issuers }: Jwt) => ({
  selector: { matchLabels: labelRecord(selector) },
  jwtRules: issuers.map(issuer => because(makeRule(issuer), issuer.origin)),
})

function makeRule(issuer: Issuer): Sourceable<JwtRule> {
  const { audiences, header, prefix, parameter, claimHeaders } = issuer
  const place: Sourceable<JwtHeader> | undefined =
    header === undefined && prefix === undefined
      ? undefined
      : { name: header ?? because('authorization', prefix!), ...(prefix !== undefined && { prefix }) }
  return {
    issuer: issuer.issuer,
    ...(audiences.length > 0 && { audiences }),
    jwksUri: issuer.jwks,
    ...(place !== undefined && { fromHeaders: [place] }),
    ...(parameter !== undefined && { fromParams: [parameter] }),
    forwardOriginalToken: issuer.forward,
    ...(claimHeaders.length > 0 && {
      outputClaimToHeaders: claimHeaders.map(([name, claim]) => ({ header: because(name, claim), claim })),
    }),
  }
}
