import type { ClientSettings, LocalityNote, TrafficPolicy } from './model.ts'

/** The words for both ways that Istio has without a setting: with ejected endpoints, and without. */
export const nearFirst = 'near instances first'
export const evenly = 'instances of all localities alike'

interface Preference {
  /** The words for people. */
  readonly says: string
  /** The setting; undefined where Istio decides by itself. */
  readonly setting: LocalityNote | undefined
}

/**
 * Finds the locality preference of a destination. A value of a subset replaces the value of its rule, and a value of a port replaces
 * both. meshc does not read the preference of the whole mesh. See MergeTrafficPolicy in pilot/pkg/model/destination_rule.go and
 * ApplyLocalityLoadBalancer in pilot/pkg/networking/core/loadbalancer/loadbalancer.go of istio/istio.
 */
export function findLocalities(
  policy: TrafficPolicy | undefined,
  ofSubset: TrafficPolicy | undefined,
  port: number | undefined,
): Preference {
  const around = findLevel(policy, port) ?? policy
  const level = findLevel(ofSubset, port)
  const setting = (level ?? (ofSubset?.isBalanced ? ofSubset : around))?.localities
  const isEjecting = level === undefined ? ofSubset?.isEjecting || around?.isEjecting : level.isEjecting
  if (setting === undefined) return { says: isEjecting ? nearFirst : evenly, setting }
  return { says: setting.needsEjection && !isEjecting ? evenly : setting.says, setting }
}

const findLevel = (policy: TrafficPolicy | undefined, port: number | undefined): ClientSettings | undefined =>
  policy?.portLevel.find(level => level.port === port)
