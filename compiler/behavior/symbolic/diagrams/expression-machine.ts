import { RE2JS } from 're2js'
import { isTooLarge, measureProgram } from '../../../mesh/regular-expression.ts'
import { countStepsSpent, spend } from '../../budget.ts'
import { Alphabet } from './alphabet.ts'
import { type CodePointSet, cutNothing, type Machine } from './machine.ts'

/**
 * A regular expression in RE2's syntax as an automaton that matches whole strings: the program that RE2 compiles it to
 * is a nondeterministic automaton, and its states are made deterministic as they are reached.
 *
 * @param pattern the number of the pattern in a match
 * @returns `refused` if RE2 refuses the expression, which Istio then refuses too; `too large` if Envoy refuses its program
 */
export function buildExpressionMachine(
  expression: string,
  pattern: number,
  ignoreCase = false,
): ExpressionMachine | 'refused' | 'too large' {
  if (isTooLarge(expression)) return 'too large'
  const program = compileOnce(ignoreCase ? `(?i:${expression})` : expression)
  return program === undefined ? 'refused' : getMachine(program, pattern)
}

interface ExpressionMachine extends Machine {
  /** Tells whether no continuation of a state matches. */
  readonly isDead: (state: number) => boolean
}

/** An instruction of RE2's program. */
interface Instruction {
  readonly op: number
  readonly out: number
  readonly arg: number
  /** Pairs of first and last code point, or a single code point. */
  readonly runes: ArrayLike<number>
  readonly matchRune: (codePoint: number) => boolean
}

/** A program, and the classes of code points that its instructions distinguish. */
interface Program {
  readonly start: number
  readonly inst: readonly Instruction[]
  readonly looksAround: boolean
  readonly sets: readonly CodePointSet[]
  readonly alphabet: Alphabet
}

/** Operations, in the numbers of RE2: see https://swtch.com/~rsc/regexp/regexp2.html. */
const alt = 1
const altMatch = 2
const capture = 3
const emptyWidth = 4
const match = 6
const nop = 7
const rune = 8
const rune1 = 9
const runeAny = 10
const runeAnyNotNewline = 11

/** The bits of conditions on a position between two code points. */
const beginLine = 1
const endLine = 2
const beginText = 4
const endText = 8
const wordBoundary = 16
const noWordBoundary = 32

const newline = 10
/** The edge before the first code point and after the last. */
const edge = -1
const foldCase = 1

/** The programs of the latest expressions: a mesh has few, and compiles the same ones again and again. */
const programs = new Map<string, { readonly program: Program | undefined; readonly steps: number }>()
const mostPrograms = 200

function compileOnce(expression: string): Program | undefined {
  const knownProgram = programs.get(expression)
  if (knownProgram !== undefined) {
    // The work counts again, so that an answer does not depend on earlier questions.
    spend(knownProgram.steps)
    return knownProgram.program
  }
  const before = countStepsSpent()
  spend(compileSteps * (expression.length + measureProgram(expression)))
  const program = compile(expression)
  if (programs.size >= mostPrograms) programs.clear()
  // Outside of a question nothing is counted, and the program is not kept.
  if (countStepsSpent() > before) programs.set(expression, { program, steps: countStepsSpent() - before })
  return program
}

/** Steps of work for each letter and each instruction. */
const compileSteps = 20

function compile(expression: string): Program | undefined {
  try {
    // The program is a private part of the library. The lock file pins the version, and a test checks the shape.
    const { start, inst } = (
      RE2JS.compile(expression) as unknown as { re2Input: { prog: Pick<Program, 'start' | 'inst'> } }
    ).re2Input.prog
    spend(inst.length)
    const looksAround = inst.some(({ op }) => op === emptyWidth)
    const sets = [
      ...new Map(inst.flatMap(listSet).map(set => [set.join(), set])).values(),
      ...(looksAround ? [wordSet, [newline, newline]] : []),
    ]
    return { start, inst, looksAround, sets, alphabet: new Alphabet(sets) }
  } catch (problem) {
    if (problem instanceof Error && problem.name === 'RE2JSSyntaxException') return undefined
    throw problem
  }
}

function getMachine(
  { start, inst, looksAround, sets, alphabet }: Program,
  pattern: number,
): ExpressionMachine {
  const states: State[] = []
  const numbers = new Map<string, number>()
  const none: readonly number[] = []
  const accepted: readonly number[] = [pattern]
  const isOpen = (at: number) => inst[at]!.op === match || isConsuming(inst[at]!)
  getState([start], edge)
  return {
    matched: state => (accepts(state) ? accepted : none),
    isDead: state => states[state]!.threads.length === 0,
    next: (state, codePoint) => {
      const { threads, before, row } = states[state]!
      const letter = alphabet.classOf(codePoint)
      const knownRow = row[letter]
      if (knownRow !== undefined) return knownRow
      const outs = new Set<number>()
      spend(threads.length)
      for (const at of looksAround ? closure(threads, conditions(before, codePoint)) : threads)
        if (acceptsCodePoint(inst[at]!, codePoint)) outs.add(inst[at]!.out)
      const next = getState(
        [...outs].sort((a, b) => a - b),
        codePoint,
      )
      row[letter] = next
      return next
    },
    cut: cutNothing,
    sets,
    size: () => states.length,
  }

  /** Finds the state of some threads: the threads that are left, and the kind of the last code point, are all it needs. */
  function getState(outs: readonly number[], last: number): number {
    const before =
      !looksAround || last === edge ? last : isWordCharacter(last) ? 97 : last === newline ? newline : 32
    // An assertion is followed when the next code point is known.
    const threads = (looksAround ? [...outs] : closure(outs, 0).filter(isOpen)).sort((a, b) => a - b)
    const key = `${looksAround ? before : ''}/${threads.join()}`
    const knownNumber = numbers.get(key)
    if (knownNumber !== undefined) return knownNumber
    states.push({ threads, before, row: [], accepts: undefined })
    numbers.set(key, states.length - 1)
    return states.length - 1
  }

  function accepts(state: number): boolean {
    const foundState = states[state]!
    foundState.accepts ??= (
      looksAround ? closure(foundState.threads, conditions(foundState.before, edge)) : foundState.threads
    ).some(at => inst[at]!.op === match)
    return foundState.accepts
  }

  /** The instructions that wait for a code point, or match, if some conditions hold between two code points. */
  function closure(threads: readonly number[], holding: number): readonly number[] {
    const seen = new Set<number>()
    const open = [...threads]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue
      seen.add(at)
      const { op, out, arg } = inst[at]!
      if (op === alt || op === altMatch) open.push(out, arg)
      else if (op === capture || op === nop) open.push(out)
      else if (op === emptyWidth && (arg & ~holding) === 0) open.push(out)
    }
    spend(2 * seen.size)
    return [...seen]
  }
}

interface State {
  readonly threads: readonly number[]
  readonly before: number
  /** The next state for each class of code points, computed on demand. */
  readonly row: number[]
  accepts: boolean | undefined
}

function conditions(before: number, after: number): number {
  const isBoundary = isWordCharacter(before) !== isWordCharacter(after)
  return (
    (before === edge ? beginText | beginLine : before === newline ? beginLine : 0) |
    (after === edge ? endText | endLine : after === newline ? endLine : 0) |
    (isBoundary ? wordBoundary : noWordBoundary)
  )
}

function acceptsCodePoint(instruction: Instruction, codePoint: number): boolean {
  if (instruction.op === runeAny) return true
  if (instruction.op === runeAnyNotNewline) return codePoint !== newline
  return isConsuming(instruction) && instruction.matchRune(codePoint)
}

const isConsuming = ({ op }: Instruction): boolean =>
  op === rune || op === rune1 || op === runeAny || op === runeAnyNotNewline

/** The code points that an instruction distinguishes from the rest. */
function listSet({ op, arg, runes }: Instruction): readonly CodePointSet[] {
  if (op === runeAnyNotNewline) return [[newline, newline]]
  if (op !== rune && op !== rune1) return []
  if (runes.length > 1) return [Array.from(runes)]
  const codePoints = (arg & foldCase) !== 0 ? listCases(runes[0]!) : [runes[0]!]
  return [[...new Set(codePoints)].sort((a, b) => a - b).flatMap(codePoint => [codePoint, codePoint])]
}

/** The code points that differ from one in case only; the Kelvin sign and the long s are letters of ASCII in Unicode. */
function listCases(codePoint: number): readonly number[] {
  const char = String.fromCodePoint(codePoint)
  const cases = [char, char.toLowerCase(), char.toUpperCase(), char.toLowerCase().toUpperCase()]
  if (/^[kK]$/.test(char)) cases.push('\u212a')
  if (/^[sS]$/.test(char)) cases.push('\u017f')
  return cases.flatMap(text => ([...text].length === 1 ? [text.codePointAt(0)!] : []))
}

const isWordCharacter = (codePoint: number) =>
  (codePoint >= 48 && codePoint <= 57) ||
  (codePoint >= 65 && codePoint <= 90) ||
  codePoint === 95 ||
  (codePoint >= 97 && codePoint <= 122)

const wordSet = [48, 57, 65, 90, 95, 95, 97, 122]
