import { listCodePoints, type Machine } from './machine.ts'

/** A literal, and the number of its pattern. */
export interface Literal {
  readonly text: string
  readonly pattern: number
}

interface TrieNode {
  readonly children: Map<number, number>
  readonly exact: number[]
  /** The prefixes of the way here, too: a text that began so stays matched. */
  readonly prefixes: readonly number[]
}

/**
 * Makes one tree of the letters of all exact and prefix patterns, so that a thousand of them are one
 * automaton.
 *
 * @param ignoreCase whether letters of ASCII that differ in case are one
 */
export function buildPrefixMachine(
  exact: readonly Literal[],
  prefix: readonly Literal[],
  ignoreCase: boolean,
): Machine {
  const nodes: TrieNode[] = [{ children: new Map(), exact: [], prefixes: [] }]
  const patternsAt: number[][] = [[]]
  const insert = (text: string): number =>
    listCodePoints(text).reduce((at, codePoint) => {
      const char = ignoreCase ? lowerLetter(codePoint) : codePoint
      const childNode = nodes[at]!.children.get(char)
      if (childNode !== undefined) return childNode
      nodes.push({ children: new Map(), exact: [], prefixes: [] })
      patternsAt.push([])
      nodes[at]!.children.set(char, nodes.length - 1)
      return nodes.length - 1
    }, 0)
  for (const { text, pattern } of exact) nodes[insert(text)]!.exact.push(pattern)
  for (const { text, pattern } of prefix) patternsAt[insert(text)]!.push(pattern)
  // The states are the nodes, and for each set of prefixes one state that has left the tree.
  const inherited: (readonly number[])[] = [patternsAt[0]!]
  for (const [index, node] of nodes.entries())
    for (const child of node.children.values())
      inherited[child] = [...inherited[index]!, ...patternsAt[child]!]
  const leftBy = new Map<string, number>()
  const sharedLists: (readonly number[])[] = []
  const leaving = nodes.map((_, index) => {
    const key = inherited[index]!.join()
    const knownState = leftBy.get(key)
    if (knownState !== undefined) return knownState
    sharedLists.push(inherited[index]!)
    leftBy.set(key, nodes.length + sharedLists.length - 1)
    return nodes.length + sharedLists.length - 1
  })
  const matched = [
    ...nodes.map((node, index) => [...node.exact, ...inherited[index]!].sort((a, b) => a - b)),
    ...sharedLists.map(patterns => [...patterns].sort((a, b) => a - b)),
  ]
  return {
    matched: state => matched[state]!,
    next: (state, codePoint) =>
      state >= nodes.length
        ? state
        : (nodes[state]!.children.get(ignoreCase ? lowerLetter(codePoint) : codePoint) ?? leaving[state]!),
    cut: (state, singles) => {
      if (state >= nodes.length) return
      for (const char of nodes[state]!.children.keys()) singleOut(char, ignoreCase, singles)
    },
    sets: [],
    size: () => matched.length,
  }
}

/** Makes one automaton of all suffix patterns: Aho and Corasick's. */
export function buildSuffixMachine(suffixes: readonly Literal[], ignoreCase: boolean): Machine {
  const children: Map<number, number>[] = [new Map()]
  const patternsAt: number[][] = [[]]
  for (const { text, pattern } of suffixes) {
    let at = 0
    for (const codePoint of listCodePoints(text)) {
      const char = ignoreCase ? lowerLetter(codePoint) : codePoint
      let to = children[at]!.get(char)
      if (to === undefined) {
        to = children.length
        children.push(new Map())
        patternsAt.push([])
        children[at]!.set(char, to)
      }
      at = to
    }
    patternsAt[at]!.push(pattern)
  }
  const fallback: number[] = children.map(() => 0)
  const matched: (readonly number[])[] = [patternsAt[0]!]
  const order = [0]
  for (const state of order)
    for (const [char, to] of children[state]!) {
      if (state !== 0) fallback[to] = step(fallback[state]!, char)
      matched[to] = [...patternsAt[to]!, ...matched[fallback[to]!]!].sort((a, b) => a - b)
      order.push(to)
    }

  return {
    matched: state => matched[state]!,
    next: (state, codePoint) => step(state, ignoreCase ? lowerLetter(codePoint) : codePoint),
    cut: (state, singles) => {
      for (let at = state; ; at = fallback[at]!) {
        for (const char of children[at]!.keys()) singleOut(char, ignoreCase, singles)
        if (at === 0) return
      }
    },
    sets: [],
    size: () => matched.length,
  }

  function step(state: number, char: number): number {
    for (let at = state; ; at = fallback[at]!) {
      const to = children[at]!.get(char)
      if (to !== undefined) return to
      if (at === 0) return 0
    }
  }
}

/** Envoy compares without case in ASCII: absl::EqualsIgnoreCase. */
/** A letter of ASCII in lower case; any other code point is itself. */
export const lowerLetter = (codePoint: number) =>
  codePoint >= 65 && codePoint <= 90 ? codePoint + 32 : codePoint

function singleOut(char: number, ignoreCase: boolean, singles: Set<number>): void {
  singles.add(char)
  if (ignoreCase && char >= 97 && char <= 122) singles.add(char - 32)
}
