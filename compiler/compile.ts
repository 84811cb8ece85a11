import { type Limits, usualLimits } from './behavior/budget.ts'
import { findDiagnostic, warningCodes } from './catalogue.ts'
import { beginWork, type WorkFinder } from './cluster-work.ts'
import { type Compilation, makeCompilation } from './compilation.ts'
import { type LocatedDiagnostic, locateDiagnostics } from './diagnostics/locate.ts'
import { andThen, type Outcome } from './diagnostics/outcome.ts'
import type { Source } from './diagnostics/source.ts'
import { emit } from './emit/emit.ts'
import { findUnmetClaims } from './expectations/index.ts'
import { listIndependentFaults } from './independent-faults.ts'
import { readSurroundings } from './manifests/read-surroundings.ts'
import { hasClaims } from './mesh/has-claims.ts'
import { findViolations } from './policies/index.ts'
import { readBeside } from './read-beside.ts'
import { findRefusedObjects } from './refused-objects.ts'
import { decode } from './source/decode.ts'
import type { Layers } from './source/layers.ts'
import { load, type Workspace } from './source/load.ts'
import { findEndedWaivers, suppress } from './suppress/suppress.ts'
import { validate } from './validate/validate.ts'

/** The result of a compilation: the environment unless there is an error, the diagnostics, and every file that was read. */
export type CompileResult = Outcome<Compilation, LocatedDiagnostic> & {
  readonly sources: readonly Source[]
  /** The merged spec as far as it could be read, also where errors are. */
  readonly layers: Layers
  /** The warnings that the spec bears. */
  readonly suppressed: readonly SuppressedDiagnostic[]
}

/** A warning that the spec bears, why, and until which day. */
export interface SuppressedDiagnostic {
  readonly diagnostic: LocatedDiagnostic
  readonly because: string
  readonly until: string
}

/**
 * Compiles an environment. Pure: it reads through the workspace, and writes nothing.
 *
 * @param entry the environment's mesh.yaml, as a path from the root of the project: `spec/prod/mesh.yaml`
 * @param today as `2027-01-31`, for suppressions that end; files never depend on it
 * @param limits of one question about the mesh: an expectation that exceeds a limit is not proved
 * @param findWork gives the work that clusters share: see `makeCompiler`
 */
export function compile(
  entry: string,
  workspace: Workspace,
  today?: string,
  limits: Limits = usualLimits,
  findWork: WorkFinder = beginWork,
): CompileResult {
  const loaded = load(entry, workspace)
  const work = findWork(loaded, entry)
  const { layers, spec, rest } = decode(loaded, entry)
  const { value: decoded } = (spec.ok ? spec.value : rest?.spec) ?? {}
  const { surroundings, mesh } = work.resolve(spec, () => readSurroundings(decoded?.surroundings, workspace))
  const valid = andThen(mesh, validate)
  const beside = readBeside(entry, mesh, valid, workspace)
  const emission = andThen(valid, mesh => emit(mesh, beside.neighbors, work.files))
  const sources = [...loaded.sources, ...beside.sources]
  const compiled =
    spec.ok && valid.ok && emission.ok
      ? makeCompilation(spec.value, valid.value, layers, emission.value.files, {
          neighbors: beside.neighborFiles,
          surroundings: surroundings.objects,
          documents: beside.documents,
          print: work.print,
        })
      : undefined
  // The engine is loaded only if the spec has expectations.
  const isClaiming = compiled !== undefined && hasClaims(compiled.mesh)
  const unmet = isClaiming ? findUnmetClaims(compiled, sources, limits) : []
  const hasPolicies = mesh.ok && mesh.value.policies.length > 0
  const violations = hasPolicies ? findViolations(mesh.value, compiled, limits) : []
  const refused = valid.ok && emission.ok ? findRefusedObjects(valid.value, emission.value.patched) : []
  const judged = suppress(
    spec.ok ? (spec.value.value.suppress ?? []) : [],
    [
      ...emission.diagnostics,
      ...beside.diagnostics,
      ...surroundings.diagnostics,
      ...refused,
      ...unmet,
      ...violations,
      ...listIndependentFaults({ rest, surroundings: surroundings.facts }, mesh, valid),
    ],
    {
      definitionOf: findDiagnostic,
      warnings: warningCodes,
      today,
      isComplete: emission.ok,
      areShared: layers.definitionsOf(['suppress'])[0]?.file !== entry,
    },
  )
  const ended = findEndedWaivers(spec.ok ? (spec.value.value.waive ?? []) : [], today)
  const files = loaded.sources.map(({ name }) => name)
  const findings = {
    diagnostics: locateDiagnostics([...judged.diagnostics, ...ended], layers, files),
    suppressed: judged.suppressed.flatMap(({ diagnostic, because, until }) =>
      locateDiagnostics([diagnostic], layers, files).map(diagnostic => ({ diagnostic, because, until })),
    ),
    sources,
    layers,
  }
  const isClean = findings.diagnostics.every(({ severity }) => severity === 'warning')
  if (compiled === undefined || !isClean) return { ok: false, ...findings }
  return { ok: true, value: compiled, ...findings }
}
