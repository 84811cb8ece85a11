import type { AuthorizationPolicy, AuthorizationRule, MeshSettings, Words } from '../model.ts'
import { quoteExpression } from './diagrams/pattern.ts'

/**
 * The pattern that a word of a policy asks of the caller's identity: an expression covers all of it. The identity is `spiffe://…`, or
 * the name in the certificate of a client outside.
 */
interface IdentityPattern {
  readonly match: 'exact' | 'prefix' | 'regex'
  readonly value: string
}

/** A word of a policy for callers, and the identities that it matches: identities that match any of its patterns. */
export interface IdentityWord {
  /** The text in the form that users write: `cluster.local/ns/shop/*`, `namespace shop`. */
  readonly says: string
  readonly patterns: readonly IdentityPattern[]
}

/** Tells whether a word matches an identity. */
export const isMeant = ({ patterns }: IdentityWord, identity: string): boolean =>
  patterns.some(({ match, value }) => tests[match](identity, value))

const tests: Readonly<Record<IdentityPattern['match'], (identity: string, value: string) => boolean>> = {
  exact: (identity, value) => identity === value,
  prefix: (identity, value) => identity.startsWith(value),
  regex: (identity, value) => new RegExp(`^(?:${value})$`).test(identity),
}

/** Tells whether a word matches every identity of the mesh. */
const isForEveryIdentity = ({ patterns }: IdentityWord): boolean =>
  patterns.some(({ match, value }) => match === 'prefix' && scheme.startsWith(value))

/** Identities are spoken of by these words; see istio pilot/pkg/security/authz/matcher and model/generator.go. */
export const parsePrincipal = (word: string, settings: MeshSettings): IdentityWord => ({
  says: word,
  patterns: listPrincipals(word, settings).map(each => {
    if (each === '*') return { match: 'prefix', value: '' }
    if (each.startsWith('*')) return { match: 'regex', value: `${scheme}.*${quoteExpression(each.slice(1))}` }
    return each.endsWith('*')
      ? { match: 'prefix', value: scheme + each.slice(0, -1) }
      : { match: 'exact', value: scheme + each }
  }),
})

export const parseNamespace = (word: string): IdentityWord => ({
  says: `namespace ${word}`,
  patterns: [{ match: 'regex', value: `.*/ns/${word.split('*').map(quoteExpression).join('.*')}/.*` }],
})

/** @param ownNamespace the namespace of the policy */
export function parseServiceAccount(word: string, ownNamespace: string): IdentityWord {
  const slash = word.indexOf('/')
  const [namespace, account] =
    slash < 0 ? [ownNamespace, word] : [word.slice(0, slash), word.slice(slash + 1)]
  return {
    says: `service account ${namespace}/${account}`,
    patterns: [
      {
        match: 'regex',
        value: `${scheme}.+/ns/${quoteExpression(namespace)}/(.+/|)sa/${quoteExpression(account)}(/.+)?`,
      },
    ],
  }
}

export const parseTrustDomain = (word: string, settings: MeshSettings): IdentityWord => ({
  says: `trust domain ${word}`,
  patterns: (listOwnDomains(settings).includes(word) ? listOwnDomains(settings) : [word]).map(domain => {
    if (domain === '*') return { match: 'prefix', value: scheme }
    const star = domain.indexOf('*')
    if (star < 0) return { match: 'prefix', value: `${scheme}${domain}/` }
    const [before, after] = [domain.slice(0, star), domain.slice(star + 1)]
    return { match: 'regex', value: `${scheme}${quoteExpression(before)}[^/]*${quoteExpression(after)}/.*` }
  }),
})

const scheme = 'spiffe://'

/** The names of the mesh's own trust domain, including its aliases. */
const listOwnDomains = ({ trustDomain, trustDomainAliases }: MeshSettings): readonly string[] => [
  trustDomain,
  ...trustDomainAliases,
]

/**
 * A principal in the mesh's own trust domain matches in each of its aliases. A principal that is not written in full is used
 * unchanged.
 *
 * See ReplaceTrustDomainAliases in istio pilot/pkg/security/trustdomain/bundle.go.
 */
function listPrincipals(word: string, settings: MeshSettings): readonly string[] {
  const [domain = '', ...rest] = word.split('/')
  if (rest.length !== 4 || domain === '*') return [word]
  const domains = listOwnDomains(settings)
  const isEnd = (name: string) => domain.startsWith('*') && name.endsWith(domain.slice(1))
  if (domain !== 'cluster.local' && !domains.some(name => name === domain || isEnd(name))) return [word]
  return [...new Set(domains.map(name => [isEnd(name) ? domain : name, ...rest].join('/')))]
}

/** Lists the words of a policy about its callers, without those about every caller. */
export const listIdentityWords = (
  { rules, namespace }: AuthorizationPolicy,
  settings: MeshSettings,
): readonly IdentityWord[] => rules.flatMap(rule => listIdentityWordsOf(rule, namespace, settings))

/**
 * Lists the words of a rule about its callers, without those about every caller.
 *
 * @param namespace the namespace of the policy
 */
export function listIdentityWordsOf(
  { from, when }: AuthorizationRule,
  namespace: string,
  settings: MeshSettings,
): readonly IdentityWord[] {
  const principal = (word: string) => parsePrincipal(word, settings)
  const account = (word: string) => parseServiceAccount(word, namespace)
  const domain = (word: string) => parseTrustDomain(word, settings)
  const words: IdentityWord[] = []
  const add = ({ values, notValues }: Words, make: (word: string) => IdentityWord) => {
    for (const word of values) words.push(make(word))
    for (const word of notValues) words.push(make(word))
  }
  for (const { principals, namespaces, serviceAccounts, trustDomains } of from) {
    add(principals, principal)
    add(namespaces, parseNamespace)
    add(serviceAccounts, account)
    add(trustDomains, domain)
  }
  for (const condition of when)
    if (condition.key === 'source.principal') add(condition, principal)
    else if (condition.key === 'source.namespace') add(condition, parseNamespace)
    else if (condition.key === 'source.serviceAccount') add(condition, account)
    else if (condition.key === 'source.trustDomain') add(condition, domain)
  return words.filter(word => !isForEveryIdentity(word))
}
