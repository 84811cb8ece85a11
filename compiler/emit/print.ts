import { weakMemo } from '../basics/weak-memo.ts'
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import type { Decision } from '../mesh/decisions.ts'
import { type Origin, SpecNode } from '../mesh/sourced.ts'
import { printObjectTemplate } from './helm/chart/object-template.ts'
import type { Manifest, ManifestFile, TextFile } from './manifest.ts'
import { moveBelow, type PrintedScalar, printYaml } from './yaml.ts'

/** A file as it is written: its path below `out/<env>/`, and its text. */
export interface OutputFile {
  readonly path: string
  readonly text: string
}

/** A scalar of a file and its reasons, the nearest first. The list is never empty: a scalar without a reason is a defect. */
export interface SourceMapEntry {
  readonly file: string
  /** The line, counted from 1. */
  readonly line: number
  /** The last line; it differs from the first if a text of several lines is below its key. */
  readonly endLine: number
  /** The line of each key on its path, if comments are between the keys. */
  readonly keyLines?: readonly number[]
  /** `Kind/namespace/name`, or `Kind/name` without a namespace. */
  readonly object: string
  readonly path: SpecPath
  readonly value: string | number | boolean
  /** Places in the merged spec, and names of defaults and policies of meshc. */
  readonly origins: readonly (SpecPath | Decision)[]
}

/** Prints the files of one environment. */
export type Printer = (file: ManifestFile | TextFile) => PrintedFile

/** Makes a printer that does not print the file that it printed last again. */
export function makePrinter(entry: string): Printer {
  let last: { readonly file: ManifestFile | TextFile; readonly printed: PrintedFile } | undefined
  return file => {
    if (last?.file !== file) last = { file, printed: printFile(file, entry) }
    return last.printed
  }
}

/** Makes a printer that prints no file twice. It keeps a text as long as its file is kept. */
export const makeSharedPrinter = (entry: string): Printer =>
  weakMemo((file: ManifestFile | TextFile) => printFile(file, entry))

/** A file as it is printed, with the templates of a Helm chart that its manifests make. */
class PrintedFile implements OutputFile {
  readonly path: string
  readonly text: string
  readonly #manifests: readonly Manifest[]
  readonly #objects: readonly string[]
  #templates: readonly string[] | undefined

  /** @param objects the texts of the manifests */
  constructor(path: string, text: string, manifests: readonly Manifest[], objects: readonly string[]) {
    this.path = path
    this.text = text
    this.#manifests = manifests
    this.#objects = objects
  }

  get templates(): readonly string[] {
    this.#templates ??= this.#manifests.map((manifest, index) =>
      printObjectTemplate(manifest, this.#objects[index]!),
    )
    return this.#templates
  }
}

/** Prints a file's manifests as YAML, under a comment that names the spec file to edit. A text file is unchanged. */
function printFile(file: ManifestFile | TextFile, entry: string): PrintedFile {
  if ('text' in file) return new PrintedFile(file.path, file.text, [], [])
  const { path, manifests } = file
  const objects = manifests.map(({ tree }) => printYaml(tree))
  // A sum of texts is copied once, when it is written; a joined text, here as well.
  const text = objects.reduce(
    (above, object, index) => `${above}${index === 0 ? '' : separator}${object}`,
    header(entry),
  )
  return new PrintedFile(path, text, manifests, objects)
}

/** The name of an object, `Kind/namespace/name`, and its file. */
export type ObjectPlace = Pick<SourceMapEntry, 'file' | 'object'>

/** The objects of a file, in order. */
export function listObjectPlaces(file: ManifestFile | TextFile): readonly ObjectPlace[] {
  const { path } = file
  if (!('text' in file))
    return file.manifests.map(manifest => ({ file: path, object: getManifestName(manifest) }))
  return file.values === undefined ? [] : [{ file: path, object: file.values.object }]
}

/** The source map of a file, or of some of its objects: the same print, traced. */
export function* mapSources(
  file: ManifestFile | TextFile,
  entry: string,
  isAsked: (place: ObjectPlace) => boolean,
): Iterable<SourceMapEntry> {
  const places = listObjectPlaces(file)
  if (!places.some(isAsked)) return
  const convertOrigins = makeOriginConverter()
  if ('text' in file) {
    const entries: SourceMapEntry[] = []
    file.values?.trace(scalar => entries.push(mapEntry(scalar, places[0]!, 0, convertOrigins)))
    yield* entries
    return
  }
  let line = countLines(header(entry))
  for (const [index, manifest] of file.manifests.entries()) {
    const place = places[index]!
    const entries: SourceMapEntry[] = []
    const trace = (scalar: PrintedScalar) => entries.push(mapEntry(scalar, place, line, convertOrigins))
    const text = printYaml(manifest.tree, isAsked(place) ? trace : undefined)
    yield* entries
    line += countLines(text) + countLines(separator)
  }
}

/** Converts origins of a value into those of an entry: paths in the spec, and decisions of meshc. */
type OriginConverter = (origins: readonly Origin[]) => SourceMapEntry['origins']

/** The path of a place in the spec. All source maps share it: thousands of values have one path as an origin. */
const getPath = weakMemo((node: SpecNode): SpecPath => node.path)

/** Makes a converter for one file. Many scalars of a file have the same list of origins. */
function makeOriginConverter(): OriginConverter {
  const lists = new Map<readonly Origin[], SourceMapEntry['origins']>()
  return origins => {
    const list =
      lists.get(origins) ?? origins.map(origin => (origin instanceof SpecNode ? getPath(origin) : origin))
    lists.set(origins, list)
    return list
  }
}

/** @param above the number of lines above those that the scalar counts */
function mapEntry(
  scalar: PrintedScalar,
  { file, object }: ObjectPlace,
  above: number,
  convertOrigins: OriginConverter,
): SourceMapEntry {
  const { line, endLine, path, value, keyLines } = moveBelow(scalar, above)
  if (scalar.origins.length === 0)
    throw new Error(`${object} has a scalar without a reason: ${path.join('.')}`)
  const entry = { file, object, line, endLine, path, value, origins: convertOrigins(scalar.origins) }
  return keyLines === undefined ? entry : { ...entry, keyLines }
}

const header = (entry: string) => `# Built by meshc from ${entry}: change that, not this.\n`
const separator = '---\n'
const countLines = (text: string) => text.split('\n').length - 1

const getManifestName = ({ kind, namespace, name }: Manifest) =>
  namespace === undefined ? `${kind}/${name}` : `${kind}/${namespace}/${name}`
