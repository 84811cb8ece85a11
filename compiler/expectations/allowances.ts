import type { At, Result } from '../behavior/result.ts'
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { isPathWithin } from '../diagnostics/is-path-within.ts'
import type { SourceMapEntry } from '../emit/print.ts'
import { nameOfObject } from '../manifests/name-of-object.ts'
import type { Caller, Service } from '../mesh/mesh.ts'
import type { Compiled } from './compiled.ts'

/** The part of a spec that lets a request through. */
export interface Allowance {
  readonly path: SpecPath
  /** The caller that it allows, if it is an entry of `allow`. */
  readonly from?: Caller
}

/** Finds the part of the spec that allows a request at one of some services; undefined if no part does. */
export function makeAllowanceFinder(
  compiled: Pick<Compiled, 'mesh' | 'sourceMap'>,
): (result: Result, services: readonly Service[]) => Allowance | undefined {
  let sourceMapEntries: ReadonlyMap<string, readonly SourceMapEntry[]> | undefined
  return ({ outcomes }, services) => {
    sourceMapEntries ??= policyEntries(compiled)
    const deciding = outcomes
      .filter(({ verdict }) => verdict === 'ALLOW')
      .flatMap(({ steps }) => steps.filter(({ step }) => step === 'allow policy'))
      .flatMap(({ at }) => at)
    const origins = deciding.flatMap(at => listOrigins(at, sourceMapEntries!))
    const entry = services
      .flatMap(({ allow }) => allow)
      .find(({ origin }) => origins.some(path => isPathWithin(path, origin.path)))
    if (entry?.origin.path[0] === 'access') return { path: entry.origin.path }
    if (entry !== undefined) return { path: entry.origin.path, from: entry.from }
    const [first] = origins
    // With open access, a request gets through without a policy.
    if (first === undefined) return compiled.mesh.access.value === 'open' ? { path: ['access'] } : undefined
    const shared = first.findIndex((step, index) => origins.some(path => path[index] !== step))
    return { path: shared === -1 ? first : first.slice(0, shared) }
  }
}

/** Indexes the reasons of the values of policies, by the names of the policies. */
function policyEntries(
  compiled: Pick<Compiled, 'sourceMap'>,
): ReadonlyMap<string, readonly SourceMapEntry[]> {
  const entries = new Map<string, SourceMapEntry[]>()
  for (const entry of compiled.sourceMap(({ object }) => object.startsWith('AuthorizationPolicy/'))) {
    const sourceMapEntries = entries.get(entry.object)
    if (sourceMapEntries === undefined) entries.set(entry.object, [entry])
    else sourceMapEntries.push(entry)
  }
  return entries
}

/** The places of the spec behind a part of an object. */
function listOrigins(
  { object, path }: At,
  entries: ReadonlyMap<string, readonly SourceMapEntry[]>,
): readonly SpecPath[] {
  if (object.source === undefined) return []
  return (entries.get(nameOfObject(object.source.value)) ?? [])
    .filter(entry => isPathWithin(entry.path, path))
    .flatMap(({ origins }) => origins.filter(origin => typeof origin !== 'string'))
}
