import { z } from 'zod'

/**
 * One of some words.
 *
 * @param meanings each word with what it means, as an editor shows it beside the word
 */
export function defineWords<const Word extends string>(meanings: Readonly<Record<Word, string>>) {
  // Object.keys forgets which strings they are, and that there is one.
  const names = Object.keys(meanings) as [Word, ...Word[]]
  return z.enum(names).meta({ enumDescriptions: names.map(name => meanings[name]) })
}

/** One word that a field may say instead of a value. */
export const defineWord = <const Word extends string>(name: Word, meaning: string) =>
  z.literal(name).meta({ description: meaning })
