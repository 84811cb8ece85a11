import { memo } from '../basics/memo.ts'
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { isPathWithin } from '../diagnostics/is-path-within.ts'
import type { SourceMapEntry } from '../emit/print.ts'
import { isMap } from '../source/document.ts'
import type { Definition, Layers } from '../source/layers.ts'
import { makePathKey } from './paths.ts'
import type { PathsAtLine } from './paths-at-line.ts'

/** The impact of a line of a spec in one environment that reads its file. */
export interface Impact {
  /** The scalars that are as they are because of the line. */
  readonly reached: readonly SourceMapEntry[]
  /** The scalars whose value the line sets; the others only exist because of it. */
  readonly made: ReadonlySet<SourceMapEntry>
  /** The definition that overrides it; undefined where something of the line holds. */
  readonly overriddenBy: Definition | undefined
}

/** Finds the impact of a line of a file, by the origins of every scalar. */
export function findImpact(
  file: string,
  pathsAtLine: PathsAtLine,
  layers: Layers,
  entries: Iterable<SourceMapEntry>,
): Impact {
  const exact = new Set(pathsAtLine.paths.map(makePathKey))
  const isOfLine = (path: SpecPath) =>
    exact.has(makePathKey(path)) || pathsAtLine.open.some(open => isPathWithin(path, open))
  const isSetHere = (path: SpecPath) =>
    holding(layers.definitionsOf(path)).some(
      definition => definition.file === file && isOfLine(definition.path),
    )
  // The entries of a source map share the paths of their origins.
  const answers = new Map<SpecPath, boolean>()
  const isReason = (origin: SourceMapEntry['origins'][number]) => {
    if (typeof origin === 'string') return false
    const answer = answers.get(origin) ?? isSetHere(origin)
    answers.set(origin, answer)
    return answer
  }
  // Thousands of scalars share a list of origins, and a list can have thousands.
  const findNearest = memo((origins: SourceMapEntry['origins']) => origins.findIndex(isReason))
  const reached: SourceMapEntry[] = []
  const made = new Set<SourceMapEntry>()
  for (const entry of entries) {
    const nearest = findNearest(entry.origins)
    if (nearest !== -1) reached.push(entry)
    if (nearest === 0) made.add(entry)
  }
  return { reached, made, overriddenBy: findOverrider(file, pathsAtLine.paths, layers) }
}

/** The definitions that have a say: the winner, and of maps, which are merged, all. */
function holding(definitions: readonly Definition[]): readonly Definition[] {
  const replacing = definitions.findIndex(({ value }) => !isMap(value))
  return replacing === -1 ? definitions : definitions.slice(0, Math.max(replacing, 1))
}

/** Finds the definition that overrides every value of these paths of a file. Maps are merged, so only their entries can be overridden. */
function findOverrider(file: string, paths: readonly SpecPath[], layers: Layers): Definition | undefined {
  let overrider: Definition | undefined
  for (const path of paths) {
    const definitions = layers.definitionsOf(path)
    const ownDefinition = definitions.find(definition => definition.file === file)
    if (ownDefinition !== undefined && isMap(ownDefinition.value)) continue
    if (ownDefinition?.wins) return undefined
    overrider ??= definitions[0] ?? findReplacer(path, layers)
  }
  return overrider
}

/** The layer that put something else in the place of a map that this path is in. */
function findReplacer(path: SpecPath, layers: Layers): Definition | undefined {
  for (let length = path.length - 1; length > 0; length--) {
    const winner = layers.definitionsOf(path.slice(0, length))[0]
    if (winner !== undefined) return winner
  }
  return undefined
}
