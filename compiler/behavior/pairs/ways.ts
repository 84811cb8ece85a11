import type { Workload } from '../model.ts'
import { getQualifiedName } from '../qualified-name.ts'
import { enterGateway } from '../symbolic/gateway-entry.ts'
import { buildOutsideTree, isTlsPassedOn } from '../symbolic/gateway-tree.ts'
import { areSameLabels, type IndexedModel } from '../symbolic/indexed-model.ts'
import type { RequestMaker } from '../symbolic/request-space.ts'
import { buildPlaintextTree, buildSidecarTree, type Target } from '../symbolic/sidecar-tree.ts'
import type { Fate, Tree } from '../symbolic/tree.ts'
import type { CallerInModel } from './callers.ts'
import { makeRequestFrom, type OutsideDestination } from './outside-destinations.ts'
import { makeRequestMaker } from './request-maker.ts'

/** A way of requests: from a caller, or from outside through a gateway, to a destination. */
export interface Way {
  /** Builds the tree of the fates of all requests on it. */
  readonly buildTree: (indexed: IndexedModel) => Tree<Fate>
  readonly requestOf: RequestMaker
  /** Tells whether the last proxy forwards TLS of the caller that no proxy on the way terminates. */
  readonly isTlsOfCaller: (indexed: IndexedModel) => boolean
  /** The workload to which a request of the caller would be attributed. No request then shows the result for the caller. */
  readonly ambiguousWith: Workload | undefined
}

export const makeCallerWay = (caller: CallerInModel, target: Target): Way => ({
  buildTree: indexed =>
    caller.hasSidecar
      ? buildSidecarTree(indexed, caller, target, enterGateway)
      : buildPlaintextTree(indexed, caller, target, enterGateway),
  requestOf: makeRequestMaker(caller, target),
  isTlsOfCaller: () => target.protocol === 'tls',
  ambiguousWith: caller.ambiguousWith,
})

export const makeGatewayWay = (
  indexed: IndexedModel,
  gateway: Workload,
  target: OutsideDestination['target'],
): Way => ({
  buildTree: indexed => buildOutsideTree(indexed, gateway, target, enterGateway),
  requestOf: makeRequestFrom(gateway, target),
  isTlsOfCaller: indexed => isTlsPassedOn(indexed, gateway, target),
  ambiguousWith: findTwin(indexed, gateway),
})

/**
 * Finds the workload that a request is attributed to because it comes before a gateway and has the same labels, unless it answers
 * like the gateway.
 */
function findTwin(indexed: IndexedModel, gateway: Workload): Workload | undefined {
  return indexed.onceOfGateways(`twin ${getQualifiedName(gateway)}`, () => {
    const first = indexed.workloadsByNamespace
      .get(gateway.namespace)
      ?.find(({ labels, assumed }) => assumed === undefined && areSameLabels(labels, gateway.labels))
    const isAlike =
      first === undefined ||
      first === gateway ||
      (first.proxy === 'gateway' && first.serviceAccount === gateway.serviceAccount)
    return isAlike ? undefined : first
  })
}
