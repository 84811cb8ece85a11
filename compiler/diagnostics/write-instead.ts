import type { Fix, Place } from './diagnostic.ts'

/** The fix that replaces a word; undefined if the replacement is unknown. */
export const writeInstead = (at: Place, word: string | undefined): Fix | undefined =>
  word === undefined
    ? undefined
    : { title: `write \`${word}\``, edits: [{ change: 'replace', at, text: word }] }
