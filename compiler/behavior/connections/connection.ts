import type { RequestRegion } from '../compare/difference.ts'
import type { CallerName, DestinationName } from '../pairs/names.ts'
import type { Request } from '../request.ts'
import type { Unmodelled } from '../result.ts'

/** The requests of some callers that reach one host and port. No manifest distinguishes these callers there. */
export interface Connection {
  readonly callers: readonly CallerName[]
  readonly destination: DestinationName
  /** The workloads at which requests arrive; empty: no request is proved to arrive. */
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
  /** The cluster host to which the last proxy sends; undefined: the proxy forwards to the dialled address. */
  readonly host: string | undefined
  /** The transports of the last hop, in this order. */
  readonly transports: readonly ('mtls' | 'tls' | 'plaintext')[]
  /** Sets of requests. Each has requests that arrive. One set without conditions: all requests. */
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
