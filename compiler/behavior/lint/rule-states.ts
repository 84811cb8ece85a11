import { type Limits, limitQuestions, usualLimits } from '../budget.ts'
import { evaluate } from '../evaluate/evaluate.ts'
import { memo } from '../memo.ts'
import type { AuthorizationPolicy, BehaviorModel, Workload } from '../model.ts'
import { once } from '../once.ts'
import { pairCallers } from '../pairs/callers.ts'
import { type Calling, listAssumedCallersAt } from '../pairs/calling.ts'
import { type Destination, listMeshDestinations } from '../pairs/destinations.ts'
import { findWayToHosts } from '../pairs/hosts-on-the-way.ts'
import { listOutsideDestinations, type OutsideDestination } from '../pairs/outside-destinations.ts'
import { makeCallerSigner, makeWaySigner } from '../pairs/signature.ts'
import { listRepresentatives } from '../pairs/survey.ts'
import { makeCallerWay, makeGatewayWay, type Way } from '../pairs/ways.ts'
import type { Request } from '../request.ts'
import type { Unmodelled } from '../result.ts'
import { getIdentity } from '../symbolic/delivery.ts'
import { serializeFate } from '../symbolic/fate-text.ts'
import { listIdentityWords } from '../symbolic/identity-words.ts'
import { makePeerClassifier } from '../symbolic/peer-classes.ts'
import { askSpace, listUnknownIn, type RequestMaker, relateFates } from '../symbolic/request-space.ts'
import { isSameKnown } from '../symbolic/same-tree.ts'
import { groupBy, indexSide, type Side, withPolicies } from '../symbolic/side.ts'
import type { Target } from '../symbolic/sidecar-tree.ts'
import type { Fate, Tree } from '../symbolic/tree.ts'
import { type Call, makeRuleTrial, type RuleTrial } from './try-requests.ts'
import { type ArrivalClass, doesTheSame, isNeverMatched, makeArrivalFinder } from './way-arrivals.ts'

/** A rule of an AuthorizationPolicy. */
export interface RuleName {
  readonly policy: AuthorizationPolicy
  readonly index: number
}

/**
 * The state of a rule.
 *
 * - `live`: without it, the witness would fare otherwise.
 * - `dead`: it decides about no request. It would about the witness, but for `eatenBy`, of which none can be left out, or
 *   since nothing allows what it denies.
 * - `idle`: nothing that gets there matches it.
 * - `unselected`: the manifests have no workload that its policy is for.
 * - `unknown`: it is not known.
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

/** More rules than these for the same workloads are not looked at: for one that is dead, each of the others is tried. */
const mostRules = 100

/** Finds out of the rules of policies that are enforced whether any of them decides about a request. Each rule is a question. */
export function findRuleStates(
  model: BehaviorModel,
  limits: Limits = usualLimits,
): (policy: AuthorizationPolicy) => readonly RuleState[] {
  const ask = limitQuestions(limits)
  const side = indexSide(model)
  const callers = pairCallers(side, side).map(({ name, after }): Calling => ({ name, ...after }))
  const around: Surroundings = {
    side,
    inside: listMeshDestinations(side, side),
    outside: listOutsideDestinations(side, side),
    callers,
    callersByIdentity: groupBy(callers, caller => [getIdentity(side, caller)]),
    signaturesAt: memo(target => memo(makeCallerSigner(side, target))),
    waySignaturesAt: memo(target => memo(makeWaySigner(side, target))),
  }
  const podsUnder = groupBy(model.workloads, pod => side.policiesOf(pod))
  return policy => {
    if (policy.isDryRun || policy.action === 'AUDIT' || policy.targets.length > 0) return []
    const pods = podsUnder.get(policy) ?? []
    const names = policy.rules.map((_, index): RuleName => ({ policy, index }))
    if (pods.length === 0) return names.map(name => ({ ...name, state: 'unselected' }))
    const ways = waysTo(around, pods)
    const trial = makeRuleTrial(side, pods, around.waySignaturesAt)
    return names.map(name =>
      ask<RuleState>(
        () => getState(around, pods, ways, trial, name),
        reason => ({
          ...name,
          state: 'unknown',
          because: [{ object: policy, path: ['spec', 'rules', name.index], reason, isOverLimit: true }],
        }),
      ),
    )
  }
}

interface Surroundings {
  readonly side: Side
  readonly inside: readonly Destination[]
  readonly outside: readonly OutsideDestination[]
  readonly callers: readonly Calling[]
  readonly callersByIdentity: ReadonlyMap<string, readonly Calling[]>
  readonly signaturesAt: (target: Target) => (caller: Calling) => string
  readonly waySignaturesAt: (target: Target) => (caller: Calling) => string
}

/** A way of requests to some workloads, and what arrives there on it, where that is known. */
interface WayIn extends Way {
  readonly arrivals: () => readonly ArrivalClass[] | undefined
}

function getState(
  { side }: Surroundings,
  pods: readonly Workload[],
  { from, calls }: Ways,
  tryRule: RuleTrial,
  name: RuleName,
): RuleState {
  const { model } = side
  const policies = new Set(pods.flatMap(pod => side.policiesOf(pod)))
  const others = [...policies].flatMap(policy =>
    policy.rules.flatMap((_, index) =>
      policy === name.policy && index === name.index ? [] : [{ policy, index }],
    ),
  )
  const all: Kept = { policies, rules: others, hasAllow: true, isWhole: true }
  const policiesWithout = (workload: Workload) => kept(side.policiesOf(workload), name, all, false)
  const tried = tryRule(name, calls(name), policiesWithout)
  if (tried !== undefined) return { ...name, state: 'live', witness: tried }
  const ways = from()
  const effect = getEffect(side, from(name), name, all, 'first as a whole')
  if ('request' in effect) return { ...name, state: 'live', witness: effect.request }
  const tooMany =
    others.length > mostRules
      ? [{ object: name.policy, path: ['spec'], reason: `more than ${mostRules} rules for its workloads` }]
      : []
  const unknown = [...effect.unknown, ...tooMany, ...[...policies].flatMap(hostsAsked)]
  if (unknown.length > 0) return { ...name, state: 'unknown', because: unknown }
  const mayMissAllow = name.policy.action !== 'ALLOW'
  const alone = getEffect(side, ways, name, {
    policies,
    rules: [],
    hasAllow: !mayMissAllow,
    isWhole: false,
  })
  if (isNone(alone)) return { ...name, state: 'idle' }
  if ('unknown' in alone) return { ...name, state: 'unknown', because: alone.unknown }
  let left: Kept = all
  if (mayMissAllow) {
    const without = {
      policies,
      rules: left.rules.filter(({ policy }) => policy.action !== 'ALLOW'),
      hasAllow: false,
      isWhole: false,
    }
    if (isNone(getEffect(side, ways, name, without))) left = without
  }
  for (const ruleName of left.rules.toReversed()) {
    const rest = { ...left, rules: left.rules.filter(each => each !== ruleName), isWhole: false }
    if (isNone(getEffect(side, ways, name, rest))) left = rest
  }
  const verdicts = [
    model,
    { ...model, authorizationPolicies: kept(model.authorizationPolicies, name, all, false) },
  ].map(each => evaluate(each, alone.request).verdict)
  if (verdicts[0] !== verdicts[1])
    return {
      ...name,
      state: 'unknown',
      because: [{ object: name.policy, path: [], reason: 'the two engines of meshc contradict each other' }],
    }
  const eatenBy =
    left.hasAllow && mayMissAllow ? left.rules.filter(({ policy }) => policy.action !== 'ALLOW') : left.rules
  return {
    ...name,
    state: 'dead',
    witness: alone.request,
    eatenBy,
    isAllowedByNothing: left.hasAllow && mayMissAllow,
  }
}

/** Callers may write a host in several ways, and are looked at with one. */
const hostsAsked = (policy: AuthorizationPolicy): readonly Unmodelled[] => {
  const index = policy.rules.findIndex(({ to }) =>
    to.some(({ hosts }) => hosts.values.length + hosts.notValues.length > 0),
  )
  const path = ['spec', 'rules', index]
  return index === -1 ? [] : [{ object: policy, path, reason: 'a host, which has several names' }]
}

/** The other rules that are there, and whether policies that allow are: without them, everything is allowed. */
interface Kept {
  /** The policies of the same workloads: others stay as they are. */
  readonly policies: ReadonlySet<AuthorizationPolicy>
  readonly rules: readonly RuleName[]
  readonly hasAllow: boolean
  /** True if all others are there. */
  readonly isWhole: boolean
}

/** Policies with some rules only. One that has lost all its rules still denies what nothing allows. */
function kept(
  all: readonly AuthorizationPolicy[],
  name: RuleName,
  { policies, rules, hasAllow, isWhole }: Kept,
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

/** A request that fares otherwise without a rule; else what is not known. */
type Effect = { readonly request: Request } | { readonly unknown: readonly Unmodelled[] }

const isNone = (effect: Effect) => 'unknown' in effect && effect.unknown.length === 0

function getEffect(
  side: Side,
  ways: Iterable<WayIn>,
  name: RuleName,
  otherKept: Kept,
  // Most rules decide about what comes on the first way, so that no more than that need be known of it.
  order: 'servers first' | 'first as a whole' = 'servers first',
): Effect {
  const sideWith = (isThere: boolean) =>
    withPolicies(side, workload => kept(side.policiesOf(workload), name, otherKept, isThere))
  const withRule = otherKept.isWhole ? side : sideWith(true)
  const without = sideWith(false)
  const isSameFor = memo(
    (arrival: ArrivalClass) => isNeverMatched(side, name, arrival) || doesTheSame(withRule, without, arrival),
  )
  const unknown: Unmodelled[] = []
  let isFirst = order === 'first as a whole'
  for (const { arrivals, buildTree, requestOf, ambiguousWith } of ways) {
    // A rule makes no difference where servers do the same with every request that arrives.
    if (!isFirst && arrivals()?.every(isSameFor) === true) continue
    isFirst = false
    const difference = getDifference(side, buildTree(withRule), buildTree(without), requestOf)
    if ('unknown' in difference) unknown.push(...difference.unknown)
    else if (ambiguousWith === undefined) return difference
    else
      unknown.push({
        object: ambiguousWith,
        path: [],
        reason: 'a workload that no request can tell from another',
      })
  }
  return { unknown }
}

function getDifference(
  { model }: Side,
  left: Tree<Fate>,
  right: Tree<Fate>,
  requestOf: RequestMaker,
): Effect {
  if (isSameKnown(left, right)) return { unknown: [] }
  return askSpace<Effect>(
    [model],
    [left, right],
    space => {
      const node = relateFates(space, left, right, (a, b) => serializeFate(a) !== serializeFate(b))
      const point = space.diagrams.pointWhere(node, value => value === true)
      return point === undefined
        ? { unknown: listUnknownIn(space, node) }
        : { request: requestOf(space, point) }
    },
    because => ({ unknown: [because] }),
  )
}

interface Ways {
  /** Lists all ways to some workloads; those first by which the rule most likely decides: those of the callers that it names. */
  readonly from: (rule?: RuleName) => Iterable<WayIn>
  /** Lists some callers that a rule names, each with a few destinations. */
  readonly calls: (rule: RuleName) => Iterable<Call>
}

/** Callers that a rule names and that are there; a few destinations of each are tried before all requests are compared. */
const mostCallers = 2
const mostDestinations = 2

function waysTo(
  { side, inside, outside, callers, callersByIdentity, signaturesAt }: Surroundings,
  pods: readonly Workload[],
): Ways {
  const way = findWayToHosts(side, [
    ...new Set(pods.flatMap(pod => side.servicesOf(pod).map(({ host }) => host))),
  ])
  const destinations = way.among(inside)
  const classifiers = once(() => pods.map(pod => makePeerClassifier(side, pod)))
  const isNamed = memo((caller: Calling) => {
    const identity = getIdentity(side, caller)
    return caller.name.assumed || classifiers().some(classOf => classOf(identity) !== 'other')
  })
  const findArrivals = once(() => makeArrivalFinder(side, new Set(pods.flatMap(pod => side.policiesOf(pod)))))
  const withArrivals = (way: Way): WayIn => ({ ...way, arrivals: once(() => findArrivals()(way.buildTree)) })
  const gatewayWay = memo(({ gateway, target }: OutsideDestination) =>
    withArrivals(makeGatewayWay(gateway, target)),
  )
  const callerWay = memo((target: Target) =>
    memo((caller: Calling) => withArrivals(makeCallerWay(caller, target))),
  )
  const named = once(() => [...callers.filter(isNamed), ...listAssumedCallersAt(side, pods)])
  const others = once(() => callers.filter(caller => !isNamed(caller)))
  const meantBy = ({ policy, index }: RuleName): readonly Calling[] =>
    listIdentityWords({ ...policy, rules: [policy.rules[index]!] }, side.model.settings).flatMap(
      ({ patterns }) =>
        patterns.flatMap(({ match, value }) =>
          match === 'exact' ? (callersByIdentity.get(value) ?? []) : [],
        ),
    )
  const all = repeatable(ways())
  return {
    from: rule => (rule === undefined ? all : chain(fromGroup(meantBy(rule), newSeen()), all)),
    calls: rule =>
      meantBy(rule)
        .filter(({ ambiguousWith }) => ambiguousWith === undefined)
        .slice(0, mostCallers)
        .flatMap(caller => destinations.slice(0, mostDestinations).map(({ target }) => ({ caller, target }))),
  }

  function* ways(): Generator<WayIn, void> {
    const seenAt = newSeen()
    for (const destination of outside)
      if (pods.includes(destination.gateway) || way.has(destination.name.host)) yield gatewayWay(destination)
    yield* fromGroup(named(), seenAt)
    yield* fromGroup(others(), seenAt)
  }

  /** Yields the callers that differ from each other and from those before, once. */
  function* fromGroup(
    group: readonly Calling[],
    seenAt: (target: Target) => Set<string>,
  ): Generator<WayIn, void> {
    // An assumed caller is dropped if its requests could be those of a caller that is there.
    const callers = group.filter(({ ambiguousWith, name }) => ambiguousWith === undefined || !name.assumed)
    for (const { target } of destinations)
      for (const caller of listRepresentatives(callers, signaturesAt(target), seenAt(target)))
        yield callerWay(target)(caller)
  }
}

const newSeen = () => memo((_: Target) => new Set<string>())

function* chain<Each>(a: Iterable<Each>, b: Iterable<Each>): Generator<Each, void> {
  yield* a
  yield* b
}

/** Makes the values of a generator repeatable: each is made once, and only as far as it is asked for. */
function repeatable<Each>(made: Iterator<Each>): Iterable<Each> {
  const items: Each[] = []
  return {
    *[Symbol.iterator]() {
      for (let index = 0; ; index++) {
        if (index === items.length) {
          const next = made.next()
          if (next.done === true) return
          items.push(next.value)
        }
        yield items[index]!
      }
    },
  }
}
