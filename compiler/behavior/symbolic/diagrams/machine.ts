/**
 * A deterministic automaton over code points that makes its states on demand. States are small integers, 0 the first.
 *
 * Two code points lead from a state to the same state, unless the state singles one of them out, or one of the sets contains exactly
 * one of them.
 */
export interface Machine {
  /** Lists the numbers of the patterns that match the text so far, in order. */
  readonly matched: (state: number) => readonly number[]
  /** Adds the code points that a state singles out. */
  readonly cut: (state: number, singles: Set<number>) => void
  /** The sets of code points that some states distinguish from the rest. */
  readonly sets: readonly CodePointSet[]
  readonly next: (state: number, codePoint: number) => number
  /** Counts the states up to now. */
  readonly size: () => number
}

/** The `cut` of a machine whose states single out no code point, such as an expression's. */
export const cutNothing: Machine['cut'] = () => {}

/** Pairs of the first and the last code point of a range, in order. */
export type CodePointSet = readonly number[]

/** The code points of a text. */
export const listCodePoints = (text: string): readonly number[] => [...text].map(char => char.codePointAt(0)!)
