import * as assert from 'uvu/assert'
import { compare } from '../../../compiler/behavior/compare/compare.ts'
import type { Comparison, Difference } from '../../../compiler/behavior/compare/difference.ts'
import { evaluate } from '../../../compiler/behavior/evaluate/evaluate.ts'
import { normalizePath } from '../../../compiler/behavior/evaluate/paths.ts'
import type { BehaviorModel, Workload } from '../../../compiler/behavior/model.ts'
import { listMeshDestinations } from '../../../compiler/behavior/pairs/destinations.ts'
import type { Request } from '../../../compiler/behavior/request.ts'
import type { Result } from '../../../compiler/behavior/result.ts'
import { indexModel } from '../../../compiler/behavior/symbolic/indexed-model.ts'
import { differencesOf, isOfTheSpace, isReportedBy, outcome } from './reported.ts'

/** The counts of requests in a check of a comparison. */
interface Shown {
  readonly comparison: Comparison
  /**
   * The number of requests with a changed fate. The next field counts those of callers that no manifest has.
   */
  readonly differing: number
  readonly ofAssumedCallers: number
}

/**
 * Asserts that a comparison has no contradiction, that its witnesses hold, and that it reports each request
 * with another result.
 */
export function assertReportsAll(
  before: BehaviorModel,
  after: BehaviorModel,
  requests: readonly Request[],
): Shown {
  const comparison = compare(before, after)
  const sides = [before, after] as const
  const destinations = listMeshDestinations(indexModel(before), indexModel(after))
  assert.equal(comparison.defects, [], JSON.stringify(comparison.defects))
  for (const difference of comparison.differences) {
    const { before, after } = difference.witness
    if (isSeenInResults(difference)) assert.is.not(outcome(before.result), outcome(after.result))
  }
  let result = 0
  let ofAssumedCallers = 0
  for (const request of requests) {
    if (!isOfTheSpace(request, destinations) || !sides.every(side => isReadAlike(side, request))) continue
    const results = sides.map(side => evaluate(side, request))
    if (results.some(({ verdict }) => verdict === 'UNKNOWN')) continue
    // The comparison does not cover methods that every proxy refuses.
    if (results.every(({ verdict }) => verdict === 'BAD_REQUEST')) continue
    const clients = results.map(({ client }) => client)
    if (isOfTwo(clients, sides) || isOfGateway(clients, sides)) continue
    if (clients[0] === clients[1])
      for (const difference of differencesOf(comparison, request, clients[0]!, destinations))
        assert.not(
          contradicts(difference, results),
          `${difference.extent} but for ${JSON.stringify(request)}`,
        )
    if (outcome(results[0]!) === outcome(results[1]!)) continue
    result += 1
    if (clients.every(client => isOfAssumedCaller(client, sides))) ofAssumedCallers += 1
    assert.ok(isReportedBy(comparison, request, sides), `untold: ${JSON.stringify(request)}`)
  }
  return { comparison, differing: result, ofAssumedCallers }
}

/** A result does not contain headers, the target of a redirect, or the shares of connections. */
const isSeenInResults = ({ change }: Difference): boolean => change !== 'moved' && change !== 'changed'

/**
 * Checks whether a request belongs to the extent of a difference, and its results contradict the difference.
 */
function contradicts(difference: Difference, [before, after]: readonly Result[]): boolean {
  const { extent, witness } = difference
  if (extent === 'let-through-before') return isReached(after!)
  if (extent !== 'answered-so-before' || isReached(before!) || !isSeenInResults(difference)) return false
  return answers(before!) === answers(witness.before.result) && outcome(before!) === outcome(after!)
}

const isReached = ({ outcomes }: Result) => outcomes.some(({ verdict }) => verdict === 'ALLOW')

const answers = ({ outcomes }: Result) =>
  JSON.stringify([...new Set(outcomes.map(({ verdict, status }) => `${verdict} ${status}`))].sort())

/**
 * Checks whether proxies accept a path, and the next proxy reads the path as the first did. The comparison
 * covers no other paths.
 */
function isReadAlike({ settings }: BehaviorModel, { path = '/' }: Request): boolean {
  const once = normalizePath(path, settings.pathNormalization)
  return once !== undefined && normalizePath(once, settings.pathNormalization) === once
}

/**
 * Checks whether the labels of a request select two callers. One case is a workload of both sides that has
 * these labels on only one side. The other case is a workload without a sidecar on one side, and an assumed
 * caller with a sidecar on the other side.
 */
const isOfTwo = (clients: readonly string[], sides: readonly BehaviorModel[]): boolean =>
  clients[0] !== clients[1] &&
  clients.some(
    client =>
      sides.every(side => hasWorkload(side, client)) ||
      sides.some(side => findWorkload(side, client)?.proxy === 'none'),
  )

const findWorkload = ({ workloads }: BehaviorModel, client: string): Workload | undefined =>
  workloads.find(({ namespace, name }) => `${namespace}/${name}` === client)

const hasWorkload = (side: BehaviorModel, client: string): boolean => findWorkload(side, client) !== undefined

/** Checks whether the labels of a request are those of a gateway, which sends no requests of its own. */
const isOfGateway = (clients: readonly string[], sides: readonly BehaviorModel[]): boolean =>
  sides.some(({ workloads }) =>
    workloads.some(
      ({ proxy, namespace, name }) => proxy === 'gateway' && clients.includes(`${namespace}/${name}`),
    ),
  )

const isOfAssumedCaller = (client: string, sides: readonly BehaviorModel[]): boolean =>
  !sides.some(side => hasWorkload(side, client))
