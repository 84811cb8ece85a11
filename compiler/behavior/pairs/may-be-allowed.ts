import type { PolicySource, Words, Workload } from '../model.ts'
import { getQualifiedName } from '../qualified-name.ts'
import { plainArrival } from '../symbolic/arrival-view.ts'
import { noToken } from '../symbolic/claim-condition.ts'
import { listUnmodelledAt } from '../symbolic/delivery.ts'
import type { IndexedModel } from '../symbolic/indexed-model.ts'
import { makePeerClassifier } from '../symbolic/peer-classes.ts'
import { matchRule } from '../symbolic/rule-condition.ts'

/**
 * Tells whether some ALLOW rule could match one of some identities with any request (undefined: no identity). Otherwise every request
 * is denied. An unmodelled part at a workload may disable its policies.
 */
export const mayBeAllowed = (
  indexed: IndexedModel,
  workload: Workload,
  identities: readonly (string | undefined)[],
): boolean => identities.some(makeAllowanceTest(indexed, workload))

/** The same for one workload and many callers. */
export const makeAllowanceTest = (
  indexed: IndexedModel,
  workload: Workload,
): ((identity: string | undefined) => boolean) =>
  indexed.onceOfPolicies(`may be allowed ${getQualifiedName(workload)}`, () => {
    const classify = makePeerClassifier(indexed, workload)
    const allowedByClass = new Map<string | undefined, boolean>()
    return identity => {
      // Callers that the policies do not distinguish get the same results.
      const peers = identity === undefined ? undefined : classify(identity)
      const isAllowed = allowedByClass.get(peers) ?? isSomeRuleFor(indexed, workload, identity)
      allowedByClass.set(peers, isAllowed)
      return isAllowed
    }
  })

function isSomeRuleFor(indexed: IndexedModel, workload: Workload, peer: string | undefined): boolean {
  const { proxy, bypassedPorts } = workload
  if (proxy !== 'sidecar' || bypassedPorts.length > 0) return true
  if (listUnmodelledAt(indexed, workload).length > 0) return true
  const allowing = indexed.policiesOf(workload).filter(({ action }) => action === 'ALLOW')
  const context = {
    settings: indexed.model.settings,
    workload,
    arrival: { ...plainArrival, peer },
    ...noToken,
  }
  return (
    allowing.length === 0 ||
    allowing.some(
      policy =>
        policy.unmodelled.length > 0 ||
        policy.rules.some((rule, index) => {
          const who = { from: rule.from.map(byIdentity), to: [], when: [] }
          const matched = matchRule(policy, who, index, context)
          return matched.kind !== 'constant' || matched.value
        }),
    )
  )
}

const noWords: Words = { values: [], notValues: [] }

const byIdentity = (source: PolicySource): PolicySource => ({
  ...source,
  requestPrincipals: noWords,
  ipBlocks: noWords,
  remoteIpBlocks: noWords,
})
