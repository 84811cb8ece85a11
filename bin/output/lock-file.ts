import { createHash, hash } from 'node:crypto'
import type { Source } from '../../compiler/diagnostics/source.ts'
import { parseJson } from '../../compiler/source/parse-json.ts'
import { isRecord } from '../../schema/json-schema.ts'

/** The file of an output folder with the version and the inputs of its build, and the list of meshc's files in the folder. */
export const lockFileName = 'meshc.lock.json'

/** The content of meshc.lock.json; digests are SHA-256 in hexadecimal. */
export interface LockFile {
  /** The version of meshc. */
  readonly meshc: string
  /** The digest of every file that was read, by its path from the root of the project. */
  readonly inputs: ReadonlyMap<string, string>
  /** The digest of every file that was written, by its path in the output folder; this file itself is not listed. */
  readonly files: ReadonlyMap<string, string>
}

/** The digest that a lock file lists. */
export const getDigest = (content: string | Uint8Array): string =>
  // The short way takes half the time; it came with Node 20.12.
  hash === undefined ? createHash('sha256').update(content).digest('hex') : hash('sha256', content, 'hex')

/** The inputs of a lock file. */
export const listInputs = (sources: readonly Source[]) =>
  new Map(sources.map(({ name, text }) => [name, getDigest(text)]))

/** A lock file as text: sorted, so that the same build gives the same bytes. */
export function printLockFile({ meshc, inputs, files }: LockFile): string {
  const sorted = (digests: ReadonlyMap<string, string>) => {
    const paths = [...digests.keys()].sort()
    const lines = paths.map(path => `    ${JSON.stringify(path)}: "${digests.get(path)}"`)
    return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n  }`
  }
  return `{\n  "meshc": ${JSON.stringify(meshc)},\n  "inputs": ${sorted(inputs)},\n  "files": ${sorted(files)}\n}\n`
}

/** Parses a lock file; undefined if the text is not one. Digests are unchanged: no caller may rely on their form. */
export function parseLockFile(text: string): LockFile | undefined {
  const value = parseJson(text)
  if (!isRecord(value) || !isRecord(value['files']) || !('meshc' in value)) return undefined
  const { meshc, inputs, files } = value
  return { meshc: String(meshc), inputs: digestsIn(isRecord(inputs) ? inputs : {}), files: digestsIn(files) }
}

const digestsIn = (record: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(record).map(([path, digest]) => [path, String(digest)]))
