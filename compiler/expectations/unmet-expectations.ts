import type { Limits } from '../behavior/budget.ts'
import { limitQuestions, makeReachFinder, readModel } from '../behavior/index.ts'
import type { BehaviorModel } from '../behavior/model.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Source } from '../diagnostics/source.ts'
import { listObjectsBeside } from '../manifests/assumed-objects.ts'
import { type CompiledManifests, listCompiledObjects } from '../manifests/compiled-objects.ts'
import { findSharedIdentities } from '../mesh/identities.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Layers } from '../source/layers.ts'
import { makeAllowanceFinder } from './allowances.ts'
import type { Circumstances } from './expected-requests.ts'
import { reportIntruders } from './intruders.ts'
import { reportUnreached } from './unreached-destinations.ts'

/** A compiled environment. */
interface Compiled extends CompiledManifests {
  readonly mesh: Mesh
  readonly layers: Layers
}

/**
 * Finds the expectations that a mesh does not meet, proved or shown on the objects that are made of it: where something
 * gets through that must not, or not what must, a request shows it.
 */
export function findUnmetExpectations(
  compiled: Compiled,
  sources: readonly Source[],
  limits: Limits,
): readonly Diagnostic[] {
  const { mesh } = compiled
  const objects = [...listCompiledObjects(compiled, ''), ...listObjectsBeside(compiled, sources)]
  const circumstances: Circumstances = {
    mesh,
    ask: limitQuestions(limits),
    reach: makeReachFinder(withoutFaults(readModel(objects))),
    shared: findSharedIdentities(mesh),
    findAllowance: makeAllowanceFinder(compiled),
  }
  return mesh.expectations.flatMap(expectation => {
    const { only, never, from } = expectation
    return [
      ...(only === undefined ? [] : reportIntruders(circumstances, expectation, 'only', only)),
      ...(never === undefined ? [] : reportIntruders(circumstances, expectation, 'never', never)),
      ...(from === undefined ? [] : reportUnreached(circumstances, expectation, from)),
    ]
  })
}

/** A fault is a drill: what is expected holds when it is over. */
export const withoutFaults = (model: BehaviorModel): BehaviorModel => ({
  ...model,
  virtualServices: model.virtualServices.map(virtualService => ({
    ...virtualService,
    http: virtualService.http.map(rule => ({ ...rule, fault: undefined })),
  })),
})
