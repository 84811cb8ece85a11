import { groupBy } from '../../basics/group-by.ts'
import type { Workload } from '../model.ts'
import { anyone } from '../pairs/assumed-callers.ts'
import type { Calling } from '../pairs/calling.ts'
import { mayBeAllowed } from '../pairs/may-be-allowed.ts'
import { isServedByPods, listPodsNear } from '../pairs/signature.ts'
import { getIdentity } from '../symbolic/delivery.ts'
import type { IndexedModel } from '../symbolic/indexed-model.ts'
import { asksAddress, listIdentityWordsAt } from '../symbolic/peer-classes.ts'
import { findScope } from '../symbolic/scope.ts'
import type { Target } from '../symbolic/sidecar-tree.ts'

/**
 * Makes the selector of the callers that a destination may let through, in their order. Every other caller is refused by the
 * policies of each pod that its requests can get to. A mesh has millions of pairs, and policies name few callers each.
 */
export function makeCallerSelector(
  indexed: IndexedModel,
  callers: readonly Calling[],
): (target: Target) => readonly Calling[] {
  const byIdentity = groupBy(callers, caller => (caller.hasSidecar ? [getIdentity(indexed, caller)] : []))
  const unclear = callers.filter(caller => isUnclearCaller(indexed, caller))
  const places = new Map(callers.map((caller, place) => [caller, place]))
  return target => {
    const identities = listPossibleIdentities(indexed, target, byIdentity)
    if (identities === undefined) return callers
    const selected = new Set(unclear)
    for (const identity of identities)
      for (const caller of byIdentity.get(identity) ?? []) selected.add(caller)
    return [...selected].sort((a, b) => places.get(a)! - places.get(b)!)
  }
}

/** Tells whether an unmodelled part may change the destinations of a caller's requests. */
const isUnclearCaller = (indexed: IndexedModel, caller: Calling): boolean =>
  caller.unmodelled.length > 0 ||
  indexed.unmodelledFor(caller, ['leaving', 'outbound']).length > 0 ||
  findScope(indexed, caller.namespace, caller.labels).unmodelled.length > 0

/** Lists the identities that pods of a destination may allow; undefined: they may allow every identity, or a caller without one. */
function listPossibleIdentities(
  indexed: IndexedModel,
  target: Target,
  knownIdentities: ReadonlyMap<string, unknown>,
): Iterable<string> | undefined {
  if (!isServedByPods(indexed, target)) return undefined
  const identities = new Set<string>()
  for (const pod of listPodsNear(indexed, target)) {
    const allowed = listAllowedIdentities(indexed, pod, knownIdentities)
    if (allowed === undefined) return undefined
    for (const identity of allowed) identities.add(identity)
  }
  return identities
}

function listAllowedIdentities(
  indexed: IndexedModel,
  pod: Workload,
  knownIdentities: ReadonlyMap<string, unknown>,
): readonly string[] | undefined {
  if (asksAddress(indexed, pod) || mayBeAllowed(indexed, pod, [undefined])) return undefined
  const patterns = listIdentityWordsAt(indexed, pod).flatMap(word => word.patterns)
  const isListed = patterns.every(({ match }) => match === 'exact')
  const someone = `spiffe://${indexed.model.settings.trustDomain}/ns/${anyone.namespace}/sa/${anyone.serviceAccount}`
  if (isListed && mayBeAllowed(indexed, pod, [someone])) return undefined
  const candidates = isListed
    ? patterns.flatMap(pattern => (pattern.match === 'exact' ? [pattern.value] : []))
    : knownIdentities.keys()
  return [...candidates].filter(identity => mayBeAllowed(indexed, pod, [identity]))
}
