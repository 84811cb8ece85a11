import { listIndex, objectIndex } from '../list-index.ts'
import { memo } from '../memo.ts'
import type { AuthorizationPolicy, AuthorizationRule, JwtRule, Labels, Words, Workload } from '../model.ts'
import type { Unmodelled } from '../result.ts'
import {
  type Arrival,
  type ChangedHeader,
  type HeaderView,
  isPreflight,
  type MadeValue,
  matchMethod,
  type SeenAddress,
} from './arrival-view.ts'
import { all, always, any, type Condition, never, not, unknown } from './condition.ts'
import { matchRule, type PolicyContext } from './rule-condition.ts'
import { getName, hasLabels, type Side } from './side.ts'
import {
  claimSeparator,
  findSentToken,
  isSamePlace,
  listAddressForms,
  listTokenPlaces,
  type PresentToken,
  parseAddressBlock,
  type TokenForm,
} from './token-forms.ts'
import { type Answer, first, leaf, type Tree, type Unknown } from './tree.ts'

/**
 * Builds the tree of a server's policies for what has arrived at it: CUSTOM, the token, DENY, ALLOW, in Istio's order.
 *
 * @param onwards what becomes of what gets through
 * @param isRouted a provider is asked only about what has a route
 */
export function buildServerTree<Leaf>(
  side: Side,
  workload: Workload,
  arrival: Arrival,
  refuse: (answer: Answer) => Leaf | Unknown,
  onwards: Tree<Leaf>,
  isRouted: Condition = always,
): Tree<Leaf> {
  side.noteArrival?.(workload, arrival)
  const policies = side.policiesOf(workload)
  const asked = policies.flatMap(policy =>
    policy.rules.flatMap((rule, index) => listUnclearAddresses(policy, rule, index, arrival)),
  )
  const served = (each: Arrival) => buildTreeAt(side, workload, policies, each, refuse, onwards, isRouted)
  if (asked.length === 0) return served(arrival)
  // The result for a client of unknown address is known if every address gives the same one.
  const blocks = asked.flatMap(({ words }) => words.flatMap(word => parseAddressBlock(word) ?? []))
  const [tree, ...trees] = listAddressForms(blocks).map(address =>
    served({
      ...arrival,
      address: arrival.address ?? address,
      remoteAddress: arrival.remoteAddress ?? address,
    }),
  )
  const somewhere = unknown(asked.map(({ at }) => at))
  return first(
    trees.map(otherTree => [somewhere, otherTree] as const),
    tree!,
  )
}

/** The places of a rule that ask for an address of a client that no manifest says, with the ranges that they ask for. */
function listUnclearAddresses(
  object: AuthorizationPolicy,
  { from, when }: AuthorizationRule,
  index: number,
  { address, remoteAddress }: Arrival,
): readonly { readonly words: readonly string[]; readonly at: Unmodelled }[] {
  const asking = (seen: SeenAddress, { values, notValues }: Words, ...path: readonly (string | number)[]) =>
    seen === undefined && values.length + notValues.length > 0
      ? [{ words: [...values, ...notValues], at: { object, path: ['spec', 'rules', index, ...path] } }]
      : []
  return [
    ...from.flatMap(({ ipBlocks, remoteIpBlocks }, number) => [
      ...asking(address, ipBlocks, 'from', number, 'source', 'ipBlocks'),
      ...asking(remoteAddress, remoteIpBlocks, 'from', number, 'source', 'remoteIpBlocks'),
    ]),
    ...when.flatMap((condition, number) => [
      ...(condition.key === 'source.ip' ? asking(address, condition, 'when', number) : []),
      ...(condition.key === 'remote.ip' ? asking(remoteAddress, condition, 'when', number) : []),
    ]),
  ]
}

function buildTreeAt<Leaf>(
  side: Side,
  workload: Workload,
  policies: readonly AuthorizationPolicy[],
  arrival: Arrival,
  refuse: (answer: Answer) => Leaf | Unknown,
  onwards: Tree<Leaf>,
  isRouted: Condition,
): Tree<Leaf> {
  const { tokenIs, cases } = listTokenCases(side, workload, arrival)
  const { rules } = listJwtRules(side, workload)
  const listed = (claim: string) => {
    const count = rules.filter(({ spaceDelimitedClaims }) => spaceDelimitedClaims.includes(claim)).length
    return count === 0 ? 'none' : count === rules.length ? 'all' : 'some'
  }
  const before: PolicyContext = { settings: side.model.settings, workload, arrival, tokenIs, listed }
  const headers = removeTokenHeaders(side, workload, arrival)
  const context = headers === arrival.headers ? before : { ...before, arrival: { ...arrival, headers } }
  const denied = leaf<Leaf>(refuse(arrival.isHttp ? { verdict: 'DENY', status: 403 } : { verdict: 'DENY' }))
  const policiesWith = (action: AuthorizationPolicy['action']) =>
    policies.filter(policy => policy.action === action)
  const allowing = policiesWith('ALLOW')
  return first<Leaf>(
    [
      ...listCustomCases(side, policiesWith('CUSTOM'), before, isRouted).map(
        condition => [condition, denied] as const,
      ),
      ...cases.map(([condition, answer]) => [condition, leaf<Leaf>(refuse(answer))] as const),
      [any(policiesWith('DENY').map(policy => matches(policy, context))), denied],
      ...(allowing.length === 0
        ? []
        : [[not(any(allowing.map(policy => matches(policy, context)))), denied] as const]),
    ],
    onwards,
  )
}

/** A policy matches if one of its rules does. */
function matches(policy: AuthorizationPolicy, context: PolicyContext): Condition {
  if (policy.unmodelled.length > 0) return unknown(policy.unmodelled)
  const conditions = conditionsAt(context.arrival)
  return any(
    policy.rules.map((rule, index) => {
      const ofRule = conditions.get(rule) ?? new Map<number, Condition>()
      const condition = ofRule.get(index) ?? matchRule(policy, rule, index, context)
      conditions.set(rule, ofRule.set(index, condition))
      return condition
    }),
  )
}

/** The conditions that rules ask of an arrival, by their place in their policy. An arrival is one at one workload. */
const conditionsAt = objectIndex((_: Arrival) => new Map<AuthorizationRule, Map<number, Condition>>())

const isAt = (
  side: Side,
  object: { readonly namespace: string; readonly selector: Labels },
  workload: Workload,
) => object.namespace === workload.namespace || object.namespace === side.model.settings.rootNamespace

/** Matching requests are refused by what the provider answers; by several providers, or one that is not there, always. */
function listCustomCases(
  side: Side,
  policies: readonly AuthorizationPolicy[],
  context: PolicyContext,
  isRouted: Condition,
): readonly Condition[] {
  if (policies.length === 0) return []
  const providers = new Set(policies.map(({ provider }) => provider))
  const matched = any(policies.map(policy => matches(policy, context)))
  const [provider] = providers
  const isThere = side.model.settings.extensionProviders.some(
    ({ name, authorizes }) => name === provider && authorizes,
  )
  if (providers.size > 1 || !isThere) return [matched]
  return [all([isRouted, matched, { kind: 'authorizer', holds: answer => answer === 'deny' }])]
}

/** The rules for tokens that a workload has: one list for all workloads that have the same. */
export function listJwtRules(side: Side, workload: Workload) {
  return side.once(`tokens ${getName(workload)}`, () => {
    const requestAuthentications = side.model.requestAuthentications.filter(
      authentication =>
        authentication.targets.length === 0 &&
        isAt(side, authentication, workload) &&
        hasLabels(workload.labels, authentication.selector),
    )
    const places = requestAuthentications.map(authentication =>
      side.model.requestAuthentications.indexOf(authentication),
    )
    return side.once(`tokens of ${places.join()}`, () => ({
      rules: requestAuthentications.flatMap(({ rules }) => rules),
      unmodelled: requestAuthentications.flatMap(({ unmodelled }) => unmodelled),
    }))
  })
}

/**
 * A token must satisfy a rule that looks for it where it is; where several look, one of them is enough. None at all is fine.
 *
 * See istio pilot/pkg/security/authn/policy_applier.go, convertToEnvoyJwtConfig.
 */
function listTokenCases(
  side: Side,
  workload: Workload,
  arrival: Arrival,
): {
  readonly tokenIs: PolicyContext['tokenIs']
  readonly cases: readonly (readonly [Condition, Answer])[]
} {
  const { rules, unmodelled } = listJwtRules(side, workload)
  if (!arrival.isHttp || rules.length === 0 || !arrival.hasToken) return { tokenIs: () => never, cases: [] }
  const verdict = verdictsBy(rules)
  const tokenHas = (wanted: Verdict): Condition => ({
    kind: 'token',
    rules,
    says: wanted,
    holds: token => verdict(token) === wanted,
  })
  const isAsked = not(all(isPreflight(matchMethod('OPTIONS'), arrival.headers)))
  const unmodelledCases = unmodelled.length > 0 ? [unknown(unmodelled)] : []
  return {
    tokenIs: (says, is) =>
      all([
        isAsked,
        {
          kind: 'token',
          rules,
          says: `accepted ${says}`,
          holds: token => token !== undefined && verdict(token) === 'accepted' && is(token),
        },
      ]),
    cases: [
      [
        all([isAsked, any([tokenHas('refused'), ...unmodelledCases])]),
        { verdict: 'UNAUTHENTICATED', status: 401 },
      ],
      [all([isAsked, tokenHas('audience')]), { verdict: 'UNAUTHENTICATED', status: 403 }],
    ],
  }
}

type Verdict = 'none' | 'accepted' | 'audience' | 'refused'

/** Indexes the verdicts of a server with some rules on tokens. */
const verdictsBy = listIndex((rules: readonly JwtRule[]) => {
  const looking = rules.map(rule => ({ rule, places: listTokenPlaces(rule) }))
  return memo((token: TokenForm): Verdict => {
    if (token === undefined) return 'none'
    const asked = looking.flatMap(({ rule, places }) => {
      const sent = places.flatMap(place => findSentToken(place, token.place) ?? [])
      return sent.length === 0 ? [] : [{ rule, isToken: sent.includes('token') }]
    })
    if (asked.length === 0) return 'none'
    const jwtRules = asked.flatMap(({ rule, isToken }) =>
      isToken && rule.issuer === token.issuer ? [rule] : [],
    )
    const isMeant = (rule: JwtRule) => isMeantFor(rule, token)
    if (token.isValid && jwtRules.some(isMeant)) return 'accepted'
    // The audience is looked at before the signature is.
    return jwtRules.every(isMeant) ? 'refused' : 'audience'
  })
})

/**
 * The tokens that a server takes out of the request after it has accepted them: by the first rule that does, and out of headers
 * only.
 */
export function matchRemovedTokens(side: Side, workload: Workload, arrival: Arrival): Condition {
  const { rules } = listJwtRules(side, workload)
  if (rules.every(({ forwardOriginalToken }) => forwardOriginalToken)) return never
  const { tokenIs } = listTokenCases(side, workload, arrival)
  return tokenIs(
    'taken out',
    token => findAcceptingRule(rules, token)?.forwardOriginalToken === false && token.place.kind === 'header',
  )
}

/** Makes the condition that a server accepts a token. */
export const matchAcceptedToken = (side: Side, workload: Workload, arrival: Arrival): Condition =>
  listTokenCases(side, workload, arrival).tokenIs('', () => true)

/**
 * The headers behind the filter of tokens: what a rule writes is taken from all requests, of preflights as well, and then made
 * of the token that is accepted.
 */
export function removeTokenHeaders(side: Side, workload: Workload, arrival: Arrival): HeaderView {
  const { rules } = listJwtRules(side, workload)
  if (!arrival.isHttp || rules.every(rule => listOutputs(rule).length === 0)) return arrival.headers
  const { tokenIs } = listTokenCases(side, workload, arrival)
  const headers = new Map(arrival.headers)
  for (const rule of rules) for (const { header } of listOutputs(rule)) headers.set(header, nothing)
  for (const [index, rule] of rules.entries()) {
    const accepted = (says: string, is: (token: PresentToken) => boolean) =>
      tokenIs(`accepted by ${index}${says}`, token => findAcceptingRule(rules, token) === rule && is(token))
    const when = accepted('', () => true)
    for (const { header, claim } of listOutputs(rule)) {
      const because = [
        {
          object: side.model.settings.object,
          path: [],
          reason: { code: 'header-of-token-payload' } as const,
        },
      ]
      const value: MadeValue =
        claim === 'iss'
          ? { when, text: rule.issuer }
          : claim === 'aud'
            ? { when: accepted(' with an audience', ({ audience }) => audience !== undefined), because }
            : claim === undefined || ['exp', 'iat'].includes(claim)
              ? { when, because }
              : { when, part: `claim ${claim.split('.').join(claimSeparator)}` }
      headers.set(header, { ...nothing, made: [...(headers.get(header)?.made ?? []), value] })
    }
  }
  return headers
}

const nothing: ChangedHeader = { values: [], isSentToo: false }

/** The headers that a rule writes; without a claim: the whole payload. */
const listOutputs = ({
  outputClaimToHeaders,
  payloadHeader,
}: JwtRule): readonly { readonly header: string; readonly claim: string | undefined }[] => [
  ...outputClaimToHeaders,
  ...(payloadHeader === undefined ? [] : [{ header: payloadHeader, claim: undefined }]),
]

/** The first rule that accepts a token that is valid. */
const findAcceptingRule = (rules: readonly JwtRule[], token: PresentToken): JwtRule | undefined =>
  rules.find(
    rule =>
      rule.issuer === token.issuer &&
      isMeantFor(rule, token) &&
      listTokenPlaces(rule).some(place => isSamePlace(place, token.place)),
  )

const isMeantFor = ({ audiences }: JwtRule, { audience }: PresentToken): boolean =>
  audiences.length === 0 || (audience !== undefined && audiences.includes(audience))
