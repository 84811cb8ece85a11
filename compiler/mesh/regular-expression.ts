import { RE2JS } from 're2js'

/**
 * Finds the error of a regular expression in the syntax of RE2, which Istio and Envoy compile; undefined: it is valid. See
 * https://github.com/google/re2/wiki/Syntax. The time grows with the size of the program.
 */
export function findSyntaxError(expression: string): string | undefined {
  try {
    RE2JS.compile(expression)
    return undefined
  } catch (problem) {
    if (!isSyntaxProblem(problem)) throw problem
    return `${problem.error}: \`${problem.input}\``
  }
}

/**
 * The most instructions that the program of an expression may have. Istio makes Envoy refuse larger programs: see
 * `re2.max_program_size.error_level` in pkg/bootstrap/config.go of istio/istio.
 */
export const mostInstructions = 32_768

/** Tells whether a program is about as large that Envoy refuses it. The size is estimated before anything is compiled. */
export const isTooLarge = (expression: string): boolean => measureProgram(expression) > mostInstructions

/**
 * Estimates how many instructions the program of an expression has, in which RE2 writes repetitions out. The argument may
 * be any text; the time grows with its length.
 */
export function measureProgram(expression: string): number {
  // The size of each open group up to now, and the size of its last part, which a repetition repeats.
  const groups: { sum: number; last: number }[] = [{ sum: 0, last: 0 }]
  const append = (size: number) => {
    const group = groups.at(-1)!
    group.sum = Math.min(group.sum + size, largestSize)
    group.last = size
  }
  for (const [token, , times] of expression.matchAll(tokens)) {
    const group = groups.at(-1)!
    if (token.startsWith('(')) groups.push({ sum: token.endsWith(':') ? 0 : 2, last: 0 })
    else if (token === ')') {
      if (groups.length > 1) append(groups.pop()!.sum)
    } else if (times !== undefined || '*+?'.includes(token)) {
      const count = Math.min(Math.max(...(times ?? '').split(',').map(Number), 1), mostTimes)
      const more = times === undefined ? 1 : group.last * (count - 1)
      group.sum = Math.min(group.sum + more, largestSize)
      group.last = Math.min(group.last + more, largestSize)
    } else append(token.startsWith('\\Q') ? quotedLength(token) : 1)
  }
  return groups.reduce((sum, group) => sum + group.sum, 0)
}

/** The number of characters between `\Q` and `\E`, or the end. */
const quotedLength = (token: string): number => token.slice(2).replace(/\\E$/, '').length

/** RE2 refuses more times than 1000; larger numbers need no difference. */
const mostTimes = 10_000
const largestSize = 1e9

/**
 * The same as `syntaxErrorOf`, in time that grows with the length of the expression, whatever its repetitions. Where
 * repetitions make a program much longer than the expression, one fault is not noticed: repetitions in repetitions that
 * come to more than 1000 times. `regularExpression` refuses these.
 */
export const findSyntaxErrorQuickly = (expression: string): string | undefined =>
  findSyntaxError(
    measureProgram(expression) > longProgram * expression.length
      ? withoutRepetitions(expression)
      : expression,
  )

/** Instructions for each character: more than there are without repetitions. */
const longProgram = 4

/** Makes each repetition that is valid by itself one of one time. */
const withoutRepetitions = (expression: string): string =>
  expression.replace(tokens, (token, _, times?: string) => {
    if (times === undefined) return token
    const [least = 0, most = least] = times.split(',').map(Number)
    if (least > 1000 || most > 1000 || (times.includes(',') && !times.endsWith(',') && least > most))
      return token
    return times.endsWith(',') ? '{1,}' : '{1}'
  })

/** A quoted text, an escape, a class, a repetition, the beginning of a group, or a letter. */
const tokens =
  /\\Q(?:(?!\\E).)*(?:\\E)?|\\[pP]\{[^}]*\}|\\x\{[^}]*\}|\\.|\[\^?\]?(?:\[:[^\]]*:\]|\\.|[^\]\\])*\]|(\{(\d+(?:,\d*)?)\})|\((?:\?(?:P?<[^>]*>|[a-zA-Z-]*:))?|./gsu

/**
 * Tells whether every text that a valid expression covers has a sign, which is one code point: no other way leads through its
 * program.
 */
export function requiresSign(expression: string, sign: string): boolean {
  // The program is a private part of the library. The lock file pins the version, and a test checks the shape.
  const { start, inst } = (RE2JS.compile(expression) as unknown as { re2Input: { prog: Program } }).re2Input
    .prog
  const code = sign.codePointAt(0)
  const seen = new Set<number>()
  const open = [start]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at)) continue
    seen.add(at)
    const { op, out, arg, runes } = inst[at]!
    if (op === operations.match) return false
    if (op === operations.fail) continue
    if (op === operations.alt || op === operations.altMatch) open.push(out, arg)
    else if (![operations.rune, operations.rune1].includes(op)) open.push(out)
    else if (Array.from(runes).some(rune => rune !== code)) open.push(out)
  }
  return true
}

interface Program {
  readonly start: number
  readonly inst: readonly {
    readonly op: number
    readonly out: number
    readonly arg: number
    /** Pairs of first and last code point, or a single code point. */
    readonly runes: ArrayLike<number>
  }[]
}

/** Operations that matter here, in the numbers of RE2: see https://swtch.com/~rsc/regexp/regexp2.html. */
const operations = { alt: 1, altMatch: 2, fail: 5, match: 6, rune: 8, rune1: 9 }

/** A regular expression that is ready to be used. */
export interface RegularExpression {
  /** Tells whether it covers the whole of a text. */
  covers(text: string): boolean
  /** A text with each place that it matches replaced; `\1` in the replacement is a group, `\0` all of the match. */
  replaceIn(text: string, replacement: string): string
}

/** Compiles an expression; undefined where RE2 refuses it. */
export function compileRegularExpression(expression: string): RegularExpression | undefined {
  const compiled = compileOrRefuse(expression)
  if (compiled === undefined) return undefined
  return {
    covers: text => compiled.matches(text),
    replaceIn: (text, replacement) => replaceAll(compiled, text, replacement),
  }
}

function compileOrRefuse(expression: string): RE2JS | undefined {
  try {
    return RE2JS.compile(expression)
  } catch (problem) {
    if (!isSyntaxProblem(problem)) throw problem
    return undefined
  }
}

/** Replaces like RE2::GlobalReplace, which skips an empty match directly after another match. */
function replaceAll(compiled: RE2JS, text: string, replacement: string): string {
  const matcher = compiled.matcher(text)
  let replaced = ''
  let at = 0
  let ended = -1
  while (at <= text.length && matcher.find(at)) {
    const [start, end] = [matcher.start(), matcher.end()]
    replaced += text.slice(at, start)
    if (start === end && start === ended) {
      replaced += text.slice(start, start + 1)
      at = start + 1
      continue
    }
    replaced += replacement.replace(/\\(\d|\\)/g, (_, sign: string) =>
      sign === '\\' ? sign : Number(sign) > matcher.groupCount() ? '' : (matcher.group(Number(sign)) ?? ''),
    )
    at = end
    ended = end
  }
  return replaced + text.slice(at)
}

/** Tells whether a problem is the engine's at a text that it cannot read; it is loaded on demand, so its class is not at hand. */
const isSyntaxProblem = (problem: unknown): problem is Error & { error: string; input: string } =>
  problem instanceof Error && problem.name === 'RE2JSSyntaxException'
