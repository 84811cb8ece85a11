import { type Advice, getObjectName, listDecidingObjects } from './advice.ts'

/**
 * Advises that every sidecar that knows a host has all of its routes. See
 * https://github.com/istio/istio/issues/55054
 */
export const adviseManyRoutesOnTheMesh: Advice = advised =>
  listDecidingObjects(advised, ({ virtualServices }) => virtualServices).flatMap(({ before, after }) => {
    if (after === undefined || !after.gateways.includes('mesh')) return []
    const added = after.http.length - (before?.http.length ?? 0)
    if (added < many) return []
    const proxies = advised.after.workloads.filter(({ proxy }) => proxy === 'sidecar').length
    return [
      `${getObjectName(after)} gives ${added} more routes to each sidecar that knows its hosts, ${proxies} of them in these manifests at most: where callers from outside are meant, bind it to a gateway rather than to mesh`,
    ]
  })

/** No author writes so many for callers of one service in the mesh. */
const many = 50
