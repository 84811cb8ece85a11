import type { SpecPath } from '../diagnostics/diagnostic.ts'
import type { ForeignFile } from '../manifests/foreign-files.ts'
import { isMap, makeEmptyMap, type SpecDocument } from '../source/document.ts'
import type { Workspace } from '../source/load.ts'

/** A workspace with one spec, which has no text: the places of its values are numbers. */
interface DraftWorkspace extends Workspace {
  /** The path of the value at a place, as a diagnostic of the compiler has it. */
  getPath(start: number): SpecPath
}

/** Makes a workspace of a spec that no file has yet, and of the files that it leaves to their owners. */
export function makeDraftWorkspace(
  entry: string,
  spec: Readonly<Record<string, unknown>>,
  surroundings: readonly ForeignFile[],
): DraftWorkspace {
  const paths: SpecPath[] = []
  const numbers = new Map<string, number>()
  const source = { name: entry, text: '' }
  const document: SpecDocument = {
    source,
    value: withoutPrototypes(spec),
    hasNull: false,
    isYaml: true,
    lost: [],
    spanOf(path) {
      const key = JSON.stringify(path)
      const start = numbers.get(key) ?? paths.push(path) - 1
      numbers.set(key, start)
      return { start, end: start + 1 }
    },
    entryAt: () => undefined,
  }
  const parsed = { document, diagnostics: [] }
  return {
    read: path => {
      if (path === entry) return { text: '', parsed }
      const file = surroundings.find(({ name }) => name === path)
      return file === undefined ? { reason: 'there is no such file' } : { text: file.text }
    },
    list: () => [],
    listBelow: folder => surroundings.map(({ name }) => name).filter(name => name.startsWith(`${folder}/`)),
    getPath: start => paths[start] ?? [],
  }
}

function withoutPrototypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPrototypes)
  if (!isMap(value)) return value
  const map = makeEmptyMap()
  for (const key of Object.keys(value)) map[key] = withoutPrototypes(value[key])
  return map
}
