import type { Allow, Issuer, Service } from './mesh.ts'
import type { Sourced } from './sourced.ts'

type TokenDemand = Pick<Allow, 'jwtRequired' | 'issuers' | 'claims'>

/** Tells whether a rule lets no request without a token pass. */
export const requiresToken = ({ jwtRequired, issuers, claims }: TokenDemand): boolean =>
  jwtRequired !== undefined || issuers.length > 0 || claims.length > 0

/** Lists the issuers whose tokens a rule accepts: those that it names, or all that the service accepts. */
export function listRequiredIssuers(
  { jwt }: Pick<Service, 'jwt'>,
  allow: TokenDemand,
): readonly (readonly [Issuer, readonly Sourced<unknown>[]])[] {
  if (jwt === undefined || !requiresToken(allow)) return []
  if (allow.issuers.length > 0)
    return allow.issuers.flatMap(name =>
      jwt.issuers.filter(issuer => issuer.name === name.value).map(issuer => [issuer, [name]] as const),
    )
  const reasons =
    allow.jwtRequired === undefined ? allow.claims.flatMap(([, values]) => values) : [allow.jwtRequired]
  return jwt.issuers.map(issuer => [issuer, reasons] as const)
}
