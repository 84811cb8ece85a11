import { computeShare } from '../behavior/cluster-share.ts'
import { isSubset } from '../behavior/is-subset.ts'
import { getQualifiedName } from '../behavior/qualified-name.ts'
import type { IndexedModel } from '../behavior/symbolic/indexed-model.ts'

/**
 * Lists the shares that weighted routes give to subsets, in per cent, by the `namespace/name` of the workloads of each subset:
 * `my-api/my-api-canary` has `[10]`.
 */
export function listShares(indexed: IndexedModel): ReadonlyMap<string, readonly number[]> {
  const shares = new Map<string, Set<number>>()
  for (const { http, tls, tcp } of indexed.model.virtualServices)
    for (const { destinations } of [...http, ...tls, ...tcp]) {
      if (destinations.length < 2) continue
      for (const destination of destinations)
        for (const workload of listPodsOfSubset(indexed, destination)) {
          const name = getQualifiedName(workload)
          shares.set(name, (shares.get(name) ?? new Set()).add(computeShare(destination, destinations)))
        }
    }
  return new Map([...shares].map(([name, values]) => [name, [...values].sort((a, b) => b - a)]))
}

function listPodsOfSubset(
  indexed: IndexedModel,
  { host, subset }: { readonly host: string; readonly subset: string },
) {
  const pods = (indexed.servicesByHost.get(host) ?? []).flatMap(service => indexed.podsOf(service))
  if (subset === '') return pods
  const labels = (indexed.destinationRulesByHost.get(host) ?? []).flatMap(({ subsets }) =>
    subsets.filter(({ name }) => name === subset).map(each => each.labels),
  )
  return pods.filter(pod => labels.some(each => isSubset(each, pod.labels)))
}
