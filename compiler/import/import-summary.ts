import { isMap } from '../source/document.ts'
import type { ImportedMesh } from './import-mesh.ts'
import { readObjectSpec } from './read-object-spec.ts'
import { isKindCompared, isKindWritten } from './written-kinds.ts'

/** The figures of an import. */
interface ImportSummary {
  /** Objects that the spec speaks for: in words of the language, as a patch, or unchanged. */
  readonly inWords: number
  readonly patched: number
  readonly raw: number
  /** The scalars of these objects, and the number of them that are in no patch and no raw object. */
  readonly scalars: number
  readonly scalarsInWords: number
}

/** Counts the objects of an import by their result. */
export function summarizeImport({ settled, objects, unsaid }: ImportedMesh): ImportSummary {
  const manifests = new Map(
    objects
      .filter(object => isKindWritten(object) || isKindCompared(object))
      .map(object => [object.source, object] as const),
  )
  const all = [...manifests.values()]
  const entries = (field: string) => {
    const list = settled.draft.spec[field]
    return Array.isArray(list) ? list : []
  }
  const stays = new Set(unsaid.map(({ object }) => object.source))
  const scalars = all.reduce((sum, object) => sum + countScalars(readObjectSpec(object)), 0)
  const rest = [...entries('patches'), ...entries('raw')].reduce<number>(
    (sum, entry) => sum + countScalars(isMap(entry) ? entry['spec'] : undefined),
    0,
  )
  return {
    inWords: all.filter(object => !stays.has(object.source)).length,
    patched: entries('patches').length,
    raw: entries('raw').length,
    scalars,
    scalarsInWords: Math.max(0, scalars - rest),
  }
}

const countScalars = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? Object.values(value).reduce<number>((sum, part) => sum + countScalars(part), 0)
    : value === undefined
      ? 0
      : 1
