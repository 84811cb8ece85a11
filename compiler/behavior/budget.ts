import type { LimitReason } from './unmodelled-reasons.ts'

/** The limits of the work that the questions about a mesh may take. */
export interface Limits {
  /**
   * The limit of each question, in milliseconds. meshc counts the limit in steps of work, so a question ends alike on every machine.
   * The clock ends a question only if a machine is slower than `stepsPerMillisecond`.
   */
  readonly time: number
  /** The limit of all questions together, in milliseconds. It is counted as `time` is. */
  readonly total: number
  /** The estimated limit of the data that a question builds, in bytes. */
  readonly memory: number
  /**
   * Gives the milliseconds that this process has worked, so that a question does not end because of other processes.
   * Without it, only steps of work are counted.
   */
  readonly clock?: () => number
  /** Becomes true when all questions have to end, whatever they have worked. */
  readonly isOver?: () => boolean
}

/** The limits if the caller sets no others. */
export const usualLimits: Limits = { time: 10_000, total: 120_000, memory: 128 * 2 ** 20 }

/**
 * Asks one question within the limits.
 *
 * @param unanswered gives the answer if the question passes a limit; its argument is the limit
 */
export type Ask = <Answer>(question: () => Answer, unanswered: (reason: LimitReason) => Answer) => Answer

/** Ends a question that passes a limit. Only `Ask` catches it. */
class OverLimit extends Error {
  readonly reason: LimitReason

  constructor(reason: LimitReason) {
    super(reason.code)
    this.reason = reason
  }
}

/** Makes an `Ask` whose questions share the limit `total`. A question inside a question counts as a part of it. */
export function limitQuestions(limits: Limits): Ask {
  const group = {}
  let rest = limits.total * stepsPerMillisecond
  return (question, unanswered) => {
    if (current !== undefined) return question()
    const meter = new Meter(limits, rest, group)
    current = meter
    try {
      meter.checkTotal()
      return question()
    } catch (problem) {
      if (!(problem instanceof OverLimit)) throw problem
      return unanswered(problem.reason)
    } finally {
      current = undefined
      rest -= meter.steps
    }
  }
}

/**
 * Counts steps of work of the current question, and ends the question if they exceed the limit. One step costs about as much as a map
 * lookup. Code that loops over user input calls this function.
 */
export function spend(steps: number): void {
  current?.spend(steps)
}

/** Ends the current question, which passes a limit. */
export function giveUp(reason: LimitReason): never {
  throw new OverLimit(reason)
}

/** Gives a function that is true once a share of the limit of the current question has been used from now on. */
export function takeShare(share: number): () => boolean {
  const meter = current
  if (meter === undefined) return () => false
  meter.check()
  const { time } = meter.limits
  const mostSteps = meter.steps + time * stepsPerMillisecond * share
  const end = meter.now + time * share
  return () => meter.steps > mostSteps || meter.now > end
}

/** The memory that one structure of the current question may take, in bytes. */
export const measureAvailableMemory = (): number => current?.memory ?? usualLimits.memory

/**
 * Reports that a structure has filled the available memory. A part of the answer is unknown from then on. The other structures of the
 * question get less memory, so that the question does not fill the memory several times.
 */
export function reportFullMemory(): void {
  if (current !== undefined) current.memory = current.limits.memory / 8
}

/** The number of steps that the current question has taken up to now. */
export const countStepsSpent = (): number => current?.steps ?? 0

/** The key of the group of questions that share limits with the current question. Caches of the group use this key. */
export const getCurrentGroup = (): object | undefined => current?.group

/** The limits of the current question, or the usual limits outside a question. */
export const getCurrentLimits = (): Limits => current?.limits ?? usualLimits

/** An ordinary machine takes more steps than this, so that the steps end a question before the clock does. */
const stepsPerMillisecond = 8_000

/** The steps between two looks at the clock, which is a call of the system: less than three milliseconds. */
const stepsPerLook = 20_000

class Meter {
  readonly limits: Limits
  readonly group: object
  memory: number
  steps = 0
  /** The time of the clock at the last look. */
  now = -Infinity
  readonly #most: number
  readonly #rest: number
  /**
   * The time at which the question has to end. The clock starts at the first look, so that a short question does not read
   * it.
   */
  #end: number | undefined
  #nextLook = stepsPerLook

  /** @param rest the steps that all questions together may still take */
  constructor(limits: Limits, rest: number, group: object) {
    this.limits = limits
    this.group = group
    this.memory = limits.memory
    this.#most = limits.time * stepsPerMillisecond
    this.#rest = rest
  }

  spend(steps: number): void {
    this.steps += steps
    if (this.steps >= this.#nextLook || this.steps > this.#most) this.check()
  }

  check(): void {
    const { time, clock } = this.limits
    this.#nextLook = this.steps + stepsPerLook
    this.now = clock?.() ?? -Infinity
    this.#end ??= this.now + time
    if (this.steps > this.#most || this.now > this.#end)
      giveUp({ code: 'question-over-time', milliseconds: time })
    this.checkTotal()
  }

  checkTotal(): void {
    const { total, isOver } = this.limits
    if (this.steps >= this.#rest || isOver?.()) giveUp({ code: 'questions-over-time', milliseconds: total })
  }
}

/** The meter of the current question: a question is synchronous, so there is one at most. */
let current: Meter | undefined
