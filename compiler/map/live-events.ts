/**
 * The events that `meshc serve` sends to its page, each as the JSON in `data` of an event of EventSource.
 *
 * `page`: `page.json` has a new picture of a spec without errors. `diagnostics`: all diagnostics of the last edit, which replace
 * those before; the list may be empty.
 */
export type LiveEvent =
  | { readonly kind: 'page' }
  | { readonly kind: 'diagnostics'; readonly diagnostics: readonly LiveDiagnostic[] }

/** A diagnostic in words, with the line that it is about. */
export interface LiveDiagnostic {
  readonly severity: 'error' | 'warning'
  readonly code: string
  readonly message: string
  readonly file?: string
  /** Counted from 1. */
  readonly line?: number
  readonly help?: string
}
