import type { CallerName, DestinationName } from '../behavior/pairs/names.ts'

/** A mesh as a picture: its parts, and the calls among them that the engine proves. Plain data: the page of `meshc map` holds it as JSON. */
export interface MeshMap {
  readonly nodes: readonly MapNode[]
  /** The workloads that call, each with its node. */
  readonly callers: readonly MapCaller[]
  /** Sets of callers, each a list of numbers of `callers`: many calls share a set. */
  readonly callerSets: readonly (readonly number[])[]
  readonly calls: readonly MapCall[]
}

/** A part of a mesh. */
export interface MapNode {
  /** A name that no other node of the map has, and that a change of other nodes keeps: `service shop/cart`. */
  readonly id: string
  /**
   * `service`: a Service with the workloads behind it. `workload`: a workload that no Service selects. `gateway`: a workload of a
   * gateway. `external`: a host outside of the mesh. `internet`: the clients outside. `anyone`: callers that no manifest has.
   */
  readonly kind: 'service' | 'workload' | 'gateway' | 'external' | 'internet' | 'anyone'
  /** The name that people read: `cart`, `api.stripe.com`. */
  readonly name: string
  /** Undefined: outside of the mesh. */
  readonly namespace?: string
  /** The hosts by which it is called. */
  readonly hosts: readonly string[]
  /** The workloads of the node, each with its share of requests if a route sets one. */
  readonly versions: readonly MapVersion[]
  /** The owner, if a spec names one. */
  readonly owner?: string
}

export interface MapVersion {
  /** `namespace/name`. */
  readonly workload: string
  readonly hasSidecar: boolean
  /** The shares of the weighted routes that send to it, in per cent, each once: `90`. */
  readonly shares: readonly number[]
}

export interface MapCaller {
  /** The name that people read: `shop/cart`, `anyone outside (https, istio-public)`. */
  readonly name: string
  readonly caller: CallerName
  /** The number of its node: of a client outside, the gateway that it comes through; on the way to that gateway, the internet. */
  readonly node: number
}

/** The calls of a set of callers to one destination: at least one request of each caller gets through, or that is not known. */
export interface MapCall {
  /** The number of a set in `callerSets`. */
  readonly from: number
  /** The number of the node where requests arrive. */
  readonly to: number
  /** The host and port that the callers name. */
  readonly destination: DestinationName
  /** `unknown`: the manifests have something that the engine does not follow, so that no call is proved. */
  readonly certainty: 'proved' | 'unknown'
  /** The transports of the last hop of requests that get through. */
  readonly transports: readonly ('mtls' | 'tls' | 'plaintext')[]
  /** The requests that get through, in short: `GET, POST /api/* (token)`. Empty: all. */
  readonly label: string
  /** True if a caller that no manifest has can do the same, so that no policy keeps anyone out. */
  readonly isOpen: boolean
}
