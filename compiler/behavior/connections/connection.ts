import type { RequestRegion } from '../compare/difference.ts'
import type { CallerName, DestinationName } from '../pairs/names.ts'
import type { Request } from '../request.ts'
import type { Unmodelled } from '../result.ts'

/** The requests that callers get through to one host and port. Nothing in the manifests tells these callers apart there. */
export interface Connection {
  readonly callers: readonly CallerName[]
  readonly destination: DestinationName
  /** The workloads at which requests arrive; none: no request is proved to get through. */
  readonly arrivals: readonly Arrival[]
  /** The reasons why the fate of some requests is not known. */
  readonly unknown: readonly Unmodelled[]
  /** True if the fate of some requests of a caller that no manifest has is not known, either. */
  readonly isUnknownToAnyone: boolean
}

/** The requests of a connection that arrive at one workload. */
export interface Arrival {
  /** `namespace/name`; `external`: outside of the mesh. */
  readonly workload: string
  /** The host of the cluster that the last proxy sends to; undefined: the proxy passes on what was dialled. */
  readonly host: string | undefined
  /** The transports of the last hop, in this order. */
  readonly transports: readonly ('mtls' | 'tls' | 'plaintext')[]
  /** Sets of requests: any of them has requests that arrive. One set without conditions: all requests. */
  readonly regions: readonly RequestRegion[]
  /** The number of sets beyond those that a person reads. */
  readonly further: number
  /** A request that arrives by both engines. */
  readonly witness: Request
  /** True if each of the requests arrives from a caller that no manifest has, too. */
  readonly isOpen: boolean
}

/** The limit of sets of requests that a person will read of one connection. */
export const mostRegionsOfConnection = 20
