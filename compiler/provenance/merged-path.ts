import type { SpecPath } from '../diagnostics/diagnostic.ts'
import type { Layers } from '../source/layers.ts'

/**
 * The path in the merged spec of what a file says: lists of included files are joined. Where a higher layer replaces it,
 * the path of what is replaced as a whole.
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

/** Lists the paths in the merged spec where an entry may be: the index of a list at the top can be another. */
function listMergedPaths(path: SpecPath, { value }: Layers): readonly SpecPath[] {
  const [section, index, ...rest] = path
  if (section === undefined || typeof index !== 'number') return [path]
  const list = value[section]
  return Array.isArray(list) ? list.map((_, index) => [section, index, ...rest]) : []
}
