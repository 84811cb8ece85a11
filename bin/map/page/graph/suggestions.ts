import { nameQuestionCaller } from '../../name-caller.ts'
import type { Graph, GraphSide } from './graph.ts'

/** Lists the words for the callers of a side, or of one of its nodes, as the form of questions knows them: `shop/web`, `gateway/public`. */
export function listCallerWords(side: GraphSide, node?: number): readonly string[] {
  const callers = side.map.callers.filter(caller => node === undefined || side.toGraph[caller.node] === node)
  return [...new Set(callers.flatMap(({ caller }) => nameQuestionCaller(caller) ?? []))]
}

/** Lists the possible hosts of a request: those of nodes, and those that a gateway serves, as addresses. */
export function listHostWords({ nodes }: Graph, { map }: GraphSide): readonly string[] {
  const served = map.calls.flatMap(({ from, destination }) => {
    const [first] = map.callerSets[from]!
    const caller = first === undefined ? undefined : map.callers[first]!.caller
    if (caller?.kind !== 'outside' || caller.scheme === 'tcp') return []
    return [`${caller.scheme}://${destination.host}`]
  })
  const hosts = [...nodes.flatMap(node => node.hosts), ...served]
  return [...new Set(hosts.filter(host => !host.includes('*')))]
}
