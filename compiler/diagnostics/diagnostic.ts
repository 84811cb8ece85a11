import type { Location } from './source.ts'

/** Where in a spec a value stands: the keys and indices that lead to it. */
export type SpecPath = readonly (string | number)[]

/**
 * What a diagnostic points at: the value at a path of the spec (or its key), as the layer that wins wrote it,
 * or as `file` wrote it; or, where there is no value, a stretch of text.
 */
export type Place =
  | { readonly path: SpecPath; readonly part?: 'key'; readonly file?: string }
  | { readonly location: Location }

export type Severity = 'error' | 'warning'
export type DiagnosticCode = `MESH${number}`

/** Another party to what is wrong, and the part it plays. */
export interface Related<At = Place> {
  readonly at: At
  readonly message: string
}

/** One finding, before its place is looked up in a text. */
export interface Diagnostic<At = Place> {
  readonly code: DiagnosticCode
  readonly severity: Severity
  readonly message: string
  readonly at: At
  readonly related: readonly Related<At>[]
  /** What to do about it. */
  readonly help?: string
}

/** All that there is to say of a code; its page is docs/diagnostics/CODE.md. */
export interface DiagnosticDefinition<Params> {
  readonly code: DiagnosticCode
  readonly severity: Severity
  /** What must hold, as one sentence; the row of the code in docs/diagnostics. */
  readonly summary: string
  /** The codes of istioctl analyze (IST…) and Kiali (KIA…) whose cause this one rules out. */
  readonly covers?: readonly string[]
  message(params: Params): string
  help?(params: Params): string | undefined
}

/** Makes diagnostics of one code, and carries its definition. */
export type DiagnosticFactory<Params> = DiagnosticDefinition<Params> &
  ((at: Place, params: Params, related?: readonly Related[]) => Diagnostic)

/** A function that makes diagnostics of one code, carrying its definition. */
export function defineDiagnostic<Params>(
  definition: DiagnosticDefinition<Params>,
): DiagnosticFactory<Params> {
  const { code, severity } = definition
  const create = (at: Place, params: Params, related: readonly Related[] = []): Diagnostic => {
    const help = definition.help?.(params)
    const message = definition.message(params)
    return { code, severity, message, at, related, ...(help !== undefined && { help }) }
  }
  return Object.assign(create, definition)
}
