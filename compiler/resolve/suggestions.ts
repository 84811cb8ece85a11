import { findNearestName, findOnlyNear, suggestName } from '../diagnostics/suggest.ts'

/** A suggestion for a wrong name. */
export interface Suggestion {
  readonly help: string
  /** The replacement, if there is only one possible meaning. */
  readonly word?: string
}

/** Proposes the legal name that a wrong one was meant to be. */
export type Suggest = (name: string) => Suggestion | undefined

// A large mesh that lacks a file of services has thousands of wrong names, and each is compared with every right one.
const mostComparedNames = 100

/**
 * Proposals for names that may be wrong many times over: each is searched once, and only so many are.
 *
 * @param candidates the legal names, asked for when the first name is wrong
 */
export function makeSuggest(candidates: () => readonly string[], propose = legalNames): Suggest {
  const suggestions = new Map<string, Suggestion | undefined>()
  let legal: readonly string[] | undefined
  return name => {
    if (suggestions.has(name) || suggestions.size >= mostComparedNames) return suggestions.get(name)
    legal ??= candidates()
    const suggestion = propose(name, legal)
    suggestions.set(name, suggestion)
    return suggestion
  }
}

/** Suggests the nearest legal name, or lists the names if they are few. */
function legalNames(name: string, legal: readonly string[]): Suggestion | undefined {
  const help = suggestName(name, legal)
  return help === undefined ? undefined : suggestion(help, findOnlyNear(name, legal))
}

/** Suggests the nearest legal name with its prefix word. There is no suggestion if no name is near. */
export const makeNearestAfter =
  (prefix: string) =>
  (name: string, legal: readonly string[]): Suggestion | undefined => {
    const near = findNearestName(name, legal)
    if (near === undefined) return undefined
    const only = findOnlyNear(name, legal)
    return suggestion(`did you mean \`${prefix}${near}\`?`, only === undefined ? undefined : prefix + only)
  }

const suggestion = (help: string, word: string | undefined): Suggestion => ({
  help,
  ...(word !== undefined && { word }),
})
