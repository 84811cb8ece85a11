import type { Diagnostic, Place } from '../diagnostics/diagnostic.ts'
import type { Source } from '../diagnostics/source.ts'
import { splitClusterEntry } from '../mesh/cluster-entry.ts'
import {
  environmentName,
  extendsCycle,
  includesNothing,
  notASpec,
  outsideProject,
  tooLarge,
  unreadable,
} from './diagnostics.ts'
import { isMap, type SpecDocument } from './document.ts'
import { type Parsed, parse } from './parse.ts'

/** The workspace that texts come from. The compiler reads nothing itself: `bin` gives it the disk, tests give it a map. */
export interface Workspace {
  /**
   * The text at a path from the root of the project, with its parsed form if the workspace keeps it. Otherwise the reason for its
   * absence: it may be too large.
   */
  read(
    path: string,
  ):
    | { readonly text: string; readonly parsed?: Parsed }
    | { readonly reason: string }
    | { readonly isTooLarge: true }
  /** The files directly in a folder, as paths from the root of the project. */
  list(folder: string): readonly string[]
  /** The files in a folder and in the folders below it, as paths from the root of the project. */
  listBelow(folder: string): readonly string[]
}

/** One layer of a spec: the file that others extend, and the files it includes. */
export interface Layer {
  readonly document: SpecDocument
  readonly included: readonly SpecDocument[]
  /** True if all files that it includes could be read. */
  readonly isWhole: boolean
}

/** The loaded files: the readable ones, and the faults of the others. */
export interface Loaded {
  /** The base first and the environment last. */
  readonly layers: readonly Layer[]
  /** The mesh.yaml of the environment: the entry itself, unless that is of a cluster. */
  readonly base: string
  /** The cluster that the entry is about; undefined for an environment without `clusters`. */
  readonly cluster: string | undefined
  /** True if every layer is among them. */
  readonly isWhole: boolean
  /** Every file that was read, for messages about it, in the order of the layers. */
  readonly sources: readonly Source[]
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Tells whether a folder below `spec/` may have a name, since paths, comments, commands and logs contain it. The name has letters,
 * digits, dots and dashes of ASCII, a letter or digit first and last, and at most 63 characters.
 */
export const isEnvironmentName = (name: string): boolean =>
  /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$/.test(name)

/** Finds the mesh.yaml of the environment of an entry, and the cluster if the entry is a cluster's. */
function findCluster(entry: string, workspace: Workspace): Pick<Loaded, 'base' | 'cluster'> {
  const place = splitClusterEntry(entry)
  const isOfCluster = place !== undefined && listClusters(place.base, workspace) !== undefined
  return isOfCluster ? place : { base: entry, cluster: undefined }
}

/**
 * Lists the names of the clusters that a mesh.yaml declares; undefined if it declares none or cannot be read.
 *
 * @param entry the mesh.yaml of an environment, as a path from the root of the project
 */
export function listClusters(entry: string, workspace: Workspace): readonly string[] | undefined {
  const content = workspace.read(entry)
  // Few specs hold the key, and parsing a large one takes long.
  if (!('text' in content) || !/\bclusters["']?[ \t]*:/.test(content.text)) return undefined
  const { document } = content.parsed ?? parse({ name: entry, text: content.text })
  const clusters = isMap(document?.value) ? document.value['clusters'] : undefined
  const names = isMap(clusters) ? Object.keys(clusters).filter(isEnvironmentName).sort() : []
  return names.length > 0 ? names : undefined
}

/** The folders below `spec/` that hold a mesh.yaml: `spec/examples/bookinfo/mesh.yaml` has two. */
const listFolders = (entry: string): readonly string[] => entry.split('/').slice(1, -1)

/**
 * The layers of a spec, the base first and the environment last. A cluster has one more layer if its folder has a mesh.yaml.
 *
 * @param entry the mesh.yaml of the environment or of one of its clusters, as a path from the root of the project
 */
export function load(entry: string, workspace: Workspace): Loaded {
  const at: Place = { location: { file: entry, start: 0, end: 0 } }
  const diagnostics = listFolders(entry)
    .filter(folder => !isEnvironmentName(folder))
    .map(folder => environmentName(at, { folder }))
  const place = findCluster(entry, workspace)
  const reading: Reading = { workspace, sources: [], diagnostics }
  const layers = readLayers(entry, place, at, reading)
  return { ...layers, ...place, sources: reading.sources.flat(), diagnostics }
}

/** The files read so far, grouped by layer, and their faults. */
interface Reading {
  readonly workspace: Workspace
  readonly sources: Source[][]
  readonly diagnostics: Diagnostic[]
}

/** Reads the chain of files that extend each other, from the last layer to the base. */
function readLayers(
  entry: string,
  { base: environment, cluster }: Pick<Loaded, 'base' | 'cluster'>,
  at: Place,
  reading: Reading,
): Pick<Loaded, 'layers' | 'isWhole'> {
  const layers: Layer[] = []
  const chain: string[] = []
  // A cluster has a file only if it differs from the environment.
  let path: string | undefined =
    cluster === undefined || 'text' in reading.workspace.read(entry) ? entry : environment
  let from = at
  while (path !== undefined) {
    if (chain.includes(path)) {
      reading.diagnostics.push(extendsCycle(from, { chain: [...chain.slice(chain.indexOf(path)), path] }))
      break
    }
    chain.push(path)
    reading.sources.unshift([])
    const document = openDocument(path, from, reading)
    if (document === undefined) break
    layers.unshift({ document, ...readIncluded(document, reading) })
    const base: unknown = isMap(document.value) ? document.value['extends'] : undefined
    if (base === undefined || base === null) {
      if (cluster === undefined || path !== entry) return { layers, isWhole: true }
      path = environment
      continue
    }
    if (typeof base !== 'string') break
    from = { path: ['extends'], file: path }
    path = resolveAt(base, path, from, reading)
  }
  return { layers, isWhole: false }
}

/** Opens a file of the current layer; undefined if it cannot be read, or is not a spec. */
function openDocument(
  path: string,
  from: Place,
  { workspace, sources, diagnostics }: Reading,
): SpecDocument | undefined {
  const text = workspace.read(path)
  if ('isTooLarge' in text) {
    diagnostics.push(tooLarge({ location: { file: path, start: 0, end: 0 } }, { than: '64 MiB' }))
    return undefined
  }
  if ('reason' in text) {
    diagnostics.push(unreadable(from, { file: path, reason: text.reason }))
    return undefined
  }
  const source = { name: path, text: text.text }
  sources[0]?.push(source)
  const parsed = text.parsed ?? parse(source)
  // One by one: a call cannot have as many arguments as a long text has mistakes.
  for (const diagnostic of parsed.diagnostics) diagnostics.push(diagnostic)
  if (parsed.document === undefined) return undefined
  const { value } = parsed.document
  if (!isMap(value)) {
    const kind =
      value === undefined || value === null ? 'empty' : Array.isArray(value) ? 'a list' : 'a single value'
    diagnostics.push(notASpec({ location: { file: path, start: 0, end: 0 } }, { actual: kind }))
    return undefined
  }
  return parsed.document
}

/** Reads the files that a file includes, each once. */
function readIncluded({ value, source }: SpecDocument, reading: Reading): Omit<Layer, 'document'> {
  const patterns = (isMap(value) ? value['include'] : undefined) ?? []
  if (!Array.isArray(patterns)) return { included: [], isWhole: false }
  const seen = new Set([source.name])
  let isWhole = true
  const included = patterns.flatMap((pattern, index) => {
    const place: Place = { path: ['include', index], file: source.name }
    const path = typeof pattern === 'string' ? resolveAt(pattern, source.name, place, reading) : undefined
    const matching = path === undefined ? [] : listMatching(path, reading.workspace)
    if (matching.length === 0) isWhole = false
    if (path !== undefined && matching.length === 0)
      reading.diagnostics.push(includesNothing(place, { pattern }))
    return matching.flatMap(file => {
      if (seen.has(file)) return []
      seen.add(file)
      const document = openDocument(file, place, reading)
      if (document === undefined) isWhole = false
      return document ?? []
    })
  })
  return { included, isWhole }
}

/** Lists the files that match a pattern, which may have stars in the name of the file. */
function listMatching(pattern: string, workspace: Workspace): readonly string[] {
  const slash = pattern.lastIndexOf('/')
  const folder = pattern.slice(0, Math.max(slash, 0))
  const name = pattern.slice(slash + 1)
  if (folder.includes('*')) return []
  if (!name.includes('*')) return [pattern]
  return workspace
    .list(folder)
    .filter(file => matches(file.slice(file.lastIndexOf('/') + 1), name))
    .toSorted()
}

/** Resolves a path in another file; undefined, with a diagnostic, if it leaves the project. */
function resolveAt(
  relative: string,
  base: string,
  place: Place,
  { diagnostics }: Reading,
): string | undefined {
  const path = resolvePath(relative, base)
  if (path === undefined) diagnostics.push(outsideProject(place, { file: relative }))
  return path
}

/** A path in another file, converted to a path from the root of the project; undefined if it leaves the project. */
export function resolvePath(relative: string, base: string): string | undefined {
  if (relative.startsWith('/') || /^[a-zA-Z]:/.test(relative)) return undefined
  const steps = base.split('/').slice(0, -1)
  for (const step of relative.replaceAll('\\', '/').split('/')) {
    if (step === '' || step === '.') continue
    if (step !== '..') steps.push(step)
    else if (steps.pop() === undefined) return undefined
  }
  return steps.join('/')
}

/** Tells whether a file name matches a pattern, in which `*` is any part of a name. */
function matches(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop() ?? ''
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
    return false
  let at = first.length
  for (const part of rest) {
    const index = name.indexOf(part, at)
    if (index === -1 || index + part.length > name.length - last.length) return false
    at = index + part.length
  }
  return true
}
