import { describeUnmodelledReason } from '../../compiler/behavior/index.ts'
import type { Request } from '../../compiler/behavior/request.ts'
import type { At, Outcome, Result, Step, Unmodelled } from '../../compiler/behavior/result.ts'
import { printPointer } from '../../compiler/provenance/paths.ts'
import { findInstances, type MeshAtHand, type OwnedPath } from './mesh.ts'
import { convertRefusal } from './refusals.ts'
import { describeStep } from './trace-text.ts'

/** Tells whether a request is served, wherever it may arrive. */
export const isRequestServed = ({ verdict, outcomes }: Result): boolean =>
  verdict !== 'UNKNOWN' &&
  outcomes.length > 0 &&
  outcomes.every(
    outcome => outcome.verdict === 'ALLOW' || (outcome.status !== undefined && outcome.status < 400),
  )

/** The result of a request that one of the authorizers on its way refuses. */
export interface RefusedTrace {
  /** The name of its provider. */
  readonly name: string
  readonly authorizer: string
  readonly result: Result
}

/** Lists the clusters whose instances get the requests, if the mesh spans several. */
function listInstancesOf(cluster: string | undefined, mesh: MeshAtHand): { readonly instances?: object } {
  const instances = findInstances(mesh, cluster)
  return instances.length === 0 ? {} : { instances }
}

/**
 * Makes the JSON of the result of a request, for a program. Parts of manifests are their object, pointer and places.
 *
 * @param refusals the results if an authorizer on the way denies the request
 * @param owned the path of the request, if a team owns it
 */
export function traceJson(
  request: Request,
  result: Result,
  mesh: MeshAtHand,
  refusals: readonly RefusedTrace[],
  owned?: OwnedPath,
): object {
  const { client, mode, listener, isOpaque, route, outcomes, verdict, unknown, steps } = result
  const atJson = (at: At) => {
    const { object, path } = at
    return {
      object: `${object.kind}/${object.namespace}/${object.name}`,
      pointer: printPointer(path),
      ...mesh.placeOf(at),
    }
  }
  const stepJson = (step: Step) => ({ step: step.step, says: describeStep(step), at: step.at.map(atJson) })
  const unknownJson = (unmodelled: Unmodelled) => ({
    ...atJson(unmodelled),
    ...(unmodelled.reason && { reason: describeUnmodelledReason(unmodelled.reason) }),
  })
  const outcomeJson = ({ unknown: constructs, steps: ownSteps, ...outcome }: Outcome) => ({
    ...outcome,
    ...listInstancesOf(outcome.cluster, mesh),
    unknown: constructs.map(unknownJson),
    steps: ownSteps.map(stepJson),
  })
  return {
    ok: isRequestServed(result),
    mesh: mesh.name,
    ...(mesh.assumed.length > 0 && { assumed: mesh.assumed }),
    ...(mesh.model.refused.length > 0 && {
      refused: mesh.model.refused.map(refusal => convertRefusal(refusal, mesh)),
    }),
    request,
    client,
    mode,
    ...(listener !== undefined && { listener }),
    ...(isOpaque && { isOpaque }),
    ...(route !== undefined && { route: { ...route, ...(route.at && { at: atJson(route.at) }) } }),
    ...(owned !== undefined && { owner: owned }),
    verdict,
    unknown: unknown.map(unknownJson),
    steps: steps.map(stepJson),
    outcomes: outcomes.map(outcomeJson),
    ...(refusals.length > 0 && {
      ifRefused: refusals.map(({ name, authorizer, result: refused }) => ({
        provider: name,
        authorizer,
        verdict: refused.verdict,
        outcomes: refused.outcomes.map(outcomeJson),
      })),
    }),
  }
}
