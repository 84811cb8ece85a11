import { memo } from '../../basics/memo.ts'
import type { Workload } from '../model.ts'
import { getQualifiedName } from '../qualified-name.ts'
import { type IdentityWord, isMeant, listIdentityWords } from './identity-words.ts'
import type { IndexedModel } from './indexed-model.ts'

/**
 * Makes the function that classifies callers by all that the policies of a workload say about them: callers with the same word are
 * the same to it.
 */
export function makePeerClassifier(indexed: IndexedModel, workload: Workload): (identity: string) => string {
  return indexed.onceOfPolicies(`peers ${getQualifiedName(workload)}`, () => {
    const words = listIdentityWordsAt(indexed, workload)
    const named = new Set<string>()
    for (const { patterns } of words)
      for (const { match, value } of patterns) if (match === 'exact') named.add(value)
    const identityWords = words.filter(({ patterns }) => patterns.some(({ match }) => match !== 'exact'))
    const asks = asksAddress(indexed, workload)
    const findMeant = memo((identity: string) => {
      const meant = identityWords.flatMap((word, index) => (isMeant(word, identity) ? [index] : []))
      return meant.length === 0 ? 'other' : `other ${meant.join()}`
    })
    return identity => {
      if (asks || named.has(identity)) return identity
      // Nothing is kept of the callers that no word can mean: they are all, at each workload.
      return identityWords.length === 0 ? 'other' : findMeant(identity)
    }
  })
}

/** Lists the words of the policies of a workload about its callers. */
export const listIdentityWordsAt = (indexed: IndexedModel, workload: Workload): readonly IdentityWord[] =>
  indexed.onceOfPolicies(`identity words ${getQualifiedName(workload)}`, () => {
    const words = indexed
      .policiesOf(workload)
      .flatMap(policy => listIdentityWords(policy, indexed.model.settings))
    return [...new Map(words.map(word => [word.says, word])).values()]
  })

/** Tells whether a policy of a workload has a condition on the source address. */
export const asksAddress = (indexed: IndexedModel, workload: Workload): boolean =>
  indexed
    .policiesOf(workload)
    .some(({ rules }) =>
      rules.some(
        ({ from, when }) =>
          from.some(({ ipBlocks, remoteIpBlocks }) =>
            [ipBlocks, remoteIpBlocks].some(({ values, notValues }) => values.length + notValues.length > 0),
          ) || when.some(({ key }) => key === 'source.ip' || key === 'remote.ip'),
      ),
    )
