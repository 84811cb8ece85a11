import type { Diagnostic, Place } from '../diagnostics/diagnostic.ts'
import { type Outcome, outcome } from '../diagnostics/outcome.ts'
import { extendsCycle, includesNothing, notASpec, outsideProject, unreadable } from './diagnostics.ts'
import { isMap, type SpecDocument } from './document.ts'
import { parse } from './parse.ts'

/** Where texts come from. The compiler reads nothing itself: `bin` gives it the disk, tests give it a map. */
export interface Workspace {
  /** The text at a path from the root of the project, or why there is none. */
  read(path: string): { readonly text: string } | { readonly reason: string }
  /** The files directly in a folder, as paths from the root of the project. */
  list(folder: string): readonly string[]
}

/** One layer of a spec: the file that others extend, and the files it includes. */
export interface Layer {
  readonly document: SpecDocument
  readonly included: readonly SpecDocument[]
}

/**
 * The layers that make a spec, the base first and the environment last.
 *
 * @param entry the environment's mesh.yaml, as a path from the root of the project
 */
export function load(entry: string, workspace: Workspace): Outcome<readonly Layer[]> {
  const diagnostics: Diagnostic[] = []
  const layers: Layer[] = []
  const chain: string[] = []
  let path: string | undefined = entry
  let from: Place = { location: { file: entry, start: 0, end: 0 } }
  while (path !== undefined) {
    if (chain.includes(path)) {
      diagnostics.push(extendsCycle(from, { chain: [...chain.slice(chain.indexOf(path)), path] }))
      break
    }
    chain.push(path)
    const document = open(path, from)
    if (document === undefined) break
    layers.unshift({ document, included: includedBy(document) })
    const base: unknown = isMap(document.value) ? document.value['extends'] : undefined
    if (typeof base !== 'string') break
    from = { path: ['extends'], file: path }
    path = resolvePath(base, path, from)
  }
  return outcome(layers, diagnostics)

  function open(path: string, from: Place): SpecDocument | undefined {
    const found = workspace.read(path)
    if ('reason' in found) {
      diagnostics.push(unreadable(from, { file: path, reason: found.reason }))
      return undefined
    }
    const parsed = parse({ name: path, text: found.text })
    diagnostics.push(...parsed.diagnostics)
    if (!parsed.ok) return undefined
    if (!isMap(parsed.value.value)) {
      const { value } = parsed.value
      const kind =
        value === undefined || value === null ? 'empty' : Array.isArray(value) ? 'a list' : 'a single value'
      diagnostics.push(notASpec({ location: { file: path, start: 0, end: 0 } }, { found: kind }))
      return undefined
    }
    return parsed.value
  }

  function includedBy(document: SpecDocument): readonly SpecDocument[] {
    const patterns = isMap(document.value) ? document.value['include'] : undefined
    if (!Array.isArray(patterns)) return []
    const seen = new Set([document.source.name])
    return patterns.flatMap((pattern, index) => {
      if (typeof pattern !== 'string') return []
      const place: Place = { path: ['include', index], file: document.source.name }
      const path = resolvePath(pattern, document.source.name, place)
      if (path === undefined) return []
      const matching = filesMatching(path)
      if (matching.length === 0) diagnostics.push(includesNothing(place, { pattern }))
      return matching.flatMap(file => {
        if (seen.has(file)) return []
        seen.add(file)
        return open(file, place) ?? []
      })
    })
  }

  function filesMatching(pattern: string): readonly string[] {
    const slash = pattern.lastIndexOf('/')
    const folder = pattern.slice(0, Math.max(slash, 0))
    const name = pattern.slice(slash + 1)
    if (folder.includes('*')) return []
    if (!name.includes('*')) return [pattern]
    const parts = name.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    const expression = new RegExp(`^${parts.join('[^/]*')}$`)
    return workspace
      .list(folder)
      .filter(file => expression.test(file.slice(file.lastIndexOf('/') + 1)))
      .toSorted()
  }

  /** A path as another file writes it, from the root of the project; undefined where it climbs out. */
  function resolvePath(relative: string, base: string, place: Place): string | undefined {
    const steps =
      relative.startsWith('/') || /^[a-zA-Z]:/.test(relative) ? undefined : base.split('/').slice(0, -1)
    for (const step of relative.replaceAll('\\', '/').split('/')) {
      if (steps === undefined) break
      if (step === '' || step === '.') continue
      if (step !== '..') steps.push(step)
      else if (steps.pop() === undefined) {
        diagnostics.push(outsideProject(place, { file: relative }))
        return undefined
      }
    }
    if (steps === undefined) diagnostics.push(outsideProject(place, { file: relative }))
    return steps?.join('/')
  }
}
