import type { Judgement } from './judge.ts'
import type { EnvironmentReview } from './review.ts'

/** The review of a change, environment by environment. */
export interface Review {
  /**
   * The names of the two sides: a revision, a folder or an environment, and the working tree or an environment.
   */
  readonly before: string
  readonly after: string
  readonly environments: readonly ReviewedEnvironment[]
}

/** An environment, and its accepted changes. */
export interface ReviewedEnvironment extends Judgement {
  readonly name: string
  readonly renamedFrom?: string
  readonly review: EnvironmentReview
}
