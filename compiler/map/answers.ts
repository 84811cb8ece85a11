import type { Request } from '../behavior/request.ts'
import type { Place } from '../provenance/place-reasons.ts'

/** The answers that the page gets of the engine. */

/** A value with its name and the lines that set it. */
export interface NamedValue {
  readonly name: string
  readonly value: string
  readonly places: readonly Place[]
}

/** Everything about a node of the map. */
export interface NodeDetails {
  /** Owner, service account, addresses, objective: whatever is known, each a row. */
  readonly facts: readonly NamedValue[]
  readonly ports: readonly PortDetails[]
  /** The rules of routes in the order in which they are tried. */
  readonly routes: readonly RouteDetails[]
  /** The policy rules that decide about its callers. */
  readonly rules: readonly RuleDetails[]
}

export interface PortDetails {
  readonly host: string
  readonly port: number
  readonly protocol: string
  /** The ways in which callers speak to it, and why: `mutual TLS from every namespace`. */
  readonly encryption: readonly NamedValue[]
}

export interface RouteDetails {
  /** `VirtualService shop/cart http[1] (canary)`. */
  readonly name: string
  /** `/api/*, header x-canary: 1`; empty: all requests. */
  readonly matches: readonly string[]
  /** `90 % to cart v1`. */
  readonly destinations: readonly string[]
  readonly state: PartState
  /** The reason for a state that is not live. */
  readonly note?: string
  /** Timeout, retries, rewrite, mirror, fault: each a row. */
  readonly settings: readonly NamedValue[]
  readonly places: readonly Place[]
}

export interface RuleDetails {
  /** `AuthorizationPolicy shop/cart ALLOW rules[0]`. */
  readonly name: string
  /** `GET, POST /api/* from shop/web`. */
  readonly says: string
  readonly state: PartState
  readonly note?: string
  readonly places: readonly Place[]
}

/** The state of a route or rule: live, or why it decides about nothing. */
type PartState = 'live' | 'dead' | 'idle' | 'unselected' | 'unknown' | 'refused'

/** The exact sets of requests of one call of the map, each set a line: `GET, POST /api/*, header x-canary: 1`. */
export interface CallDetails {
  readonly passes: readonly string[]
  readonly refused: readonly string[]
  readonly unknown: readonly string[]
  /** The parts of manifests for which the rest is not known. */
  readonly because: readonly string[]
  /** An example of each, that the first engine has followed, with the command that asks the same. */
  readonly witness?: Example
  readonly refusedWitness?: Example
}

export interface Example {
  readonly request: Request
  /** `meshc trace --env prod --from web --to my-api 'POST /api/orders'`; absent for a caller that no word of a command names. */
  readonly command?: string
  /** `ALLOW as spiffe://cluster.local/ns/web/sa/web`. */
  readonly result: string
}

/** A request as the form of the page has it: the words of `meshc trace`. */
export interface FormRequest {
  /** Empty: a client outside. */
  readonly from: string
  readonly to: string
  readonly method: string
  readonly path: string
  /** A header a line, as in `x-canary: 1`. */
  readonly headers: readonly string[]
  /** The claims of a token as JSON; empty: no token. */
  readonly claims: string
  readonly plaintext: boolean
}

/** The answer to the form: that of `meshc trace --json`, or the reason why there is none. */
export type FormAnswer =
  | {
      readonly kind: 'result'
      /** The document that `meshc trace --json` prints. */
      readonly json: TraceDocument
      readonly command: string
      /** The ids of the nodes on the way, in its order. */
      readonly way: readonly string[]
    }
  | { readonly kind: 'failure'; readonly message: string; readonly help?: string }

/** The part of the document of `meshc trace --json` that the page shows. */
export interface TraceDocument {
  readonly ok: boolean
  readonly verdict: string
  readonly client: string
  readonly steps: readonly TraceStep[]
  readonly outcomes: readonly {
    readonly cluster?: string
    readonly workload?: string
    readonly verdict: string
    readonly status?: number
    readonly transport?: string
    readonly policy?: string
    readonly steps: readonly TraceStep[]
  }[]
  readonly unknown: readonly TracePlace[]
}

export interface TraceStep {
  readonly step: string
  readonly says: string
  readonly at: readonly TracePlace[]
}

/** A part of an object, with its lines if a manifest has it. */
export interface TracePlace extends Partial<Place> {
  readonly object: string
  readonly pointer: string
  readonly reason?: string
}
