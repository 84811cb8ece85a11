import { weakMemo } from '../../basics/weak-memo.ts'
import { compare } from '../../diagnostics/compare.ts'
import type {
  AuthorizationPolicy,
  AuthorizationRule,
  JwtRule,
  Labels,
  RequestAuthentication,
  Words,
  Workload,
} from '../model.ts'
import { listOverwrittenHeaders } from '../overwritten-headers.ts'
import { getQualifiedName } from '../qualified-name.ts'
import { noAnswerOf } from '../request.ts'
import type { Unmodelled } from '../result.ts'
import {
  type Arrival,
  type ChangedHeader,
  type HeaderView,
  listPreflightConditions,
  type MadeValue,
  matchMethod,
  type SeenAddress,
} from './arrival-view.ts'
import { getClaimPart, noToken, type TokenView } from './claim-condition.ts'
import {
  always,
  type Condition,
  makeUnknownCondition,
  negateCondition,
  never,
  requireAll,
  requireAny,
} from './condition.ts'
import { hasLabels, type IndexedModel } from './indexed-model.ts'
import { matchRule, type PolicyContext } from './rule-condition.ts'
import {
  findSentToken,
  isSamePlace,
  listAddressForms,
  listTokenPlaces,
  type PresentToken,
  parseAddressBlock,
  type TokenForm,
} from './token-forms.ts'
import { type Answer, chooseFirst, makeLeaf, type Tree, type Unknown } from './tree.ts'

/**
 * Builds the tree of a server's policies for an arrived request: CUSTOM, the token, DENY, ALLOW, in Istio's order.
 *
 * @param onwards the fate of a request that gets through
 * @param isRouted a provider checks only requests that have a route
 */
export function buildServerTree<Leaf>(
  indexed: IndexedModel,
  workload: Workload,
  arrival: Arrival,
  refuse: (answer: Answer) => Leaf | Unknown,
  onwards: Tree<Leaf>,
  isRouted: Condition = always,
): Tree<Leaf> {
  indexed.noteArrival?.(workload, arrival)
  const policies = indexed.policiesOf(workload)
  const unclearAddresses = policies.flatMap(policy =>
    policy.rules.flatMap((rule, index) => listUnclearAddresses(policy, rule, index, arrival)),
  )
  const served = (each: Arrival) => buildTreeAt(indexed, workload, policies, each, refuse, onwards, isRouted)
  if (unclearAddresses.length === 0) return served(arrival)
  // The result for a client of unknown address is known if every address gives the same one.
  const blocks = unclearAddresses.flatMap(({ words }) => words.flatMap(word => parseAddressBlock(word) ?? []))
  const [tree, ...trees] = listAddressForms(blocks).map(address =>
    served({
      ...arrival,
      address: arrival.address ?? address,
      remoteAddress: arrival.remoteAddress ?? address,
    }),
  )
  const somewhere = makeUnknownCondition(unclearAddresses.map(({ at }) => at))
  return chooseFirst(
    trees.map(otherTree => [somewhere, otherTree] as const),
    tree!,
  )
}

/** The positions of a rule that have a condition on a client address that no manifest declares, with the ranges of the condition. */
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
  indexed: IndexedModel,
  workload: Workload,
  policies: readonly AuthorizationPolicy[],
  arrival: Arrival,
  refuse: (answer: Answer) => Leaf | Unknown,
  onwards: Tree<Leaf>,
  isRouted: Condition,
): Tree<Leaf> {
  const token = viewToken(indexed, workload, arrival)
  const before: PolicyContext = { settings: indexed.model.settings, workload, arrival, ...token }
  const headers = removeTokenHeaders(indexed, workload, arrival)
  const context = headers === arrival.headers ? before : { ...before, arrival: { ...arrival, headers } }
  const denied = makeLeaf<Leaf>(
    refuse(arrival.isHttp ? { verdict: 'DENY', status: 403 } : { verdict: 'DENY' }),
  )
  const policiesWith = (action: AuthorizationPolicy['action']) =>
    policies.filter(policy => policy.action === action)
  const allowing = policiesWith('ALLOW')
  return chooseFirst<Leaf>(
    [
      ...listCustomCases(indexed, policiesWith('CUSTOM'), before, isRouted, denied),
      ...listTokenCases(indexed, workload, arrival).map(
        ([condition, answer]) => [condition, makeLeaf<Leaf>(refuse(answer))] as const,
      ),
      [requireAny(policiesWith('DENY').map(policy => makePolicyCondition(policy, context))), denied],
      ...(allowing.length === 0
        ? []
        : [
            [
              negateCondition(requireAny(allowing.map(policy => makePolicyCondition(policy, context)))),
              denied,
            ] as const,
          ]),
    ],
    onwards,
  )
}

/** A policy matches if one of its rules does. */
function makePolicyCondition(policy: AuthorizationPolicy, context: PolicyContext): Condition {
  if (policy.unmodelled.length > 0) return makeUnknownCondition(policy.unmodelled)
  const conditions = conditionsAt(context.arrival)
  return requireAny(
    policy.rules.map((rule, index) => {
      const ofRule = conditions.get(rule) ?? new Map<number, Condition>()
      const condition = ofRule.get(index) ?? matchRule(policy, rule, index, context)
      conditions.set(rule, ofRule.set(index, condition))
      return condition
    }),
  )
}

/** The conditions that rules ask of an arrival, by their place in their policy. An arrival is one at one workload. */
const conditionsAt = weakMemo((_: Arrival) => new Map<AuthorizationRule, Map<number, Condition>>())

const isOfNamespaceOrRoot = (
  indexed: IndexedModel,
  object: { readonly namespace: string; readonly selector: Labels },
  workload: Workload,
) => object.namespace === workload.namespace || object.namespace === indexed.model.settings.rootNamespace

/**
 * The answer of the provider decides about matching requests. They are always denied if there are several providers, or the provider
 * is missing.
 */
function listCustomCases<Leaf>(
  indexed: IndexedModel,
  policies: readonly AuthorizationPolicy[],
  context: PolicyContext,
  isRouted: Condition,
  denied: Tree<Leaf>,
): readonly (readonly [Condition, Tree<Leaf>])[] {
  if (policies.length === 0) return []
  const providers = new Set(policies.map(({ provider }) => provider))
  const matched = requireAny(policies.map(policy => makePolicyCondition(policy, context)))
  const [providerName] = providers
  const provider = indexed.model.settings.extensionProviders.find(
    ({ name, authorizes }) => name === providerName && authorizes,
  )
  if (providers.size > 1 || provider === undefined) return [[matched, denied]]
  // Over HTTP, nothing can be asked about bytes.
  if (!context.arrival.isHttp && provider.authorizes === 'http') return []
  const { authorizer, failsOpen } = provider
  const says = (word: string): Condition => ({
    kind: 'authorizer',
    authorizer: word,
    holds: answer => answer === 'deny',
  })
  const refuses = requireAll([
    says(authorizer),
    ...(failsOpen ? [negateCondition(says(noAnswerOf(authorizer)))] : []),
  ])
  const isAsked = requireAll([isRouted, matched])
  const overwritten = listOverwrittenHeaders(indexed.model, context.workload, provider)
  return [
    [requireAll([isAsked, refuses]), denied],
    ...(overwritten.length > 0 ? [[isAsked, makeLeaf<Leaf>({ unknown: overwritten })] as const] : []),
  ]
}

/**
 * The rules for tokens that a workload has, in the order in which Istio writes them: those of its own namespace before those of the
 * root, and then by issuer. All workloads with the same rules share one list.
 */
export function listJwtRules(indexed: IndexedModel, workload: Workload) {
  return indexed.once(`tokens ${getQualifiedName(workload)}`, () => {
    const selected = indexed.model.requestAuthentications.filter(
      authentication =>
        authentication.targets.length === 0 &&
        isOfNamespaceOrRoot(indexed, authentication, workload) &&
        hasLabels(workload.labels, authentication.selector),
    )
    const isLocal = ({ namespace }: RequestAuthentication) => namespace === workload.namespace
    const requestAuthentications = [
      ...selected.filter(isLocal),
      ...selected.filter(authentication => !isLocal(authentication)),
    ]
    const places = requestAuthentications.map(authentication =>
      indexed.model.requestAuthentications.indexOf(authentication),
    )
    return indexed.once(`tokens of ${places.join()}`, () => ({
      rules: requestAuthentications
        .flatMap(({ rules }) => rules)
        .toSorted((a, b) => compare(a.issuer, b.issuer)),
      unmodelled: requestAuthentications.flatMap(({ unmodelled }) => unmodelled),
    }))
  })
}

/**
 * A token must satisfy a rule that reads the place of the token. If several rules read it, one of them is enough. A request without a
 * token passes.
 *
 * See istio pilot/pkg/security/authn/policy_applier.go, convertToEnvoyJwtConfig.
 */
function listTokenCases(
  indexed: IndexedModel,
  workload: Workload,
  arrival: Arrival,
): readonly (readonly [Condition, Answer])[] {
  const { rules, unmodelled } = listJwtRules(indexed, workload)
  if (!readsTokens(rules, arrival)) return []
  const isAsked = asksForTokens(arrival)
  const unmodelledCases = unmodelled.length > 0 ? [makeUnknownCondition(unmodelled)] : []
  const isRead = formIs(rules, 'read', form => form !== undefined && isReadBy(rules, form))
  const isAccepted = requireAny(rules.map((_, index) => isAcceptedBy(rules, index)))
  const isForOthers = requireAny(
    rules.map((rule, index) =>
      requireAll([
        formIs(
          rules,
          `decided by ${index}`,
          form => findDecisiveRule(rules, form) === rule && isOf(rule, form),
        ),
        negateCondition(isMeantFor(rule)),
      ]),
    ),
  )
  const refused = [isAsked, isRead, negateCondition(isAccepted)]
  return [
    [
      requireAll([
        isAsked,
        requireAny([requireAll([...refused, negateCondition(isForOthers)]), ...unmodelledCases]),
      ]),
      { verdict: 'UNAUTHENTICATED', status: 401 },
    ],
    [requireAll([...refused, isForOthers]), { verdict: 'UNAUTHENTICATED', status: 403 }],
  ]
}

/** Views the token of a request as a server knows it behind its filter of tokens. */
export function viewToken(indexed: IndexedModel, workload: Workload, arrival: Arrival): TokenView {
  const { rules } = listJwtRules(indexed, workload)
  if (!readsTokens(rules, arrival)) return noToken
  const isAsked = asksForTokens(arrival)
  const tokenIs: TokenView['tokenIs'] = (says, is) =>
    requireAll([isAsked, requireAny(rules.map((_, index) => isAcceptedBy(rules, index, says, is)))])
  return {
    tokenIs,
    listReadings: claim => {
      const isDelimitedBy = rules.map(({ spaceDelimitedClaims }) => spaceDelimitedClaims.includes(claim))
      const readings = [...new Set(isDelimitedBy)]
      if (readings.length === 1) return [{ when: tokenIs('', () => true), isDelimited: readings[0]! }]
      return readings.map(isDelimited => ({
        when: requireAll([
          isAsked,
          requireAny(
            rules.flatMap((_, index) =>
              isDelimitedBy[index] === isDelimited ? [isFirstAcceptedBy(rules, index)] : [],
            ),
          ),
        ]),
        isDelimited,
      }))
    },
  }
}

const readsTokens = (rules: readonly JwtRule[], { isHttp, hasToken }: Arrival): boolean =>
  isHttp && hasToken && rules.length > 0

/** Makes the condition that a server looks at tokens: it lets preflights pass. */
const asksForTokens = ({ headers }: Arrival): Condition =>
  negateCondition(requireAll(listPreflightConditions(matchMethod('OPTIONS'), headers)))

const formIs = (rules: readonly JwtRule[], says: string, holds: (form: TokenForm) => boolean): Condition => ({
  kind: 'token',
  rules,
  says,
  holds,
})

/** Makes the condition that the rule with a number accepts a token with a property. */
function isAcceptedBy(
  rules: readonly JwtRule[],
  index: number,
  says = '',
  is: (token: PresentToken) => boolean = () => true,
): Condition {
  const rule = rules[index]!
  return requireAll([
    formIs(
      rules,
      `accepted by ${index} ${says}`,
      form => form?.isValid === true && isOf(rule, form) && is(form),
    ),
    isMeantFor(rule),
  ])
}

/** Tells whether any rule reads a text at the place of a token. */
const isReadBy = (rules: readonly JwtRule[], { place }: PresentToken): boolean =>
  rules.some(rule => indexTokenPlaces(rule).some(looked => findSentToken(looked, place) !== undefined))

/**
 * Finds the rule whose error a refused token gets: the first that reads its place, unless the issuer is unknown to that rule; then
 * the last that finds another error. Each rule compares the audience before the signature.
 *
 * See AnyVerifierImpl and AllVerifierImpl in source/extensions/filters/http/jwt_authn/verifier.cc of envoyproxy/envoy.
 */
function findDecisiveRule(rules: readonly JwtRule[], form: TokenForm): JwtRule | undefined {
  if (form === undefined) return undefined
  const readers = rules.flatMap(rule => {
    const texts = indexTokenPlaces(rule).map(looked => findSentToken(looked, form.place))
    if (texts.every(text => text === undefined)) return []
    return [{ rule, knows: rule.issuer === form.issuer || texts.includes('other text') }]
  })
  const [first] = readers
  return first === undefined || first.knows ? first?.rule : readers.findLast(({ knows }) => knows)?.rule
}

/** Tells whether a token has the issuer of a rule and is at a place that the rule reads. */
const isOf = (rule: JwtRule, form: TokenForm): boolean =>
  form !== undefined &&
  rule.issuer === form.issuer &&
  indexTokenPlaces(rule).some(place => isSamePlace(place, form.place))

const indexTokenPlaces = weakMemo(listTokenPlaces)

/** Makes the condition that a token is for the audiences of a rule. */
const isMeantFor = ({ audiences }: JwtRule): Condition =>
  audiences.length === 0
    ? always
    : {
        kind: 'item',
        part: audiencePart,
        patterns: audiences.map(value => ({ match: 'exact', value })),
        isDelimited: false,
      }

/**
 * The tokens that a server takes out of the request after it has accepted them: by the first rule that does, and out of headers
 * only.
 */
export function matchRemovedTokens(indexed: IndexedModel, workload: Workload, arrival: Arrival): Condition {
  const { rules } = listJwtRules(indexed, workload)
  if (!readsTokens(rules, arrival)) return never
  const removed = rules.flatMap((rule, index) =>
    rule.forwardOriginalToken
      ? []
      : [isFirstAcceptedBy(rules, index, 'in a header', ({ place }) => place.kind === 'header')],
  )
  return removed.length === 0 ? never : requireAll([asksForTokens(arrival), requireAny(removed)])
}

/** Makes the condition that the rule with a number is the first that accepts a token. */
const isFirstAcceptedBy = (
  rules: readonly JwtRule[],
  index: number,
  says?: string,
  is?: (token: PresentToken) => boolean,
): Condition =>
  requireAll([
    isAcceptedBy(rules, index, says, is),
    negateCondition(requireAny(rules.slice(0, index).map((_, earlier) => isAcceptedBy(rules, earlier)))),
  ])

/**
 * The headers after the token filter. The filter removes a header that a rule sets from all requests, preflights too, and then sets
 * it from the accepted token.
 */
export function removeTokenHeaders(indexed: IndexedModel, workload: Workload, arrival: Arrival): HeaderView {
  const { rules } = listJwtRules(indexed, workload)
  if (!arrival.isHttp || rules.every(rule => listOutputs(rule).length === 0)) return arrival.headers
  const headers = new Map(arrival.headers)
  for (const rule of rules) for (const { header } of listOutputs(rule)) headers.set(header, unsentHeader)
  for (const [index, rule] of rules.entries()) {
    const when = arrival.hasToken
      ? requireAll([asksForTokens(arrival), isFirstAcceptedBy(rules, index)])
      : never
    for (const { header, claim } of listOutputs(rule)) {
      const because = [
        {
          object: indexed.model.settings.object,
          path: [],
          reason: { code: 'header-of-token-payload' } as const,
        },
      ]
      const value: MadeValue =
        claim === 'iss'
          ? { when, text: rule.issuer }
          : claim === 'aud'
            ? { when: requireAll([when, hasAudience]), because }
            : claim === undefined || ['exp', 'iat'].includes(claim)
              ? { when, because }
              : {
                  when,
                  part: getClaimPart(claim.split('.')),
                  because: claim === 'sub' || claim === 'jti' ? undefined : because,
                }
      headers.set(header, { ...unsentHeader, made: [...(headers.get(header)?.made ?? []), value] })
    }
  }
  return headers
}

const unsentHeader: ChangedHeader = { values: [], isSentToo: false }

/** The headers that a rule writes; without a claim: the whole payload. */
const listOutputs = ({
  outputClaimToHeaders,
  payloadHeader,
}: JwtRule): readonly { readonly header: string; readonly claim: string | undefined }[] => [
  ...outputClaimToHeaders,
  ...(payloadHeader === undefined ? [] : [{ header: payloadHeader, claim: undefined }]),
]

const audiencePart = getClaimPart(['aud'])

const hasAudience: Condition = {
  kind: 'item',
  part: audiencePart,
  patterns: [{ match: 'present' }],
  isDelimited: false,
}
