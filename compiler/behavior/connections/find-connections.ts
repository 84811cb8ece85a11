import { type Ask, type Limits, limitQuestions, usualLimits } from '../budget.ts'
import { listRegions } from '../compare/list-regions.ts'
import { evaluate } from '../evaluate/evaluate.ts'
import type { BehaviorModel } from '../model.ts'
import { pairCallers } from '../pairs/callers.ts'
import { type Calling, listAssumedCallersAt } from '../pairs/calling.ts'
import { type Destination, listMeshDestinations } from '../pairs/destinations.ts'
import { listUnknownParts } from '../pairs/list-unknown-parts.ts'
import { type CallerName, type DestinationName, isAnyone } from '../pairs/names.ts'
import { listOutsideDestinations, type OutsideDestination } from '../pairs/outside-destinations.ts'
import { listPodsNear, makeCallerSigner } from '../pairs/signature.ts'
import { classifyCallers } from '../pairs/survey.ts'
import { makeCallerWay, makeGatewayWay, type Way } from '../pairs/ways.ts'
import type { Unmodelled } from '../result.ts'
import type { Node } from '../symbolic/diagrams/diagram.ts'
import { type IndexedModel, indexModel } from '../symbolic/indexed-model.ts'
import { askSpace, listUnknownIn, type RequestSpace, type Value } from '../symbolic/request-space.ts'
import type { Fate, Tree } from '../symbolic/tree.ts'
import { type Arrival, type Connection, mostRegionsOfConnection } from './connection.ts'
import { listPlaces } from './list-places.ts'
import { makeCallerSelector } from './select-callers.ts'

/**
 * Finds all connections of a mesh: for every host and port, and every class of callers that no manifest distinguishes there, the
 * workloads at which requests arrive. The symbolic engine decides for all requests at once, and `evaluate` follows one example for
 * each workload. No request of a class without an entry arrives.
 *
 * A question is: which callers reach this destination? If it passes a limit, the connection is unknown.
 */
export function* findConnections(
  model: BehaviorModel,
  limits: Limits = usualLimits,
): Generator<Connection, void, void> {
  const indexed = indexModel(model)
  const ask = limitQuestions(limits)
  const callers = pairCallers(indexed, indexed).map(({ name, after }): Calling => ({ name, ...after }))
  const selectCallers = makeCallerSelector(indexed, callers)
  for (const destination of listMeshDestinations(indexed, indexed)) {
    const assumedCallers = listAssumedCallersAt(indexed, listPodsNear(indexed, destination.target))
    const possible = [...selectCallers(destination.target), ...assumedCallers]
    yield* askConnections(ask, indexed, destination.name, possible, () =>
      connectInside(indexed, destination, possible),
    )
  }
  for (const destination of listOutsideDestinations(indexed, indexed))
    yield* askConnections(ask, indexed, destination.name, [{ name: destination.caller }], () =>
      connectOutside(indexed, destination),
    )
}

/** Answers one question. If it passes a limit, the connection of all callers is unknown. */
const askConnections = (
  ask: Ask,
  { model }: IndexedModel,
  destination: DestinationName,
  callers: readonly { readonly name: CallerName }[],
  connect: () => readonly Connection[],
): readonly Connection[] =>
  ask(connect, reason => [
    makeUnknownConnection(destination, callers, { object: model.settings.object, path: [], reason }),
  ])

const makeUnknownConnection = (
  destination: DestinationName,
  callers: readonly { readonly name: CallerName }[],
  because: Unmodelled,
): Connection => ({
  callers: callers.map(({ name }) => name),
  destination,
  arrivals: [],
  unknown: [because],
  isUnknownToAnyone: true,
})

/** A class of callers with the tree of the fates of their requests. */
interface CallerTree {
  readonly callers: readonly Calling[]
  readonly way: Way
  readonly tree: Tree<Fate>
}

function connectInside(
  indexed: IndexedModel,
  { name, target }: Destination,
  callers: readonly Calling[],
): readonly Connection[] {
  const classes = classifyCallers(
    callers,
    makeCallerSigner(indexed, target),
    caller => caller.ambiguousWith === undefined,
  ).map(({ members, representative }): CallerTree => {
    const way = makeCallerWay(representative, target)
    return { callers: members, way, tree: way.buildTree(indexed) }
  })
  return connectTrees(indexed, name, classes)
}

function connectOutside(
  indexed: IndexedModel,
  { caller, gateway, name, target }: OutsideDestination,
): readonly Connection[] {
  const way = makeGatewayWay(indexed, gateway, target)
  const tree = way.buildTree(indexed)
  return askSpace(
    [indexed.model],
    [tree],
    space => connectTree(indexed, space, name, [caller], { way, tree }, []),
    because => [makeUnknownConnection(name, [{ name: caller }], because)],
  )
}

function connectTrees(
  indexed: IndexedModel,
  destination: DestinationName,
  classes: readonly CallerTree[],
): readonly Connection[] {
  return askSpace(
    [indexed.model],
    classes.map(({ tree }) => tree),
    space => {
      const open = classes
        .filter(({ callers }) => callers.some(({ name }) => isAnyone(name)))
        .map(({ tree }) => space.compile(tree))
      return classes.flatMap(({ callers, way, tree }) =>
        connectTree(
          indexed,
          space,
          destination,
          callers.map(({ name }) => name),
          { way, tree },
          open,
        ),
      )
    },
    because => [
      makeUnknownConnection(
        destination,
        classes.flatMap(({ callers }) => callers),
        because,
      ),
    ],
  )
}

/** @param open the fates of the requests of callers that no manifest has */
function connectTree(
  indexed: IndexedModel,
  space: RequestSpace,
  destination: DestinationName,
  callers: readonly CallerName[],
  { way, tree }: Pick<CallerTree, 'way' | 'tree'>,
  open: readonly Node[],
): readonly Connection[] {
  const node = space.compile(tree)
  const unknown = [...listUnknownIn(space, node)]
  const arrivals = listPlaces(space, node).flatMap((place): readonly Arrival[] => {
    const point = space.diagrams.pointWhere(node, place.isReached)!
    if (way.ambiguousWith !== undefined) {
      unknown.push({ object: way.ambiguousWith, path: [], reason: { code: 'indistinguishable-caller' } })
      return []
    }
    const witness = way.requestOf(space, point)
    const result = evaluate(indexed.model, witness)
    if (!result.outcomes.some(each => each.workload === place.workload && each.verdict === 'ALLOW')) {
      unknown.push(...listUnknownParts(indexed, result))
      return []
    }
    const { workload, host, transports, isReached } = place
    return [
      {
        workload,
        host,
        // If the caller opens TLS itself and the last proxy adds no encryption, the connection is not in plaintext.
        transports: way.isTlsOfCaller(indexed) ? [...new Set(transports.map(encrypt))] : transports,
        ...listRegions(space, node, isReached, mostRegionsOfConnection),
        witness,
        isOpen: open.some(each => holdsWherever(space, node, each, isReached)),
      },
    ]
  })
  if (arrivals.length + unknown.length === 0) return []
  const isUnknownToAnyone = open.some(each => listUnknownIn(space, each).length > 0)
  return [{ callers, destination, arrivals, unknown, isUnknownToAnyone }]
}

const encrypt = (transport: Arrival['transports'][number]) => (transport === 'plaintext' ? 'tls' : transport)

/** Tells whether the requests of one function that arrive are a subset of those of another. */
const holdsWherever = (
  { diagrams }: RequestSpace,
  node: Node,
  around: Node,
  isReached: (value: Value) => boolean,
): boolean =>
  diagrams
    .leaves(diagrams.apply(node, around, (inner, outer): Value => isReached(inner) && !isReached(outer)))
    .every(leaf => diagrams.valueOf(leaf) === false)
