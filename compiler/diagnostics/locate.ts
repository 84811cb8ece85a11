import { compare } from './compare.ts'
import type { Diagnostic, Fix, Place, SpecEdit, TextEdit } from './diagnostic.ts'
import type { Location } from './source.ts'
import { makeLinesVisible, makeTextVisible } from './visible.ts'

/**
 * A diagnostic that knows its text; the only kind that leaves the compiler. Findings of other tools that are reported at the lines
 * of a spec are of this form too, with codes of their own.
 */
export interface LocatedDiagnostic extends Omit<Diagnostic<Location, TextEdit>, 'code'> {
  readonly code: string
}

/** The texts of a spec, with the positions of their values. */
export interface Texts {
  locationOf(place: Place): Location
  /** An edit of the text; undefined if the text's style does not allow the edit. */
  editOf(edit: SpecEdit): TextEdit | undefined
}

/**
 * Finds the text of every diagnostic, and puts them in the order of files and lines; repeated ones go.
 *
 * @param files in the order in which they are laid over each other
 */
export function locateDiagnostics(
  diagnostics: readonly Diagnostic[],
  texts: Texts,
  files: readonly string[],
): readonly LocatedDiagnostic[] {
  const located = diagnostics.map(({ at, related, fix, ...rest }): LocatedDiagnostic => {
    const locatedFix = fix === undefined ? undefined : findFix(fix, texts)
    return makeVisible({
      ...rest,
      at: texts.locationOf(at),
      related: related.map(({ at, message }) => ({ at: texts.locationOf(at), message })),
      ...(locatedFix !== undefined && { fix: locatedFix }),
    })
  })
  const seen = new Set<string>()
  return located.sort(makeSourceOrder(files)).filter(diagnostic => {
    const identity = makeDiagnosticKey(diagnostic)
    return !seen.has(identity) && seen.add(identity)
  })
}

/** A diagnostic with only visible characters in its words, for every reader: the words quote texts of strangers. */
export function makeVisible(diagnostic: LocatedDiagnostic): LocatedDiagnostic {
  const { code, message, related, help, fix } = diagnostic
  return {
    ...diagnostic,
    code: makeTextVisible(code),
    message: makeLinesVisible(message),
    related: related.map(({ at, message }) => ({ at, message: makeLinesVisible(message) })),
    ...(help !== undefined && { help: makeLinesVisible(help) }),
    ...(fix !== undefined && { fix: { ...fix, title: makeLinesVisible(fix.title) } }),
  }
}

/** Makes the key that identifies a diagnostic. */
export const makeDiagnosticKey = ({ code, at, message }: LocatedDiagnostic): string =>
  `${code} ${at.file} ${at.start} ${message}`

/** Sorts by file, then by position; unlisted files come before the others. */
export function makeSourceOrder(
  files: readonly string[],
): (a: LocatedDiagnostic, b: LocatedDiagnostic) => number {
  const rank = new Map(files.map((file, index) => [file, index]))
  const getRank = (file: string) => rank.get(file) ?? -1
  return (a, b) =>
    getRank(a.at.file) - getRank(b.at.file) ||
    compare(a.at.file, b.at.file) ||
    a.at.start - b.at.start ||
    compare(a.code, b.code)
}

/** Locates all edits of a fix, or none: a part of a fix is not a fix. */
function findFix({ title, edits }: Fix, texts: Texts): Fix<TextEdit> | undefined {
  const located = edits.map(edit => texts.editOf(edit))
  const textEdits = located.filter(edit => edit !== undefined)
  return textEdits.length < located.length ? undefined : { title, edits: textEdits }
}
