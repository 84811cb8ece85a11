import { didYouMean, nearest } from '../diagnostics/suggest.ts'

/** Proposes the legal name that a wrong one was meant to be. */
export type Suggest = (name: string) => string | undefined

// A large mesh that lacks a file of services has thousands of wrong names, and each is compared with every right one.
const mostNames = 100

/**
 * Proposals for names that may be wrong many times over: each is searched once, and only so many are.
 *
 * @param candidates the legal names, asked for when the first name is wrong
 */
export function suggestions(candidates: () => readonly string[], propose = didYouMean): Suggest {
  const known = new Map<string, string | undefined>()
  let legal: readonly string[] | undefined
  return name => {
    if (known.has(name) || known.size >= mostNames) return known.get(name)
    legal ??= candidates()
    const suggestion = propose(name, legal)
    known.set(name, suggestion)
    return suggestion
  }
}

/** Proposes the nearest legal name with the word that goes before it, and nothing where no name is near. */
export const nearestAfter =
  (prefix: string) =>
  (name: string, legal: readonly string[]): string | undefined => {
    const near = nearest(name, legal)
    return near === undefined ? undefined : `did you mean \`${prefix}${near}\`?`
  }
