import { memo } from '../../basics/memo.ts'
import { once } from '../../basics/once.ts'
import { weakMemo } from '../../basics/weak-memo.ts'
import { type Candidate, makeCandidateRequest, plainCandidate } from '../allowed/candidates.ts'
import { listDemandingRequests } from '../allowed/demanding.ts'
import { evaluateIn } from '../evaluate/evaluate.ts'
import { indexModel, withPoliciesAt } from '../evaluate/indexed-model.ts'
import type { AuthorizationPolicy, AuthorizationRule, Workload } from '../model.ts'
import type { Calling } from '../pairs/calling.ts'
import type { Request } from '../request.ts'
import type { Outcome, Result } from '../result.ts'
import type { IndexedModel } from '../symbolic/indexed-model.ts'
import type { Target } from '../symbolic/sidecar-tree.ts'
import type { RuleName } from './rule-states.ts'

/** A caller that calls a destination. */
export interface Call {
  /** The request without method, path, headers and token. */
  readonly request: Request
  /** The identity of the proxy that sends the request to the destination; undefined: a client outside sends it there. */
  readonly identity: string | undefined
  /** The way of a caller in the mesh, or the requests of a client outside that take the routes to the destination. */
  readonly from: { readonly way: CallerWay } | { readonly routes: readonly Candidate[] }
}

interface CallerWay {
  readonly caller: Calling
  readonly target: Target
}

/** Tries a few requests that a rule names, and gives the first that is allowed or refused only because the rule is there. */
export type RuleTrial = (name: RuleName, calls: Iterable<Call>) => Request | undefined

/**
 * Tries the rules of a policy with example requests. This proves most rules of a mesh to be live in a fraction of the time of a
 * comparison of all requests. One request serves for rules that differ only in their callers, if the callers have one way.
 *
 * @param pods the workloads of the policy, at least one
 * @param waySignaturesAt see `makeWaySigner`
 */
export function makeRuleTrial(
  indexed: IndexedModel,
  pods: readonly Workload[],
  waySignaturesAt: (target: Target) => (caller: Calling) => string,
): RuleTrial {
  const { model } = indexed
  const trialModel = indexModel(model)
  const lists = [...new Set(pods.map(indexed.policiesOf))]
  const policies = indexSources(lists.length === 1 ? lists[0]! : [...new Set(lists.flat())])
  const proofs: Proof[] = []
  return (name, calls) => {
    const rule = name.policy.rules[name.index]!
    const withoutRule = {
      ...name.policy,
      rules: name.policy.rules.filter((_, index) => index !== name.index),
    }
    const policiesWithout = memo((workload: Workload) =>
      indexed.policiesOf(workload).map(policy => (policy === name.policy ? withoutRule : policy)),
    )
    const modelWithout = withPoliciesAt(trialModel, policiesWithout)
    const isComparable = isByName(name, policies)
    const comparable = isComparable ? proofs.filter(proof => asksTheSame(proof.rule, rule)) : []
    // Rules that ask nothing of a caller but a name, and the same of a request, have the same candidates.
    const findPlainCandidate = once(
      () => comparable[0]?.candidate ?? listDemandingRequests(model, pods[0]!, rule, [plainCandidate])[0],
    )
    const listCandidates = (from: Call['from']): readonly Candidate[] => {
      if ('routes' in from)
        return listDemandingRequests(model, pods[0]!, rule, from.routes).slice(0, mostCandidates)
      const candidate = findPlainCandidate()
      return candidate === undefined ? [] : [candidate]
    }
    for (const { request: base, identity, from } of calls) {
      const way = 'way' in from ? from.way : undefined
      const isOnly = identity !== undefined && isOnlyForIdentity(name, policies, identity)
      const isAlike = (proof: Proof) =>
        way !== undefined &&
        isSameTarget(proof.way.target, way.target) &&
        waySignaturesAt(way.target)(proof.way.caller) === waySignaturesAt(way.target)(way.caller)
      for (const candidate of listCandidates(from)) {
        const request = makeCandidateRequest(base, candidate)
        if (isOnly && comparable.some(isAlike)) return request
        const result = evaluateIn(trialModel, request)
        if (!isDecided(result)) continue
        if (isOnly && result.outcomes.every(outcome => isAllowedBy(name, identity, outcome))) {
          if (isComparable && way !== undefined) proofs.push({ rule, candidate, way })
          return request
        }
        const without = evaluateIn(modelWithout, request)
        if (isDecided(without) && without.verdict !== result.verdict) return request
      }
    }
    return undefined
  }
}

/** More requests of one client outside are not tried. */
const mostCandidates = 4

/** A call that was observed to be allowed only by one rule. */
interface Proof {
  readonly rule: AuthorizationRule
  readonly candidate: Candidate
  readonly way: CallerWay
}

const isSameTarget = (a: Target, b: Target): boolean =>
  a.host === b.host && a.port === b.port && a.protocol === b.protocol

/** Tells whether two rules have the same conditions on requests, apart from callers. */
const asksTheSame = (a: AuthorizationRule, b: AuthorizationRule): boolean =>
  isSameValue(a.to, b.to) && isSameValue(a.when, b.when)

/** Tells whether two values of plain maps, lists and scalars are the same. */
function isSameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => isSameValue(item, b[index]))
  if (!isObject(a) || !isObject(b) || Array.isArray(a) || Array.isArray(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every(key => isSameValue(a[key], b[key]))
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const isDecided = ({ verdict }: Result) => verdict === 'ALLOW' || verdict === 'DENY'

/** The rules of the policies of some workloads, by their conditions on callers. */
interface SourceIndex {
  /** The rules of policies that do not allow, and that have a condition on callers. */
  readonly asking: readonly RuleName[]
  /** The rules that allow callers without naming each. */
  readonly open: readonly RuleName[]
  /** The rules that allow callers by name, by the accounts of these. */
  readonly byAccount: ReadonlyMap<string, readonly RuleName[]>
}

const indexSources = weakMemo((policies: readonly AuthorizationPolicy[]): SourceIndex => {
  const asking: RuleName[] = []
  const open: RuleName[] = []
  const byAccount = new Map<string, RuleName[]>()
  for (const policy of policies)
    for (const [index, rule] of policy.rules.entries()) {
      const name = { policy, index }
      const { from } = rule
      if (policy.action !== 'ALLOW') {
        if (from.length > 0 || !asksNoSource(rule)) asking.push(name)
        continue
      }
      const isNamed = ({ principals: { values } }: AuthorizationRule['from'][number]) =>
        values.length > 0 && values.every(word => !word.includes('*'))
      if (from.length === 0 || !from.every(isNamed)) open.push(name)
      else
        for (const { principals } of from)
          for (const word of principals.values) {
            const account = getAccount(word)
            const names = byAccount.get(account)
            if (names === undefined) byAccount.set(account, [name])
            else names.push(name)
          }
    }
  return { asking, open, byAccount }
})

const isSameRule = (a: RuleName, b: RuleName): boolean => a.policy === b.policy && a.index === b.index

/**
 * Tells whether a rule asks nothing of a caller but a name, and the other rules that allow nothing ask nothing of any caller.
 */
function isByName(name: RuleName, { asking }: SourceIndex): boolean {
  const rule = name.policy.rules[name.index]!
  return (
    rule.from.every(
      ({
        principals,
        requestPrincipals,
        namespaces,
        serviceAccounts,
        trustDomains,
        ipBlocks,
        remoteIpBlocks,
      }) =>
        principals.notValues.length === 0 &&
        [requestPrincipals, namespaces, serviceAccounts, trustDomains, ipBlocks, remoteIpBlocks].every(
          ({ values, notValues }) => values.length + notValues.length === 0,
        ),
    ) &&
    asksNoSource(rule) &&
    asking.every(askingRule => isSameRule(askingRule, name))
  )
}

const asksNoSource = ({ when }: AuthorizationRule) => when.every(({ key }) => !key.startsWith('source.'))

const isAllowedBy = (
  { policy, index }: RuleName,
  identity: string,
  { verdict, peer, steps }: Outcome,
): boolean =>
  verdict === 'ALLOW' &&
  peer === identity &&
  steps.some(
    ({ step, at: [at] }) => step === 'allow policy' && at?.object === policy && at.path.at(-1) === index,
  )

/** Tells whether all other rules that allow name other callers. */
const isOnlyForIdentity = (name: RuleName, { open, byAccount }: SourceIndex, identity: string): boolean =>
  open.every(openRule => isSameRule(openRule, name)) &&
  (byAccount.get(getAccount(identity)) ?? []).every(allowingRule => isSameRule(allowingRule, name))

/** An identity without its trust domain, which may have aliases. */
const getAccount = (identity: string) => identity.slice(identity.indexOf('/ns/'))
