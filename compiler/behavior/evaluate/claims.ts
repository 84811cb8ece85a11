import type { Token } from '../request.ts'

/** A claim of a token. A text in a claim of `spaceDelimited` is a list of words. */
export function findClaim(token: Token, path: readonly string[], spaceDelimited: readonly string[]): unknown {
  let claim: unknown = listClaims(token)
  for (const key of path) {
    if (typeof claim !== 'object' || claim === null || Array.isArray(claim)) return undefined
    // A claim is JSON, and an object that is no list a map of claims.
    const map = claim as Readonly<Record<string, unknown>>
    claim = Object.hasOwn(map, key) ? map[key] : undefined
  }
  const isWords = path.length === 1 && spaceDelimited.includes(path[0]!) && typeof claim === 'string'
  return isWords ? String(claim).split(' ') : claim
}

const listClaims = (token: Token): Readonly<Record<string, unknown>> => ({
  iss: token.iss,
  ...(token.sub && { sub: token.sub }),
  ...(token.aud !== undefined && token.aud.length > 0 && { aud: token.aud }),
  ...token.claims,
})

/** Tells whether a claim is a text, or a list with a text, that fits; numbers and truth values never do. */
export function claimMatches(claim: unknown, fits: (text: string) => boolean): boolean {
  if (typeof claim === 'string') return fits(claim)
  return Array.isArray(claim) && claim.some(item => typeof item === 'string' && fits(item))
}
