import type { Service, Workload } from '../behavior/model.ts'
import { getQualifiedName } from '../behavior/qualified-name.ts'
import type { IndexedModel } from '../behavior/symbolic/indexed-model.ts'
import { compare } from '../diagnostics/compare.ts'
import { listShares } from './list-shares.ts'
import type { MapNode, MapVersion } from './mesh-map.ts'

/** The nodes of a map, by number, and how workloads and hosts find theirs. */
export interface NodeIndex {
  readonly nodes: readonly MapNode[]
  /** Finds the node of a workload by its `namespace/name`. */
  readonly findByWorkload: (name: string) => number | undefined
  /** Finds the node that has a host. All hosts that no manifest names have one node together. */
  readonly findByHost: (host: string) => number
  readonly internet: number
  readonly anyone: number
}

/**
 * Lists the nodes of a mesh: Services with their pods, other workloads, gateways, and outside systems.
 *
 * @param owners the owners of services by `namespace/name`
 */
export function listNodes(indexed: IndexedModel, owners: ReadonlyMap<string, string>): NodeIndex {
  const { services, workloads } = indexed.model
  const shares = listShares(indexed)
  const drafts = new Map<string, DraftNode>()
  const byWorkload = new Map<string, DraftNode>()
  const byHost = new Map<string, DraftNode>()
  for (const workload of workloads) {
    const draft = addWorkload(workload)
    byWorkload.set(getQualifiedName(workload), draft)
    draft.versions.push(makeVersion(workload, shares))
  }
  for (const service of services) {
    if (byHost.has(service.host) || service.externalName !== undefined) continue
    const [pod] = indexed.podsOf(service)
    const draft = (pod && byWorkload.get(getQualifiedName(pod))) ?? addService(service)
    draft.hosts.push(service.host)
    byHost.set(service.host, draft)
  }
  addNode({ id: 'external', kind: 'external', name: 'every other host' })
  addNode({ id: 'internet', kind: 'internet', name: 'internet' })
  addNode({ id: 'anyone', kind: 'anyone', name: 'anyone' })
  const nodes = [...drafts.values()].sort((a, b) => compare(a.id, b.id))
  const numbers = new Map(nodes.map(({ id }, number) => [id, number]))
  return {
    nodes,
    findByWorkload: name => numbers.get(byWorkload.get(name)?.id ?? ''),
    findByHost: host => numbers.get(byHost.get(host)?.id ?? 'external')!,
    internet: numbers.get('internet')!,
    anyone: numbers.get('anyone')!,
  }

  function addWorkload(workload: Workload): DraftNode {
    const { namespace, name, proxy } = workload
    if (proxy === 'gateway')
      return addNode({ id: `gateway ${getQualifiedName(workload)}`, kind: 'gateway', namespace, name })
    const service = findMainService(indexed, workload)
    if (service !== undefined) return addService(service)
    return addNode({ id: `workload ${getQualifiedName(workload)}`, kind: 'workload', namespace, name })
  }

  function addService(service: Service): DraftNode {
    const { namespace, name, host, registry, isExternal } = service
    return registry === 'External' && isExternal
      ? addNode({
          id: `external ${getQualifiedName(service)}`,
          kind: 'external',
          name: name === '' ? host : name,
        })
      : addNode({ id: `service ${getQualifiedName(service)}`, kind: 'service', namespace, name })
  }

  function addNode(node: Omit<MapNode, 'hosts' | 'versions'>): DraftNode {
    const owner = owners.get(`${node.namespace}/${node.name}`)
    const draft = drafts.get(node.id) ?? { ...node, ...(owner && { owner }), hosts: [], versions: [] }
    drafts.set(node.id, draft)
    return draft
  }
}

type DraftNode = MapNode & { readonly hosts: string[]; readonly versions: MapVersion[] }

/** Finds the Service that a workload is drawn as: the one with most pods, of these the one with the shortest name. */
function findMainService(indexed: IndexedModel, workload: Workload): Service | undefined {
  const [main] = [...indexed.servicesOf(workload)].sort(
    (a, b) =>
      indexed.podsOf(b).length - indexed.podsOf(a).length ||
      a.name.length - b.name.length ||
      compare(a.host, b.host),
  )
  return main
}

const makeVersion = (workload: Workload, shares: ReadonlyMap<string, readonly number[]>): MapVersion => ({
  workload: getQualifiedName(workload),
  hasSidecar: workload.proxy !== 'none',
  shares: shares.get(getQualifiedName(workload)) ?? [],
})
