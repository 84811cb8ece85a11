import { weakMemo } from '../basics/weak-memo.ts'
import type { RegionCondition, RequestRegion } from '../behavior/compare/difference.ts'
import type { Arrival, Connection } from '../behavior/connections/connection.ts'
import type { CallerName } from '../behavior/pairs/names.ts'
import { describeCaller, describeRegion } from '../behavior/request-words.ts'
import type { IndexedModel } from '../behavior/symbolic/indexed-model.ts'
import { listNodes, type NodeIndex } from './list-nodes.ts'
import type { MapCall, MapCaller, MeshMap } from './mesh-map.ts'
import { NumberedList } from './numbered-list.ts'

/**
 * Draws the map of a mesh from its connections.
 *
 * @param owners the owners of services by `namespace/name`
 */
export function drawMap(
  indexed: IndexedModel,
  connections: Iterable<Connection>,
  owners: ReadonlyMap<string, string>,
): MeshMap {
  const index = listNodes(indexed, owners)
  const callers = new NumberedList<MapCaller>(JSON.stringify)
  const callerSets = new NumberedList<readonly number[]>(numbers => numbers.join())
  const addCallers = (numbers: readonly number[]) => callerSets.add([...new Set(numbers)])
  // A mesh has a connection for each pair of a caller and a destination, and few callers.
  const numberCaller = weakMemo((caller: CallerName) => callers.add(placeCaller(index, caller)))
  const calls = [...connections].flatMap((connection): readonly MapCall[] => {
    const from = addCallers(connection.callers.map(numberCaller))
    const [caller] = connection.callers
    return [
      ...listCalls(index, connection, from),
      ...(caller?.kind === 'outside'
        ? listEntryCalls(
            index,
            connection,
            caller,
            addCallers([callers.add({ ...placeCaller(index, caller), node: index.internet })]),
          )
        : []),
    ]
  })
  return omitLonelyNodes({
    nodes: index.nodes,
    callers: callers.values,
    callerSets: callerSets.values,
    calls,
  })
}

/** Omits the internet, assumed callers, and undeclared hosts if they have no call. */
function omitLonelyNodes({ nodes, callers, callerSets, calls }: MeshMap): MeshMap {
  const met = new Set([...callers.map(({ node }) => node), ...calls.map(({ to }) => to)])
  const kept = nodes.flatMap((node, number) =>
    met.has(number) || node.hosts.length + node.versions.length > 0 ? [number] : [],
  )
  const numbers = new Map(kept.map((number, place) => [number, place]))
  return {
    nodes: kept.map(number => nodes[number]!),
    callers: callers.map(caller => ({ ...caller, node: numbers.get(caller.node)! })),
    callerSets,
    calls: calls.map(call => ({ ...call, to: numbers.get(call.to)! })),
  }
}

/** A caller with its node: a client outside is drawn as the gateway that it comes through. */
function placeCaller({ findByWorkload, anyone }: NodeIndex, caller: CallerName): MapCaller {
  const { namespace, name } = caller.kind === 'outside' ? caller.gateway : caller
  const node = caller.kind === 'workload' && caller.assumed ? anyone : findByWorkload(`${namespace}/${name}`)
  return { name: describeCaller(caller), caller, node: node ?? anyone }
}

/** Lists the calls of a connection: one for each node where requests arrive, or an unknown one to the node of the host. */
function listCalls(index: NodeIndex, connection: Connection, from: number): readonly MapCall[] {
  const { destination, arrivals, isUnknownToAnyone } = connection
  if (arrivals.length === 0) {
    const to = index.findByHost(destination.host)
    return [
      { from, to, destination, certainty: 'unknown', transports: [], label: '', isOpen: isUnknownToAnyone },
    ]
  }
  const byNode = new Map<number, Arrival[]>()
  for (const arrival of arrivals) {
    const { workload, host = destination.host } = arrival
    const to = index.findByWorkload(workload) ?? index.findByHost(host)
    byNode.set(to, [...(byNode.get(to) ?? []), arrival])
  }
  return [...byNode].map(([to, group]) => ({
    from,
    to,
    destination,
    certainty: 'proved',
    transports: drawnTransports.filter(transport =>
      group.some(arrival => arrival.transports.includes(transport)),
    ),
    label: describeArrivals(group, connection),
    isOpen: group.every(({ isOpen }) => isOpen),
  }))
}

const drawnTransports = ['mtls', 'tls', 'plaintext'] as const

/** Lists the calls from the internet to the gateway through which a connection comes. */
function listEntryCalls(
  { findByWorkload }: NodeIndex,
  { destination, arrivals }: Connection,
  { gateway, scheme }: CallerName & { readonly kind: 'outside' },
  from: number,
): readonly MapCall[] {
  const to = findByWorkload(`${gateway.namespace}/${gateway.name}`)
  if (to === undefined) return []
  return [
    {
      from,
      to,
      destination,
      certainty: arrivals.length === 0 ? 'unknown' : 'proved',
      transports: [scheme === 'https' ? 'tls' : 'plaintext'],
      label: '',
      isOpen: false,
    },
  ]
}

/** More lines of a label than these are counted. */
const mostLines = 2

/**
 * Describes in short the requests that arrive: `GET, POST /api/* (token, claim sub)`; empty for all. The exact sets come from
 * the engine. A part of requests is named only if it has the same condition in all sets with the same methods and paths.
 */
function describeArrivals(arrivals: readonly Arrival[], { destination }: Connection): string {
  if (arrivals.every(({ regions }) => regions.some(region => region.length === 0))) return ''
  const lines = new Map<string, RequestRegion[]>()
  for (const region of arrivals.flatMap(({ regions }) => regions)) {
    const line = describeRegion(region.filter(isOfLine), destination.protocol)
    lines.set(line, [...(lines.get(line) ?? []), region])
  }
  const labels = [...lines].map(([line, regions]) => {
    const [first = [], ...others] = regions
    const shared = first.filter(
      condition =>
        !isOfLine(condition) &&
        others.every(region =>
          region.some(({ part, says }) => part === condition.part && says === condition.says),
        ),
    )
    return shared.length === 0 ? line : `${line} (${shared.map(({ part }) => part).join(', ')})`
  })
  const further = labels.length - mostLines + Math.max(...arrivals.map(arrival => arrival.further))
  return [...labels.slice(0, mostLines), ...(further > 0 ? [`${further} more`] : [])].join(' | ')
}

const isOfLine = ({ part }: RegionCondition): boolean => part === 'method' || part === 'path'
