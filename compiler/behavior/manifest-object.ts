import type { SpecPath } from '../diagnostics/diagnostic.ts'

/** A Kubernetes object as a YAML document has it, and where it stands: all that behaviour is read from. */
export interface ManifestObject {
  /** Maps, arrays, strings, numbers, booleans and null. */
  readonly value: unknown
  /** The name of the file in messages. */
  readonly file: string
  /** The line of the file where the object begins, from 1. */
  readonly line: number
  /** True if every cluster is known to admit the object, so that the rules of admission need not be asked. */
  readonly isAdmitted?: boolean
  /** The line of a part of the object, or of the nearest part around it that is written down. */
  lineOf(path: SpecPath): number
}
