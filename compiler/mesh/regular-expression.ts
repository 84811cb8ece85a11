import { RE2JS } from 're2js'

/**
 * What is wrong with a regular expression in the syntax of RE2, which Istio and Envoy compile; undefined where nothing
 * is. See https://github.com/google/re2/wiki/Syntax
 */
export function syntaxErrorOf(expression: string): string | undefined {
  try {
    RE2JS.compile(expression)
    return undefined
  } catch (problem) {
    if (!isSyntaxProblem(problem)) throw problem
    return `${problem.error}: \`${problem.input}\``
  }
}

/** A regular expression that is ready to be used; it must be one. */
export interface RegularExpression {
  /** Whether it covers the whole of a text. */
  covers(text: string): boolean
  /** A text with each place that it matches replaced; `\1` in the replacement is a group, as in RE2. */
  replaceIn(text: string, replacement: string): string
}

export function regularExpression(expression: string): RegularExpression {
  const compiled = RE2JS.compile(expression)
  return {
    covers: text => compiled.matches(text),
    replaceIn: (text, replacement) =>
      compiled.matcher(text).replaceAll(replacement.replaceAll('$', '\\$').replace(/\\(\d)/g, '$$$1')),
  }
}

/** What the engine throws at a text that it cannot read; it is loaded on demand, so its class is not at hand. */
const isSyntaxProblem = (problem: unknown): problem is Error & { error: string; input: string } =>
  problem instanceof Error && problem.name === 'RE2JSSyntaxException'
