import { hiddenInLine } from '../../compiler/diagnostics/visible.ts'

/**
 * A value as JSON, in lines. Invisible characters are escaped, and the first character of `##[`, with which CI servers mark a
 * command. A JSON parser gets the same value, and a log with the text contains no command.
 */
export const printJson = (value: unknown): string =>
  JSON.stringify(value, null, 2)
    .replace(hiddenInLine, getEscape)
    .replace(/#(?=#(?:\[|vso\[))/gi, getEscape)

/** Escapes a character, with as many escapes as it has UTF-16 units. */
const getEscape = (character: string) =>
  character
    .split('')
    .map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
