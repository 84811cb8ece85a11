import type { SpecPath } from '../diagnostics/diagnostic.ts'
import type { Layers } from '../source/layers.ts'

/**
 * The path in the merged spec of a value in a file: lists of included files are joined. If a higher layer replaces it, the path of
 * the whole replaced value.
 */
export function mergePath(file: string, path: SpecPath, layers: Layers): SpecPath {
  for (let length = path.length; length > 0; length--) {
    const ownPath = path.slice(0, length)
    const merged = listMergedPaths(ownPath, layers).find(candidate =>
      layers
        .definitionsOf(candidate)
        .some(({ file: layerFile, path }) => layerFile === file && path.join('\n') === ownPath.join('\n')),
    )
    if (merged !== undefined) return merged
  }
  return path
}

/** Lists the possible paths of an entry in the merged spec: the index of a list at the top can differ. */
function listMergedPaths(path: SpecPath, { value }: Layers): readonly SpecPath[] {
  const [section, index, ...rest] = path
  if (section === undefined || typeof index !== 'number') return [path]
  const list = value[section]
  return Array.isArray(list) ? list.map((_, index) => [section, index, ...rest]) : []
}
