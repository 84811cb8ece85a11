import type { Limits } from '../behavior/budget.ts'
import { limitQuestions, makeIssuerFinder, makeReachFinder } from '../behavior/index.ts'
import type { BehaviorModel } from '../behavior/model.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { findSharedIdentities } from '../mesh/identities.ts'
import { makeAllowanceFinder } from './allowances.ts'
import type { Compiled } from './compiled.ts'
import type { Circumstances } from './expected-requests.ts'
import { reportIntruders } from './intruders.ts'
import { reportUnreached } from './unreached-destinations.ts'
import { findUnseenTokens } from './unseen-tokens.ts'

/**
 * Finds the expectations that a mesh does not meet, by a proof or by a request on its emitted objects. If a forbidden request
 * arrives, or a required one does not, a request shows it.
 */
export function findUnmetExpectations(
  compiled: Compiled,
  model: BehaviorModel,
  limits: Limits,
): readonly Diagnostic[] {
  const { mesh } = compiled
  if (mesh.expectations.length === 0) return []
  const circumstances: Circumstances = {
    mesh,
    ask: limitQuestions(limits),
    reach: makeReachFinder(withoutFaults(model)),
    shared: findSharedIdentities(mesh),
    findAllowance: makeAllowanceFinder(compiled),
  }
  const findIssuers = makeIssuerFinder(model)
  return mesh.expectations.flatMap(expectation => {
    const unseen = findUnseenTokens(mesh, expectation, findIssuers)
    if (unseen.length > 0) return unseen
    const { only, never, from } = expectation
    return [
      ...(only === undefined ? [] : reportIntruders(circumstances, expectation, 'only', only)),
      ...(never === undefined ? [] : reportIntruders(circumstances, expectation, 'never', never)),
      ...(from === undefined ? [] : reportUnreached(circumstances, expectation, from)),
    ]
  })
}

/** A fault is a drill: expectations apply to the mesh without it. */
export const withoutFaults = (model: BehaviorModel): BehaviorModel => ({
  ...model,
  virtualServices: model.virtualServices.map(virtualService => ({
    ...virtualService,
    http: virtualService.http.map(rule => ({ ...rule, fault: undefined })),
  })),
})
