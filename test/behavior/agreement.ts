import { evaluate } from '../../compiler/behavior/evaluate/evaluate.ts'
import type { BehaviorModel } from '../../compiler/behavior/model.ts'
import type { Request } from '../../compiler/behavior/request.ts'
import type { Unmodelled } from '../../compiler/behavior/result.ts'
import { describeUnmodelledReason } from '../../compiler/behavior/unmodelled-reasons.ts'
import { getClaim, type Truth } from './truth.ts'

/** The counts of the engine's answers and of its true answers. */
interface Agreement {
  /** The number of all requests. The next fields count the answered requests and the true answers. */
  readonly requests: number
  readonly answered: number
  readonly agreed: number
  /** The constructs that the engine names in its UNKNOWN answers, and the number of requests for each. */
  readonly unknown: ReadonlyMap<string, number>
  /** Each false answer, for a reader. */
  readonly disagreements: readonly string[]
}

/** A mesh in the form that the engine reads, with requests and the truth of each. */
export interface Asked {
  readonly name: string
  readonly model: BehaviorModel
  readonly requests: readonly Request[]
  readonly truths: readonly Truth[]
}

/** Names the objects of a mesh that Istio refuses: `Kind namespace/name`. */
export const nameRefused = ({ refused }: BehaviorModel): readonly string[] =>
  refused.map(({ object: { kind, namespace, name } }) => `${kind} ${namespace}/${name}`)

/** Compares the engine's answers with the truth. */
export function agreementIn(meshes: readonly Asked[]): Agreement {
  const unknown = new Map<string, number>()
  const disagreements: string[] = []
  let requests = 0
  let answered = 0
  for (const mesh of meshes)
    for (const [index, request] of mesh.requests.entries()) {
      requests++
      const result = evaluate(mesh.model, request)
      if (result.verdict === 'UNKNOWN') {
        const named = [...result.unknown, ...result.outcomes.flatMap(outcome => outcome.unknown)].map(inWords)
        // An UNKNOWN answer must name its reason.
        if (named.length === 0)
          disagreements.push(`${mesh.name} ${JSON.stringify(request)}\n  UNKNOWN names nothing`)
        for (const construct of new Set(named)) unknown.set(construct, (unknown.get(construct) ?? 0) + 1)
        continue
      }
      answered++
      const differences = [...listDifferences(getClaim(request, result), mesh.truths[index], '')]
      if (differences.length > 0)
        disagreements.push([`${mesh.name} ${JSON.stringify(request)}`, ...differences].join('\n  '))
    }
  return { requests, answered, agreed: answered - disagreements.length, unknown, disagreements }
}

/** Returns the two rates, and the reasons for UNKNOWN answers. */
export function getSummary({ requests, answered, agreed, unknown }: Agreement): string {
  const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(2)} %`
  const constructs = [...unknown].map(([construct, count]) => `  ${count} ${construct}`)
  return [
    `agreement: ${agreed} of ${answered} answers (${percent(agreed, answered)})`,
    `UNKNOWN: ${requests - answered} of ${requests} requests (${percent(requests - answered, requests)})`,
    ...constructs,
  ].join('\n')
}

/** The largest number of UNKNOWN answers in a hundred requests. */
export const mostUnknown = 2

function inWords({ object: { kind, namespace, name }, path, reason }: Unmodelled): string {
  return [
    `${kind} ${namespace}/${name}: ${path.join('.')}`,
    ...(reason === undefined ? [] : [describeUnmodelledReason(reason)]),
  ].join(', ')
}

/** Lists the places at which two values differ, with both values. */
function* listDifferences(claimed: unknown, truth: unknown, path: string): Generator<string> {
  const keys = (value: unknown) =>
    typeof value === 'object' && value !== null ? Object.keys(value) : undefined
  const [ours, theirs] = [keys(claimed), keys(truth)]
  const isList = Array.isArray(claimed) && Array.isArray(truth)
  if (ours !== undefined && theirs !== undefined && (!isList || ours.length === theirs.length)) {
    for (const key of new Set([...ours, ...theirs])) {
      // Both values have keys, so they have fields.
      const [a, b] = [claimed as Record<string, unknown>, truth as Record<string, unknown>]
      yield* listDifferences(a[key], b[key], `${path}.${key}`)
    }
  } else if (claimed !== truth) {
    yield `${path.slice(1)}: meshc says ${JSON.stringify(claimed)}, Envoy ${JSON.stringify(truth)}`
  }
}
