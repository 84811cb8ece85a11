import { weakMemo } from '../../basics/weak-memo.ts'
import { compare } from '../../diagnostics/compare.ts'
import { isInRange, listAddressesAround } from '../address-ranges.ts'
import { parseBracketedPath } from '../claim-path.ts'
import type {
  AuthorizationPolicy,
  AuthorizationRule,
  ExtensionProvider,
  PolicyCondition,
  Words,
  Workload,
} from '../model.ts'
import { listOverwrittenHeaders } from '../overwritten-headers.ts'
import { type AuthorizerAnswers, noAnswerOf } from '../request.ts'
import type { At, Step, Unmodelled } from '../result.ts'
import { type Certainty, holdsForEvery, holdsForSome, isKnown, negateCertainty } from './certainty.ts'
import { claimMatches, findClaim } from './claims.ts'
import type { IndexedModel } from './indexed-model.ts'
import { listHeaderValues, type Message } from './message.ts'
import { dropQuery } from './paths.ts'
import {
  compileExpression,
  makeMatcher,
  matchesPattern,
  parsePathPattern,
  parsePolicyPattern,
  quotePattern,
} from './patterns.ts'
import { selectRules } from './rule-index.ts'
import type { VerifiedToken } from './token.ts'

/** The input that policies see of a connection and, over HTTP, of a request in it. */
export interface PolicyInput {
  /** The identity of the peer, `spiffe://…`; undefined: the peer has shown no certificate. */
  readonly peer: string | undefined
  /** The addresses of the peer and of the original client; undefined: no manifest has the address. */
  readonly sourceAddress: string | undefined
  readonly remoteAddress: string | undefined
  /** The address that was connected to. */
  readonly destinationAddress: string | undefined
  readonly port: number
  readonly sni: string
  /** The message; undefined: the connection is not taken for HTTP. */
  readonly message: Message | undefined
  readonly claims: VerifiedToken | undefined
}

interface PolicyDecision {
  readonly verdict: 'pass' | 'deny' | Unmodelled
  /** The policy in Envoy's form: `ns[…]-policy[…]-rule[…]`; `none`: no ALLOW rule matched. */
  readonly policy?: string
  readonly steps: readonly Step[]
}

/**
 * Decides DENY policies, then ALLOW policies. See pilot/pkg/security/authz/builder/builder.go of istio/istio. If no manifest has the
 * address of the client, there is a decision only if it is the same for every address.
 */
export function authorize(indexed: IndexedModel, workload: Workload, input: PolicyInput): PolicyDecision {
  const decision = decide(indexed, workload, input)
  if (typeof decision.verdict === 'string') return decision
  if (input.sourceAddress !== undefined && input.remoteAddress !== undefined) return decision
  const [first, ...policyDecisions] = listAddressesAround(rangesAt(indexed, workload)).map(address =>
    decide(indexed, workload, {
      ...input,
      sourceAddress: input.sourceAddress ?? address,
      remoteAddress: input.remoteAddress ?? address,
    }),
  )
  const isAlike = first !== undefined && policyDecisions.every(({ verdict }) => verdict === first.verdict)
  if (!isAlike || typeof first.verdict !== 'string') return decision
  const { policy, ...whoever } = first
  return policy !== undefined && policyDecisions.every(policyDecision => policyDecision.policy === policy)
    ? first
    : whoever
}

/** The ranges of addresses that the policies of a workload ask for. */
const rangesAt = (indexed: IndexedModel, workload: Workload): readonly string[] =>
  indexed
    .authorizationPoliciesOf(workload)
    .flatMap(({ rules }) =>
      rules.flatMap(({ from, when }) =>
        [
          ...from.flatMap(({ ipBlocks, remoteIpBlocks }) => [ipBlocks, remoteIpBlocks]),
          ...when.filter(({ key }) => key === 'source.ip' || key === 'remote.ip'),
        ].flatMap(({ values, notValues }) => [...values, ...notValues]),
      ),
    )

function decide(indexed: IndexedModel, workload: Workload, input: PolicyInput): PolicyDecision {
  const { deny, allow } = groupByAction(indexed.authorizationPoliciesOf(workload))
  const steps: Step[] = []
  const denied = findMatchedRule(indexed, deny, input)
  if (denied.matched !== undefined) {
    const step: Step = { step: 'deny policy', says: 'refused: a rule matches', at: [denied.matched.at] }
    return { verdict: 'deny', policy: denied.matched.name, steps: [step] }
  }
  if (denied.unknown !== undefined) steps.push(makeUnknownStep('deny policy', denied.unknown))
  else if (deny.length > 0)
    steps.push({ step: 'deny policy', says: 'no rule matches', at: deny.map(placePolicy) })
  if (allow.length === 0) return { verdict: denied.unknown ?? 'pass', steps }
  const { matched, unknown } = findMatchedRule(indexed, allow, input)
  if (denied.unknown !== undefined && (matched !== undefined || unknown !== undefined))
    return { verdict: denied.unknown, steps }
  if (matched !== undefined)
    return {
      verdict: 'pass',
      policy: matched.name,
      steps: [...steps, { step: 'allow policy', says: 'a rule matches', at: [matched.at] }],
    }
  if (unknown !== undefined)
    return { verdict: unknown, steps: [...steps, makeUnknownStep('allow policy', unknown)] }
  const step: Step = { step: 'allow policy', says: 'refused: no rule matches', at: allow.map(placePolicy) }
  // Every alternative denies the request.
  const policy = denied.unknown === undefined ? { policy: 'none' } : {}
  return { verdict: 'deny', ...policy, steps: [...steps, step] }
}

const groupByAction = weakMemo((policies: readonly AuthorizationPolicy[]) => ({
  deny: policies.filter(({ action, isDryRun }) => action === 'DENY' && !isDryRun),
  allow: policies.filter(({ action, isDryRun }) => action === 'ALLOW' && !isDryRun),
  custom: policies.filter(({ action }) => action === 'CUSTOM'),
}))

/**
 * Decides CUSTOM policies, before tokens are verified. Envoy asks the provider about a matching request; the request has the
 * provider's answer. Envoy does not ask about a request without a route, and denies at once if Istio finds no provider. See
 * extauthz.go beside builder.go.
 */
export function authorizeCustom(
  indexed: IndexedModel,
  workload: Workload,
  input: PolicyInput,
  answers: AuthorizerAnswers,
  isRouted = true,
): PolicyDecision {
  const { custom: policies } = groupByAction(indexed.authorizationPoliciesOf(workload))
  if (policies.length === 0) return { verdict: 'pass', steps: [] }
  const names = [...new Set(policies.map(({ provider }) => provider ?? ''))].toSorted(compare)
  const steps: Step[] = []
  for (const name of names) {
    const provider = indexed.model.settings.extensionProviders.find(
      extensionProvider => extensionProvider.name === name,
    )
    const isBad = names.length > 1 || provider?.authorizes === undefined
    if (!isBad && !isRouted) continue
    const answer = provider === undefined ? 'deny' : getAuthorizerAnswer(answers, provider)
    if (!isBad && input.message === undefined && provider.authorizes === 'http') continue
    const ofProvider = policies.filter(policy => (policy.provider ?? '') === name)
    // A dry-run policy is put to the provider all the same.
    const authorizationPolicies = isBad ? ofProvider.filter(({ isDryRun }) => !isDryRun) : ofProvider
    const { matched, unknown } = findMatchedRule(indexed, authorizationPolicies, input)
    if (matched === undefined && unknown !== undefined) {
      steps.push(makeUnknownStep('custom policy', unknown))
      // If the provider allows the request, the result is the same whether Envoy asks it or not.
      if (
        !isBad &&
        answer === 'allow' &&
        listOverwrittenHeaders(indexed.model, workload, provider).length === 0
      )
        continue
      return { verdict: unknown, steps }
    }
    if (matched === undefined) {
      steps.push({
        step: 'custom policy',
        says: 'no rule matches',
        at: authorizationPolicies.map(placePolicy),
      })
      continue
    }
    const says = isBad
      ? names.length > 1
        ? 'refused: policies of a workload name several providers'
        : `refused: there is no provider ${name} that authorizes`
      : answer === 'deny'
        ? `refused by ${name}`
        : `${name} allows it`
    const step: Step = {
      step: 'custom policy',
      says,
      at: [matched.at],
      ...(!isBad && { asks: { name, authorizer: provider!.authorizer } }),
    }
    if (isBad || answer === 'deny')
      return {
        verdict: 'deny',
        ...(isBad && { policy: `istio-ext-authz-${name}-${matched.name}-deny-due-to-bad-CUSTOM-action` }),
        steps: [...steps, step],
      }
    steps.push(step)
    const [overwritten] =
      input.message === undefined ? [] : listOverwrittenHeaders(indexed.model, workload, provider!)
    if (overwritten !== undefined) return { verdict: overwritten, steps }
  }
  return { verdict: 'pass', steps }
}

function getAuthorizerAnswer(
  answers: AuthorizerAnswers,
  { authorizer, failsOpen }: ExtensionProvider,
): 'allow' | 'deny' {
  if (typeof answers === 'string') return answers
  const isSilent = failsOpen && answers.includes(noAnswerOf(authorizer))
  return answers.includes(authorizer) && !isSilent ? 'deny' : 'allow'
}

const placePolicy = (policy: AuthorizationPolicy): At => ({ object: policy, path: ['spec'] })

const makeUnknownStep = (step: Step['step'], unknown: Unmodelled): Step => ({
  step,
  says: 'not known',
  at: [{ object: unknown.object, path: unknown.path }],
  unknown,
})

interface Matched {
  readonly name: string
  readonly at: At
}

/** The rule that Envoy reports, which is the first by name; or the reasons why it is unknown. */
function findMatchedRule(
  indexed: IndexedModel,
  policies: readonly AuthorizationPolicy[],
  input: PolicyInput,
): { readonly matched: Matched | undefined; readonly unknown: Unmodelled | undefined } {
  if (policies.length === 0) return { matched: undefined, unknown: undefined }
  const rules = selectRules(policies)(input).toSorted((a, b) => compare(a.name, b.name))
  let unknown: Unmodelled | undefined
  for (const { policy, rule, index, name } of rules) {
    const path = ['spec', 'rules', index]
    const certainty = ruleMatches(indexed, policy, rule, input, { object: policy, path })
    if (certainty === true) return { matched: { name, at: { object: policy, path } }, unknown: undefined }
    if (!isKnown(certainty)) unknown ??= certainty
  }
  return { matched: undefined, unknown }
}

/** One condition of a rule: one of `values` matches, none of `notValues` does. */
interface Demand extends Words {
  /** True if it can be asked of HTTP only. */
  readonly isHttp: boolean
  /** Tells whether one of some words matches. */
  matchesSome(words: readonly string[]): Certainty
}

/** See pilot/pkg/security/authz/model/model.go of istio/istio. */
function ruleMatches(
  indexed: IndexedModel,
  policy: AuthorizationPolicy,
  rule: AuthorizationRule,
  input: PolicyInput,
  at: At,
): Certainty {
  const unmodelled = policy.unmodelled.find(
    ({ path }) => path[1] !== 'rules' || path[2] === undefined || path[2] === at.path[2],
  )
  if (unmodelled !== undefined) return unmodelled
  const conditions: Demand[] = []
  for (const condition of rule.when) {
    const demand = makeConditionDemand(indexed, policy, condition, input, at)
    // A key that Istio does not know takes the whole rule away.
    if (demand === undefined) return false
    conditions.push(demand)
  }
  const sources = rule.from.map(source => [
    makeIdentityDemand(source.principals, word => principalMatches(indexed, word, input)),
    tokenDemand(source.requestPrincipals, word => requestPrincipalMatches(word, input)),
    makeIdentityDemand(source.namespaces, word => namespaceMatches(word, input)),
    makeIdentityDemand(source.serviceAccounts, word => serviceAccountMatches(policy.namespace, word, input)),
    makeIdentityDemand(source.trustDomains, word => trustDomainMatches(indexed, word, input)),
    makeIdentityDemand(source.ipBlocks, word => inRange(input.sourceAddress, word, at, 'ipBlocks')),
    makeIdentityDemand(source.remoteIpBlocks, word =>
      inRange(input.remoteAddress, word, at, 'remoteIpBlocks'),
    ),
  ])
  const operations = rule.to.map(operation => [
    makeDemand(operation.hosts, true, words => matchesSomeHost(words, input)),
    makeHttpDemand(operation.methods, word =>
      headerFits(word, input.message === undefined ? [] : [input.message.method]),
    ),
    makeDemand(operation.paths, true, words => makePathMatcher(words)(dropQuery(input.message?.path ?? ''))),
    makeIdentityDemand(operation.ports, word => Number(word) === input.port),
  ])
  const isHttp = input.message !== undefined
  const all = [...sources.flat(), ...operations.flat(), ...conditions]
  const isAllow = policy.action === 'ALLOW'
  // On a connection without HTTP, an ALLOW rule with an HTTP condition matches no connection. Rules of other actions lose only the
  // condition, so they deny more.
  if (!isHttp && isAllow && all.some(demand => demand.isHttp && isAsked(demand))) return false
  const holds = (demand: Demand): Certainty => (!isHttp && demand.isHttp ? true : demandHolds(demand))
  const matchesAny = (groups: readonly (readonly Demand[])[]): Certainty =>
    groups.length === 0 ? true : holdsForSome(groups, group => holdsForEvery(group, holds))
  return holdsForEvery(
    [() => matchesAny(sources), () => matchesAny(operations), () => holdsForEvery(conditions, holds)],
    part => part(),
  )
}

const isAsked = ({ values, notValues }: Words) => values.length > 0 || notValues.length > 0

function demandHolds({ values, notValues, matchesSome }: Demand): Certainty {
  return holdsForEvery(
    [
      () => (values.length === 0 ? true : matchesSome(values)),
      () => (notValues.length === 0 ? true : negateCertainty(matchesSome(notValues))),
    ],
    part => part(),
  )
}

const makeIdentityDemand = (words: Words, matches: (word: string) => Certainty): Demand =>
  makeDemand(words, false, texts => holdsForSome(texts, matches))
const makeHttpDemand = (words: Words, matches: (word: string) => Certainty): Demand =>
  makeDemand(words, true, texts => holdsForSome(texts, matches))
const tokenDemand = makeHttpDemand
const makeDemand = (
  { values, notValues }: Words,
  isHttp: boolean,
  matchesSome: Demand['matchesSome'],
): Demand => ({ values, notValues, isHttp, matchesSome })

/** See generator.go beside model.go; undefined: Istio does not support the key. */
function makeConditionDemand(
  indexed: IndexedModel,
  policy: AuthorizationPolicy,
  condition: PolicyCondition,
  input: PolicyInput,
  at: At,
): Demand | undefined {
  const { key } = condition
  const { message, claims } = input
  switch (key) {
    case 'source.ip':
      return makeIdentityDemand(condition, word => inRange(input.sourceAddress, word, at, key))
    case 'remote.ip':
      return makeIdentityDemand(condition, word => inRange(input.remoteAddress, word, at, key))
    case 'destination.ip':
      return makeIdentityDemand(condition, word => inRange(input.destinationAddress, word, at, key))
    case 'destination.port':
      return makeIdentityDemand(condition, word => Number(word) === input.port)
    case 'connection.sni':
      return makeIdentityDemand(condition, word => matchesPattern(parsePolicyPattern(word), input.sni))
    case 'source.namespace':
      return makeIdentityDemand(condition, word => namespaceMatches(word, input))
    case 'source.principal':
      return makeIdentityDemand(condition, word => principalMatches(indexed, word, input))
    case 'source.trustDomain':
      return makeIdentityDemand(condition, word => trustDomainMatches(indexed, word, input))
    case 'source.serviceAccount':
      return makeIdentityDemand(condition, word => serviceAccountMatches(policy.namespace, word, input))
    case 'request.auth.principal':
      return tokenDemand(condition, word => requestPrincipalMatches(word, input))
    case 'request.auth.audiences':
      return tokenDemand(condition, word => claimFits(claims, ['aud'], word))
    case 'request.auth.presenter':
      return tokenDemand(condition, word => claimFits(claims, ['azp'], word))
  }
  const header = /^request\.headers\[(.*)\]$/.exec(key)?.[1]
  if (header !== undefined)
    return makeHttpDemand(condition, word => headerConditionHolds(header.toLowerCase(), word, message, at))
  if (key.startsWith('request.auth.claims')) {
    const path = parseBracketedPath(key.slice('request.auth.claims'.length))
    return path && tokenDemand(condition, word => claimFits(claims, path, word))
  }
  if (key.startsWith('experimental.envoy.filters.'))
    return makeHttpDemand(condition, () => ({ ...at, reason: { code: 'filter-state', key } }))
  return undefined
}

/**
 * Tells whether a header fits a word; presence is `*`, also of a header that is empty. See
 * pilot/pkg/security/authz/matcher/header.go of istio/istio.
 */
const headerFits = (word: string, values: readonly string[]) =>
  values.some(value => word === '*' || matchesPattern(parsePolicyPattern(word), value))

/**
 * Tells whether a proxy sets or removes a header before its policies see it. See
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers
 */
const isSetByProxies = (name: string): boolean => name.startsWith('x-envoy-') || headersOfProxies.has(name)

const headersOfProxies: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'x-forwarded-client-cert',
  'x-forwarded-for',
  'x-request-id',
])

function headerConditionHolds(name: string, word: string, message: Message | undefined, at: At): Certainty {
  if (isSetByProxies(name)) return { ...at, reason: { code: 'header-set-by-proxies' } }
  const values = message === undefined ? [] : listHeaderValues(message, name)
  if (word !== '*' && values.length > 0 && message?.computed.has(name) === true)
    return { ...at, reason: { code: 'header-with-computed-value' } }
  return headerFits(word, values)
}

const matchesSomeHost = (words: readonly string[], { message }: PolicyInput): boolean =>
  message !== undefined && (words.includes('*') || makeHostMatcher(words)(message.authority.toLowerCase()))

const makeHostMatcher = weakMemo((words: readonly string[]) =>
  makeMatcher(words.map(word => parsePolicyPattern(word.toLowerCase()))),
)
const makePathMatcher = weakMemo((words: readonly string[]) => makeMatcher(words.map(parsePathPattern)))

const claimFits = (claims: VerifiedToken | undefined, path: readonly string[], word: string): boolean =>
  claims !== undefined &&
  claimMatches(findClaim(claims.token, path, claims.spaceDelimited), text =>
    matchesPattern(parsePolicyPattern(word), text),
  )

/** `issuer/subject`, split at the last slash. */
function requestPrincipalMatches(word: string, { claims }: PolicyInput): boolean {
  if (claims === undefined) return false
  const issuer = findClaim(claims.token, ['iss'], [])
  const subject = findClaim(claims.token, ['sub'], [])
  if (typeof issuer !== 'string' || typeof subject !== 'string') return false
  const slash = word.lastIndexOf('/')
  const [iss, sub] = slash === -1 ? [word, ''] : [word.slice(0, slash), word.slice(slash + 1)]
  const any = (text: string) => text !== ''
  if (word === '*') return any(issuer) && any(subject)
  if (word.startsWith('*')) {
    if (slash === -1) return any(issuer) && subject.endsWith(word.slice(1))
    return (iss === '*' ? any(issuer) : issuer.endsWith(iss.slice(1))) && subject === sub
  }
  if (word.endsWith('*')) {
    if (slash === -1) return issuer.startsWith(word.slice(0, -1)) && any(subject)
    return issuer === iss && (sub === '*' ? any(subject) : subject.startsWith(sub.slice(0, -1)))
  }
  return issuer === iss && subject === sub
}

const spiffe = 'spiffe://'

function principalMatches(indexed: IndexedModel, word: string, { peer }: PolicyInput): boolean {
  return peer !== undefined && listPrincipals(indexed, word).some(principal => principalFits(principal, peer))
}

function principalFits(word: string, peer: string): boolean {
  if (word === '*') return peer !== ''
  if (word.startsWith('*')) return peer.startsWith(spiffe) && peer.endsWith(word.slice(1))
  if (word.endsWith('*')) return peer.startsWith(spiffe + word.slice(0, -1))
  return peer === spiffe + word
}

/** A principal of the mesh, as its trust domain and each alias of that. See pilot/pkg/security/trustdomain of istio/istio. */
function listPrincipals({ model }: IndexedModel, word: string): readonly string[] {
  const { trustDomain, trustDomainAliases } = model.settings
  const domains = [trustDomain, ...trustDomainAliases]
  const parts = word.split('/')
  // `*` at the beginning that is not all of the domain leaves the domain open.
  const [domain = ''] = parts
  if (parts.length !== 5 || domain === '*') return [word]
  const fits = (name: string) => name === domain || (domain.startsWith('*') && name.endsWith(domain.slice(1)))
  if (domain !== 'cluster.local' && !domains.some(fits)) return [word]
  return [
    ...new Set(
      domains.map(name =>
        domain.startsWith('*') && name.endsWith(domain.slice(1)) ? word : [name, ...parts.slice(1)].join('/'),
      ),
    ),
  ]
}

function namespaceMatches(word: string, { peer }: PolicyInput): boolean {
  const namespace = word.split('*').map(quotePattern).join('.*')
  return peer !== undefined && compileExpression(`.*/ns/${namespace}/.*`).covers(peer)
}

function serviceAccountMatches(policyNamespace: string, word: string, { peer }: PolicyInput): boolean {
  const slash = word.indexOf('/')
  const [namespace, account] =
    slash === -1 ? [policyNamespace, word] : [word.slice(0, slash), word.slice(slash + 1)]
  const expression = `spiffe://.+/ns/${quotePattern(namespace)}/(.+/|)sa/${quotePattern(account)}(/.+)?`
  return peer !== undefined && compileExpression(expression).covers(peer)
}

function trustDomainMatches({ model }: IndexedModel, word: string, { peer }: PolicyInput): boolean {
  if (peer === undefined) return false
  const { trustDomain, trustDomainAliases } = model.settings
  const domains = [trustDomain, ...trustDomainAliases]
  return (domains.includes(word) ? domains : [word]).some(domain => {
    if (domain === '*') return peer.startsWith(spiffe)
    const star = domain.indexOf('*')
    if (star === -1) return peer.startsWith(`${spiffe}${domain}/`)
    const around = `${quotePattern(domain.slice(0, star))}[^/]*${quotePattern(domain.slice(star + 1))}`
    return compileExpression(`${spiffe}${around}/.*`).covers(peer)
  })
}

const inRange = (address: string | undefined, range: string, at: At, field: string): Certainty =>
  address === undefined ? { ...at, reason: { code: 'unknown-address', field } } : isInRange(address, range)
