import type { Diagnostic } from './diagnostic.ts'

/** The result of a pass: its value unless an error was found, and every diagnostic either way. */
export type Outcome<T, D extends { readonly severity: string } = Diagnostic> =
  | { readonly ok: true; readonly value: T; readonly diagnostics: readonly D[] }
  /** `partial` has the incomplete result, in which later passes find further faults. */
  | { readonly ok: false; readonly diagnostics: readonly D[]; readonly partial?: T }

/** A value with its diagnostics; without a value if one of them is an error. */
export function outcome<T>(value: T, diagnostics: readonly Diagnostic[] = []): Outcome<T> {
  return diagnostics.some(diagnostic => diagnostic.severity === 'error')
    ? { ok: false, diagnostics, partial: value }
    : { ok: true, value, diagnostics }
}

/** Runs the next pass on the value of this one and keeps the diagnostics of both. */
export function andThen<A, B>(first: Outcome<A>, next: (value: A) => Outcome<B>): Outcome<B> {
  if (!first.ok) return { ok: false, diagnostics: first.diagnostics }
  const second = next(first.value)
  return { ...second, diagnostics: [...first.diagnostics, ...second.diagnostics] }
}
