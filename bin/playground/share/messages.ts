/**
 * The questions of the playground to its worker, in addition to those of the language server. They use the same connection, and each
 * names a file of the project in `textDocument`, like the questions of editors.
 */

interface FileQuestion {
  readonly textDocument: { readonly uri: string }
}

export interface EnvironmentQuestion extends FileQuestion {
  /** The name of the environment. */
  readonly environment: string
}

/** `meshc/build`: the files that an environment makes. */
export interface BuildAnswer {
  /** The files; undefined if the spec has errors. */
  readonly files: readonly BuiltFile[] | undefined
}

export interface BuiltFile {
  /** The path below `out/<environment>/`. */
  readonly path: string
  readonly text: string
}

/** `meshc/impact`: all that a line of a spec makes. */
export interface ImpactQuestion extends EnvironmentQuestion {
  /** The line, counted from 1. */
  readonly line: number
}

export interface ImpactAnswer {
  /** The lines of files that are as they are because of the line, by the path of the file. */
  readonly files: Readonly<Record<string, LitLines>>
  /** The number of values, and of objects that they are in. */
  readonly values: number
  readonly objects: number
  /** The lines that the spec would make without the nulls on the line; undefined if no null removes a value. */
  readonly takenAway: TakenAway | undefined
  /** The place that overrides the line; undefined where something of the line holds. */
  readonly overriddenBy: SpecPlace | undefined
}

/** Values that a null takes away. */
interface TakenAway {
  readonly values: number
  /** The objects that they would be in, `Kind/namespace/name`. */
  readonly objects: readonly string[]
}

/** Lines, counted from 1, in their order. */
export interface LitLines {
  /** The lines whose value the line sets, or overrides. */
  readonly near: readonly number[]
  /** The lines that are there because of it. */
  readonly far: readonly number[]
}

/** `meshc/why`: all that is behind a line of a built file. */
export interface WhyQuestion extends EnvironmentQuestion {
  readonly path: string
  /** The line, counted from 1. */
  readonly line: number
}

export interface WhyAnswer {
  /** The object with the listed parts, or undefined for a text. */
  readonly object: string | undefined
  /** The JSON pointer of the part. */
  readonly pointer: string
  /** The value of a part that is one value, or the number of values. */
  readonly value: string
  readonly reasons: readonly WhyReason[]
  /** The reasons why the object is there. */
  readonly shared: readonly WhyReason[]
  /** The lines of the spec, by file. */
  readonly files: Readonly<Record<string, LitLines>>
}

export type WhyReason =
  | { readonly kind: 'spec'; readonly path: string; readonly places: readonly SpecPlace[] }
  | {
      readonly kind: 'default' | 'policy'
      readonly name: string
      readonly summary: string
      /** The field that would set something else. */
      readonly set: string | undefined
    }

export interface SpecPlace {
  readonly file: string
  /** The first and the last line, counted from 1. */
  readonly line: number
  readonly endLine: number
  /** The text of its first line. */
  readonly text: string
  /** False if another place overrides it. */
  readonly wins: boolean
}

/** `meshc/map`: the page of `meshc map`, or its data after an edit. */
export interface MapQuestion extends EnvironmentQuestion {
  /** True if the page is open: then it needs only the data. */
  readonly isOpen: boolean
}

/** One of both; neither if the spec has errors. */
export interface MapAnswer {
  readonly html?: string
  /** The text of a `page.json`. */
  readonly data?: string
}

/** `meshc/checked`: a notification after each check of a project. */
export interface Checked {
  readonly root: string
  readonly environments: readonly EnvironmentState[]
}

export interface EnvironmentState {
  readonly name: string
  /** The files that it is made of, its own last. */
  readonly sources: readonly string[]
  readonly errors: number
  readonly warnings: number
}
