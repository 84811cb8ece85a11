/** How much the questions about a mesh may cost. */
export interface Limits {
  /**
   * Of each question, in milliseconds. It is counted as steps of work, so that a question ends alike on every machine; the
   * clock ends it only where a machine is slower than that.
   */
  readonly time: number
  /** Of all questions together, in milliseconds. It is counted as the time of one is. */
  readonly total: number
  /** Of what is built for a question, in bytes, as estimated. */
  readonly memory: number
  /** Gives milliseconds; without it, only work is counted. */
  readonly clock?: () => number
  /** When, by the clock, all questions end. */
  readonly end?: number
}

/** Those of who says nothing else. */
export const usualLimits: Limits = { time: 10_000, total: 120_000, memory: 128 * 2 ** 20 }

/**
 * Asks one question within the limits.
 *
 * @param unanswered gives the answer where the question passes a limit; it gets the reason, in words
 */
export type Ask = <Answer>(question: () => Answer, unanswered: (reason: string) => Answer) => Answer

/** Ends a question that passes a limit. Only `Ask` catches it. */
class OverLimit extends Error {}

/** Questions that share one limit of all. A question within a question is a part of it. */
export function asking(limits: Limits): Ask {
  let left = limits.total * stepsPerMillisecond
  return (question, unanswered) => {
    if (current !== undefined) return question()
    const meter = new Meter(limits, left)
    current = meter
    try {
      meter.check()
      return question()
    } catch (problem) {
      if (!(problem instanceof OverLimit)) throw problem
      return unanswered(problem.message)
    } finally {
      current = undefined
      left -= meter.spent
    }
  }
}

/**
 * Counts steps of work of the question that is being asked, and ends the question where they are too many. A step is about
 * what the lookup of a value in a map takes. Whoever loops over what a user wrote calls it.
 */
export function spend(steps: number): void {
  current?.spend(steps)
}

/** Ends the question that is being asked, for a reason in words. */
export function giveUp(reason: string): never {
  throw new OverLimit(reason)
}

/** How many steps the question that is being asked has taken. */
export const spent = (): number => current?.spent ?? 0

/** The limits of the question that is being asked, or the usual ones. */
export const limitsNow = (): Limits => current?.limits ?? usualLimits

/** Few enough that an ordinary machine takes less time for them than the limit says. */
export const stepsPerMillisecond = 8_000

/** How many steps may pass between two looks at the clock: a small part of a millisecond. */
const stepsPerLook = 4_000

class Meter {
  readonly limits: Limits
  spent = 0
  readonly #most: number
  readonly #left: number
  readonly #end: number
  #look = stepsPerLook

  constructor(limits: Limits, left: number) {
    this.limits = limits
    this.#most = limits.time * stepsPerMillisecond
    this.#left = left
    this.#end = limits.clock === undefined ? Infinity : limits.clock() + limits.time
  }

  spend(steps: number): void {
    this.spent += steps
    if (this.spent >= this.#look || this.spent > this.#most) this.check()
  }

  check(): void {
    const { time, total, clock, end = Infinity } = this.limits
    this.#look = this.spent + stepsPerLook
    const now = clock?.() ?? -Infinity
    if (this.spent > this.#most || now > this.#end) throw new OverLimit(`it takes longer than ${words(time)}`)
    if (this.spent >= this.#left || now > end)
      throw new OverLimit(`all questions together take longer than ${words(total)}`)
  }
}

/** The meter of the question that is being asked: what runs within one question is synchronous. */
let current: Meter | undefined

const words = (time: number) => (time % 1000 === 0 ? `${time / 1000} s` : `${time} ms`)
