import { compare as inOrder } from '../../diagnostics/compare.ts'
import { type Ask, type Limits, limitQuestions, usualLimits } from '../budget.ts'
import { evaluate } from '../evaluate/evaluate.ts'
import type { BehaviorModel, Workload } from '../model.ts'
import { once } from '../once.ts'
import { podTemplates } from '../read/workloads.ts'
import type { Request } from '../request.ts'
import type { At, Result, Unmodelled } from '../result.ts'
import { type Node, TooManyNodes } from '../space/diagram.ts'
import { type Affected, affected, objectKey } from './affected.ts'
import { type CallerOnSide, type CallerPair, callerPairs } from './callers.ts'
import { answers, type Classified, classify, reach } from './classify.ts'
import { identityOf } from './clusters.ts'
import { comparableFate, fateOf } from './comparable.ts'
import { describeRegion, mergeRegions } from './describe.ts'
import { type Destination, meshDestinations } from './destinations.ts'
import type {
  CallerName,
  Comparison,
  Defect,
  DestinationName,
  Difference,
  Extent,
  UnknownPart,
} from './difference.ts'
import { mergeDifferences } from './merge.ts'
import { hasHttpListener, listenerConflict, plaintextTree, sidecarTree, type Target } from './mesh-callers.ts'
import { outsideTree } from './outside-callers.ts'
import { type OutsideDestination, outsideDestinations, requestFrom } from './outside-destinations.ts'
import { identityWordsAt } from './peer-classes.ts'
import { requestAt } from './request-at.ts'
import { isSameKnown } from './same-tree.ts'
import { scopeOf } from './scope.ts'
import { hasLabels, nameOf, type Side, sideOf } from './side.ts'
import { callerSignatures, podsNear } from './signature.ts'
import {
  type Change,
  isChange,
  isFate,
  type RequestSpace,
  requestSpace,
  unmodelledKey,
  type Value,
} from './space.ts'
import { anyone, knownOn, strangerPair, strangersAmong } from './strangers.ts'
import { type Fate, isUnknown, type Tree } from './tree.ts'

/**
 * All that two meshes do differently with requests.
 *
 * Every pair of caller and destination that anything which changed can touch is made a function of requests on both
 * sides, as decision diagrams in one space, so that equal functions are one node. Each difference has a request as its
 * witness, which `evaluate`, an engine that shares no code with this one, has tried on both sides.
 *
 * A question is: what differs at this destination? Where it passes a limit, the answer is not known.
 */
export function compare(
  before: BehaviorModel,
  after: BehaviorModel,
  limits: Limits = usualLimits,
): Comparison {
  const sides = { before: sideOf(before), after: sideOf(after) }
  return compareTouched(sides, affected(sides.before, sides.after), limits)
}

/** The same, of the pairs that are taken to be touched. */
export function compareTouched(sides: Sides, touched: Affected, limits: Limits = usualLimits): Comparison {
  const ask = limitQuestions(limits)
  const found: Found = { differences: [], unknown: [], defects: [], compared: 0 }
  const callers = callerPairs(sides.before, sides.after)
  const destinations = meshDestinations(sides.before, sides.after)
  const touchedCallers = callers.filter(caller => isTouched(caller, sides, touched))
  const strangersAt = strangersOf(sides)
  const isElsewhere = once(() => isAnyTouched(sides, touched))
  let supposed = 0
  for (const destination of destinations) {
    const isWhole = touched.host(destination.name.host)
    const isAsked = (caller: CallerPair) => isWhole || isTouched(caller, sides, touched)
    const strangers = (isWhole || isElsewhere() ? strangersAt(destination.target) : []).filter(isAsked)
    const own = [...(isWhole ? callers : touchedCallers), ...strangers]
    supposed += strangers.length
    if (own.length > 0)
      askAt(ask, sides, destination.name, own, found, into =>
        compareAt(sides, touched, destination, own, into),
      )
  }
  const outside = outsideDestinations(sides.before, sides.after)
  for (const destination of outside) {
    const isOwn = touched.caller(`${destination.gateway.namespace}/${destination.gateway.name}`)
    if (isOwn || touched.host(destination.name.host))
      askAt(ask, sides, destination.name, [{ name: destination.caller }], found, into =>
        compareOutside(sides, touched, destination, into),
      )
  }
  return {
    ...mergeDifferences(found.differences, found.unknown),
    defects: found.defects,
    pairs: {
      all: callers.length * destinations.length + supposed + outside.length,
      compared: found.compared,
    },
  }
}

export interface Sides {
  readonly before: Side
  readonly after: Side
}

interface Found {
  readonly differences: Difference[]
  readonly unknown: UnknownPart[]
  readonly defects: Defect[]
  compared: number
}

/** Looks at one destination as one question. Where it passes a limit, only that is told. */
function askAt(
  ask: Ask,
  { after }: Sides,
  destination: DestinationName,
  callers: readonly { readonly name: CallerName }[],
  found: Found,
  look: (into: Found) => void,
): void {
  const none = (): Found => ({ differences: [], unknown: [], defects: [], compared: 0 })
  const { differences, unknown, defects, compared } = ask(
    () => {
      const into = none()
      look(into)
      return into
    },
    reason => ({
      ...none(),
      unknown: [
        unknownAt(
          after,
          destination,
          callers.map(({ name }) => name),
          reason,
        ),
      ],
      compared: callers.length,
    }),
  )
  found.differences.push(...differences)
  found.unknown.push(...unknown)
  found.defects.push(...defects)
  found.compared += compared
}

/** Tells that it is not known what changes at a destination. */
const unknownAt = (
  { model: { settings } }: Side,
  destination: DestinationName,
  callers: readonly CallerName[],
  reason: string,
): UnknownPart => ({
  callers,
  destinations: [destination],
  regions: [],
  further: 0,
  because: [{ object: settings.object, path: [], reason, isOverLimit: true }],
  side: 'both',
})

/** Those at a destination whom only policies name: of most meshes none, since their policies name their workloads. */
function strangersOf(sides: Sides): (target: Target) => readonly CallerPair[] {
  const both = [sides.before, sides.after]
  const strangersFor = strangersAmong(sides.after.model.settings, knownOn(both))
  return target => {
    const words = both.flatMap(side => podsNear(side, target).flatMap(pod => identityWordsAt(side, pod)))
    return strangersFor(words).map(stranger => strangerPair(sides, stranger, true))
  }
}

/** Whether a change touches somebody whom no manifest has, wherever he calls. */
function isAnyTouched(sides: Sides, touched: Affected): boolean {
  if (touched.namespaces.size + touched.ports.size === 0) return false
  const namespaces = new Set([sides.before, sides.after].flatMap(({ model }) => namespacesIn(model)))
  return [...namespaces].some(namespace =>
    isTouched(strangerPair(sides, { ...anyone, namespace }, true), sides, touched),
  )
}

/** Those that a manifest has something in or for: a proxy in any other sees the same. */
const namespacesIn = ({ namespaces, sidecars, services }: BehaviorModel): readonly string[] => [
  anyone.namespace,
  ...namespaces.keys(),
  ...sidecars.map(({ namespace }) => namespace),
  ...services.flatMap(({ namespace, exportTo }) => [namespace, ...exportTo]),
]

/** Whether a caller itself is another, or its proxy listens in other places. */
function isTouched(caller: CallerPair, { before, after }: Sides, touched: Affected): boolean {
  if (touched.caller(`${caller.name.namespace}/${caller.name.name}`)) return true
  if (caller.name.supposed && touched.namespaces.has(caller.name.namespace)) return true
  if (touched.ports.size === 0) return false
  const listens = (side: Side, { namespace, labels }: CallerOnSide) => {
    const scope = scopeOf(side, namespace, labels)
    return [...touched.ports]
      .map(port => `${hasHttpListener(side, scope, port)} ${listenerConflict(side, scope, port).length}`)
      .join()
  }
  return listens(before, caller.before) !== listens(after, caller.after)
}

const treeFor = (side: Side, caller: CallerOnSide, target: Target): Tree<Fate> =>
  caller.hasSidecar ? sidecarTree(side, caller, target) : plaintextTree(side, caller, target)

/** One destination: callers that nothing tells apart are one class, and each class is two functions. */
function compareAt(
  sides: Sides,
  touched: Affected,
  { name, target }: Destination,
  callers: readonly CallerPair[],
  found: Found,
): void {
  found.compared += callers.length
  const classes = new Map<string, CallerPair[]>()
  const signatures = {
    before: callerSignatures(sides.before, target),
    after: callerSignatures(sides.after, target),
  }
  for (const caller of callers) {
    // Whose identity is the same on both sides is seen as the same on both, whoever it is.
    const identities = [identityOf(sides.before, caller.before), identityOf(sides.after, caller.after)]
    const who = identities[0] === identities[1] ? '' : identities.join()
    const key = `${who} ${signatures.before(caller.before)} => ${signatures.after(caller.after)}`
    const own = classes.get(key)
    if (own === undefined) classes.set(key, [caller])
    else own.push(caller)
  }
  const pairs = [...classes.values()].map(members => {
    // Whom a request can name speaks for all.
    const speaker = members.find(member => mistaken(member) === undefined) ?? members[0]!
    return {
      members,
      speaker,
      before: treeFor(sides.before, speaker.before, target),
      after: treeFor(sides.after, speaker.after, target),
    }
  })
  compareTrees(
    sides,
    touched,
    name,
    pairs.map(({ members, speaker, before, after }) => ({
      callers: members.map(member => member.name),
      before: { tree: before, request: requestAt(speaker.before, target) },
      after: { tree: after, request: requestAt(speaker.after, target) },
      isSameCaller:
        speaker.before.serviceAccount === speaker.after.serviceAccount &&
        speaker.before.hasSidecar === speaker.after.hasSidecar,
      mistakenFor: mistaken(speaker),
    })),
    found,
  )
}

const mistaken = ({ before, after }: CallerPair): Workload | undefined =>
  before.mistakenFor ?? after.mistakenFor

function compareOutside(
  sides: Sides,
  touched: Affected,
  destination: OutsideDestination,
  found: Found,
): void {
  found.compared += 1
  const on = (side: Side) => {
    const { namespace, labels } = destination.gateway
    // A client knows a gateway by its labels: where it is gone, another that has them takes its place.
    const there = [
      side.workloadsByName.get(nameOf(destination.gateway)),
      side.workloadsByNamespace.get(namespace)?.find(other => hasLabels(other.labels, labels)),
    ].find(found => found?.proxy === 'gateway')
    const workload = there ?? supposed(destination.gateway)
    return {
      tree: outsideTree(side, workload, destination.target),
      request: requestFrom(workload, destination.target),
    }
  }
  compareTrees(
    sides,
    touched,
    destination.name,
    [
      {
        callers: [destination.caller],
        before: on(sides.before),
        after: on(sides.after),
        isSameCaller: true,
        mistakenFor: undefined,
      },
    ],
    found,
  )
}

/** A gateway that is not there, as the evaluation supposes one: it has a name of its own, so that it is no other's. */
const supposed = (gateway: Workload): Workload => ({
  ...gateway,
  name: `caller-${gateway.name}`,
  serviceAccount: 'default',
  address: undefined,
  ports: {},
})

interface Pair {
  readonly callers: readonly CallerName[]
  readonly before: { readonly tree: Tree<Fate>; readonly request: RequestMaker }
  readonly after: { readonly tree: Tree<Fate>; readonly request: RequestMaker }
  readonly isSameCaller: boolean
  /** The workload that a request of theirs would be taken to be from, so that they have no witness. */
  readonly mistakenFor: Workload | undefined
}

/** The request of a point of the space. */
export type RequestMaker = (space: RequestSpace, point: readonly number[]) => Request

function compareTrees(
  sides: Sides,
  touched: Affected,
  destination: DestinationName,
  allPairs: readonly Pair[],
  found: Found,
): void {
  const { pathNormalization, object } = sides.after.model.settings
  const readsAlike = pathNormalization === sides.before.model.settings.pathNormalization
  const pairs = allPairs.filter(({ before, after }) => !readsAlike || !isSameKnown(before.tree, after.tree))
  if (pairs.every(({ before, after }) => before.tree === after.tree)) return
  const trees = pairs.flatMap(({ before, after }) => [before.tree, after.tree])
  try {
    const space = requestSpace(trees, pathNormalization, [sides.after.model, sides.before.model])
    for (const pair of pairs) comparePair(sides, touched, space, pair, destination, found)
    // The space has paths as they are read after; what they were before, one path of it does not tell.
    if (!readsAlike && asksPath(space))
      found.unknown.push({
        callers: pairs.flatMap(({ callers }) => callers),
        destinations: [destination],
        regions: [],
        further: 0,
        because: [
          { object, path: ['pathNormalization'], reason: 'paths that are no longer read as they were' },
        ],
        side: 'both',
      })
  } catch (problem) {
    if (!(problem instanceof TooManyNodes)) throw problem
    const callers = pairs.flatMap(({ callers }) => callers)
    found.unknown.push(unknownAt(sides.after, destination, callers, tooManyCombinations))
  }
}

/** The reason where a diagram takes too much memory. */
export const tooManyCombinations = 'more combinations of conditions than the memory limit allows'

const asksPath = ({ dimensions }: RequestSpace): boolean =>
  dimensions.some(dimension => dimension.kind === 'text' && dimension.part === 'path')

function comparePair(
  sides: Sides,
  touched: Affected,
  space: RequestSpace,
  pair: Pair,
  destination: DestinationName,
  found: Found,
): void {
  const { diagrams } = space
  const one = space.compile(pair.before.tree)
  const other = space.compile(pair.after.tree)
  const changes = diagrams.apply(one, other, change, (a, b) =>
    a === b && isKnown(space, a) ? same(space) : undefined,
  )
  const leaves = diagrams
    .leaves(changes)
    .map(leaf => diagrams.valueOf(leaf))
    .filter(isChange)
  if (leaves.length === 0) return
  tellUnknown(space, changes, leaves, pair, destination, found)
  tellDifferences(sides, touched, space, changes, leaves, pair, destination, found)
}

const same = ({ diagrams }: RequestSpace): Node => diagrams.leaf(true)

/** Whether a function is known everywhere: only then is its equality with itself a proof. */
function isKnown({ diagrams }: RequestSpace, node: Node): boolean {
  return diagrams.leaves(node).every(leaf => {
    const value = diagrams.valueOf(leaf)
    return typeof value !== 'object' || !isUnknown(value)
  })
}

function change(before: Value, after: Value): Value {
  if (typeof before === 'boolean' || typeof after === 'boolean') throw new Error('a request has a fate')
  if (isChange(before) || isChange(after)) throw new Error('a change is no fate')
  if (isUnknown(before) || isUnknown(after)) return changeOf(before, after)
  if (!isFate(before) || !isFate(after)) throw new Error('an answer is no fate')
  return comparableFate(before) === comparableFate(after) ? true : { before, after }
}

function changeOf(before: Value, after: Value): Change {
  // Both are a fate or unknown: who calls has looked.
  return { before: before as Change['before'], after: after as Change['after'] }
}

function tellUnknown(
  space: RequestSpace,
  changes: Node,
  leaves: readonly Change[],
  { callers }: Pair,
  destination: DestinationName,
  found: Found,
): void {
  for (const leaf of leaves) {
    const { before, after } = leaf
    const isBefore = isUnknown(before)
    const isAfter = isUnknown(after)
    if (!isBefore && !isAfter) continue
    const because = new Map<string, Unmodelled>()
    for (const side of [before, after])
      if (isUnknown(side)) for (const each of side.unknown) because.set(unmodelledKey(each), each)
    found.unknown.push({
      callers,
      destinations: [destination],
      ...regionsOf(space, changes, value => value === leaf),
      because: [...because].sort(([a], [b]) => inOrder(a, b)).map(([, each]) => each),
      side: isBefore && isAfter ? 'both' : isBefore ? 'before' : 'after',
    })
  }
}

function regionsOf(
  { diagrams, dimensions }: RequestSpace,
  node: Node,
  isAsked: (value: Value) => boolean,
): Pick<Difference, 'regions' | 'further'> {
  const found = diagrams.regionsWhere(node, isAsked, mostParts)
  const merged = mergeRegions(found)
  const shown = merged.slice(0, mostRegions)
  return {
    regions: shown.map(region => describeRegion(region, dimensions)),
    further: merged.length - shown.length + diagrams.countWhere(node, isAsked) - found.length,
  }
}

/** More than a person will read of one change, and parts that are put together for that. */
const mostRegions = 200
const mostParts = 400

/** Leaves that say the same change are one difference, with all their regions. */
function tellDifferences(
  sides: Sides,
  touched: Affected,
  space: RequestSpace,
  changes: Node,
  leaves: readonly Change[],
  pair: Pair,
  destination: DestinationName,
  found: Found,
): void {
  const groups = new Map<string, { readonly told: Classified; readonly leaves: Set<Value> }>()
  for (const leaf of leaves) {
    const { before, after } = leaf
    if (isUnknown(before) || isUnknown(after)) continue
    const isPlaintext = pair.callers.every(caller => caller.kind === 'workload' && caller.plaintext)
    for (const told of classify(before, after, destination, isPlaintext, pair.isSameCaller)) {
      const key = `${told.section} ${told.change} ${told.key}`
      const group = groups.get(key)
      if (group === undefined) groups.set(key, { told, leaves: new Set([leaf]) })
      else group.leaves.add(leaf)
    }
  }
  for (const { told, leaves: own } of groups.values()) {
    const isOwn = (value: Value) => own.has(value)
    const extent = extentOf(space, pair, own)
    const isShown =
      extent === 'let-through'
        ? (value: Value) => isOwn(value) && isChange(value) && reaches(value.after)
        : isOwn
    const witness = witnessOf(sides, space, changes, isShown, pair, destination, found)
    if (witness === undefined) continue
    found.differences.push({
      section: told.section,
      change: told.change,
      callers: pair.callers,
      destinations: [destination],
      ...(extent === 'every' ? { regions: [[]], further: 0 } : regionsOf(space, changes, isOwn)),
      extent,
      witness,
      causes: {
        before: [...causesOf(witness.before.result, touched), ...identitiesOf(sides.before, pair)],
        after: [...causesOf(witness.after.result, touched), ...identitiesOf(sides.after, pair)],
      },
    })
  }
}

/** The most that can be said of a set of changes: which requests of the pair are all in it. */
function extentOf({ diagrams, compile }: RequestSpace, pair: Pair, own: ReadonlySet<Value>): Extent {
  const changes = [...own].filter(isChange)
  const afterByBefore = new Map<Value, Set<Value>>()
  for (const { before, after } of changes)
    afterByBefore.set(before, (afterByBefore.get(before) ?? new Set()).add(after))
  const before = compile(pair.before.tree)
  const after = compile(pair.after.tree)
  const hasAll = (isMeant: (was: Value, is: Value) => boolean) =>
    diagrams
      .leaves(
        diagrams.apply(before, after, (was, is) => isMeant(was, is) && !afterByBefore.get(was)?.has(is)),
      )
      .every(leaf => diagrams.valueOf(leaf) === false)

  const reached = changes.filter(value => reaches(value.before))
  const isReachedAlike = changes.every(value => reaches(value.before) === reaches(value.after))
  if (hasAll(() => true))
    return isReachedAlike && reached.length > 0 && reached.length < changes.length ? 'let-through' : 'every'
  const hasReached = () => hasAll((was, is) => reaches(was) || reaches(is))
  if (isReachedAlike && reached.length > 0) return hasReached() ? 'let-through' : 'some'
  if (changes.some(value => reaches(value.after))) return 'some'
  if (reached.length === changes.length) return hasReached() ? 'let-through-before' : 'some'
  if (reached.length > 0) return 'some'
  const answersBefore = new Set(changes.map(value => answerOf(value.before)))
  const hasAnswer = (was: Value) => !isFate(was) || (!reaches(was) && answersBefore.has(answerOf(was)))
  return hasAll(hasAnswer) ? 'answered-so-before' : 'some'
}

const answerOf = (value: Value): string => (isFate(value) ? answers(value) : '')

/** The requests reach a destination, or the engine does not know. */
const reaches = (value: Value): boolean => !isFate(value) || reach(value) > 0

/** A request of a region, with what the other engine makes of it; undefined, and a defect, if the engines disagree. */
function witnessOf(
  sides: Sides,
  space: RequestSpace,
  changes: Node,
  isAsked: (value: Value) => boolean,
  pair: Pair,
  destination: DestinationName,
  found: Found,
): Difference['witness'] | undefined {
  if (pair.mistakenFor !== undefined) {
    found.unknown.push({
      callers: pair.callers,
      destinations: [destination],
      ...regionsOf(space, changes, isAsked),
      because: [
        {
          object: pair.mistakenFor,
          path: [],
          reason: 'a workload that a request cannot tell from the caller',
        },
      ],
      side: 'both',
    })
    return undefined
  }
  const point = space.diagrams.pointWhere(changes, isAsked)!
  const on = (side: 'before' | 'after') => {
    const request = pair[side].request(space, point)
    const result = evaluate(sides[side].model, request)
    const predicted = space.diagrams.at(space.compile(pair[side].tree), point)
    if (!isFate(predicted)) throw new Error('a witness has a fate')
    return {
      request,
      result,
      expected: comparableFate(predicted),
      seen: comparableFate(fateOf(result, predicted)),
    }
  }
  const before = on('before')
  const after = on('after')
  const unknowns = [before, after].filter(({ result }) => result.verdict === 'UNKNOWN')
  if (unknowns.length > 0) {
    found.unknown.push({
      callers: pair.callers,
      destinations: [destination],
      ...regionsOf(space, changes, isAsked),
      because: unknowns.flatMap(({ result }) => [
        ...result.unknown,
        ...result.outcomes.flatMap(({ unknown }) => unknown),
      ]),
      side: unknowns.length === 2 ? 'both' : unknowns[0] === before ? 'before' : 'after',
    })
    return undefined
  }
  const wrong = (
    [
      ['before', before],
      ['after', after],
    ] as const
  ).filter(([, { expected, seen }]) => expected !== seen)
  for (const [side, { request, expected, seen }] of wrong)
    found.defects.push({ request, side, regions: expected, evaluation: seen })
  if (wrong.length > 0) return undefined
  return {
    before: { request: before.request, result: before.result },
    after: { request: after.request, result: after.result },
  }
}

/** Where a caller is another on the two sides, what says who it is. */
function identitiesOf(side: Side, { callers, isSameCaller }: Pair): readonly At[] {
  if (isSameCaller) return []
  return callers.flatMap(caller => {
    const workload = caller.kind === 'workload' ? side.workloadsByName.get(nameOf(caller)) : undefined
    if (workload === undefined) return []
    const template = podTemplates.get(workload.kind) ?? []
    return [{ object: workload, path: [...template, 'spec', 'serviceAccountName'] }]
  })
}

/** What of the decisions about a witness stands in objects that are not the same on both sides. */
function causesOf({ steps, outcomes }: Result, { objects }: Affected): readonly At[] {
  const seen = new Map<string, At>()
  for (const step of [...steps, ...outcomes.flatMap(outcome => outcome.steps)])
    for (const at of step.at)
      if (objects.has(objectKey(at.object))) seen.set(`${objectKey(at.object)} ${at.path.join('.')}`, at)
  return [...seen.values()]
}
