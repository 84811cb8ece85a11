import type { Workload } from '../model.ts'
import { enterGateway } from '../symbolic/gateway-entry.ts'
import { buildOutsideTree, isTlsPassedOn } from '../symbolic/gateway-tree.ts'
import type { RequestMaker } from '../symbolic/request-space.ts'
import type { Side } from '../symbolic/side.ts'
import { buildPlaintextTree, buildSidecarTree, type Target } from '../symbolic/sidecar-tree.ts'
import type { Fate, Tree } from '../symbolic/tree.ts'
import type { CallerOnSide } from './callers.ts'
import { makeRequestFrom, type OutsideDestination } from './outside-destinations.ts'
import { makeRequestMaker } from './request-maker.ts'

/** A way of requests: from a caller, or from outside through a gateway, to a destination. */
export interface Way {
  /** Builds the tree of the fates of all requests on it. */
  readonly buildTree: (side: Side) => Tree<Fate>
  readonly requestOf: RequestMaker
  /** Tells whether what the last proxy sends on is TLS of the caller, which no proxy on the way opens. */
  readonly isTlsOfCaller: (side: Side) => boolean
  /** The workload that a request of the caller would be taken to be from, so that no request shows what happens. */
  readonly ambiguousWith: Workload | undefined
}

export const makeCallerWay = (caller: CallerOnSide, target: Target): Way => ({
  buildTree: side =>
    caller.hasSidecar
      ? buildSidecarTree(side, caller, target, enterGateway)
      : buildPlaintextTree(side, caller, target, enterGateway),
  requestOf: makeRequestMaker(caller, target),
  isTlsOfCaller: () => target.protocol === 'tls',
  ambiguousWith: caller.ambiguousWith,
})

export const makeGatewayWay = (gateway: Workload, target: OutsideDestination['target']): Way => ({
  buildTree: side => buildOutsideTree(side, gateway, target, enterGateway),
  requestOf: makeRequestFrom(gateway, target),
  isTlsOfCaller: side => isTlsPassedOn(side, gateway, target),
  ambiguousWith: undefined,
})
