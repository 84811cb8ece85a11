import type { ClaimPath } from './mesh.ts'

/**
 * Makes the key by which a condition of a policy asks for a claim: `request.auth.claims[group][id]`.
 *
 * See https://istio.io/latest/docs/reference/config/security/conditions/
 */
export const makeClaimKey = (path: ClaimPath): string =>
  `request.auth.claims${path.map(name => `[${name}]`).join('')}`
