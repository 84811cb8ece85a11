import { didYouMean } from '../diagnostics/suggest.ts'

/** Proposes the legal name that a wrong one was meant to be. */
export type Suggest = (name: string) => string | undefined

// A large mesh that lacks a file of services has thousands of wrong names, and each is compared with every right one.
const mostNames = 100

/**
 * Proposals for names that may be wrong many times over: each is searched once, and only so many are.
 *
 * @param candidates the legal names, asked for when the first name is wrong
 */
export function suggestions(candidates: () => readonly string[]): Suggest {
  const known = new Map<string, string | undefined>()
  let legal: readonly string[] | undefined
  return name => {
    if (known.has(name) || known.size >= mostNames) return known.get(name)
    legal ??= candidates()
    const suggestion = didYouMean(name, legal)
    known.set(name, suggestion)
    return suggestion
  }
}
