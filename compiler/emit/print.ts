import type { SpecPath } from '../diagnostics/diagnostic.ts'
import type { Decision } from '../mesh/decisions.ts'
import { SpecNode } from '../mesh/sourced.ts'
import type { Manifest, ManifestFile, TextFile } from './manifest.ts'
import { printYaml } from './yaml.ts'

/** A file as it is written: its path below `out/<env>/`, and its text. */
export interface OutputFile {
  readonly path: string
  readonly text: string
}

/** A scalar of a file and why it is what it is, the nearest reason first. Never empty: a scalar without a reason is a defect. */
export interface SourceMapEntry {
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  /** `Kind/namespace/name`, or `Kind/name` without a namespace. */
  readonly object: string
  readonly path: SpecPath
  readonly value: string | number | boolean
  /** Places in the merged spec, and names of defaults and policies of meshc. */
  readonly origins: readonly (SpecPath | Decision)[]
}

/** Prints the files of one environment; the file that was printed last is not printed again. */
export type Printer = (file: ManifestFile | TextFile) => OutputFile

export function printer(entry: string): Printer {
  let last: { readonly file: ManifestFile | TextFile; readonly printed: OutputFile } | undefined
  return file => {
    if (last?.file !== file) last = { file, printed: print(file, entry) }
    return last.printed
  }
}

/** A file's manifests as YAML, under a line that says what to edit instead; a text as it is. */
function print(file: ManifestFile | TextFile, entry: string): OutputFile {
  if ('text' in file) return file
  const { path, manifests } = file
  return { path, text: `${header(entry)}${manifests.map(({ tree }) => printYaml(tree)).join(separator)}` }
}

/** The source map of a file: the same print, traced. */
export function* mapSources({ path, manifests }: ManifestFile, entry: string): Iterable<SourceMapEntry> {
  let line = linesOf(header(entry))
  for (const manifest of manifests) {
    const entries: SourceMapEntry[] = []
    const text = printYaml(manifest.tree, scalar => {
      if (scalar.origins.length === 0)
        throw new Error(`${nameOf(manifest)} has a scalar without a reason: ${scalar.path.join('.')}`)
      const origins = scalar.origins.map(origin => (origin instanceof SpecNode ? origin.path : origin))
      entries.push({ ...scalar, file: path, line: line + scalar.line, object: nameOf(manifest), origins })
    })
    yield* entries
    line += linesOf(text) + linesOf(separator)
  }
}

const header = (entry: string) => `# Built by meshc from ${entry}: change that, not this.\n`
const separator = '---\n'
const linesOf = (text: string) => text.split('\n').length - 1

const nameOf = ({ kind, namespace, name }: Manifest) =>
  namespace === undefined ? `${kind}/${name}` : `${kind}/${namespace}/${name}`
