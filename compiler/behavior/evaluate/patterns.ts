import {
  compileRegularExpression,
  isTooLarge,
  measureProgram,
  mostInstructions,
  type RegularExpression,
} from '../../mesh/regular-expression.ts'
import { giveUp, spend } from '../budget.ts'
import type { Pattern } from '../model.ts'

/** Tells whether a text matches a pattern; `present` matches any text that is there. */
export function matchesPattern(pattern: Pattern, text: string): boolean {
  if (pattern.match === 'present') return true
  const value = pattern.ignoreCase ? pattern.value.toLowerCase() : pattern.value
  const compared = pattern.ignoreCase ? text.toLowerCase() : text
  switch (pattern.match) {
    case 'exact':
      return compared === value
    case 'prefix':
      return compared.startsWith(value)
    case 'suffix':
      return compared.endsWith(value)
    case 'regex':
      return compileExpression(pattern.value).covers(text)
    case 'template':
      return compileExpression(templateExpression(pattern.value)).covers(text)
  }
}

/** Makes a function that tells whether a text matches one of some patterns: a policy may have thousands. Case counts. */
export function makeMatcher(patterns: readonly Pattern[]): (text: string) => boolean {
  const listTexts = (match: 'exact' | 'prefix' | 'suffix') =>
    new Set(patterns.flatMap(pattern => (pattern.match === match ? [pattern.value] : [])))
  const [exact, prefixes, suffixes] = [listTexts('exact'), listTexts('prefix'), listTexts('suffix')]
  const others = patterns.filter(({ match }) => !['exact', 'prefix', 'suffix'].includes(match))
  const hasPart = (texts: ReadonlySet<string>, cut: (place: number) => string, length: number) => {
    if (texts.size > 0) for (let place = 0; place <= length; place++) if (texts.has(cut(place))) return true
    return false
  }
  return text =>
    exact.has(text) ||
    hasPart(prefixes, end => text.slice(0, end), text.length) ||
    hasPart(suffixes, start => text.slice(start), text.length) ||
    others.some(pattern => matchesPattern(pattern, text))
}

/** Compiles an expression once: a mesh has few, and the same ones are used again and again. Each use counts as work. */
export function compileExpression(expression: string): RegularExpression {
  const regularExpression = expressions.get(expression)
  if (regularExpression !== undefined) return regularExpression
  if (isTooLarge(expression))
    giveUp({ code: 'expression-over-limit', expression, limit: { instructions: mostInstructions } })
  const compiled = compileRegularExpression(expression)
  if (compiled === undefined) giveUp({ code: 'expression-refused-by-re2', expression })
  if (expressions.size >= mostExpressions) expressions.clear()
  const counting = countWork(compiled, measureProgram(expression))
  expressions.set(expression, counting)
  return counting
}

const expressions = new Map<string, RegularExpression>()
const mostExpressions = 1000

/** The work of RE2 grows with the program and with the text. */
function countWork({ covers, replaceIn }: RegularExpression, size: number): RegularExpression {
  const count = (text: string) => spend(20 + (size * text.length) / instructionsPerStep)
  return {
    covers: text => {
      count(text)
      return covers(text)
    },
    replaceIn: (text, replacement) => {
      count(text)
      return replaceIn(text, replacement)
    },
  }
}

const instructionsPerStep = 8

/**
 * A word of a policy: `*` is any text that is not empty, `x*` a prefix, `*x` a suffix. See StringMatcher in
 * pilot/pkg/security/authz/matcher/string.go of istio/istio.
 */
export const parsePolicyPattern = (word: string): Pattern => {
  if (word === '*') return { match: 'regex', value: '.+' }
  if (word.startsWith('*')) return { match: 'suffix', value: word.slice(1) }
  if (word.endsWith('*')) return { match: 'prefix', value: word.slice(0, -1) }
  return { match: 'exact', value: word }
}

/**
 * A path of a policy, which may be a template: `{*}` is one segment, `{**}` is the rest of the path. See
 * https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/path/match/uri_template/v3/uri_template_match.proto
 */
export const parsePathPattern = (word: string): Pattern =>
  /\{\*\*?\}/.test(word) ? { match: 'template', value: word } : parsePolicyPattern(word)

const templateExpression = (template: string): string =>
  template
    .split(/(\{\*\*?\})/)
    .map(part =>
      part === '{*}'
        ? `[${pathCharacters}]+`
        : part === '{**}'
          ? `[${pathCharacters}/]*`
          : quotePattern(part),
    )
    .join('')

const pathCharacters = "a-zA-Z0-9\\-._~%!$&'()*+,;:@="

/** A text as a regular expression that is just that text. */
export const quotePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
