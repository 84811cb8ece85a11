import { makeClaimKey } from '../../mesh/claim-key.ts'
import type { PolicyCondition, Workload } from '../model.ts'
import { nonEmpty, parseWordPattern, plainArrival } from '../symbolic/arrival-view.ts'
import { getClaimPart, matchClaim, type TokenView } from '../symbolic/claim-condition.ts'
import {
  always,
  type Condition,
  negateCondition,
  never,
  requireAll,
  requireAny,
} from '../symbolic/condition.ts'
import type { IndexedModel } from '../symbolic/indexed-model.ts'
import { viewToken } from '../symbolic/server-tree.ts'

/** The condition of a question on the token of requests, in words of policies. No list: no condition. */
export interface AskedToken {
  /** True for requests without an accepted token; then there are no other conditions. */
  readonly isMissing: boolean
  /** The accepted issuers: one of them must have issued the token. */
  readonly issuers: readonly string[]
  /** The claims by their names, each with the accepted values: the claim must have one of them. */
  readonly claims: readonly (readonly [readonly string[], readonly string[]])[]
}

/** Views tokens as the proxies of some workloads know them. */
export const listTokenViews = (indexed: IndexedModel, pods: readonly Workload[]): readonly TokenView[] =>
  pods.filter(({ proxy }) => proxy !== 'none').map(pod => viewToken(indexed, pod, plainArrival))

/** Makes the condition that one of some workloads accepts such a token, or reads no token. */
export const matchToken = (views: readonly TokenView[], token: AskedToken): Condition =>
  views.length === 0 ? isAnyUnread(token) : requireAny(views.map(view => isToken(token, view)))

/** The claims of a registered meaning have one form, and a text with words is a list by nature. */
export const matchPlainClaims = (views: readonly TokenView[], { claims }: AskedToken): Condition =>
  requireAll(
    claims
      .map(([path]) => path)
      .filter(
        ([name = '', ...inner]) =>
          inner.length > 0 ||
          (!['iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti'].includes(name) &&
            !views.some(({ listReadings }) => listReadings(name).some(({ isDelimited }) => isDelimited))),
      )
      .map(path => negateCondition({ kind: 'list', part: getClaimPart(path) })),
  )

function isToken({ isMissing, issuers, claims }: AskedToken, view: TokenView): Condition {
  if (isMissing) return negateCondition(view.tokenIs('', () => true))
  const words = (values: readonly string[]) => values.map(value => parseWordPattern(value, nonEmpty))
  return requireAll([
    issuers.length === 0 ? always : matchClaim(['iss'], words(issuers), view, []),
    ...claims.map(([path, values]) => matchClaim(path, words(values), view, [])),
  ])
}

/** A destination that reads no tokens has accepted no token. */
export const isAnyUnread = (token: AskedToken | undefined): Condition =>
  token === undefined || token.isMissing ? always : never

/**
 * Lists the conditions of a policy on the token. A request has a principal only if its token has a subject, so
 * the condition on the issuer uses the claim `iss`, which each accepted token has.
 */
export function listTokenConditions({ isMissing, issuers, claims }: AskedToken): readonly PolicyCondition[] {
  const issuer = makeClaimKey(['iss'])
  return [
    ...(isMissing ? [{ key: issuer, values: [], notValues: ['*'] }] : []),
    ...(issuers.length === 0 ? [] : [{ key: issuer, values: issuers, notValues: [] }]),
    ...claims.map(([path, values]) => ({ key: makeClaimKey(path), values, notValues: [] })),
  ]
}
