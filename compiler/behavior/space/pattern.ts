import type { Pattern } from '../model.ts'

/** Two patterns with one key match the same strings. */
export const patternKey = (pattern: Pattern): string =>
  pattern.match === 'present'
    ? 'present'
    : `${pattern.match}${isFolded(pattern) ? '/i' : ''}:${pattern.value}`

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

const segment = "a-zA-Z0-9\\-._~%!$&'()+,;:@"

/** A text as an expression that matches just this text. */
export const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** Whether letters of ASCII that differ in case are one to the pattern. */
export const isFolded = (pattern: Pattern): boolean => 'ignoreCase' in pattern && pattern.ignoreCase === true
