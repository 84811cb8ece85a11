import type { Pattern } from '../model.ts'
import type { Unmodelled } from '../result.ts'
import {
  type ClaimPart,
  type Condition,
  makeTextCondition,
  makeUnknownCondition,
  never,
  requireAll,
  requireAny,
} from './condition.ts'
import { matchesText } from './diagrams/atoms.ts'
import { makePatternKey } from './diagrams/pattern.ts'
import { claimSeparator, type PresentToken } from './token-forms.ts'

/** The facts that a proxy knows about the token of a request. */
export interface TokenView {
  /**
   * Makes the condition that the proxy has accepted a token with a property. `says`: the key of the property; equal properties have
   * equal keys.
   */
  readonly tokenIs: (says: string, is: (token: PresentToken) => boolean) => Condition
  /** Lists the cases in which the proxy has accepted a token, by whether it takes a claim that is a text for a list of words. */
  readonly listReadings: (
    claim: string,
  ) => readonly { readonly when: Condition; readonly isDelimited: boolean }[]
}

/** A proxy that has accepted no token, or reads no tokens. */
export const noToken: TokenView = { tokenIs: () => never, listReadings: () => [] }

/**
 * Makes the condition that the proxy has accepted a token with a claim that one of the patterns matches. The claim is a matching
 * text, or a list that contains one.
 *
 * @param path the names of a claim, and of claims within it
 * @param because the position of the condition, for an unknown answer
 */
export function matchClaim(
  path: readonly string[],
  patterns: readonly Pattern[],
  { tokenIs, listReadings }: TokenView,
  because: readonly Unmodelled[],
): Condition {
  const [name] = path
  if (name === undefined) return makeUnknownCondition(because)
  if (path.length === 1) {
    if (name === 'iss')
      return tokenIs(`issuer ${patterns.map(makePatternKey).join(' ')}`, ({ issuer }) =>
        patterns.some(pattern => matchesText(pattern, issuer) === true),
      )
    // Envoy refuses a token in which these are not numbers, or not texts.
    if (['exp', 'iat', 'nbf'].includes(name)) return never
    if (['sub', 'jti'].includes(name))
      return requireAll([
        tokenIs('', () => true),
        requireAny(patterns.map(pattern => makeTextCondition(`claim ${name}`, pattern))),
      ])
  }
  const item = { kind: 'item', part: getClaimPart(path), patterns } as const
  if (path.length > 1) return requireAll([tokenIs('', () => true), { ...item, isDelimited: false }])
  return requireAny(
    listReadings(name).map(({ when, isDelimited }) => requireAll([when, { ...item, isDelimited }])),
  )
}

/** The part of requests that a claim is. */
export const getClaimPart = (path: readonly string[]): ClaimPart => `claim ${path.join(claimSeparator)}`
