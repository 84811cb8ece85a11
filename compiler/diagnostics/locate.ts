import type { Diagnostic, Place } from './diagnostic.ts'
import type { Location } from './source.ts'

/** A diagnostic that knows its text; the only kind that leaves the compiler. */
export type LocatedDiagnostic = Diagnostic<Location>

/** Finds the text of every diagnostic, and puts them in the order of files and lines; repeated ones go. */
export function locate(
  diagnostics: readonly Diagnostic[],
  locationOf: (place: Place) => Location,
): readonly LocatedDiagnostic[] {
  const located = diagnostics.map(({ at, related, ...rest }) => ({
    ...rest,
    at: locationOf(at),
    related: related.map(({ at, message }) => ({ at: locationOf(at), message })),
  }))
  const seen = new Set<string>()
  return located
    .sort((a, b) => compare(a.at.file, b.at.file) || a.at.start - b.at.start || compare(a.code, b.code))
    .filter(({ code, at, message }) => {
      const key = `${code} ${at.file} ${at.start} ${message}`
      return !seen.has(key) && seen.add(key)
    })
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
