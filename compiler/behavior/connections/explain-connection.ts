import { type Limits, limitQuestions } from '../budget.ts'
import { listRegions, type Regions } from '../compare/list-regions.ts'
import { evaluate } from '../evaluate/evaluate.ts'
import type { BehaviorModel } from '../model.ts'
import { pairCallers } from '../pairs/callers.ts'
import { type Calling, listAssumedCallersAt } from '../pairs/calling.ts'
import { listMeshDestinations } from '../pairs/destinations.ts'
import type { CallerName, DestinationName } from '../pairs/names.ts'
import { listOutsideDestinations } from '../pairs/outside-destinations.ts'
import { listPodsNear } from '../pairs/signature.ts'
import { makeCallerWay, makeGatewayWay, type Way } from '../pairs/ways.ts'
import type { Request } from '../request.ts'
import type { Result, Unmodelled } from '../result.ts'
import { type IndexedModel, indexModel } from '../symbolic/indexed-model.ts'
import { askSpace, isFate, listUnknownIn, type Value } from '../symbolic/request-space.ts'
import { isUnknown } from '../symbolic/tree.ts'
import { mostRegionsOfConnection } from './connection.ts'

/** The fates of all requests of one caller to one host and port. */
export interface ExplainedConnection {
  readonly passes: Fated
  readonly refused: Fated
  readonly unknown: Regions & { readonly because: readonly Unmodelled[] }
}

/** Sets of requests with one fate, and an example. There is no example if no request can identify this caller. */
interface Fated extends Regions {
  readonly witness: { readonly request: Request; readonly result: Result } | undefined
}

/**
 * Explains a connection: the exact sets of requests that get through, are refused, or are not known. A port that is spoken to in
 * several protocols has one answer for each.
 */
export function explainConnection(
  model: BehaviorModel,
  caller: CallerName,
  destination: DestinationName,
  limits: Limits,
): readonly ExplainedConnection[] {
  const indexed = indexModel(model)
  const ask = limitQuestions(limits)
  return findWays(indexed, caller, destination).map(way =>
    ask(
      () => explainWay(indexed, way),
      reason => explainNothing({ object: model.settings.object, path: [], reason }),
    ),
  )
}

function findWays(
  indexed: IndexedModel,
  caller: CallerName,
  { host, port }: DestinationName,
): readonly Way[] {
  const isSame = (name: CallerName) => JSON.stringify(name) === JSON.stringify(caller)
  const isThere = ({ name }: { readonly name: DestinationName }) => name.host === host && name.port === port
  if (caller.kind === 'outside')
    return listOutsideDestinations(indexed, indexed)
      .filter(outside => isThere(outside) && isSame(outside.caller))
      .map(({ gateway, target }) => makeGatewayWay(indexed, gateway, target))
  const callers = pairCallers(indexed, indexed).map(({ name, after }): Calling => ({ name, ...after }))
  return listMeshDestinations(indexed, indexed)
    .filter(isThere)
    .flatMap(({ target }) =>
      [...callers, ...listAssumedCallersAt(indexed, listPodsNear(indexed, target))]
        .filter(({ name }) => isSame(name))
        .map(calling => makeCallerWay(calling, target)),
    )
}

function explainWay(
  indexed: IndexedModel,
  { buildTree, requestOf, ambiguousWith }: Way,
): ExplainedConnection {
  const tree = buildTree(indexed)
  return askSpace(
    [indexed.model],
    [tree],
    space => {
      const node = space.compile(tree)
      const tell = (isAsked: (value: Value) => boolean): Fated => {
        const point = ambiguousWith === undefined ? space.diagrams.pointWhere(node, isAsked) : undefined
        const request = point && requestOf(space, point)
        return {
          ...listRegions(space, node, isAsked, mostRegionsOfConnection),
          witness: request && { request, result: evaluate(indexed.model, request) },
        }
      }
      return {
        passes: tell(isThrough),
        refused: tell(value => isFate(value) && !isThrough(value)),
        unknown: {
          ...listRegions(
            space,
            node,
            value => typeof value === 'object' && isUnknown(value),
            mostRegionsOfConnection,
          ),
          because: listUnknownIn(space, node),
        },
      }
    },
    explainNothing,
  )
}

const isThrough = (value: Value): boolean =>
  isFate(value) &&
  value.outcomes.some(({ workload, verdict }) => workload !== undefined && verdict === 'ALLOW')

/** Makes the explanation of an unknown connection. */
const explainNothing = (because: Unmodelled): ExplainedConnection => ({
  passes: { regions: [], further: 0, witness: undefined },
  refused: { regions: [], further: 0, witness: undefined },
  unknown: { regions: [[]], further: 0, because: [because] },
})
