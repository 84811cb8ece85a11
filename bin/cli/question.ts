import { existsSync } from 'node:fs'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import { parsePointer, parseSpecPath } from '../../compiler/provenance/paths.ts'
import type { Project } from '../project/project.ts'
import { Failure } from './failure.ts'

/** A place that a person asks about. */
export type Question =
  /** A file of the project, or a line of it; its path from the root of the project. */
  | { readonly kind: 'file'; readonly file: string; readonly line?: number; readonly column?: number }
  /** An object, or a part of it. */
  | { readonly kind: 'object'; readonly object: string; readonly pointer: readonly string[] }
  | { readonly kind: 'spec'; readonly path: SpecPath }

/** `FILE:LINE:COLUMN`, `Kind/namespace/name#/json/pointer`, or `services.my-api.timeout`. */
export function parseQuestion(words: string, project: Project): Question {
  const [, name = words, line, column] = /^(.+?):(\d+)(?::(\d+))?:?$/.exec(words) ?? []
  const file = findProjectFile(name, project)
  const isFile = file !== undefined && (line !== undefined || existsSync(join(project.root, file)))
  if (isFile) {
    if (line === '0' || column === '0') throw new Failure('lines and columns count from 1')
    return {
      kind: 'file',
      file,
      ...(line !== undefined && { line: Number(line) }),
      ...(column !== undefined && { column: Number(column) }),
    }
  }
  const object = /^([A-Z]\w*(?:\/[^/#]+){0,2})(?:#(\/.*)?)?$/.exec(words)
  if (object !== null) return { kind: 'object', object: object[1]!, pointer: parsePointer(object[2] ?? '') }
  const path = /\/|\.ya?ml$/.test(words) ? undefined : parseSpecPath(words)
  if (path !== undefined && path.length > 0) return { kind: 'spec', path }
  if (file === undefined) throw new Failure(`\`${words}\` is not in the project \`${project.root}\``)
  throw new Failure(
    `there is no file \`${words}\``,
    'name a line as `out/prod/manifests/…:23`, an object as `Kind/namespace/name#/spec/…`, or a path of the spec',
  )
}

/** A path as typed, from here or from the root of the project; undefined outside of it. */
function findProjectFile(name: string, { root }: Project): string | undefined {
  const here = findPathWithin(root, resolve(name))
  if (here !== undefined && existsSync(resolve(name))) return here
  return isAbsolute(name) ? here : (findPathWithin(root, join(root, name)) ?? here)
}

function findPathWithin(root: string, path: string): string | undefined {
  const file = relative(root, path)
  if (file === '' || file === '..' || file.startsWith(`..${sep}`) || isAbsolute(file)) return undefined
  return file.replaceAll('\\', '/')
}
