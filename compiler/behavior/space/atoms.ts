import { escapeMachine } from './escape-machine.ts'
import { expressionMachine } from './expression-machine.ts'
import { type Literal, prefixMachine, suffixMachine } from './literal-machines.ts'
import { codePointsOf, type Machine } from './machine.ts'
import { isFolded, listExpression, type TextPattern, templateExpression } from './pattern.ts'
import { rewrittenMachine } from './rewritten-machine.ts'

/**
 * Which strings a part of a request can be: the words of a short list, or a language in RE2's syntax that has a member, of
 * which those with one of some escapes are none.
 */
export type Universe =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | {
      readonly kind: 'language'
      readonly expression: string
      /** By number: `%2E` is 46. */
      readonly withoutEscapes?: ReadonlySet<number>
    }

/** The classes that a set of patterns cuts the strings of a universe into: no pattern tells two members of one apart. */
export interface Atoms {
  /** A member of each, the shortest, in the order of length. */
  readonly witnesses: readonly string[]
  /** For each pattern, in the order given, the numbers of the atoms whose members it matches. */
  readonly members: readonly (readonly number[])[]
}

/**
 * How many states are looked at before we give up. Literals need one a letter; only expressions that are made to
 * multiply (`.*a.*` dozens of times) get near.
 */
export const greatestProduct = 20_000

/**
 * The atoms of patterns: all patterns are run at once, as one automaton that is made while it is searched breadth first,
 * and each set of patterns that match together is an atom, with the first string that was found for it.
 *
 * @returns `refused`: the first pattern that RE2 cannot read; `too-many`: more states than we look at
 */
export function atomsOf(
  universe: Universe,
  patterns: readonly TextPattern[],
): Atoms | { readonly refused: TextPattern } | 'too-many' {
  const machines = machinesFor(patterns)
  if (!Array.isArray(machines)) return machines
  return universe.kind === 'words'
    ? atomsOfWords(universe.words, machines, patterns.length)
    : search(universe, machines, patterns.length)
}

function atomsOfWords(words: readonly string[], machines: readonly Machine[], patterns: number): Atoms {
  const found = new Collected(patterns)
  for (const word of words) {
    const states = [...word].reduce(
      (states, char) => machines.map((machine, index) => machine.next(states[index]!, char.codePointAt(0)!)),
      machines.map(() => 0),
    )
    found.add(matchedBy(machines, states), () => word)
  }
  return found
}

function search(
  { expression, withoutEscapes = new Set() }: Universe & { kind: 'language' },
  patterns: readonly Machine[],
  count: number,
): Atoms | 'too-many' {
  const universe = expressionMachine(expression, 0)
  if (universe === undefined) throw new Error(`the universe is no expression: ${expression}`)
  const escapes = escapeMachine(withoutEscapes, 0)
  const machines = [universe, escapes, ...patterns]
  const found = new Collected(count)
  const start = machines.map(() => 0)
  const seen = new Set<string>([start.join()])
  const queue: { readonly states: readonly number[]; readonly from: number; readonly char: number }[] = [
    { states: start, from: -1, char: 0 },
  ]
  const starts = new Set<number>()
  for (let at = 0; at < queue.length; at++) {
    const { states } = queue[at]!
    if (universe.matched(states[0]!).length > 0)
      found.add(matchedBy(patterns, states.slice(2)), () => textOf(queue, at))
    starts.clear()
    for (const [index, machine] of machines.entries()) machine.cut(states[index]!, starts)
    for (const char of representatives(starts)) {
      const inside = universe.next(states[0]!, char)
      const escaping = escapes.next(states[1]!, char)
      if (universe.isDead(inside) || escapes.matched(escaping).length > 0) continue
      const next = [
        inside,
        escaping,
        ...patterns.map((machine, index) => machine.next(states[index + 2]!, char)),
      ]
      const key = next.join()
      if (seen.has(key)) continue
      if (queue.length >= greatestProduct) return 'too-many'
      seen.add(key)
      queue.push({ states: next, from: at, char })
    }
  }
  return found
}

/** Atoms as they are found. */
class Collected implements Atoms {
  readonly witnesses: string[] = []
  readonly members: number[][]
  readonly #numbers = new Map<string, number>()

  constructor(patterns: number) {
    this.members = Array.from({ length: patterns }, () => [])
  }

  add(matched: readonly number[], witness: () => string): void {
    const key = matched.join()
    if (this.#numbers.has(key)) return
    const number = this.witnesses.length
    this.#numbers.set(key, number)
    this.witnesses.push(witness())
    for (const pattern of matched) this.members[pattern]!.push(number)
  }
}

function matchedBy(machines: readonly Machine[], states: readonly number[]): readonly number[] {
  return machines.flatMap((machine, index) => machine.matched(states[index]!)).sort((a, b) => a - b)
}

function textOf(queue: readonly { readonly from: number; readonly char: number }[], at: number): string {
  const chars: number[] = []
  for (let step = at; queue[step]!.from >= 0; step = queue[step]!.from) chars.push(queue[step]!.char)
  return String.fromCodePoint(...chars.reverse())
}

/** One code point of each interval, those first that a person reads most easily. */
function representatives(starts: ReadonlySet<number>): readonly number[] {
  const bounds = [0, ...starts, 0x110000]
    .filter(start => start >= 0 && start <= 0x110000)
    .sort((a, b) => a - b)
  const found: number[] = []
  for (let index = 0; index + 1 < bounds.length; index++) {
    const first = bounds[index]!
    const last = bounds[index + 1]! - 1
    if (last < first) continue
    found.push(readable(first, last))
  }
  return found.sort((a, b) => Number(!isLetter(a)) - Number(!isLetter(b)) || a - b)
}

function readable(first: number, last: number): number {
  for (const [from, to] of pleasant) {
    const candidate = Math.max(first, from)
    if (candidate <= Math.min(last, to)) return candidate
  }
  return first
}

const isLetter = (codePoint: number) => codePoint >= 97 && codePoint <= 122

/** Small letters, digits, capitals, what stands in paths, the rest of ASCII, and a percent sign where nothing else is left. */
const pleasant: readonly (readonly [number, number])[] = [
  [97, 122],
  [48, 57],
  [65, 90],
  [45, 47],
  [33, 36],
  [38, 126],
  [37, 37],
]

/** One automaton for all literals of a kind, one for each expression. */
function machinesFor(patterns: readonly TextPattern[]): Machine[] | { readonly refused: TextPattern } {
  const machines: Machine[] = []
  const literals = (match: TextPattern['match'], ignoreCase: boolean): readonly Literal[] =>
    patterns.flatMap((found, pattern) =>
      found.match === match && isFolded(found) === ignoreCase && 'value' in found
        ? [{ text: found.value, pattern }]
        : [],
    )
  const present = patterns.flatMap((found, pattern) =>
    found.match === 'present' ? [{ text: '', pattern }] : [],
  )
  for (const ignoreCase of [false, true]) {
    const exact = literals('exact', ignoreCase)
    const prefix = [...literals('prefix', ignoreCase), ...(ignoreCase ? [] : present)]
    if (exact.length + prefix.length > 0) machines.push(prefixMachine(exact, prefix, ignoreCase))
    const suffix = literals('suffix', ignoreCase)
    if (suffix.length > 0) machines.push(suffixMachine(suffix, ignoreCase))
  }
  for (const [number, pattern] of patterns.entries()) {
    if (pattern.match === 'rewritten') {
      const inner = machinesFor([pattern.pattern])
      if (!Array.isArray(inner)) return inner
      machines.push(rewrittenMachine(pattern, inner[0]!, number))
    }
    if (pattern.match !== 'regex' && pattern.match !== 'template' && pattern.match !== 'listed') continue
    const expression =
      pattern.match === 'template'
        ? templateExpression(pattern.value)
        : pattern.match === 'listed'
          ? listExpression(pattern)
          : pattern.value
    const machine = expressionMachine(expression, number, isFolded(pattern))
    if (machine === undefined) return { refused: pattern }
    machines.push(machine)
  }
  return machines
}

/** Whether a pattern matches a text; undefined if RE2 refuses the pattern. */
export function matchesText(pattern: TextPattern, text: string): boolean | undefined {
  const machines = machinesFor([pattern])
  if (!Array.isArray(machines)) return undefined
  const machine = machines[0]!
  return machine.matched(codePointsOf(text).reduce(machine.next, 0)).length > 0
}
