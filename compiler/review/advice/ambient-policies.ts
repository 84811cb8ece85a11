import type { UnknownPart } from '../../behavior/compare/difference.ts'
import type { BehaviorModel } from '../../behavior/model.ts'
import { getObjectName } from './advice.ts'
import { listHttpParts } from './http-rule-on-connections.ts'

/**
 * Lists the policies that ztunnel takes for no permission: without a waypoint, ambient mode does not look into
 * HTTP.
 */
export function listAmbientPolicies(
  { because }: UnknownPart,
  { authorizationPolicies, namespaces }: BehaviorModel,
): readonly string[] {
  const ambient = because.flatMap(({ object, reason }) =>
    object.kind === 'Namespace' && reason?.code === 'ambient-mode' ? [object.name] : [],
  )
  return [...new Set(ambient)].flatMap(namespace => {
    if (namespaces.get(namespace)?.labels['istio.io/use-waypoint'] !== undefined) return []
    const blind = authorizationPolicies.filter(
      policy =>
        policy.namespace === namespace &&
        policy.targets.length === 0 &&
        policy.rules.some(rule => listHttpParts(rule).length > 0),
    )
    return blind.length === 0
      ? []
      : [
          `${blind.map(getObjectName).join(', ')} ${blind.length === 1 ? 'asks' : 'ask'} for what only a waypoint sees, and namespace ${namespace} has none: ztunnel refuses what such a rule would have allowed. Give the namespace a waypoint (istio.io/use-waypoint), and let the policy name it in targetRefs`,
        ]
  })
}
