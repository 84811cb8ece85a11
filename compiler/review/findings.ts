import type { Gate } from '../../schema/gates.ts'
import type { Difference, UnknownPart } from '../behavior/compare/difference.ts'
import type { Notice } from './notices.ts'

/** A difference of behavior in words. */
export interface Finding extends Pick<Difference, 'section'> {
  /** `dead`: a route that no request takes any more, which `requests` names. */
  readonly change: Difference['change'] | 'dead'
  readonly gates: readonly Gate[]
  readonly callers: readonly string[]
  readonly destinations: readonly string[]
  /** The names of the parties in the spec, each once. */
  readonly parties: Notice['parties']
  /** The alternative requests. */
  readonly requests: readonly string[]
  /** The number of further kinds of requests. */
  readonly further: number
  readonly before: string
  readonly after: string
  readonly witness: { readonly request: string; readonly before: string; readonly after: string }
  readonly because: readonly Cause[]
  /** The advice, in sentences. */
  readonly help: readonly string[]
}

export interface UnknownFinding {
  readonly callers: readonly string[]
  readonly destinations: readonly string[]
  /** The names of the parties in the spec, each once. */
  readonly parties: Notice['parties']
  readonly requests: readonly string[]
  readonly further: number
  readonly because: readonly string[]
  readonly help: readonly string[]
  readonly side: UnknownPart['side']
}

/** The cause of a difference. */
export interface Cause {
  readonly file: string
  /** The line, counted from 1. */
  readonly line: number
  /** The side that contains the place. */
  readonly side: 'before' | 'after'
  /** `services.my-api.timeout: 5s → 30s`, or the part of a manifest. */
  readonly words: string
}
