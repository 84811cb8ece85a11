import type { Location } from './source.ts'

/** The place of a value in a spec: the keys and indices that lead to it. */
export type SpecPath = readonly (string | number)[]

/**
 * The place that a diagnostic points at: the value at a path of the spec (or its key), as the layer that wins wrote it, or as
 * `file` wrote it; or, where there is no value, a stretch of text.
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

/** A change of a spec: another text for what stands at a place, quotes round it, or an entry taken out of its list or map. */
export type SpecEdit =
  | { readonly change: 'replace'; readonly at: Place; readonly text: string }
  | { readonly change: 'quote' | 'remove'; readonly at: Place }

/** A stretch of a file, and what shall stand there. */
export interface TextEdit extends Location {
  readonly text: string
}

/** Edits that belong together, given where there is just one thing to do about a diagnostic, and it is safe. */
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
  /** The codes of istioctl analyze (IST…) and Kiali (KIA…) whose cause this one rules out. */
  readonly covers?: readonly string[]
  /**
   * The parts of the spec that it depends on beside those that it points at, as paths in which `*` stands for any name. Where
   * something is wrong in these, it may be a consequence, and is not told.
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
