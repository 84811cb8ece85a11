import type { Machine } from './machine.ts'

/** Two automata that read the same text, as one. */
interface ProductMachine extends Machine {
  /** The states of both that a state stands for. */
  readonly parts: (state: number) => readonly [number, number]
}

/** Joins two automata in one: its states are the pairs of states that are reached. */
export function buildProductMachine(first: Machine, second: Machine): ProductMachine {
  // Small integers are looked up faster than one large number for both.
  const numbers: Map<number, number>[] = []
  const lefts: number[] = []
  const rights: number[] = []
  getState(0, 0)
  return {
    matched: state =>
      [...first.matched(lefts[state]!), ...second.matched(rights[state]!)].sort((a, b) => a - b),
    next: (state, codePoint) =>
      getState(first.next(lefts[state]!, codePoint), second.next(rights[state]!, codePoint)),
    cut: (state, singles) => {
      first.cut(lefts[state]!, singles)
      second.cut(rights[state]!, singles)
    },
    sets: [...first.sets, ...second.sets],
    size: () => lefts.length,
    parts: state => [lefts[state]!, rights[state]!],
  }

  function getState(left: number, right: number): number {
    numbers[left] ??= new Map()
    const known = numbers[left]!.get(right)
    if (known !== undefined) return known
    numbers[left]!.set(right, lefts.length)
    lefts.push(left)
    return rights.push(right) - 1
  }
}

/**
 * Joins many automata in one; of none, one that matches nothing. They are a tree of pairs, of which each looks up its
 * steps: a branch has far fewer states than the whole, so that nearly all of its steps are known.
 */
export function multiply(machines: readonly Machine[]): Machine {
  if (machines.length <= 1) return machines[0] ?? emptyMachine
  const half = Math.ceil(machines.length / 2)
  return rememberSteps(buildProductMachine(multiply(machines.slice(0, half)), multiply(machines.slice(half))))
}

const emptyMachine: Machine = { matched: () => [], next: () => 0, cut: () => {}, sets: [], size: () => 1 }

/** An automaton that remembers its steps and its matches. */
export function rememberSteps<Kind extends Machine>(machine: Kind): Kind {
  const rows: number[][] = []
  const matched: (readonly number[])[] = []
  const letters: number[] = []
  let size = 0
  return {
    ...machine,
    matched: state => {
      matched[state] ??= machine.matched(state)
      return matched[state]!
    },
    next: (state, codePoint) => {
      letters[codePoint] ??= size++
      const letter = letters[codePoint]!
      rows[state] ??= []
      const row = rows[state]!
      row[letter] ??= machine.next(state, codePoint)
      return row[letter]!
    },
  }
}
