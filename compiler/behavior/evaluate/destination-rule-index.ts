import { memo } from '../../basics/memo.ts'
import { findMostSpecific } from '../hosts.ts'
import { isSubset } from '../is-subset.ts'
import type { BehaviorModel, DestinationRule, Service, Workload } from '../model.ts'

/** DestinationRules of one host and namespace, put together. */
export interface MergedRule {
  readonly rule: DestinationRule
  /** The DestinationRules that are in it. */
  readonly from: readonly DestinationRule[]
  readonly exportTo: readonly string[]
}

export interface DestinationRuleIndex {
  /** The rule that a client's proxy follows for a service. */
  find(client: Workload, service: Service): MergedRule | undefined
}

type ByHost = Map<string, MergedRule[]>

/** See setDestinationRules and destinationRule in pilot/pkg/model/push_context.go of istio/istio. */
export function indexDestinationRules(model: BehaviorModel): DestinationRuleIndex {
  const { rootNamespace, defaultDestinationRuleExportTo } = model.settings
  const local = new Map<string, ByHost>()
  const exported = new Map<string, ByHost>()
  const rootLocal: ByHost = new Map()
  const selectorsFirst = model.destinationRules.toSorted(
    (a, b) => Number(b.workloadSelector !== undefined) - Number(a.workloadSelector !== undefined),
  )
  for (const rule of selectorsFirst) {
    const { namespace } = rule
    const exportTo = rule.workloadSelector === undefined ? rule.exportTo : ['.']
    const isOwn = exportTo.includes('.') || exportTo.includes(namespace)
    if (exportTo.length === 0 || exportTo.includes('*') || isOwn)
      mergeRule(getRulesByHost(local, namespace), rule, exportTo)
    const isPrivate =
      exportTo.length === 0
        ? defaultDestinationRuleExportTo.includes('.')
        : new Set(exportTo).size === 1 && isOwn
    if (!isPrivate) mergeRule(getRulesByHost(exported, namespace), rule, exportTo)
    else if (namespace === rootNamespace) mergeRule(rootLocal, rule, exportTo)
  }

  const visibleFrom = (owner: string, host: string, client: string): readonly MergedRule[] =>
    (findMostSpecific(host, exported.get(owner) ?? noRules) ?? []).filter(
      ({ exportTo }) => exportTo.length === 0 || exportTo.includes('*') || exportTo.includes(client),
    )
  const candidates = memo((client: string) =>
    memo(({ host, namespace }: Service): readonly MergedRule[] => {
      const ofClient = findMostSpecific(
        host,
        (client === rootNamespace ? rootLocal : local.get(client)) ?? noRules,
      )
      if (ofClient !== undefined) return ofClient
      const ofService = visibleFrom(namespace, host, client)
      return ofService.length > 0 ? ofService : visibleFrom(rootNamespace, host, client)
    }),
  )
  return {
    find({ namespace, labels }, service) {
      let forAll: MergedRule | undefined
      for (const merged of candidates(namespace)(service)) {
        const { workloadSelector } = merged.rule
        if (workloadSelector === undefined) forAll = merged
        else if (merged.rule.namespace === namespace && isSubset(workloadSelector, labels)) return merged
      }
      return forAll
    },
  }
}

const noRules: ReadonlyMap<string, MergedRule[]> = new Map()

function getRulesByHost(index: Map<string, ByHost>, namespace: string): ByHost {
  let hosts = index.get(namespace)
  if (hosts === undefined) {
    hosts = new Map()
    index.set(namespace, hosts)
  }
  return hosts
}

/** See mergeDestinationRule in pilot/pkg/model/destination_rule.go of istio/istio. */
function mergeRule(hosts: ByHost, rule: DestinationRule, exportTo: readonly string[]): void {
  const list = hosts.get(rule.host)
  if (list === undefined) {
    hosts.set(rule.host, [{ rule, from: [rule], exportTo }])
    return
  }
  let isSeparate = true
  for (const [index, existing] of list.entries()) {
    if (isSameSet(exportTo, existing.exportTo)) isSeparate = false
    else if (existing.exportTo.length > 0 && existing.exportTo.every(name => exportTo.includes(name)))
      isSeparate = true
    else {
      isSeparate = true
      continue
    }
    const a = existing.rule.workloadSelector
    const b = rule.workloadSelector
    const isSameSelector = a === undefined || b === undefined ? a === b : isSubset(a, b) && isSubset(b, a)
    if (a !== undefined && b !== undefined && !isSameSelector) {
      isSeparate = true
      continue
    }
    if (isSameSelector) isSeparate = false
    const names = new Set(existing.rule.subsets.map(({ name }) => name))
    list[index] = {
      ...existing,
      from: [...existing.from, rule],
      rule: {
        ...existing.rule,
        subsets: [...existing.rule.subsets, ...rule.subsets.filter(({ name }) => !names.has(name))],
        trafficPolicy: existing.rule.trafficPolicy ?? rule.trafficPolicy,
      },
    }
  }
  if (isSeparate) list.push({ rule, from: [rule], exportTo })
}

const isSameSet = (a: readonly string[], b: readonly string[]) =>
  a.every(name => b.includes(name)) && b.every(name => a.includes(name))
