import { type IndexedModel, withPoliciesAt } from '../evaluate/indexed-model.ts'
import type { AuthorizationPolicy, AuthorizationRule, Workload } from '../model.ts'

/**
 * A mesh in which one part of one rule decides. If the policy allows, it is the only allow rule. If the policy refuses, it is
 * the only rule of all policies.
 */
export function isolateRule(
  indexed: IndexedModel,
  policy: AuthorizationPolicy,
  index: number,
  part: AuthorizationRule,
): IndexedModel {
  const none: AuthorizationRule = { from: [], to: [], when: [{ key: '', values: [], notValues: [] }] }
  // The rule keeps its index, which is a part of its name: rules that match no request replace the rules before it.
  const alone: AuthorizationPolicy = {
    ...policy,
    rules: [...policy.rules.slice(0, index).map(() => none), part],
  }
  const isKept = ({ action }: AuthorizationPolicy) => policy.action === 'ALLOW' && action !== 'ALLOW'
  return withPoliciesAt(indexed, (workload: Workload) =>
    indexed
      .authorizationPoliciesOf(workload)
      .flatMap(each => (each === policy ? alone : isKept(each) ? each : [])),
  )
}
