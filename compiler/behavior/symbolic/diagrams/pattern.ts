import type { Pattern } from '../../model.ts'

/** A pattern of a text: as it is, or as it is after a prefix of it was replaced. */
export type TextPattern = Pattern | RewrittenPattern

/** Matches a text that begins with `from` if, with `to` in its place, the pattern matches. */
export interface RewrittenPattern {
  readonly match: 'rewritten'
  readonly from: string
  readonly to: string
  /** True if `from` ignores case. */
  readonly ignoreCase: boolean
  /** The part that `to` replaces: `from`, or also the rest of a path segment and the slash after it. */
  readonly takes: 'beginning' | 'segment'
  readonly pattern: Pattern
}

/** Makes a key of a pattern: two patterns with one key match the same strings. */
export function makePatternKey(pattern: TextPattern): string {
  if (pattern.match === 'present') return 'present'
  const fold = isFolded(pattern) ? '/i' : ''
  return pattern.match === 'rewritten'
    ? `rewritten${fold}:${JSON.stringify([pattern.from, pattern.to, pattern.takes])}:${makePatternKey(pattern.pattern)}`
    : `${pattern.match}${fold}:${pattern.value}`
}

/**
 * The expression in RE2 that Envoy makes of a path template.
 *
 * See envoy source/extensions/path/uri_template_lib/uri_template_internal.cc, toRegexPattern.
 */
export const convertTemplate = (template: string): string =>
  template
    .split(/(\{\*\*?\})/)
    .map(part =>
      part === '{*}' ? `[${segment}]+` : part === '{**}' ? `[${segment}/]*` : quoteExpression(part),
    )
    .join('')

const segment = "a-zA-Z0-9\\-._~%!$&'()*+,;:@="

/** A text as an expression that matches just this text. */
export const quoteExpression = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** Tells whether letters of ASCII that differ in case are one to the pattern. */
export const isFolded = (pattern: TextPattern): boolean =>
  'ignoreCase' in pattern && pattern.ignoreCase === true

/** Gives the text of a pattern, as the manifest has it. */
export function getPatternText(pattern: TextPattern): string {
  if (pattern.match === 'rewritten') return getPatternText(pattern.pattern)
  return pattern.match === 'present' ? '*' : pattern.value
}
