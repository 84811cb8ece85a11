import type { Compilation } from '../compilation.ts'
import { compile } from '../compile.ts'
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import type { LocatedDiagnostic } from '../diagnostics/locate.ts'
import type { ForeignFile } from '../manifests/foreign-files.ts'
import { type Claim, isOfService } from './claim.ts'
import { assembleDraft, type Draft } from './draft.ts'
import { makeDraftWorkspace } from './draft-workspace.ts'

/** Claims that together make a spec without an error. */
export interface Settled {
  readonly draft: Draft
  readonly compilation: Compilation
  readonly claims: readonly Claim[]
  /** The claims that the language refuses, with the message of each. */
  readonly refused: ReadonlyMap<Claim, string>
  readonly warnings: readonly LocatedDiagnostic[]
}

/** An error about a part of a spec that no claim has set. */
export class UnsettledError extends Error {}

/**
 * Compiles a spec of claims, and withdraws claims that the language refuses, until the rest compiles.
 *
 * @param surroundings the files that the spec leaves to their owners
 * @throws {UnsettledError} if an error concerns no claim
 */
export function settleClaims(
  entry: string,
  head: Readonly<Record<string, unknown>>,
  proposed: readonly Claim[],
  surroundings: readonly ForeignFile[],
): Settled {
  const refused = new Map<Claim, string>()
  const unshared = new Set<unknown>()
  for (;;) {
    const claims = proposed.filter(claim => !refused.has(claim))
    const draft = assembleDraft(head, claims, unshared)
    const workspace = makeDraftWorkspace(entry, draft.spec, surroundings)
    const result = compile(entry, workspace)
    if (result.ok) return { draft, compilation: result.value, claims, refused, warnings: result.diagnostics }
    const count = refused.size + unshared.size
    for (const { severity, at, message, related } of result.diagnostics) {
      if (severity !== 'error') continue
      const paths = [at, ...related.map(each => each.at)].map(({ start }) => workspace.getPath(start))
      // If a service sets the value itself, the error points at the service that the default does not fit.
      for (const [section, field] of paths) if (section === 'defaults') unshared.add(field)
      const claim = paths.map(path => findClaim(claims, path)).find(each => each !== undefined)
      if (claim !== undefined && !refused.has(claim)) refused.set(claim, message)
    }
    if (refused.size + unshared.size === count) {
      const [first] = result.diagnostics.filter(({ severity }) => severity === 'error')
      throw new UnsettledError(
        `${first?.code}: ${first?.message} (at ${workspace.getPath(first?.at.start ?? 0).join('.')})`,
      )
    }
  }
}

/**
 * Finds the claim that sets a part of the spec or a part around it; otherwise a claim that sets a part inside it. The claim of a
 * Service is the last choice, since all other claims for the Service depend on it.
 */
function findClaim(claims: readonly Claim[], path: SpecPath): Claim | undefined {
  const [section, index] = path
  // Each claim about a list of objects adds one entry.
  if (typeof index === 'number')
    return claims.filter(({ fields }) =>
      fields.some(({ path: set }) => set.length === 1 && set[0] === section),
    )[index]
  let best: { readonly claim: Claim; readonly rank: number } | undefined
  for (const claim of claims) {
    if (claim.objects.length === 0) continue
    for (const { path: set } of claim.fields) {
      const length = countShared(set, path)
      const isAround = length === set.length
      if (length === 0 || (!isAround && length < path.length)) continue
      const rank = isAround ? 1000 + length : isOfService(claim) ? 0 : 1
      if (best === undefined || rank >= best.rank) best = { claim, rank }
    }
  }
  return best?.claim
}

function countShared(a: SpecPath, b: SpecPath): number {
  let count = 0
  while (count < a.length && count < b.length && a[count] === b[count]) count++
  return count
}
