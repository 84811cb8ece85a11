import type { SpecPath } from '../diagnostics/diagnostic.ts'

/** A Kubernetes object of a YAML document, and its position in the file. The engines read behavior from these objects only. */
export interface ManifestObject {
  /** Maps, arrays, strings, numbers, booleans and null. */
  readonly value: unknown
  /** The name of the file in messages. */
  readonly file: string
  /** The first line of the object in the file, counted from 1. */
  readonly line: number
  /** True if every cluster is known to admit the object, so that the rules of admission need not be asked. */
  readonly isAdmitted?: boolean
  /** The line of a part of the object, or of the nearest part around it that is written down. */
  lineOf(path: SpecPath): number
}
