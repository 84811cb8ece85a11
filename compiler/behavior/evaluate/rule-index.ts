import { groupBy } from '../../basics/group-by.ts'
import { weakMemo } from '../../basics/weak-memo.ts'
import type { AuthorizationPolicy, AuthorizationRule } from '../model.ts'
import type { PolicyInput } from './authorization.ts'

/** A rule of a policy. */
interface NamedRule {
  readonly policy: AuthorizationPolicy
  readonly rule: AuthorizationRule
  readonly index: number
  /** The name in Envoy's form. */
  readonly name: string
}

/**
 * Selects the rules of policies that an input may match: the policies of a gateway may have a rule for each of thousands of hosts
 * or callers.
 */
export const selectRules = weakMemo((policies: readonly AuthorizationPolicy[]) => {
  const rulesByKey = groupBy(policies.flatMap(nameRules), listRuleKeys)
  return (input: PolicyInput): readonly NamedRule[] => [
    ...new Set(listInputKeys(input).flatMap(key => rulesByKey.get(key) ?? [])),
  ]
})

const nameRules = weakMemo((policy: AuthorizationPolicy): readonly NamedRule[] =>
  policy.rules.map((rule, index) => ({
    policy,
    rule,
    index,
    name: `ns[${policy.namespace}]-policy[${policy.name}]-rule[${index}]`,
  })),
)

/** The key of the rules that have no other key. */
const anyInput = 'any'

/** The key of a connection without HTTP: rules lose their conditions on hosts there. */
const noMessage = 'no message'

/** Lists keys of a rule. Every input that the rule may match has one of them. */
const listRuleKeys = weakMemo(({ policy, rule }: NamedRule): readonly string[] => {
  // The result of a rule with such a part is unknown for every input.
  if (policy.unmodelled.length > 0) return [anyInput]
  const hosts = rule.to.map(({ hosts }) => hosts.values.map(getHostName))
  if (areNamed(hosts)) return [noMessage, ...hosts.flat().map(makeHostKey)]
  const principals = rule.from.map(({ principals }) => principals.values)
  if (areNamed(principals)) return principals.flat().map(makeAccountKey)
  return [anyInput]
})

const listInputKeys = ({ message, peer }: PolicyInput): readonly string[] => [
  anyInput,
  message === undefined ? noMessage : makeHostKey(getHostName(message.authority)),
  ...(peer === undefined ? [] : [makeAccountKey(peer.slice('spiffe://'.length))]),
]

/** Tells whether each of some alternatives asks for one of some names. */
const areNamed = (alternatives: readonly (readonly string[])[]): boolean =>
  alternatives.length > 0 &&
  alternatives.every(words => words.length > 0 && words.every(word => !word.includes('*')))

const getHostName = (authority: string): string => authority.split(':', 1)[0]!
const makeHostKey = (host: string): string => `host ${host.toLowerCase()}`

/** A trust domain may have aliases. */
const makeAccountKey = (principal: string): string => `account ${principal.slice(principal.indexOf('/') + 1)}`
