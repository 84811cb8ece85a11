import { readdirSync, readSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type ForeignFile, isManifestPath, makeChartFinder } from '../../compiler/manifests/foreign-files.ts'
import { largestFile } from '../../compiler/source/largest-file.ts'
import { Failure } from '../cli/failure.ts'
import { mustRead } from '../files/read-file.ts'
import { statIfThere } from '../files/stat-if-there.ts'
import { attempt, isSystemError } from '../files/system-error.ts'
import { ownFileName } from './own-file-name.ts'

/** The files of some places, without those of Helm charts, which are manifests only after Helm has rendered them. */
export interface ManifestFiles {
  readonly files: readonly ForeignFile[]
  /** The folders of charts. */
  readonly charts: readonly string[]
}

/** The name that standard input has in messages. */
const standardInput = 'stdin'

/** Reads the files of folders, files by their names, and standard input, which is called `-`. */
export function readManifestFiles(places: readonly string[]): ManifestFiles {
  const charts = new Set<string>()
  const files = [...new Set(places)].flatMap((place): readonly ForeignFile[] => {
    if (place === '-') return [{ name: standardInput, text: readStandardInput() }]
    const stat = attempt(`\`${place}\` cannot be read`, () => statSync(place), adviseOnPlace(place))
    if (!stat.isDirectory()) return [readFile(place)]
    const paths = attempt(`\`${place}\` cannot be read`, () => listFilePaths(place))
    const findChart = makeChartFinder(paths)
    return paths
      .filter(path => isManifestPath(path) && !isOwnFile(path))
      .flatMap(path => {
        const chart = findChart(path)
        if (chart === undefined) return [readFile(path)]
        charts.add(chart.replace(/(.)\/$/, '$1') || place)
        return []
      })
  })
  return { files, charts: [...charts] }
}

/** Tells whether a file is meshc's own file beside manifests. */
export const isOwnFile = (path: string): boolean => path === ownFileName || path.endsWith(`/${ownFileName}`)

/** Finds meshc's own file beside manifests: that of the first folder that has one. */
export function findOwnFile(places: readonly string[]): ForeignFile | undefined {
  for (const place of places) {
    const path = join(place, ownFileName).replaceAll('\\', '/')
    if (place !== '-' && statIfThere(path)?.isFile() === true) return readFile(path)
  }
  return undefined
}

const readFile = (name: string): ForeignFile => ({ name, text: mustRead(name, name).toString('utf8') })

/** Advises a user who names an environment instead of a folder. */
const adviseOnPlace = (place: string) =>
  /^[\w.-]+$/.test(place)
    ? `an environment of a spec is named with \`--env ${place}\``
    : 'name a file or a folder of manifests, or `-` for standard input'

/** The regular files below a folder; folders of git and of packages hold no manifests. */
function listFilePaths(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter(path => !/(?:^|\/)(?:\.git|node_modules)\//.test(path))
    .toSorted()
    .map(path => join(folder, path).replaceAll('\\', '/'))
}

let input: string | undefined

/** The text of standard input, which is there once. */
function readStandardInput(): string {
  if (input !== undefined) return input
  const chunks: Buffer[] = []
  let length = 0
  for (;;) {
    const chunk = Buffer.allocUnsafe(2 ** 16)
    const read = readChunk(chunk)
    if (read === undefined) continue
    if (read === 0) break
    length += read
    if (length > largestFile)
      throw new Failure(`standard input is larger than ${largestFile / 2 ** 20} MiB`, 'ask of fewer objects')
    chunks.push(chunk.subarray(0, read))
  }
  input = Buffer.concat(chunks).toString('utf8')
  return input
}

/** The available bytes; undefined if the writer has not written any yet. */
function readChunk(chunk: Buffer): number | undefined {
  try {
    return readSync(0, chunk, 0, chunk.length, null)
  } catch (error) {
    if (isSystemError(error) && error.code === 'EAGAIN') {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
      return undefined
    }
    if (isSystemError(error) && error.code === 'EOF') return 0
    return attempt('standard input cannot be read', () => {
      throw error
    })
  }
}
