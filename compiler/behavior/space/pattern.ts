import type { Pattern } from '../model.ts'

/** What is asked of a text: as it is, or as it is after a prefix of it was replaced. */
export type TextPattern = Pattern | RewrittenPattern

/** Matches a text that begins with `from` if, with `to` in its place, the pattern matches. */
export interface RewrittenPattern {
  readonly match: 'rewritten'
  readonly from: string
  readonly to: string
  /** Of `from`. */
  readonly ignoreCase: boolean
  readonly pattern: Pattern
}

/** Two patterns with one key match the same strings. */
export function patternKey(pattern: TextPattern): string {
  if (pattern.match === 'present') return 'present'
  const fold = isFolded(pattern) ? '/i' : ''
  return pattern.match === 'rewritten'
    ? `rewritten${fold}:${JSON.stringify([pattern.from, pattern.to])}:${patternKey(pattern.pattern)}`
    : `${pattern.match}${fold}:${pattern.value}`
}

/**
 * The expression in RE2 that Envoy makes of a path template.
 *
 * See envoy source/extensions/path/uri_template_lib/uri_template_internal.cc, toRegexPattern.
 */
export const templateExpression = (template: string): string =>
  template
    .split(/(\{\*\*?\})/)
    .map(part => (part === '{*}' ? `[${segment}]+` : part === '{**}' ? `[${segment}/]*` : quoted(part)))
    .join('')

const segment = "a-zA-Z0-9\\-._~%!$&'()*+,;:@="

/** A text as an expression that matches just this text. */
export const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** Whether letters of ASCII that differ in case are one to the pattern. */
export const isFolded = (pattern: TextPattern): boolean =>
  'ignoreCase' in pattern && pattern.ignoreCase === true
