import type { Location } from './source.ts'

/** The place of a value in a spec: the keys and indices that lead to it. */
export type SpecPath = readonly (string | number)[]

/**
 * The place that a diagnostic points at. It is the value at a path of the spec (or its key), in the layer that wins or in `file`.
 * Without a value, it is a range of text.
 */
export type Place =
  | { readonly path: SpecPath; readonly part?: 'key'; readonly file?: string }
  | { readonly location: Location }

export type Severity = 'error' | 'warning'
export type DiagnosticCode = `MESH${number}`

/** A related place of a fault, and its role. */
export interface Related<At = Place> {
  readonly at: At
  readonly message: string
}

/** A change of a spec: a replacement of the text at a place, quotes around it, or the removal of an entry from its list or map. */
export type SpecEdit =
  | { readonly change: 'replace'; readonly at: Place; readonly text: string }
  | { readonly change: 'quote' | 'remove'; readonly at: Place }

/** A range of a file, and its replacement. */
export interface TextEdit extends Location {
  readonly text: string
}

/** Edits that belong together. A diagnostic has a fix if there is exactly one remedy, and the remedy is safe. */
export interface Fix<Edit = SpecEdit> {
  /** The effect of the fix, as an order: ``write `GET` ``. */
  readonly title: string
  readonly edits: readonly Edit[]
}

/** One finding, before its place is looked up in a text. */
export interface Diagnostic<At = Place, Edit = SpecEdit> {
  readonly code: DiagnosticCode
  readonly severity: Severity
  readonly message: string
  readonly at: At
  readonly related: readonly Related<At>[]
  /** The advice to the user. */
  readonly help?: string
  readonly fix?: Fix<Edit>
}

/** The definition of a code; its page is docs/diagnostics/CODE.md. */
export interface DiagnosticDefinition<Params> {
  readonly code: DiagnosticCode
  readonly severity: Severity
  /** The law of the rule, as one sentence; the row of the code in docs/diagnostics. */
  readonly summary: string
  /** The codes of istioctl analyze (IST…) and Kiali (KIA…) whose cause this diagnostic rules out. */
  readonly covers?: readonly string[]
  /**
   * The parts of the spec that it depends on in addition to those that it points at, as paths in which `*` is any name. If one of
   * these parts is faulty, the diagnostic may be a consequence, and is not reported.
   */
  readonly reads?: readonly string[]
  message(params: Params): string
  help?(params: Params): string | undefined
  fix?(params: Params, at: Place): Fix | undefined
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
    const fix = definition.fix?.(params, at)
    const message = definition.message(params)
    return {
      code,
      severity,
      message,
      at,
      related,
      ...(help !== undefined && { help }),
      ...(fix !== undefined && { fix }),
    }
  }
  return Object.assign(create, definition)
}
