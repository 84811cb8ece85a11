import { memo } from '../../basics/memo.ts'
import { once } from '../../basics/once.ts'
import { compare as inOrder } from '../../diagnostics/compare.ts'
import { type Ask, type Limits, limitQuestions, usualLimits } from '../budget.ts'
import { evaluate } from '../evaluate/evaluate.ts'
import type { BehaviorModel, Workload } from '../model.ts'
import {
  anyone,
  makeAssumedCallerFinder,
  makeIdentityTest,
  pairAssumedCaller,
} from '../pairs/assumed-callers.ts'
import { type CallerInModel, type CallerPair, pairCallers } from '../pairs/callers.ts'
import { type Destination, listMeshDestinations } from '../pairs/destinations.ts'
import type { CallerName, DestinationName } from '../pairs/names.ts'
import { listOutsideDestinations, type OutsideDestination } from '../pairs/outside-destinations.ts'
import { listPodsNear, makeCallerSigner } from '../pairs/signature.ts'
import { classifyCallers } from '../pairs/survey.ts'
import { makeCallerWay, makeGatewayWay, type Way } from '../pairs/ways.ts'
import { podTemplates } from '../pod-templates.ts'
import { getQualifiedName } from '../qualified-name.ts'
import type { At, Result, Unmodelled } from '../result.ts'
import { getIdentity } from '../symbolic/delivery.ts'
import type { Node } from '../symbolic/diagrams/diagram.ts'
import { convertToFate, serializeFate } from '../symbolic/fate-text.ts'
import { hasLabels, type IndexedModel, indexModel } from '../symbolic/indexed-model.ts'
import { listIdentityWordsAt } from '../symbolic/peer-classes.ts'
import {
  askSpace,
  type Change,
  isChange,
  isFate,
  makeUnmodelledKey,
  type RequestMaker,
  type RequestSpace,
  type Value,
} from '../symbolic/request-space.ts'
import { isSameKnown } from '../symbolic/same-tree.ts'
import { findScope } from '../symbolic/scope.ts'
import { findListenerConflict, hasHttpListener, type Target } from '../symbolic/sidecar-tree.ts'
import { type Fate, isUnknown, type Tree } from '../symbolic/tree.ts'
import { type Affected, findAffected, makeObjectKey } from './affected.ts'
import { type Classified, classify, getReach, serializeAnswers } from './classify.ts'
import type { Comparison, Defect, Difference, Extent, UnknownPart } from './difference.ts'
import { listRegions } from './list-regions.ts'
import { mergeDifferences } from './merge.ts'

/**
 * Lists all differences between the behavior of two meshes.
 *
 * A pair is a caller and a destination that some changed object can affect. For each pair and each side, the symbolic engine builds a
 * function of requests. The functions are decision diagrams in one space, so equal functions are one node. Each difference has a
 * request as its witness. `evaluate`, an engine that shares no code with this one, has tried the witness on both sides.
 *
 * A question is: what differs at this destination? If it passes a limit, the answer is unknown.
 */
export function compare(
  before: BehaviorModel,
  after: BehaviorModel,
  limits: Limits = usualLimits,
): Comparison {
  const sides = { before: indexModel(before), after: indexModel(after) }
  return compareTouched(sides, findAffected(sides.before, sides.after), limits)
}

/** The same, of the pairs that are taken to be touched. */
export function compareTouched(sides: Sides, touched: Affected, limits: Limits = usualLimits): Comparison {
  const ask = limitQuestions(limits)
  const comparison: Found = { differences: [], unknown: [], defects: [], compared: 0 }
  const callers = pairCallers(sides.before, sides.after)
  const destinations = listMeshDestinations(sides.before, sides.after)
  const touchedCallers = callers.filter(caller => isTouched(caller, sides, touched))
  const assumedCallersAt = listAssumedCallers(sides)
  const isAnywhereTouched = once(() => isAnyTouched(sides, touched))
  const identitiesOf = memo((caller: CallerPair) => getIdentities(sides, caller))
  let assumed = 0
  for (const destination of destinations) {
    const isWhole = touched.host(destination.name.host)
    const isAsked = (caller: CallerPair) => isWhole || isTouched(caller, sides, touched)
    const assumedCallers = (
      isWhole || isAnywhereTouched() ? assumedCallersAt(destination.target) : []
    ).filter(isAsked)
    const callerPairs = [...(isWhole ? callers : touchedCallers), ...assumedCallers]
    assumed += assumedCallers.length
    if (callerPairs.length > 0)
      askDifferences(ask, sides, destination.name, callerPairs, comparison, into =>
        compareAt(sides, touched, destination, callerPairs, identitiesOf, into),
      )
  }
  const outside = listOutsideDestinations(sides.before, sides.after)
  for (const destination of outside) {
    const isOwn = touched.caller(`${destination.gateway.namespace}/${destination.gateway.name}`)
    if (isOwn || touched.host(destination.name.host))
      askDifferences(ask, sides, destination.name, [{ name: destination.caller }], comparison, into =>
        compareOutside(sides, touched, destination, into),
      )
  }
  return {
    ...mergeDifferences(comparison.differences, comparison.unknown),
    defects: comparison.defects,
    pairs: {
      all: callers.length * destinations.length + assumed + outside.length,
      compared: comparison.compared,
    },
  }
}

interface Sides {
  readonly before: IndexedModel
  readonly after: IndexedModel
}

interface Found {
  readonly differences: Difference[]
  readonly unknown: UnknownPart[]
  readonly defects: Defect[]
  compared: number
}

/** Compares one destination as one question. If the question exceeds a limit, the result is only that limit. */
function askDifferences(
  ask: Ask,
  {
    after: {
      model: { settings },
    },
  }: Sides,
  destination: DestinationName,
  callers: readonly { readonly name: CallerName }[],
  comparison: Found,
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
        makeUnknownAt(
          destination,
          callers.map(({ name }) => name),
          { object: settings.object, path: [], reason },
        ),
      ],
      compared: callers.length,
    }),
  )
  comparison.differences.push(...differences)
  comparison.unknown.push(...unknown)
  comparison.defects.push(...defects)
  comparison.compared += compared
}

/** Makes the entry for a destination with an unknown difference. */
const makeUnknownAt = (
  destination: DestinationName,
  callers: readonly CallerName[],
  because: Unmodelled,
): UnknownPart => ({
  callers,
  destinations: [destination],
  regions: [],
  further: 0,
  because: [because],
  side: 'both',
})

/**
 * Lists the assumed callers of a destination, which only policies name. Most meshes have no assumed callers, since their policies
 * name their workloads.
 */
function listAssumedCallers(sides: Sides): (target: Target) => readonly CallerPair[] {
  const both = [sides.before, sides.after]
  const findAssumedCallers = makeAssumedCallerFinder(sides.after.model.settings, makeIdentityTest(both))
  return target => {
    const words = both.flatMap(indexed =>
      listPodsNear(indexed, target).flatMap(pod => listIdentityWordsAt(indexed, pod)),
    )
    return findAssumedCallers(words).map(assumedCaller => pairAssumedCaller(sides, assumedCaller, true))
  }
}

/** Tells whether a change touches an assumed caller, wherever it calls. */
function isAnyTouched(sides: Sides, touched: Affected): boolean {
  if (touched.namespaces.size + touched.ports.size === 0) return false
  const namespaces = new Set([sides.before, sides.after].flatMap(({ model }) => listNamespaces(model)))
  return [...namespaces].some(namespace =>
    isTouched(pairAssumedCaller(sides, { ...anyone, namespace }, true), sides, touched),
  )
}

/** Lists the namespaces that a manifest has something in or for: a proxy in any other sees the same. */
const listNamespaces = ({ namespaces, sidecars, services }: BehaviorModel): readonly string[] => [
  anyone.namespace,
  ...namespaces.keys(),
  ...sidecars.map(({ namespace }) => namespace),
  ...services.flatMap(({ namespace, exportTo }) => [namespace, ...exportTo]),
]

/** Tells whether a caller itself differs, or its proxy listens in other places. */
function isTouched(caller: CallerPair, { before, after }: Sides, touched: Affected): boolean {
  if (touched.caller(`${caller.name.namespace}/${caller.name.name}`)) return true
  if (caller.name.assumed && touched.namespaces.has(caller.name.namespace)) return true
  if (touched.ports.size === 0) return false
  const listens = (indexed: IndexedModel, { namespace, labels }: CallerInModel) => {
    const scope = findScope(indexed, namespace, labels)
    return [...touched.ports]
      .map(
        port =>
          `${hasHttpListener(indexed, scope, port)} ${findListenerConflict(indexed, scope, port).length}`,
      )
      .join()
  }
  return listens(before, caller.before) !== listens(after, caller.after)
}

/** Compares one destination. Callers that no object distinguishes are one class, and each class has two functions. */
function compareAt(
  sides: Sides,
  touched: Affected,
  { name, target }: Destination,
  callers: readonly CallerPair[],
  identitiesOf: (caller: CallerPair) => string,
  comparison: Found,
): void {
  comparison.compared += callers.length
  const signatures = {
    before: makeCallerSigner(sides.before, target),
    after: makeCallerSigner(sides.after, target),
  }
  // Most callers share these texts: a new text for each caller would take most of the time.
  const join = memo((_identities: string) => memo((_before: string) => memo((_after: string) => ({}))))
  const signatureOf = (caller: CallerPair): object =>
    join(identitiesOf(caller))(signatures.before(caller.before))(signatures.after(caller.after))
  const classes = classifyCallers(callers, signatureOf, caller => findIndistinguishable(caller) === undefined)
  const pairs = classes.map(({ members, representative }): Pair => {
    const { before, after } = representative
    return {
      callers: members.map(member => member.name),
      before: followWay(makeCallerWay(before, target), sides.before),
      after: followWay(makeCallerWay(after, target), sides.after),
      isSameCaller: before.serviceAccount === after.serviceAccount && before.hasSidecar === after.hasSidecar,
      ambiguousWith: findIndistinguishable(representative),
    }
  })
  compareTrees(sides, touched, name, pairs, comparison)
}

/** The identities of a caller on both sides, if they differ: with one identity it is taken for the same, whatever that is. */
function getIdentities(sides: Sides, { before, after }: CallerPair): string {
  const identities = [getIdentity(sides.before, before), getIdentity(sides.after, after)]
  return identities[0] === identities[1] ? '' : identities.join()
}

const followWay = ({ buildTree, requestOf }: Way, indexed: IndexedModel): Pair['before'] => ({
  tree: buildTree(indexed),
  request: requestOf,
})

const findIndistinguishable = ({ before, after }: CallerPair): Workload | undefined =>
  before.ambiguousWith ?? after.ambiguousWith

function compareOutside(
  sides: Sides,
  touched: Affected,
  destination: OutsideDestination,
  comparison: Found,
): void {
  comparison.compared += 1
  const findWay = (indexed: IndexedModel) => {
    const { namespace, labels } = destination.gateway
    // A client finds a gateway by its labels: if the gateway is gone, another gateway with these labels replaces it.
    const there = [
      indexed.workloadsByName.get(getQualifiedName(destination.gateway)),
      indexed.workloadsByNamespace
        .get(namespace)
        ?.find(otherWorkload => hasLabels(otherWorkload.labels, labels)),
    ].find(foundWorkload => foundWorkload?.proxy === 'gateway')
    const workload = there ?? assumeGateway(destination.gateway)
    return makeGatewayWay(indexed, workload, destination.target)
  }
  const [before, after] = [findWay(sides.before), findWay(sides.after)]
  compareTrees(
    sides,
    touched,
    destination.name,
    [
      {
        callers: [destination.caller],
        before: followWay(before, sides.before),
        after: followWay(after, sides.after),
        isSameCaller: true,
        ambiguousWith: before.ambiguousWith ?? after.ambiguousWith,
      },
    ],
    comparison,
  )
}

/** A gateway that is not there, as the evaluation assumes one: it has a name of its own, so that it is no other's. */
const assumeGateway = (gateway: Workload): Workload => ({
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
  readonly ambiguousWith: Workload | undefined
}

function compareTrees(
  sides: Sides,
  touched: Affected,
  destination: DestinationName,
  allPairs: readonly Pair[],
  comparison: Found,
): void {
  const { pathNormalization, object } = sides.after.model.settings
  const readsAlike = pathNormalization === sides.before.model.settings.pathNormalization
  const pairs = allPairs.filter(({ before, after }) => !readsAlike || !isSameKnown(before.tree, after.tree))
  if (pairs.every(({ before, after }) => before.tree === after.tree)) return
  const trees = pairs.flatMap(({ before, after }) => [before.tree, after.tree])
  const callers = pairs.flatMap(pair => pair.callers)
  askSpace(
    [sides.after.model, sides.before.model],
    trees,
    space => {
      for (const pair of pairs) comparePair(sides, touched, space, pair, destination, comparison)
      // The space has paths in the form after the change. One path of it may be several paths in the form before.
      if (readsAlike || !asksPath(space)) return
      const reason = { code: 'changed-path-normalization' } as const
      comparison.unknown.push(
        makeUnknownAt(destination, callers, { object, path: ['pathNormalization'], reason }),
      )
    },
    because => {
      comparison.unknown.push(makeUnknownAt(destination, callers, because))
    },
  )
}

const asksPath = ({ dimensions }: RequestSpace): boolean =>
  dimensions.some(dimension => dimension.kind === 'text' && dimension.part === 'path')

function comparePair(
  sides: Sides,
  touched: Affected,
  space: RequestSpace,
  pair: Pair,
  destination: DestinationName,
  comparison: Found,
): void {
  const { diagrams } = space
  const node = space.compile(pair.before.tree)
  const otherNode = space.compile(pair.after.tree)
  const changes = diagrams.apply(node, otherNode, makeChange, (a, b) =>
    a === b && areLeavesKnown(space, a) ? makeSameLeaf(space) : undefined,
  )
  const leaves = diagrams
    .leaves(changes)
    .map(leaf => diagrams.valueOf(leaf))
    .filter(isChange)
  if (leaves.length === 0) return
  reportUnknownParts(space, changes, leaves, pair, destination, comparison)
  reportDifferences(sides, touched, space, changes, leaves, pair, destination, comparison)
}

const makeSameLeaf = ({ diagrams }: RequestSpace): Node => diagrams.leaf(true)

/** Tells whether a function is known everywhere: only then is its equality with itself a proof. */
function areLeavesKnown({ diagrams }: RequestSpace, node: Node): boolean {
  return diagrams.leaves(node).every(leaf => {
    const value = diagrams.valueOf(leaf)
    return typeof value !== 'object' || !isUnknown(value)
  })
}

function makeChange(before: Value, after: Value): Value {
  if (typeof before === 'boolean' || typeof after === 'boolean') throw new Error('a request has a fate')
  if (isChange(before) || isChange(after)) throw new Error('a change is no fate')
  if (isUnknown(before) || isUnknown(after)) return getChange(before, after)
  if (!isFate(before) || !isFate(after)) throw new Error('an answer is no fate')
  return serializeFate(before) === serializeFate(after) ? true : { before, after }
}

function getChange(before: Value, after: Value): Change {
  // Both are a fate or unknown: the caller of this function has checked it.
  return { before: before as Change['before'], after: after as Change['after'] }
}

function reportUnknownParts(
  space: RequestSpace,
  changes: Node,
  leaves: readonly Change[],
  { callers }: Pair,
  destination: DestinationName,
  comparison: Found,
): void {
  for (const leaf of leaves) {
    const { before, after } = leaf
    const isBefore = isUnknown(before)
    const isAfter = isUnknown(after)
    if (!isBefore && !isAfter) continue
    const because = new Map<string, Unmodelled>()
    for (const answer of [before, after])
      if (isUnknown(answer)) for (const each of answer.unknown) because.set(makeUnmodelledKey(each), each)
    comparison.unknown.push({
      callers,
      destinations: [destination],
      ...getRegions(space, changes, value => value === leaf),
      because: [...because].sort(([a], [b]) => inOrder(a, b)).map(([, each]) => each),
      side: isBefore && isAfter ? 'both' : isBefore ? 'before' : 'after',
    })
  }
}

const getRegions = (space: RequestSpace, node: Node, isAsked: (value: Value) => boolean) =>
  listRegions(space, node, isAsked, mostRegionsOfChange)

/** The limit of regions that a person will read of one change. */
const mostRegionsOfChange = 200

/** Joins leaves that say the same change into one difference, with all their regions. */
function reportDifferences(
  sides: Sides,
  touched: Affected,
  space: RequestSpace,
  changes: Node,
  leaves: readonly Change[],
  pair: Pair,
  destination: DestinationName,
  comparison: Found,
): void {
  const groups = new Map<string, { readonly classified: Classified; readonly leaves: Set<Value> }>()
  for (const leaf of leaves) {
    const { before, after } = leaf
    if (isUnknown(before) || isUnknown(after)) continue
    const isPlaintext = pair.callers.every(caller => caller.kind === 'workload' && caller.plaintext)
    for (const classified of classify(before, after, destination, isPlaintext, pair.isSameCaller)) {
      const key = `${classified.section} ${classified.change} ${classified.key}`
      const group = groups.get(key)
      if (group === undefined) groups.set(key, { classified, leaves: new Set([leaf]) })
      else group.leaves.add(leaf)
    }
  }
  for (const { classified, leaves } of groups.values()) {
    const isOwn = (value: Value) => leaves.has(value)
    const extent = findExtent(space, pair, leaves)
    const isShown =
      extent === 'let-through'
        ? (value: Value) => isOwn(value) && isChange(value) && mayReach(value.after)
        : isOwn
    const witness = findWitness(sides, space, changes, isShown, pair, destination, comparison)
    if (witness === undefined) continue
    comparison.differences.push({
      section: classified.section,
      change: classified.change,
      callers: pair.callers,
      destinations: [destination],
      ...(extent === 'every' ? { regions: [[]], further: 0 } : getRegions(space, changes, isOwn)),
      extent,
      witness,
      causes: {
        before: [...listCauses(witness.before.result, touched), ...listIdentities(sides.before, pair)],
        after: [...listCauses(witness.after.result, touched), ...listIdentities(sides.after, pair)],
      },
    })
  }
}

/** The largest described set of requests that a set of changes covers, within the requests of the pair. */
function findExtent({ diagrams, compile }: RequestSpace, pair: Pair, leaves: ReadonlySet<Value>): Extent {
  const changes = [...leaves].filter(isChange)
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

  const reached = changes.filter(value => mayReach(value.before))
  const isReachedAlike = changes.every(value => mayReach(value.before) === mayReach(value.after))
  if (hasAll(() => true))
    return isReachedAlike && reached.length > 0 && reached.length < changes.length ? 'let-through' : 'every'
  const hasReached = () => hasAll((was, is) => mayReach(was) || mayReach(is))
  if (isReachedAlike && reached.length > 0) return hasReached() ? 'let-through' : 'some'
  if (changes.some(value => mayReach(value.after))) return 'some'
  if (reached.length === changes.length) return hasReached() ? 'let-through-before' : 'some'
  if (reached.length > 0) return 'some'
  const answersBefore = new Set(changes.map(value => getAnswer(value.before)))
  const hasAnswer = (was: Value) => !isFate(was) || (!mayReach(was) && answersBefore.has(getAnswer(was)))
  return hasAll(hasAnswer) ? 'answered-so-before' : 'some'
}

const getAnswer = (value: Value): string => (isFate(value) ? serializeAnswers(value) : '')

/** The requests reach a destination, or the engine does not know. */
const mayReach = (value: Value): boolean => !isFate(value) || getReach(value) > 0

/** A request of a region, with the result of `evaluate`. If the engines disagree, the result is undefined and a defect is noted. */
function findWitness(
  sides: Sides,
  space: RequestSpace,
  changes: Node,
  isAsked: (value: Value) => boolean,
  pair: Pair,
  destination: DestinationName,
  comparison: Found,
): Difference['witness'] | undefined {
  if (pair.ambiguousWith !== undefined) {
    comparison.unknown.push({
      callers: pair.callers,
      destinations: [destination],
      ...getRegions(space, changes, isAsked),
      because: [
        {
          object: pair.ambiguousWith,
          path: [],
          reason: { code: 'indistinguishable-caller' },
        },
      ],
      side: 'both',
    })
    return undefined
  }
  const point = space.diagrams.pointWhere(changes, isAsked)!
  const tryIn = (side: 'before' | 'after') => {
    const request = pair[side].request(space, point)
    const result = evaluate(sides[side].model, request)
    const predicted = space.diagrams.at(space.compile(pair[side].tree), point)
    if (!isFate(predicted)) throw new Error('a witness has a fate')
    return {
      request,
      result,
      expected: serializeFate(predicted),
      seen: serializeFate(convertToFate(result, predicted)),
    }
  }
  const before = tryIn('before')
  const after = tryIn('after')
  const unknowns = [before, after].filter(({ result }) => result.verdict === 'UNKNOWN')
  if (unknowns.length > 0) {
    comparison.unknown.push({
      callers: pair.callers,
      destinations: [destination],
      ...getRegions(space, changes, isAsked),
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
    comparison.defects.push({ request, side, regions: expected, evaluation: seen })
  if (wrong.length > 0) return undefined
  return {
    before: { request: before.request, result: before.result },
    after: { request: after.request, result: after.result },
  }
}

/** Lists the places that define the identity of a caller that differs between the two sides. */
function listIdentities(indexed: IndexedModel, { callers, isSameCaller }: Pair): readonly At[] {
  if (isSameCaller) return []
  return callers.flatMap(caller => {
    const workload =
      caller.kind === 'workload' ? indexed.workloadsByName.get(getQualifiedName(caller)) : undefined
    if (workload === undefined) return []
    const template = podTemplates.get(workload.kind) ?? []
    return [{ object: workload, path: [...template, 'spec', 'serviceAccountName'] }]
  })
}

/** Lists the positions that decide the result of a witness and are in objects that differ between the sides. */
function listCauses({ steps, outcomes }: Result, { objects }: Affected): readonly At[] {
  const seen = new Map<string, At>()
  for (const step of [...steps, ...outcomes.flatMap(outcome => outcome.steps)])
    for (const at of step.at)
      if (objects.has(makeObjectKey(at.object)))
        seen.set(`${makeObjectKey(at.object)} ${at.path.join('.')}`, at)
  return [...seen.values()]
}
