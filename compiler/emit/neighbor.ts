import type { Sourced } from '../mesh/sourced.ts'
import type { Manifest } from './manifest.ts'

/** A file of `out/<env>/manifests` that another owner writes. The spec lists it as a file to deploy with the others. */
export interface Neighbor {
  /** The path below `out/<env>/`. */
  readonly place: Sourced<string>
  readonly manifests: readonly Manifest[]
  /** The size of its text. */
  readonly bytes: number
}
