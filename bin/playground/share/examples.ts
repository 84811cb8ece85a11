import type { SharedProject } from './hash.ts'

/** A project that the playground opens by its id. */
export interface Example extends SharedProject {
  readonly id: string
  readonly title: string
  /** The heading for it in the list. */
  readonly group: string
  /** The sentence about its content. */
  readonly says: string
  /** The text of the file to show after the correction of a mistake. */
  readonly correction?: string
}
