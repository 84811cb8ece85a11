import type { Fix, Place } from './diagnostic.ts'

/** The fix that writes another word in the place of one; none where it is not known which. */
export const writeInstead = (at: Place, word: string | undefined): Fix | undefined =>
  word === undefined
    ? undefined
    : { title: `write \`${word}\``, edits: [{ change: 'replace', at, text: word }] }
