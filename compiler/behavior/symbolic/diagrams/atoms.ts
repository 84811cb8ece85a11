import { memo } from '../../../basics/memo.ts'
import { mostInstructions } from '../../../mesh/regular-expression.ts'
import { getCurrentGroup, getCurrentLimits, giveUp, spend, takeShare } from '../../budget.ts'
import type { ExpressionLimit, LimitReason } from '../../result.ts'
import { Alphabet } from './alphabet.ts'
import { escapeMachine } from './escape-machine.ts'
import { buildExpressionMachine } from './expression-machine.ts'
import { buildPrefixMachine, buildSuffixMachine, type Literal } from './literal-machines.ts'
import { listCodePoints, type Machine } from './machine.ts'
import { numberLists } from './number-lists.ts'
import { type Partition, Partitions } from './partition.ts'
import { convertTemplate, getPatternText, isFolded, makePatternKey, type TextPattern } from './pattern.ts'
import { buildProductMachine, makeBranches, multiply, rememberSteps } from './product-machine.ts'
import { buildRewrittenMachine } from './rewritten-machine.ts'

/**
 * The strings that a part of a request can be: the words of a short list, or a non-empty language in RE2's syntax, without strings
 * that contain some escapes.
 */
export type Universe =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | {
      readonly kind: 'language'
      readonly expression: string
      /** The escapes by number: `%2E` is 46. */
      readonly withoutEscapes?: ReadonlySet<number>
    }

/** The classes into which a set of patterns divides the strings of a universe: no pattern distinguishes two members of one class. */
export interface Atoms {
  /** A member of each, the shortest, in the order of length. */
  readonly witnesses: readonly string[]
  /** For each pattern in the given order, the numbers of the atoms whose members it matches. */
  readonly members: readonly (readonly number[])[]
}

type Language = Universe & { readonly kind: 'language' }

/** The pattern for which a set of patterns has no atoms here, and the limit that it passes; `re2`: RE2 cannot read it. */
export interface NoAtoms {
  readonly pattern: TextPattern
  readonly limit: ExpressionLimit | 're2'
}

/** The reason why there are no atoms. */
export function makeAtomsReason({ pattern, limit }: NoAtoms): LimitReason {
  const expression = getPatternText(pattern)
  return limit === 're2'
    ? { code: 'expression-refused-by-re2', expression }
    : { code: 'expression-over-limit', expression, limit }
}

/**
 * The atoms of patterns: all patterns are run at once, as one automaton that is made while it is searched breadth first,
 * and each set of patterns that match together is an atom, with the first string that was found for it.
 *
 * The work is counted. Literals need a state a letter; only expressions that are made to multiply (`.*a.{20}`, `.*a.*`
 * dozens of times) come near the limit.
 */
export function makeAtoms(universe: Universe, patterns: readonly TextPattern[]): Atoms | NoAtoms {
  const machines = makeMachines(patterns)
  if (!Array.isArray(machines)) return machines
  return universe.kind === 'words'
    ? makeAtomsOfWords(universe.words, machines, patterns.length)
    : searchOnce(universe, machines, patterns)
}

/** Sets of patterns that were too large for a question, for later questions under the same limits: a larger set is, too. */
const failures = new WeakMap<object, { readonly patterns: readonly string[]; readonly failure: NoAtoms }[]>()

function searchOnce(
  universe: Language,
  matchers: readonly Machine[],
  patterns: readonly TextPattern[],
): Atoms | NoAtoms {
  const group = getCurrentGroup()
  if (group === undefined) return search(universe, matchers, patterns)
  const earlier = failures.get(group) ?? []
  const prefix = `${universe.expression} ${[...(universe.withoutEscapes ?? [])].join()} `
  const keys = new Set(patterns.map(pattern => prefix + makePatternKey(pattern)))
  spend(keys.size)
  const failure = earlier.find(failed => failed.patterns.every(key => keys.has(key)))
  if (failure !== undefined) return failure.failure
  const atoms = search(universe, matchers, patterns)
  if ('limit' in atoms) failures.set(group, [...earlier, { patterns: [...keys], failure: atoms }])
  return atoms
}

function makeAtomsOfWords(words: readonly string[], machines: readonly Machine[], patterns: number): Atoms {
  const collected = new Collected(patterns)
  const machine = multiply(machines)
  for (const word of words)
    collected.add(machine.matched(listCodePoints(word).reduce(machine.next, 0)), () => word)
  return collected
}

/** The patterns of one part of requests may take this share of the limits of a question. */
const share = 1 / 4

/** The size of a state of all machines, and of a state of each machine, in bytes. */
const stateBytes = 150
const stateBytesEach = 60

function search(
  { expression, withoutEscapes = new Set() }: Language,
  matchers: readonly Machine[],
  patterns: readonly TextPattern[],
): Atoms | NoAtoms {
  const universe = buildExpressionMachine(expression, 0)
  if (typeof universe === 'string') throw new Error(`the universe is ${universe}: ${expression}`)
  const escapes = escapeMachine(withoutEscapes, 0)
  const branches = makeBranches(matchers)
  const matcher = buildProductMachine(...branches)
  const inside = rememberSteps(buildProductMachine(universe, escapes))
  const all = buildProductMachine(inside, matcher)
  const outside: boolean[] = []
  const isOutside = (state: number): boolean => {
    const isKnownOutside = outside[state]
    if (isKnownOutside !== undefined) return isKnownOutside
    const [inUniverse, inEscapes] = inside.parts(state)
    outside[state] = universe.isDead(inUniverse) || escapes.matched(inEscapes).length > 0
    return outside[state]
  }
  const isShareUsed = takeShare(share)
  const machines = matchers.length + 2
  const mostStates = (getCurrentLimits().memory * share) / (stateBytes + stateBytesEach * machines)
  const collected = new Collected(patterns.length)
  // The states are numbered as they are reached: the place that each is reached from, and the code point.
  const from = [-1]
  const chars = [0]
  const alphabet = new Alphabet(all.sets)
  const withoutSingles = putReadableFirst(alphabet.representatives(new Set()))
  const listLettersFrom = makeLetterLister(
    (guard: number) => withoutSingles.filter(char => !isOutside(inside.next(guard, char))),
    [inside, ...branches],
  )
  const singles = new Set<number>()
  for (let at = 0; at < all.size(); at++) {
    const [guard, state] = all.parts(at)
    if (universe.matched(inside.parts(guard)[0]).length > 0)
      collected.add(matcher.matched(state), () => getText(from, chars, at))
    singles.clear()
    all.cut(at, singles)
    const tried =
      singles.size === 0
        ? withoutSingles
        : putReadableFirst([...singles, ...alphabet.representatives(singles)])
    spend(tried.length * machines)
    if (isShareUsed()) return { pattern: findLargest(matchers, patterns), limit: 'time' }
    if (all.size() > mostStates) return { pattern: findLargest(matchers, patterns), limit: 'memory' }
    for (const char of singles.size === 0 ? listLettersFrom(guard, ...matcher.parts(state)) : tried) {
      const nextGuard = inside.next(guard, char)
      if (isOutside(nextGuard) || all.join(nextGuard, matcher.next(state, char)) < from.length) continue
      from.push(at)
      chars.push(char)
    }
  }
  return collected
}

/**
 * Makes a function that lists the letters that lead from a state to different states: the first letter for each next state. Few of
 * the dozens of letters do. Many states share the result: the branches have few states, and these distinguish few sets of letters.
 *
 * @param lettersAt lists the letters to try if the first branch is in a state
 * @returns lists the letters from a state; the states of the branches identify it
 */
function makeLetterLister(
  lettersAt: (state: number) => readonly number[],
  [first, second, third]: readonly [Machine, Machine, Machine],
): (first: number, second: number, third: number) => readonly number[] {
  const from = memo((firstState: number) => {
    const letters = lettersAt(firstState)
    let bytes = 0
    const partitions = new Partitions(more => {
      bytes += more
    })
    const cutBy = (machine: Machine) =>
      memo((state: number) => partitions.partition(letters.map(char => machine.next(state, char))))
    const [bySecond, byThird] = [cutBy(second), cutBy(third)]
    const byFirst = cutBy(first)(firstState)
    const pick = memo((partition: Partition) => partition.first.map(place => letters[place]!))
    return (secondState: number, thirdState: number) => {
      if (bytes > mostPartitionBytes) return letters
      const { partition } = partitions.product(byFirst, bySecond(secondState))
      return pick(partitions.product(partition, byThird(thirdState)).partition)
    }
  })
  return (firstState, secondState, thirdState) => from(firstState)(secondState, thirdState)
}

/** Expressions that distinguish more sets of letters are searched letter by letter. */
const mostPartitionBytes = 2 ** 22

/** Finds the pattern with the most states in its machine, which enlarges the product most. */
function findLargest(matchers: readonly Machine[], patterns: readonly TextPattern[]): TextPattern {
  const expressions = patterns.filter(isExpression)
  // The machines of literals come first, then one machine for each expression.
  const machines = matchers.slice(matchers.length - expressions.length)
  const sizes = machines.map(machine => machine.size())
  return expressions[sizes.indexOf(Math.max(...sizes))] ?? patterns[0]!
}

/** Atoms as they are found. */
class Collected implements Atoms {
  readonly witnesses: string[] = []
  readonly members: number[][]
  readonly #numberOf = numberLists()

  constructor(patterns: number) {
    this.members = Array.from({ length: patterns }, () => [])
  }

  add(matched: readonly number[], witness: () => string): void {
    const number = this.witnesses.length
    if (this.#numberOf(matched) < number) return
    this.witnesses.push(witness())
    for (const pattern of matched) this.members[pattern]!.push(number)
  }
}

function getText(from: readonly number[], chars: readonly number[], at: number): string {
  const text: number[] = []
  for (let step = at; from[step]! >= 0; step = from[step]!) text.push(chars[step]!)
  return String.fromCodePoint(...text.reverse())
}

/** Sorts small letters first, and then by number. */
const putReadableFirst = (codePoints: readonly number[]): readonly number[] =>
  codePoints.toSorted((a, b) => Number(!isLetter(a)) - Number(!isLetter(b)) || a - b)

const isLetter = (codePoint: number) => codePoint >= 97 && codePoint <= 122

/** Makes one automaton for all literals of a kind, one for each expression. */
function makeMachines(patterns: readonly TextPattern[]): Machine[] | NoAtoms {
  const machines: Machine[] = []
  const literals = (match: TextPattern['match'], ignoreCase: boolean): readonly Literal[] =>
    patterns.flatMap((textPattern, pattern) =>
      textPattern.match === match && isFolded(textPattern) === ignoreCase && 'value' in textPattern
        ? [{ text: textPattern.value, pattern }]
        : [],
    )
  const present = patterns.flatMap((textPattern, pattern) =>
    textPattern.match === 'present' ? [{ text: '', pattern }] : [],
  )
  for (const ignoreCase of [false, true]) {
    const exact = literals('exact', ignoreCase)
    const prefix = [...literals('prefix', ignoreCase), ...(ignoreCase ? [] : present)]
    if (exact.length + prefix.length > 0) machines.push(buildPrefixMachine(exact, prefix, ignoreCase))
    const suffix = literals('suffix', ignoreCase)
    if (suffix.length > 0) machines.push(buildSuffixMachine(suffix, ignoreCase))
  }
  for (const [number, pattern] of patterns.entries()) {
    if (pattern.match === 'rewritten') {
      const inner = makeMachines([pattern.pattern])
      if (!Array.isArray(inner)) return inner
      machines.push(buildRewrittenMachine(pattern, inner[0]!, number))
    }
    if (pattern.match !== 'regex' && pattern.match !== 'template') continue
    const expression = pattern.match === 'template' ? convertTemplate(pattern.value) : pattern.value
    const machine = buildExpressionMachine(expression, number, isFolded(pattern))
    if (machine === 'refused') return { pattern, limit: 're2' }
    if (machine === 'too large') return { pattern, limit: { instructions: mostInstructions } }
    machines.push(machine)
  }
  return machines
}

const isExpression = ({ match }: TextPattern): boolean =>
  match === 'regex' || match === 'template' || match === 'rewritten'

/**
 * Tells whether a pattern matches a text; undefined if RE2 refuses the pattern. Ends the question if the pattern is too large to be
 * tried.
 */
export function matchesText(pattern: TextPattern, text: string): boolean | undefined {
  const isMatched = matchesLiteral(pattern, text)
  if (isMatched !== undefined) return isMatched
  const machines = makeMachines([pattern])
  if (!Array.isArray(machines)) {
    if (machines.limit === 're2') return undefined
    return giveUp(makeAtomsReason(machines))
  }
  const machine = machines[0]!
  const codePoints = listCodePoints(text)
  spend(codePoints.length)
  return machine.matched(codePoints.reduce(machine.next, 0)).length > 0
}

/** Matches a text without an automaton; undefined for a pattern that is no literal. */
function matchesLiteral(pattern: TextPattern, text: string): boolean | undefined {
  if (pattern.match === 'present') return true
  if (pattern.match !== 'exact' && pattern.match !== 'prefix' && pattern.match !== 'suffix') return undefined
  spend(text.length)
  const value = isFolded(pattern) ? lowerLetters(pattern.value) : pattern.value
  const compared = isFolded(pattern) ? lowerLetters(text) : text
  if (pattern.match === 'exact') return compared === value
  return pattern.match === 'prefix' ? compared.startsWith(value) : compared.endsWith(value)
}

/** Letters of ASCII in lower case: see `lowerLetter`. */
const lowerLetters = (text: string) => text.replace(/[A-Z]+/g, letters => letters.toLowerCase())
