/** A text that somebody wrote, and its name: a path from the root of the project, with forward slashes. */
export interface Source {
  readonly name: string
  readonly text: string
}

/** A stretch of a source's text, as offsets in UTF-16 units; `end` is exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A stretch of a named source: the only kind of place that leaves the compiler. */
export interface Location extends Span {
  readonly file: string
}
