import type { CallerName, DestinationName } from '../pairs/names.ts'
import type { Request } from '../request.ts'
import type { At, Result, Unmodelled } from '../result.ts'
import type { TextTest } from '../symbolic/request-space.ts'
import type { AddressBlock } from '../symbolic/token-forms.ts'

/**
 * All differences between the behavior of two sets of manifests. Every request without a difference here is proved to be treated
 * equally.
 */
export interface Comparison {
  /** ACCESS, ROUTING, MTLS, EGRESS, in this order. In a section, changes that open access come before changes that close it. */
  readonly differences: readonly Difference[]
  /** The parts without an answer, with the reasons. */
  readonly unknown: readonly UnknownPart[]
  /** The contradictions between the two engines of meshc; neither answer is reported as the truth. */
  readonly defects: readonly Defect[]
  /** Pairs of caller and destination that the manifests know, and how many of them anything that changed could touch. */
  readonly pairs: { readonly all: number; readonly compared: number }
}

export type Section = 'access' | 'routing' | 'mtls' | 'egress'

/**
 * The change in the fate of the requests of a region.
 *
 * - `opened`, `closed`: the requests reach destinations that they did not reach, or the reverse.
 * - `refused-otherwise`: the requests are refused before and after, with another answer.
 * - `moved`: other destinations or other shares.
 * - `changed`: the same destinations, with other timeouts, retries, rewrites, mirrors, faults or headers.
 * - `weakened`, `strengthened`: weaker or stronger encryption on the way.
 * - `identity`: the destination sees another identity.
 */
export type Change =
  | 'opened'
  | 'closed'
  | 'refused-otherwise'
  | 'moved'
  | 'changed'
  | 'weakened'
  | 'strengthened'
  | 'identity'

/**
 * The share of the requests of the callers to the destinations that a change covers, if a description needs no conditions.
 *
 * - `every`: all requests.
 * - `let-through`: all requests that reach a destination, each of them on both sides; other requests are refused on both sides.
 * - `let-through-before`: all requests that reached a destination; no request does now.
 * - `answered-so-before`: all requests that were refused with the same answers, and are refused now.
 * - `some`: another share; only the regions describe it.
 */
export type Extent = 'every' | 'let-through' | 'let-through-before' | 'answered-so-before' | 'some'

/** One change of behavior for all requests of some regions. A comparison has as few differences as possible. */
export interface Difference {
  readonly section: Section
  readonly change: Change
  readonly callers: readonly CallerName[]
  readonly destinations: readonly DestinationName[]
  /** The regions. Each has requests with this difference. */
  readonly regions: readonly RequestRegion[]
  /** The number of regions beyond those that a person reads. */
  readonly further: number
  readonly extent: Extent
  readonly witness: Witness
  /** The parts of manifests that decide about the witness and are not the same on both sides. */
  readonly causes: { readonly before: readonly At[]; readonly after: readonly At[] }
}

/** The requests that match all of these conditions. An empty list matches every request. */
export type RequestRegion = readonly RegionCondition[]

/** A condition on one part of requests, in the words of the manifests. */
export interface RegionCondition {
  /** `method`, `path`, `header x-user`, `query page`, `token`, `claim iss`… */
  readonly part: string
  /** The text as a person reads it: `/api/* except /api/admin*`, `GET, POST`, `absent`. */
  readonly says: string
  /** Members of each class of values that it has, the shortest each; undefined: it is not there. */
  readonly examples: readonly (string | readonly string[] | undefined)[]
  /** The conditions that cut texts and addresses into classes: values for which the same of these hold are of one class. */
  readonly classes: readonly (TextTest | AddressBlock)[]
}

/** A request that shows a difference, and its result by the engine of `trace`. */
interface Witness {
  /** The same request, unless the identity of the caller differs between the sides. */
  readonly before: { readonly request: Request; readonly result: Result }
  readonly after: { readonly request: Request; readonly result: Result }
}

/** A part of the space about which a side does not know. */
export interface UnknownPart {
  readonly callers: readonly CallerName[]
  readonly destinations: readonly DestinationName[]
  readonly regions: readonly RequestRegion[]
  readonly further: number
  /** The reasons: the unmodelled parts. */
  readonly because: readonly Unmodelled[]
  /** The sides that do not know. */
  readonly side: 'before' | 'after' | 'both'
}

export interface Defect {
  readonly request: Request
  readonly side: 'before' | 'after'
  /** The answer of the regions, and the answer of the evaluation of the request, as canonical JSON. */
  readonly regions: string
  readonly evaluation: string
}
