import { lowerLetter } from './literal-machines.ts'
import { listCodePoints, type Machine } from './machine.ts'
import type { RewrittenPattern } from './pattern.ts'

/**
 * A pattern on a text after its prefix is replaced, as an automaton on the text before. It reads the replaced prefix letter by
 * letter, then continues in the state that the pattern's own automaton has after the replacement.
 */
export function buildRewrittenMachine(
  { from, to, ignoreCase, takes }: Pick<RewrittenPattern, 'from' | 'to' | 'ignoreCase' | 'takes'>,
  inner: Machine,
  pattern: number,
): Machine {
  const expected = listCodePoints(from).map(char => (ignoreCase ? lowerLetter(char) : char))
  const after = listCodePoints(to).reduce(inner.next, 0)
  const dead = expected.length
  const rest = dead + 1
  const offset = rest + 1
  const none: readonly number[] = []
  const accepted: readonly number[] = [pattern]
  const matchesAfter = inner.matched(after).length > 0
  // The states: the letters of `from` that are read, the failed state, the rest of a segment, and the states of the pattern.
  return {
    matched: state =>
      (state === rest ? matchesAfter : state >= offset && inner.matched(state - offset).length > 0)
        ? accepted
        : none,
    next: (state, codePoint) => {
      if (state >= offset) return offset + inner.next(state - offset, codePoint)
      if (state === rest) return codePoint === slash ? offset + after : rest
      if (state === dead || (ignoreCase ? lowerLetter(codePoint) : codePoint) !== expected[state]) return dead
      if (state + 1 < dead) return state + 1
      return takes === 'segment' ? rest : offset + after
    },
    cut: (state, singles) => {
      if (state >= offset) inner.cut(state - offset, singles)
      else if (state === rest) singles.add(slash)
      else if (state !== dead) {
        const char = expected[state]!
        singles.add(char)
        if (ignoreCase && char >= 97 && char <= 122) singles.add(char - 32)
      }
    },
    sets: inner.sets,
    size: () => offset + inner.size(),
  }
}

const slash = 0x2f
