import { groupBy } from '../../basics/group-by.ts'
import { memo } from '../../basics/memo.ts'
import { type Limits, limitQuestions, usualLimits } from '../budget.ts'
import { evaluate } from '../evaluate/evaluate.ts'
import type { AuthorizationPolicy, BehaviorModel, Workload } from '../model.ts'
import { pairCallers } from '../pairs/callers.ts'
import type { Calling } from '../pairs/calling.ts'
import { listMeshDestinations } from '../pairs/destinations.ts'
import { listOutsideDestinations } from '../pairs/outside-destinations.ts'
import { makeCallerSigner, makeWaySigner } from '../pairs/signature.ts'
import type { Request } from '../request.ts'
import type { Unmodelled } from '../result.ts'
import { getIdentity } from '../symbolic/delivery.ts'
import { serializeFate } from '../symbolic/fate-text.ts'
import { type IndexedModel, indexModel, withPolicies } from '../symbolic/indexed-model.ts'
import { askSpace, listUnknownIn, type RequestMaker, relateFates } from '../symbolic/request-space.ts'
import { isSameKnown } from '../symbolic/same-tree.ts'
import type { Fate, Tree } from '../symbolic/tree.ts'
import { makeWayLister, type Surroundings, type WayIn, type WayLister } from './rule-ways.ts'
import { makeRuleTrial, type RuleTrial } from './try-requests.ts'
import { type ArrivalClass, doesTheSame, isNeverMatched } from './way-arrivals.ts'

/** A rule of an AuthorizationPolicy. */
export interface RuleName {
  readonly policy: AuthorizationPolicy
  readonly index: number
}

/**
 * The state of a rule.
 *
 * - `live`: without the rule, the witness has another result.
 * - `dead`: the rule decides no request. Without the rules of `eatenBy`, each of which is needed, it would decide the witness. With
 *   `isAllowedByNothing`, no rule allows the requests that it denies.
 * - `idle`: no arriving request matches the rule.
 * - `unselected`: the policy selects no workload of the manifests.
 * - `unknown`: the state is unknown.
 */
export type RuleState = RuleName &
  (
    | { readonly state: 'live'; readonly witness: Request }
    | {
        readonly state: 'dead'
        readonly witness: Request
        readonly eatenBy: readonly RuleName[]
        readonly isAllowedByNothing: boolean
      }
    | { readonly state: 'idle' | 'unselected' }
    | { readonly state: 'unknown'; readonly because: readonly Unmodelled[] }
  )

/** The largest number of rules for the same workloads that meshc checks: for a dead rule, it tries each of the others. */
const mostRules = 100

/** Finds out of the rules of policies that are enforced whether any of them decides about a request. Each rule is a question. */
export function findRuleStates(
  model: BehaviorModel,
  limits: Limits = usualLimits,
): (policy: AuthorizationPolicy) => readonly RuleState[] {
  const ask = limitQuestions(limits)
  const indexed = indexModel(model)
  const callers = pairCallers(indexed, indexed).map(({ name, after }): Calling => ({ name, ...after }))
  const outside = listOutsideDestinations(indexed, indexed)
  const around: Surroundings = {
    indexed,
    inside: listMeshDestinations(indexed, indexed),
    outside,
    outsideByIdentity: groupBy(outside, ({ gateway }) => [getIdentity(indexed, gateway)]),
    callers,
    callersByIdentity: groupBy(callers, caller => [getIdentity(indexed, caller)]),
    callersByNamespace: groupBy(callers, ({ namespace }) => [namespace]),
    sidecarCallers: callers.filter(({ hasSidecar }) => hasSidecar),
    signaturesAt: memo(target => memo(makeCallerSigner(indexed, target))),
    waySignaturesAt: memo(target => memo(makeWaySigner(indexed, target))),
  }
  const podsUnder = groupBy(model.workloads, pod => indexed.policiesOf(pod))
  return policy => {
    if (policy.isDryRun || policy.action === 'AUDIT' || policy.targets.length > 0) return []
    const pods = podsUnder.get(policy) ?? []
    const names = policy.rules.map((_, index): RuleName => ({ policy, index }))
    if (pods.length === 0) return names.map(name => ({ ...name, state: 'unselected' }))
    const ways = makeWayLister(around, pods)
    const trial = makeRuleTrial(indexed, pods, around.waySignaturesAt)
    return names.map(name =>
      ask<RuleState>(
        () => getState(around, pods, ways, trial, name),
        reason => ({
          ...name,
          state: 'unknown',
          because: [{ object: policy, path: ['spec', 'rules', name.index], reason }],
        }),
      ),
    )
  }
}

function getState(
  { indexed }: Surroundings,
  pods: readonly Workload[],
  { listWays, listCalls }: WayLister,
  tryRule: RuleTrial,
  name: RuleName,
): RuleState {
  const { model } = indexed
  const tried = tryRule(name, listCalls(name))
  if (tried !== undefined) return { policy: name.policy, index: name.index, state: 'live', witness: tried }
  const all = listOtherRules(indexed, pods, name)
  const { policies, rules: others } = all
  const ways = listWays()
  const effect = getEffect(indexed, listWays(name), name, all, 'first as a whole')
  if ('request' in effect) return { ...name, state: 'live', witness: effect.request }
  const tooMany =
    others.length > mostRules
      ? [
          {
            object: name.policy,
            path: ['spec'],
            reason: { code: 'too-many-policy-rules', most: mostRules } as const,
          },
        ]
      : []
  const unknown = [...effect.unknown, ...tooMany, ...[...policies].flatMap(listRuleHostConditions)]
  if (unknown.length > 0) return { ...name, state: 'unknown', because: unknown }
  const mayMissAllow = name.policy.action !== 'ALLOW'
  const alone = getEffect(indexed, ways, name, {
    policies,
    rules: [],
    hasAllow: !mayMissAllow,
    isWhole: false,
  })
  if (isNone(alone)) return { ...name, state: 'idle' }
  if ('unknown' in alone) return { ...name, state: 'unknown', because: alone.unknown }
  const needed = findNeededRules(indexed, ways, name, all)
  const verdicts = [
    model,
    { ...model, authorizationPolicies: selectRules(model.authorizationPolicies, name, all, false) },
  ].map(each => evaluate(each, alone.request).verdict)
  if (verdicts[0] !== verdicts[1])
    return {
      ...name,
      state: 'unknown',
      because: [{ object: name.policy, path: [], reason: { code: 'engines-disagree' } }],
    }
  const eatenBy =
    needed.hasAllow && mayMissAllow
      ? needed.rules.filter(({ policy }) => policy.action !== 'ALLOW')
      : needed.rules
  return {
    ...name,
    state: 'dead',
    witness: alone.request,
    eatenBy,
    isAllowedByNothing: needed.hasAllow && mayMissAllow,
  }
}

function listOtherRules(indexed: IndexedModel, pods: readonly Workload[], name: RuleName): OtherRules {
  const policies = new Set(pods.flatMap(pod => indexed.policiesOf(pod)))
  const rules = [...policies].flatMap(policy =>
    policy.rules.flatMap((_, index) =>
      policy === name.policy && index === name.index ? [] : [{ policy, index }],
    ),
  )
  return { policies, rules, hasAllow: true, isWhole: true }
}

/** Leaves out, one by one, the other rules without which a rule still decides about nothing: those that are left are needed. */
function findNeededRules(
  indexed: IndexedModel,
  ways: Iterable<WayIn>,
  name: RuleName,
  all: OtherRules,
): OtherRules {
  let needed = all
  const tryWithout = (rest: OtherRules) => {
    if (isNone(getEffect(indexed, ways, name, rest))) needed = rest
  }
  if (name.policy.action !== 'ALLOW') {
    const rules = needed.rules.filter(({ policy }) => policy.action !== 'ALLOW')
    tryWithout({ ...needed, rules, hasAllow: false, isWhole: false })
  }
  for (const rule of needed.rules.toReversed())
    tryWithout({ ...needed, rules: needed.rules.filter(each => each !== rule), isWhole: false })
  return needed
}

/** Callers may write a host in several ways, and are looked at with one. */
const listRuleHostConditions = (policy: AuthorizationPolicy): readonly Unmodelled[] => {
  const index = policy.rules.findIndex(({ to }) =>
    to.some(({ hosts }) => hosts.values.length + hosts.notValues.length > 0),
  )
  const path = ['spec', 'rules', index]
  return index === -1 ? [] : [{ object: policy, path, reason: { code: 'host-with-several-names' } }]
}

/** The other rules that are there, and whether policies that allow are: without them, everything is allowed. */
interface OtherRules {
  /** The policies of the same workloads: others stay as they are. */
  readonly policies: ReadonlySet<AuthorizationPolicy>
  readonly rules: readonly RuleName[]
  readonly hasAllow: boolean
  /** True if all others are there. */
  readonly isWhole: boolean
}

/** Policies with only some of their rules. A policy without rules still denies requests that no rule allows. */
function selectRules(
  all: readonly AuthorizationPolicy[],
  name: RuleName,
  { policies, rules, hasAllow, isWhole }: OtherRules,
  isThere: boolean,
): readonly AuthorizationPolicy[] {
  const isKept = (policy: AuthorizationPolicy, index: number) =>
    policy === name.policy && index === name.index
      ? isThere
      : isWhole || rules.some(rule => rule.policy === policy && rule.index === index)
  return all.flatMap(policy => {
    if (!policies.has(policy)) return policy
    if (!hasAllow && policy.action === 'ALLOW') return []
    const rules = policy.rules.filter((_, index) => isKept(policy, index))
    return rules.length === policy.rules.length ? policy : { ...policy, rules }
  })
}

/** A request that has another result without the rule, or the reasons for an unknown answer. */
type Effect = { readonly request: Request } | { readonly unknown: readonly Unmodelled[] }

const isNone = (effect: Effect) => 'unknown' in effect && effect.unknown.length === 0

function getEffect(
  indexed: IndexedModel,
  ways: Iterable<WayIn>,
  name: RuleName,
  others: OtherRules,
  // Most rules decide requests of the first way, so the other ways are not needed.
  order: 'servers first' | 'first as a whole' = 'servers first',
): Effect {
  const indexWith = (isThere: boolean) =>
    withPolicies(indexed, workload => selectRules(indexed.policiesOf(workload), name, others, isThere))
  const withRule = others.isWhole ? indexed : indexWith(true)
  const without = indexWith(false)
  const isSameFor = memo(
    (arrival: ArrivalClass) =>
      isNeverMatched(indexed, name, arrival) || doesTheSame(withRule, without, arrival),
  )
  const unknown: Unmodelled[] = []
  let isFirst = order === 'first as a whole'
  for (const { arrivals, buildTree, requestOf, ambiguousWith } of ways) {
    // A rule makes no difference where servers do the same with every request that arrives.
    if (!isFirst && arrivals()?.every(isSameFor) === true) continue
    isFirst = false
    const difference = getDifference(indexed, buildTree(withRule), buildTree(without), requestOf)
    if ('unknown' in difference) unknown.push(...difference.unknown)
    else if (ambiguousWith === undefined) return difference
    else
      unknown.push({
        object: ambiguousWith,
        path: [],
        reason: { code: 'indistinguishable-workload' },
      })
  }
  return { unknown }
}

function getDifference(
  { model }: IndexedModel,
  withRule: Tree<Fate>,
  without: Tree<Fate>,
  requestOf: RequestMaker,
): Effect {
  if (isSameKnown(withRule, without)) return { unknown: [] }
  return askSpace<Effect>(
    [model],
    [withRule, without],
    space => {
      const node = relateFates(space, withRule, without, (a, b) => serializeFate(a) !== serializeFate(b))
      const point = space.diagrams.pointWhere(node, value => value === true)
      return point === undefined
        ? { unknown: listUnknownIn(space, node) }
        : { request: requestOf(space, point) }
    },
    because => ({ unknown: [because] }),
  )
}
