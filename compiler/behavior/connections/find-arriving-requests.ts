import type { BehaviorModel } from '../model.ts'
import { anyone, assumeCaller } from '../pairs/assumed-callers.ts'
import { type CallerInModel, pairCallers } from '../pairs/callers.ts'
import { makeCallerWay, makeGatewayWay, type Way } from '../pairs/ways.ts'
import type { Request } from '../request.ts'
import { hasLabels, type IndexedModel, indexModel } from '../symbolic/indexed-model.ts'
import { askSpace } from '../symbolic/request-space.ts'
import { listPlaces } from './list-places.ts'

/**
 * Finds, for each workload at which any request of the same caller to the same port arrives, one such request. Empty: no request
 * arrives, or the answer is unknown.
 */
export function findArrivingRequests(model: BehaviorModel, request: Request): readonly Request[] {
  const indexed = indexModel(model)
  const way = findWayOfRequest(indexed, request)
  if (way === undefined) return []
  const tree = way.buildTree(indexed)
  return askSpace(
    [model],
    [tree],
    space => {
      const node = space.compile(tree)
      return listPlaces(space, node).map(({ isReached }) => {
        const { method, path, headers, jwt } = way.requestOf(
          space,
          space.diagrams.pointWhere(node, isReached)!,
        )
        return {
          ...request,
          ...(method !== undefined && { method }),
          ...(path !== undefined && { path }),
          ...(headers !== undefined && { headers }),
          ...(jwt !== undefined && { jwt }),
        }
      })
    },
    () => [],
  )
}

function findWayOfRequest(indexed: IndexedModel, request: Request): Way | undefined {
  const { from, to, protocol = 'http' } = request
  if (from.gateway !== undefined) {
    const { namespace, labels } = from.gateway
    const gateway = indexed.workloadsByNamespace
      .get(namespace)
      ?.find(workload => workload.proxy === 'gateway' && hasLabels(workload.labels, labels))
    const scheme = protocol === 'tcp' ? 'tcp' : (from.scheme ?? 'http')
    const port = to.port ?? (scheme === 'https' ? 443 : 80)
    return gateway && makeGatewayWay(indexed, gateway, { host: to.host, port, scheme })
  }
  return makeCallerWay(findCallerInModel(indexed, request), { host: to.host, port: to.port ?? 80, protocol })
}

/** Finds the caller of a request among the workloads; otherwise the caller is an assumed one. */
function findCallerInModel(indexed: IndexedModel, { from, plaintext = false }: Request): CallerInModel {
  const { namespace = 'default', serviceAccount = 'default', labels = {}, identity } = from
  const caller = pairCallers(indexed, indexed).find(
    ({ name, after }) =>
      !name.assumed &&
      identity === undefined &&
      after.namespace === namespace &&
      after.serviceAccount === serviceAccount &&
      hasLabels(after.labels, labels),
  )?.after
  if (caller !== undefined) return plaintext ? { ...caller, hasSidecar: false } : caller
  const assumed = { ...anyone, namespace, serviceAccount, ...(identity !== undefined && { identity }) }
  return assumeCaller(indexed, assumed, !plaintext)
}
