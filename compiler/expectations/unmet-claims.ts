import type { Limits } from '../behavior/budget.ts'
import { readModel } from '../behavior/index.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Source } from '../diagnostics/source.ts'
import { listCompiledObjects } from '../manifests/compiled-objects.ts'
import { listObjectsBeside } from '../manifests/objects-beside.ts'
import type { Compiled } from './compiled.ts'
import { findRefusedEdges } from './refused-edges.ts'
import { findUnmetExpectations } from './unmet-expectations.ts'

/** Finds the claims of a spec that its mesh does not meet: its expectations, and the edges that policies of others refuse. */
export function findUnmetClaims(
  compiled: Compiled,
  sources: readonly Source[],
  limits: Limits,
): readonly Diagnostic[] {
  const model = readModel([...listCompiledObjects(compiled, ''), ...listObjectsBeside(compiled, sources)])
  return [...findUnmetExpectations(compiled, model, limits), ...findRefusedEdges(compiled, model, limits)]
}
