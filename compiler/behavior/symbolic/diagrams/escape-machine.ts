import type { Machine } from './machine.ts'

/**
 * An automaton that matches texts with one of these escapes: `%2E` has the number 46.
 *
 * The text may continue after the escape. If no other automaton distinguishes a percent sign from the characters beside it, this
 * automaton does not either: then each text has an equivalent text without a percent sign.
 */
export function escapeMachine(escapes: ReadonlySet<number>, pattern: number): Machine {
  const accepted: readonly number[] = [pattern]
  const none: readonly number[] = []
  const begun = new Set([...escapes].map(code => code >> 4))
  return {
    matched: state => (state === inside ? accepted : none),
    next: (state, codePoint) => {
      if (state === inside) return inside
      const digit = state === outside ? undefined : findDigit(codePoint)
      if (state === afterPercent && digit !== undefined && begun.has(digit)) return afterFirst + digit
      if (state >= afterFirst && digit !== undefined && escapes.has((state - afterFirst) * 16 + digit))
        return inside
      return codePoint === percentSign && escapes.size > 0 ? afterPercent : outside
    },
    cut: (state, singles) => {
      if (state === outside || state === inside) return
      singles.add(percentSign)
      for (const digits of ['09', 'AF', 'af'])
        for (let digit = digits.charCodeAt(0); digit <= digits.charCodeAt(1); digit++) singles.add(digit)
    },
    sets: [],
    size: () => afterFirst + 16,
  }
}

const percentSign = 37

/** The states; after the first digit there is one for each. */
const outside = 0
const afterPercent = 1
const inside = 2
const afterFirst = 3

function findDigit(codePoint: number): number | undefined {
  const digit = Number.parseInt(String.fromCodePoint(codePoint), 16)
  return Number.isNaN(digit) ? undefined : digit
}
