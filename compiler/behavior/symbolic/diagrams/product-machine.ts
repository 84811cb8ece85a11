import { memo } from '../../../basics/memo.ts'
import { cutNothing, type Machine } from './machine.ts'

/** Two automata that read the same text, as one. */
interface ProductMachine extends Machine {
  /** The states of both machines that make up a state. */
  readonly parts: (state: number) => readonly [number, number]
  /** The state for a pair of states. */
  readonly join: (left: number, right: number) => number
}

/** Joins two automata in one: its states are the pairs of states that are reached. */
export function buildProductMachine(first: Machine, second: Machine): ProductMachine {
  // Small integers are looked up faster than one large number for both.
  const numbers: Map<number, number>[] = []
  const lefts: number[] = []
  const rights: number[] = []
  // Most letters lead from a state to the same pair of states as the letter before.
  let [lastLeft, lastRight, last] = [-1, -1, -1]
  const unite = memo((a: readonly number[]) => memo((b: readonly number[]) => uniteNumbers(a, b)))
  join(0, 0)
  return {
    matched: state => unite(first.matched(lefts[state]!))(second.matched(rights[state]!)),
    next: (state, codePoint) =>
      join(first.next(lefts[state]!, codePoint), second.next(rights[state]!, codePoint)),
    cut:
      first.cut === cutNothing && second.cut === cutNothing
        ? cutNothing
        : (state, singles) => {
            first.cut(lefts[state]!, singles)
            second.cut(rights[state]!, singles)
          },
    sets: [...first.sets, ...second.sets],
    size: () => lefts.length,
    parts: state => [lefts[state]!, rights[state]!],
    join,
  }

  function join(left: number, right: number): number {
    if (left === lastLeft && right === lastRight) return last
    numbers[left] ??= new Map()
    const row = numbers[left]
    let state = row.get(right)
    if (state === undefined) {
      state = lefts.push(left) - 1
      rights.push(right)
      row.set(right, state)
    }
    lastLeft = left
    lastRight = right
    last = state
    return state
  }
}

/** The numbers of two lists in order; of most states one side matches nothing. */
const uniteNumbers = (a: readonly number[], b: readonly number[]): readonly number[] =>
  a.length === 0 ? b : b.length === 0 ? a : [...a, ...b].sort((x, y) => x - y)

/**
 * Joins many automata; the product of an empty list matches no text. The automata are a tree of pairs, and each branch caches its
 * steps. A branch has far fewer states than the whole product, so nearly all of its steps are cached.
 */
export function multiply(machines: readonly Machine[]): Machine {
  if (machines.length <= 1) return machines[0] ?? emptyMachine
  return buildProductMachine(...makeBranches(machines))
}

/** Joins each half of some automata in one. */
export function makeBranches(machines: readonly Machine[]): readonly [Machine, Machine] {
  const half = Math.ceil(machines.length / 2)
  return [makeBranch(machines.slice(0, half)), makeBranch(machines.slice(half))]
}

const makeBranch = (machines: readonly Machine[]): Machine =>
  machines.length <= 1 ? multiply(machines) : rememberSteps(multiply(machines))

const emptyMachine: Machine = { matched: () => [], next: () => 0, cut: cutNothing, sets: [], size: () => 1 }

/** An automaton that remembers its steps and its matches: equal lists of matches are one list. */
export function rememberSteps<Kind extends Machine>(machine: Kind): Kind {
  const rows: number[][] = []
  const matched: (readonly number[])[] = []
  const lists = new Map<string, readonly number[]>()
  const makeShared = (list: readonly number[]): readonly number[] => {
    const key = list.join()
    const shared = lists.get(key) ?? list
    lists.set(key, shared)
    return shared
  }
  // An array with a large index is a slow table, and few letters are not of ASCII.
  const letters: number[] = []
  const otherLetters = new Map<number, number>()
  let size = 0
  return {
    ...machine,
    matched: state => {
      matched[state] ??= makeShared(machine.matched(state))
      return matched[state]
    },
    next: (state, codePoint) => {
      let letter = codePoint < 128 ? letters[codePoint] : otherLetters.get(codePoint)
      if (letter === undefined) {
        letter = size++
        if (codePoint < 128) letters[codePoint] = letter
        else otherLetters.set(codePoint, letter)
      }
      rows[state] ??= []
      const row = rows[state]
      row[letter] ??= machine.next(state, codePoint)
      return row[letter]
    },
  }
}
