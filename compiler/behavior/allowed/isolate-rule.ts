import type { AuthorizationPolicy, AuthorizationRule, BehaviorModel } from '../model.ts'

/**
 * A mesh in which one part of one rule decides. If the policy allows, it is the only allow rule. If the policy refuses, it is
 * the only rule of all policies.
 */
export function isolateRule(
  model: BehaviorModel,
  policy: AuthorizationPolicy,
  index: number,
  part: AuthorizationRule,
): BehaviorModel {
  const none: AuthorizationRule = { from: [], to: [], when: [{ key: '', values: [], notValues: [] }] }
  // The rule keeps its index, which is a part of its name: rules that match no request replace the rules before it.
  const alone: AuthorizationPolicy = {
    ...policy,
    rules: [...policy.rules.slice(0, index).map(() => none), part],
  }
  const authorizationPolicies = model.authorizationPolicies.filter(authorizationPolicy =>
    policy.action === 'ALLOW'
      ? authorizationPolicy !== policy && authorizationPolicy.action !== 'ALLOW'
      : false,
  )
  return { ...model, authorizationPolicies: [...authorizationPolicies, alone] }
}
