import type { SpecPath } from '../diagnostics/diagnostic.ts'
import type { ModelObject } from './model.ts'
import type { UnmodelledReason } from './unmodelled-reasons.ts'

/** The codes of unknown results. The engines return codes only; commands that print results have the words. */
export type { ExpressionLimit, LimitReason, UnmodelledReason } from './unmodelled-reasons.ts'

/** The result of a request. */
export interface Result {
  /** `namespace/name` of the workload that sends it, or of the gateway's. */
  readonly client: string
  /** The sender: the caller's sidecar, a gateway, or the caller itself. */
  readonly mode: 'sidecar' | 'gateway' | 'none'
  /** The listener of that proxy that takes it, by its port and the address if it has one of its own. */
  readonly listener?: string
  /** True if that proxy passes bytes on without looking into them, so that no rule of HTTP applies there. */
  readonly isOpaque?: true
  /** The HTTP route; absent if no HTTP route is taken. */
  readonly route?: Route
  /**
   * The outcomes, one for each pair of a cluster that the route can choose and a workload behind it. There is one outcome if the
   * proxy answers itself.
   */
  readonly outcomes: readonly Outcome[]
  /** The verdict of all outcomes, or MIXED. UNKNOWN where anything that decides is not modelled. */
  readonly verdict: Verdict | 'MIXED'
  /** The unmodelled parts that affect the choice of the destination. Each outcome has its own further unmodelled parts. */
  readonly unknown: readonly Unmodelled[]
  /** The decisions on the way to the destinations, in their order. */
  readonly steps: readonly Step[]
}

/** The words of the oracle; see its README for the meaning of each. */
export type Verdict =
  | 'ALLOW'
  | 'DENY'
  | 'UNAUTHENTICATED'
  | 'RESET'
  | 'UPSTREAM_RESET'
  | 'BAD_REQUEST'
  | 'NO_ROUTE'
  | 'NO_UPSTREAM'
  | 'REDIRECT'
  | 'DIRECT_RESPONSE'
  | 'CORS_PREFLIGHT'
  | 'FAULT'
  | 'UNREACHABLE'
  | 'UNKNOWN'

/** A route of HTTP, as the proxy of the caller has it. */
export interface Route {
  /** `host:port`, `allow_any`, `block_all`. */
  readonly virtualHost: string
  /** Its place among the routes of the virtual host, from 0: each match of a rule is a route of its own. */
  readonly index: number
  /** The name of the rule; with `.match` of the match if that has one. */
  readonly name?: string
  /** The rule; absent for routes that Istio makes itself. */
  readonly at?: At
  readonly action: 'route' | 'redirect' | 'directResponse'
  readonly clusters: readonly WeightedCluster[]
  /** The timeout in milliseconds; 0: no timeout. */
  readonly timeout?: number
  readonly retries?: Retries
  readonly rewrite?: {
    readonly prefix?: string
    readonly regex?: string
    readonly substitution?: string
    readonly host?: string
  }
  /** Copies of the request, in per cent of all. */
  readonly mirror?: readonly { readonly cluster: string; readonly percent: number }[]
  readonly fault?: Fault
}

export interface WeightedCluster {
  /** `outbound|port|subset|host`, or one of Istio's own. */
  readonly cluster: string
  readonly host?: string
  readonly port?: number
  readonly subset?: string
  readonly weight: number
  /** True if the caller's proxy has that cluster. */
  readonly known: boolean
}

export interface Retries {
  readonly attempts: number
  /** The timeout of a try in milliseconds. */
  readonly perTryTimeout?: number
  readonly retryOn: string
  readonly statusCodes?: readonly number[]
}

export interface Fault {
  readonly delay?: { readonly percent: number; readonly milliseconds: number }
  readonly abort?: { readonly percent: number; readonly status: number }
}

/** The outcome of a request that one cluster delivers to one workload, or that a proxy answers. */
export interface Outcome {
  readonly cluster?: string
  /** `namespace/name`; `external`: outside the mesh. */
  readonly workload?: string
  /** The transport of the last proxy that sends it; `failed`: the two sides do not agree on it. */
  readonly transport?: 'mtls' | 'tls' | 'plaintext' | 'failed'
  /** The identity that the server sees: `spiffe://…`. */
  readonly peer?: string
  readonly verdict: Verdict
  /** The status of HTTP. */
  readonly status?: number
  /** The policy that denies the request: `ns[…]-policy[…]-rule[…]`; `none`: no ALLOW rule matched. */
  readonly policy?: string
  /** The location that a redirect leads to. */
  readonly location?: string
  /** The request as the application gets it. */
  readonly upstream?: { readonly method: string; readonly path: string; readonly host: string }
  /** The destinations after the workload, if it is a gateway that forwarded the request; then the destinations after each of those. */
  readonly onward?: readonly Onward[]
  readonly unknown: readonly Unmodelled[]
  readonly steps: readonly Step[]
}

/** A destination of a gateway. */
export type Onward = { readonly [Key in 'cluster' | 'workload' | 'transport']: Outcome[Key] | undefined }

/** Lists the workloads that a request passes. The last of them answered it. */
export const listWay = ({
  cluster,
  workload,
  transport,
  onward = [],
}: Pick<Outcome, 'cluster' | 'workload' | 'transport' | 'onward'>): readonly Onward[] => [
  { cluster, workload, transport },
  ...onward,
]

/** One decision, and the parts of manifests that made it. */
export interface Step {
  readonly step:
    | 'listener'
    | 'virtual host'
    | 'route'
    | 'destination'
    | 'localities'
    | 'encryption'
    | 'token'
    | 'custom policy'
    | 'deny policy'
    | 'allow policy'
    | 'rate limit'
    | 'application'
  /** The decision in words: `mutual TLS`, `no rule matches`. */
  readonly says: string
  readonly at: readonly At[]
  /** The parts of manifests that meshc does not follow, if the decision is not known. */
  readonly unknown?: Unmodelled
  /** The provider that checks the request, and the authorizer behind it; absent without a check. */
  readonly asks?: { readonly name: string; readonly authorizer: string }
}

/** A part of a manifest. */
export interface At {
  readonly object: ModelObject
  readonly path: SpecPath
}

/** Something in the manifests that the model does not follow: `VirtualService my-api/reviews: spec.http[0].fault.abort.grpcStatus`. */
export interface Unmodelled extends At {
  /** The reason, if the path does not imply it. */
  readonly reason?: UnmodelledReason
}
