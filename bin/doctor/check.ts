import type { CompiledEnvironments } from '../project/compile-environments.ts'
import type { Environment, Project } from '../project/project.ts'

/** The installation that a check looks at. */
export interface Installation {
  readonly project: Project
  readonly environments: readonly Environment[]
  /** The result of compiling the specs; environments with errors are missing in it. */
  readonly result: CompiledEnvironments
  /** True if it is all environments of the project. */
  readonly isAll: boolean
}

/** Good; worth a look; wrong; or not checked, since the required tool is absent. */
export type State = 'good' | 'doubtful' | 'wrong' | 'unseen'

/** One thing that was looked at. */
export interface Examined {
  readonly state: State
  /** The state, in a sentence. */
  readonly what: string
  /** The advice. */
  readonly help?: string
}

/** A part of an installation, and how to look at it; changes nothing. */
export interface Check {
  readonly name: string
  /** True if it asks the cluster of the current context, which happens only if an option requests it. */
  readonly asksCluster?: true
  examine(installation: Installation): readonly Examined[]
}

export const reportGood = (what: string): Examined => ({ state: 'good', what })
export const reportDoubtful = (what: string, help: string): Examined => ({ state: 'doubtful', what, help })
export const reportWrong = (what: string, help: string): Examined => ({ state: 'wrong', what, help })
export const reportUnseen = (what: string): Examined => ({ state: 'unseen', what })
