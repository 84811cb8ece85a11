import { memo } from '../memo.ts'
import type { Words, Workload } from '../model.ts'
import { policiesFor } from './server.ts'
import { nameOf, type Side } from './side.ts'

/**
 * What all policies of a workload say about who calls, as one word: callers with the same word are the same to it.
 */
export const peerClass = (side: Side, workload: Workload, identity: string): string =>
  peerClassesOf(side, workload)(identity)

/** The same for one workload and many who call. */
export function peerClassesOf(side: Side, workload: Workload): (identity: string) => string {
  return side.once(`peers ${nameOf(workload)}`, () => {
    const { words, asksAddress } = wordsOf(side, workload)
    return memo((identity: string) =>
      asksAddress || words.some(word => mentions(word, identity)) ? identity : 'other',
    )
  })
}

interface WordsOfPolicies {
  readonly words: readonly string[]
  readonly asksAddress: boolean
}

function wordsOf(side: Side, workload: Workload): WordsOfPolicies {
  const words = new Set<string>()
  let asksAddress = false
  const add = ({ values, notValues }: Words) => {
    for (const word of [...values, ...notValues]) words.add(word)
  }
  for (const { rules } of policiesFor(side, workload))
    for (const { from, when } of rules) {
      for (const source of from) {
        for (const part of [
          source.principals,
          source.namespaces,
          source.serviceAccounts,
          source.trustDomains,
        ])
          add(part)
        for (const { values, notValues } of [source.ipBlocks, source.remoteIpBlocks])
          asksAddress ||= values.length + notValues.length > 0
      }
      for (const condition of when) {
        if (/^source\.(namespace|principal|serviceAccount|trustDomain)$/.test(condition.key)) add(condition)
        if (condition.key === 'source.ip' || condition.key === 'remote.ip') asksAddress = true
      }
    }
  return { words: [...words], asksAddress }
}

/** Whether a word may be about an identity. A star alone is about all, and so tells none apart. */
function mentions(word: string, identity: string): boolean {
  if (word === '*') return false
  const parts = word.split('/')
  const last = parts.at(-1)!
  if (word.includes('*')) {
    const literal = word.replaceAll('*', '')
    return literal === '' || identity.includes(literal)
  }
  return identity.split('/').includes(last)
}
