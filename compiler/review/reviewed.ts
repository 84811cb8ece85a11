import type { Judgement } from './judge.ts'
import type { EnvironmentReview } from './review.ts'

/** All that a change does, environment by environment. */
export interface Review {
  /** What is held against what: a revision, a folder or an environment, and the working tree or an environment. */
  readonly before: string
  readonly after: string
  readonly environments: readonly ReviewedEnvironment[]
}

/** An environment, and what is let pass of its changes. */
export interface ReviewedEnvironment extends Judgement {
  readonly name: string
  readonly renamedFrom?: string
  readonly review: EnvironmentReview
}
