import { RE2JS } from 're2js'
import type { Machine } from './machine.ts'

/**
 * A regular expression in RE2's syntax as an automaton that matches whole strings: the program that RE2 compiles it to
 * is a nondeterministic automaton, and its states are made deterministic as they are reached.
 *
 * @param pattern the number that a match is told with
 * @returns undefined if RE2 refuses the expression, which Istio then refuses too
 */
export function expressionMachine(
  expression: string,
  pattern: number,
  ignoreCase = false,
): ExpressionMachine | undefined {
  const program = compiled(ignoreCase ? `(?i:${expression})` : expression)
  return program === undefined ? undefined : machineOf(program, pattern)
}

export interface ExpressionMachine extends Machine {
  /** Whether nothing that goes on from here will match. */
  readonly isDead: (state: number) => boolean
}

/** An instruction of RE2's program. */
interface Instruction {
  readonly op: number
  readonly out: number
  readonly arg: number
  /** Pairs of first and last code point, or one code point alone. */
  readonly runes: ArrayLike<number>
  readonly matchRune: (codePoint: number) => boolean
}

interface Program {
  readonly start: number
  readonly inst: readonly Instruction[]
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

/** What may be asked of a place between two code points. */
const beginLine = 1
const endLine = 2
const beginText = 4
const endText = 8
const wordBoundary = 16
const noWordBoundary = 32

const newline = 10
/** Stands before the first code point and after the last. */
const edge = -1
const foldCase = 1

function compiled(expression: string): Program | undefined {
  try {
    // The program is a private part of the library, whose version the lock file holds and whose shape a test asks for.
    return (RE2JS.compile(expression) as unknown as { re2Input: { prog: Program } }).re2Input.prog
  } catch (problem) {
    if (problem instanceof Error && problem.name === 'RE2JSSyntaxException') return undefined
    throw problem
  }
}

/** A state of the deterministic automaton, and what was found out about it: it is asked again and again. */
interface State {
  readonly threads: readonly number[]
  /** The kind of code point that came last. */
  readonly before: number
  /** By code point the number of the state that follows. */
  readonly next: Map<number, number>
  /** What `cut` adds. */
  starts?: readonly number[]
  accepts?: boolean
}

function machineOf({ start, inst }: Program, pattern: number): ExpressionMachine {
  const looksAround = inst.some(({ op }) => op === emptyWidth)
  const states: State[] = []
  const numbers = new Map<string, number>()
  const none: readonly number[] = []
  const one: readonly number[] = [pattern]
  stateOf([start], edge)
  return {
    matched: state => (accepts(state) ? one : none),
    isDead: state => states[state]!.threads.length === 0,
    next: (state, codePoint) => {
      const { threads, before, next } = states[state]!
      const known = next.get(codePoint)
      if (known !== undefined) return known
      const outs = new Set<number>()
      for (const at of closure(threads, looksAround ? conditions(before, codePoint) : 0))
        if (consumes(inst[at]!, codePoint)) outs.add(inst[at]!.out)
      const found = stateOf(
        [...outs].sort((a, b) => a - b),
        codePoint,
      )
      next.set(codePoint, found)
      return found
    },
    cut: (state, starts) => {
      const found = states[state]!
      found.starts ??= startsOf(found.threads)
      for (const start of found.starts) starts.add(start)
    },
  }

  /** All that a state needs to know of what was read is which threads are left, and what kind of code point was last. */
  function stateOf(threads: readonly number[], last: number): number {
    const before = !looksAround || last === edge ? last : isWord(last) ? 97 : last === newline ? newline : 32
    const key = `${looksAround ? before : ''}/${threads.join()}`
    const known = numbers.get(key)
    if (known !== undefined) return known
    states.push({ threads, before, next: new Map() })
    numbers.set(key, states.length - 1)
    return states.length - 1
  }

  function startsOf(threads: readonly number[]): readonly number[] {
    const starts = new Set(looksAround ? wordEdges : [])
    for (const at of closure(threads, ~0)) cutInstruction(inst[at]!, starts)
    return [...starts]
  }

  function accepts(state: number): boolean {
    const found = states[state]!
    found.accepts ??= closure(found.threads, looksAround ? conditions(found.before, edge) : 0).some(
      at => inst[at]!.op === match,
    )
    return found.accepts
  }

  /** The instructions that wait for a code point, or match, under what holds between two code points. */
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
    return [...seen]
  }
}

function conditions(before: number, after: number): number {
  const isBoundary = isWord(before) !== isWord(after)
  return (
    (before === edge ? beginText | beginLine : before === newline ? beginLine : 0) |
    (after === edge ? endText | endLine : after === newline ? endLine : 0) |
    (isBoundary ? wordBoundary : noWordBoundary)
  )
}

function consumes(instruction: Instruction, codePoint: number): boolean {
  if (instruction.op === runeAny) return true
  if (instruction.op === runeAnyNotNewline) return codePoint !== newline
  if (instruction.op === rune || instruction.op === rune1) return instruction.matchRune(codePoint)
  return false
}

function cutInstruction({ op, arg, runes }: Instruction, starts: Set<number>): void {
  if (op === runeAnyNotNewline) {
    starts.add(newline)
    starts.add(newline + 1)
  }
  if (op !== rune && op !== rune1) return
  if (runes.length === 1) {
    for (const codePoint of (arg & foldCase) !== 0 ? alike(runes[0]!) : [runes[0]!]) {
      starts.add(codePoint)
      starts.add(codePoint + 1)
    }
    return
  }
  for (let index = 0; index < runes.length; index += 2) {
    starts.add(runes[index]!)
    starts.add(runes[index + 1]! + 1)
  }
}

/** The code points that differ from one in case only; the Kelvin sign and the long s are letters of ASCII in Unicode. */
function alike(codePoint: number): readonly number[] {
  const char = String.fromCodePoint(codePoint)
  const found = [char, char.toLowerCase(), char.toUpperCase(), char.toLowerCase().toUpperCase()]
  if (/^[kK]$/.test(char)) found.push('\u212a')
  if (/^[sS]$/.test(char)) found.push('\u017f')
  return found.flatMap(text => ([...text].length === 1 ? [text.codePointAt(0)!] : []))
}

const isWord = (codePoint: number) =>
  (codePoint >= 48 && codePoint <= 57) ||
  (codePoint >= 65 && codePoint <= 90) ||
  codePoint === 95 ||
  (codePoint >= 97 && codePoint <= 122)

const wordEdges = [newline, newline + 1, 48, 58, 65, 91, 95, 96, 97, 123]
