import type { MapCall, MapCaller, MapNode, MeshMap } from '../../../compiler/map/mesh-map.ts'

/** A node by its kind and `namespace/name`, with its other fields. */
export type NodePart = Pick<MapNode, 'kind' | 'name'> & Partial<MapNode>

/** Calls from some nodes to another node, by id. */
export interface CallPart {
  readonly from: readonly string[]
  readonly to: string
  readonly label?: string
  readonly transports?: MapCall['transports']
  readonly certainty?: MapCall['certainty']
  readonly isOpen?: boolean
  readonly port?: number
}

/** Makes the id of a node: `service shop/cart`, `external api.example.com`. */
const makeId = ({ kind, namespace, name }: NodePart): string =>
  namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`

/**
 * Makes a map of nodes and their calls. Each node with versions, and each node outside the mesh, calls by its
 * name.
 */
export function makeMap(nodeParts: readonly NodePart[], callParts: readonly CallPart[]): MeshMap {
  const nodes = nodeParts.map(part => ({
    id: makeId(part),
    hosts: part.kind === 'service' ? [`${part.name}.${part.namespace}.svc.cluster.local`] : [],
    versions: [],
    ...part,
  }))
  const numbers = new Map(nodes.map(({ id }, number) => [id, number]))
  const getNumber = (id: string): number => {
    const number = numbers.get(id)
    if (number === undefined) throw new Error(`no node ${id}`)
    return number
  }
  const callers = nodes.map(({ kind, name, namespace, versions }, node) => ({
    name: versions[0]?.workload ?? (namespace === undefined ? name : `${namespace}/${name}`),
    caller: makeCaller(kind, namespace ?? '', name),
    node,
  }))
  const sets = new Map<string, number>()
  const callerSets: number[][] = []
  const calls = callParts.map((part): MapCall => {
    const members = part.from.map(getNumber).sort((a, b) => a - b)
    const key = members.join(' ')
    let set = sets.get(key)
    if (set === undefined) {
      set = callerSets.length
      sets.set(key, set)
      callerSets.push(members)
    }
    const to = getNumber(part.to)
    const target = nodes[to]!
    return {
      from: set,
      to,
      destination: {
        host: target.hosts[0] ?? target.name,
        port: part.port ?? (target.kind === 'external' ? 443 : 8080),
        protocol: target.kind === 'external' ? 'TLS' : 'HTTP',
        isExternal: target.kind === 'external',
      },
      certainty: part.certainty ?? 'proved',
      transports: part.transports ?? (target.kind === 'external' ? ['tls'] : ['mtls']),
      label: part.label ?? '',
      isOpen: part.isOpen ?? false,
    }
  })
  return { nodes, callers, callerSets, calls }
}

/**
 * Makes a caller of a node. The node `anyone` is the caller that the engine assumes in addition to those of
 * manifests.
 */
const makeCaller = (kind: MapNode['kind'], namespace: string, name: string): MapCaller['caller'] => ({
  kind: 'workload',
  ...(kind === 'anyone' ? { namespace: 'somewhere', name: 'somebody' } : { namespace, name }),
  plaintext: false,
  assumed: kind === 'anyone',
})
