/*
 * The API of the package: it compiles specs, explains the origin of a line of a built file, and follows requests through
 * manifests. Nothing here reads a file or keeps state: the caller gives texts, and gets values.
 */
import { limitQuestions, usualLimits } from './behavior/budget.ts'
import { evaluate, makeUnknownResult, readModel } from './behavior/index.ts'
import type { ManifestObject } from './behavior/manifest-object.ts'
import type { Request } from './behavior/request.ts'
import type { Result } from './behavior/result.ts'
import { compile as compileSpec } from './compile.ts'
import type { LocatedDiagnostic } from './diagnostics/locate.ts'
import { listAssumedObjects } from './manifests/assumed-objects.ts'
import { listCompiledObjects } from './manifests/compiled-objects.ts'
import { findPartAtLine } from './provenance/entries-at.ts'
import { printPointer, printSpecPath } from './provenance/paths.ts'
import { explainPart, type Reason as FullReason } from './provenance/reasons.ts'
import { isMap } from './source/document.ts'
import { readManifestDocuments } from './source/manifest-documents.ts'

export type { LocatedDiagnostic, Request, Result }

/** Texts by their paths: relative, with forward slashes, as in `spec/prod/mesh.yaml`. */
export type Texts = Readonly<Record<string, string>>

/** A file that a build writes: its path below `out/<environment>/`, and its text. */
export interface BuiltFile {
  readonly path: string
  readonly text: string
}

/** The result of compiling. There are files unless a diagnostic is an error. */
export interface CompiledTexts {
  readonly diagnostics: readonly LocatedDiagnostic[]
  /** Undefined if a diagnostic is an error. */
  readonly environment: BuiltEnvironment | undefined
}

/** A mesh that gives the result of a request. */
export interface Mesh {
  /**
   * Follows one request through the mesh like istiod and Envoy. If it meets an unmodelled part, or the answer takes longer than ten
   * seconds of work, the verdict is UNKNOWN, and `unknown` has the reason.
   */
  ask(request: Request): Result
}

/**
 * An environment without errors. Its files are made on demand, each time the same. Its mesh has the workloads
 * that the spec declares.
 */
export interface BuiltEnvironment extends Mesh {
  /** The files of a build. The map, which `delivery.outputs` may list, is not among them: only the command draws it. */
  files(): Iterable<BuiltFile>
  /**
   * Explains the values that begin on a line of a file; empty for a line that sets no value, or a file that is not a manifest.
   *
   * @param path as in `files`
   * @param line counted from 1
   */
  explain(path: string, line: number): readonly ExplainedValue[]
}

/** A value of a manifest, and its reasons, the nearest first. */
export interface ExplainedValue {
  /** `Kind/namespace/name`, or `Kind/name` without a namespace. */
  readonly object: string
  /** The JSON pointer of the value in the object: `/spec/hosts/0`. */
  readonly pointer: string
  readonly value: string | number | boolean
  readonly reasons: readonly Reason[]
}

/** A place of the spec that sets a value, or a default or policy of meshc. */
export type Reason =
  | {
      readonly kind: 'spec'
      /** The path in the merged spec: `services.cart.timeout`. */
      readonly path: string
      /** The places that set it, the winner first: offsets in UTF-16 units, `end` exclusive. */
      readonly places: readonly { readonly file: string; readonly start: number; readonly end: number }[]
    }
  | { readonly kind: 'default' | 'policy'; readonly name: string; readonly summary: string }

/**
 * Compiles an environment of a project.
 *
 * @param entry the environment's file, a key of `texts`: `spec/prod/mesh.yaml`
 * @param texts the files that it extends and includes, and itself; others are not read
 * @param options `today` as `2027-01-31`: without it, no suppression ends
 */
export function compile(
  entry: string,
  texts: Texts,
  options: { readonly today?: string } = {},
): CompiledTexts {
  const result = compileSpec(
    entry,
    {
      read: path =>
        Object.hasOwn(texts, path) ? { text: texts[path]! } : { reason: 'there is no such file' },
      list: folder => Object.keys(texts).filter(path => path.replace(/\/?[^/]*$/, '') === folder),
      listBelow: folder => Object.keys(texts).filter(path => path.startsWith(`${folder}/`)),
    },
    options.today,
  )
  const { diagnostics, sources } = result
  if (!result.ok) return { diagnostics, environment: undefined }
  const { value: compilation } = result
  let mesh: Mesh | undefined
  return {
    diagnostics,
    environment: {
      files: () => compilation.files(),
      explain(path, line) {
        const entries = [...compilation.sourceMap(place => place.file === path)]
        const part = findPartAtLine(entries, line)
        if (part === undefined) return []
        const object = entries.filter(({ object }) => object === part.object)
        const { scalars, shared } = explainPart(part.entries, object, compilation.layers)
        return scalars.map(({ entry, reasons }) => ({
          object: entry.object,
          pointer: printPointer(entry.path),
          value: entry.value,
          reasons: [...new Set([...reasons, ...shared])].map(convertReason),
        }))
      },
      ask(request) {
        mesh ??= makeMesh([
          ...listCompiledObjects(compilation, ''),
          ...listAssumedObjects(compilation, sources),
        ])
        return mesh.ask(request)
      },
    },
  }
}

function convertReason(reason: FullReason): Reason {
  if (reason.kind !== 'spec') {
    const { kind, name, summary } = reason
    return { kind, name, summary }
  }
  const places = reason.definitions.map(({ file, start, end }) => ({ file, start, end }))
  return { kind: 'spec', path: printSpecPath(reason.path), places }
}

/**
 * Reads the manifests of a cluster: YAML with objects of Istio, Services, workloads and namespaces. Documents without a
 * `kind` are passed over.
 *
 * @throws Error that names the file, line and column of a text that is no YAML
 */
export function readManifests(texts: Texts): Mesh {
  const objects = Object.entries(texts).flatMap(([file, text]) => {
    const read = readManifestDocuments(file, text)
    if ('fault' in read) {
      const { line, column, reason } = read.fault
      throw new Error(`${file}:${line}:${column}: ${reason}`)
    }
    return read.documents.filter(({ value }) => isMap(value) && typeof value['kind'] === 'string')
  })
  return makeMesh(objects)
}

function makeMesh(objects: readonly ManifestObject[]): Mesh {
  const model = readModel(objects)
  return {
    ask: request =>
      limitQuestions(usualLimits)(
        () => evaluate(model, request),
        reason => makeUnknownResult(model, request, reason),
      ),
  }
}
