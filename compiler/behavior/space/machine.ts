/**
 * A deterministic automaton over code points, made state by state as it is asked. States are small integers, 0 the first.
 */
export interface Machine {
  /** Which patterns match what has been read so far; their numbers, in order. */
  readonly matched: (state: number) => readonly number[]
  /**
   * Adds to `starts` the first code point of each interval that the state tells from the one before it. Between two of
   * these, all code points lead to one state.
   */
  readonly cut: (state: number, starts: Set<number>) => void
  readonly next: (state: number, codePoint: number) => number
}

/** The code points of a text. */
export const codePointsOf = (text: string): readonly number[] => [...text].map(char => char.codePointAt(0)!)
