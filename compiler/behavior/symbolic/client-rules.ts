import type { DestinationRule, Labels, MeshSettings, Service, Subset, TrafficPolicy } from '../model.ts'
import type { Unmodelled } from '../result.ts'
import { findMostSpecific, isWildcard } from './host-names.ts'
import { areSameLabels, hasLabels, type IndexedModel } from './indexed-model.ts'

/** The DestinationRules that a client follows for a host, as one. */
export interface ClientRules {
  readonly rules: readonly DestinationRule[]
  /** The first of them. */
  readonly object: DestinationRule
  readonly isForWorkload: boolean
  readonly trafficPolicy: TrafficPolicy | undefined
  readonly subsets: readonly Subset[]
  readonly unmodelled: readonly Unmodelled[]
}

/** DestinationRules that istiod has merged. The first one sets the exports and the selector of all. */
type Entry = readonly [DestinationRule, ...DestinationRule[]]

/** See istio pilot/pkg/model/push_context.go, destinationRule, and sidecar.go, DestinationRule. */
export function findClientRules(
  indexed: IndexedModel,
  client: { readonly namespace: string; readonly labels: Labels },
  service: Service,
): ClientRules | undefined {
  const { settings } = indexed.model
  const { rootNamespace } = settings
  const entries =
    findEntries(indexed, client.namespace, service.host, rule =>
      client.namespace === rootNamespace ? isPrivate(rule, settings) : isForOwn(rule),
    ) ??
    findExportedEntries(indexed, service.namespace, service.host, client.namespace) ??
    findExportedEntries(indexed, rootNamespace, service.host, client.namespace)
  if (entries === undefined) return undefined
  const selecting = entries.find(
    ([{ namespace, workloadSelector }]) =>
      namespace === client.namespace &&
      workloadSelector !== undefined &&
      hasLabels(client.labels, workloadSelector),
  )
  const rules = selecting ?? entries.findLast(([{ workloadSelector }]) => workloadSelector === undefined)
  if (rules === undefined) return undefined
  return {
    rules,
    object: rules[0],
    isForWorkload: selecting !== undefined,
    trafficPolicy: rules.find(({ trafficPolicy }) => trafficPolicy !== undefined)?.trafficPolicy,
    subsets: rules.flatMap(({ subsets }) => subsets),
    unmodelled: rules.flatMap(({ unmodelled }) => unmodelled),
  }
}

function findExportedEntries(
  indexed: IndexedModel,
  owner: string,
  host: string,
  client: string,
): readonly Entry[] | undefined {
  const { settings } = indexed.model
  const entries = findEntries(indexed, owner, host, rule => !isPrivate(rule, settings))
  const visible = entries?.filter(([rule]) => {
    const names = listExports(rule)
    return names.size === 0 || names.has('*') || names.has(client)
  })
  return visible === undefined || visible.length === 0 ? undefined : visible
}

/** A rule with a workload selector applies only to its own namespace. */
const listExports = ({ exportTo, workloadSelector }: DestinationRule): ReadonlySet<string> =>
  new Set(workloadSelector === undefined ? exportTo : ['.'])

function isForOwn(rule: DestinationRule): boolean {
  const names = listExports(rule)
  return names.size === 0 || ['*', '.', rule.namespace].some(name => names.has(name))
}

function isPrivate(rule: DestinationRule, { defaultDestinationRuleExportTo }: MeshSettings): boolean {
  const names = listExports(rule)
  if (names.size === 0) return defaultDestinationRuleExportTo.includes('.')
  return names.size === 1 && ['.', rule.namespace].some(name => names.has(name))
}

/** Finds the rules of a namespace for the most specific host that matches this one, merged. */
function findEntries(
  indexed: IndexedModel,
  namespace: string,
  host: string,
  isMeant: (rule: DestinationRule) => boolean,
): readonly Entry[] | undefined {
  const exact = (indexed.destinationRulesByHost.get(host) ?? []).filter(
    rule => rule.namespace === namespace && isMeant(rule),
  )
  if (exact.length > 0) return mergeRules(exact)
  const wild = indexed.wildcardDestinationRules.filter(rule => rule.namespace === namespace && isMeant(rule))
  const best = findMostSpecific(
    host,
    wild.map(rule => rule.host),
  )
  if (best === undefined || !isWildcard(best)) return undefined
  return mergeRules(wild.filter(rule => rule.host === best))
}

/**
 * Merges the rules of one namespace and host, from the oldest to the youngest. A rule becomes part of each entry that absorbs or
 * copies it. It is an entry of its own, too, unless the last entry absorbs it: istiod keeps only the decision of its last comparison.
 * See mergeDestinationRule of istio pilot/pkg/model/destination_rule.go.
 */
function mergeRules(rules: readonly DestinationRule[]): readonly Entry[] {
  let entries: readonly Entry[] = []
  for (const withSelector of [true, false])
    for (const rule of rules) {
      if ((rule.workloadSelector !== undefined) !== withSelector) continue
      const merges = entries.map(([first]) => findMerge(first, rule))
      const merged = entries.map(
        (entry, place): Entry => (merges[place] === 'none' ? entry : [...entry, rule]),
      )
      entries = merges.at(-1) === 'absorbs' ? merged : [...merged, [rule]]
    }
  return entries
}

/** Finds how an entry with this first rule takes in another rule. A copied rule stays an entry of its own. */
function findMerge(first: DestinationRule, rule: DestinationRule): 'absorbs' | 'copies' | 'none' {
  const [names, others] = [listExports(first), listExports(rule)]
  const isWithin = [...names].every(name => others.has(name))
  const isSame = isWithin && names.size === others.size
  if (!isSame && !(isWithin && names.size > 0)) return 'none'
  const [labels, wanted] = [first.workloadSelector, rule.workloadSelector]
  if (labels === undefined || wanted === undefined) return isSame || labels === wanted ? 'absorbs' : 'copies'
  return areSameLabels(labels, wanted) ? 'absorbs' : 'none'
}
