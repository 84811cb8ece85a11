import { listQuoted } from '../diagnostics/suggest.ts'

/**
 * The reasons why the result of a request is unknown: one code for each unmodelled construct, and one for each limit. Only this file
 * has the words of the reasons; all other code compares codes.
 */

/** The words of each construct that is not modelled, by its code. */
const constructWords = {
  // Fields and values of objects.
  'unmodelled-kind': ({ kind }: { readonly kind: string }) => `meshc does not model ${kind}`,
  'unknown-field': () => 'Istio has no such field',
  'missing-field': ({ field }: { readonly field: string }) => `\`${field}\` is missing`,
  'value-of-other-form': ({ form }: { readonly form: string }) => `this is not ${form}`,
  'ambient-mode': () => 'ambient mode',
  'client-certificate-pinning': () => 'pinned client certificates',
  'custom-bootstrap': () => 'a proxy bootstrap other than that of Istio',
  'different-control-planes': () => 'several control planes with different settings',
  'egress-proxy': () => 'an egress proxy for unknown hosts',
  'gateway-in-undiscovered-namespace': () => 'a gateway in a namespace that istiod does not watch',
  'grpc-status': () => 'a gRPC status',
  'jwt-prefix-within-token': () => 'a token prefix that may be part of the token',
  'multi-network': () => 'networks that are connected only by gateways',
  'node-local-traffic': () => 'only pods on the node of the caller',
  'object-of-one-control-plane': () => 'an object that only one revision of the control plane reads',
  'path-and-header-hardening': () => 'hardening of paths and headers, which proxies change or refuse',
  'proxy-protocol': () => 'the PROXY protocol towards a destination',
  'runtime-flag': () => 'a runtime flag of Envoy',
  'merged-endpoints': () => 'endpoints of one host in several ServiceEntries',
  'service-entries-of-one-age': () =>
    'two ServiceEntries with the same age that describe the host differently: Istio takes either',
  'service-entry-visibility': () => 'the visibility of a ServiceEntry',
  'inbound-capture': () => 'the inbound ports that the sidecar captures',
  'outbound-capture': ({ ports }: { readonly ports?: readonly number[] }) =>
    `outbound traffic that bypasses the sidecar${ports === undefined ? '' : `, to ${listQuoted(ports.map(String), 'or')}`}`,
  'traffic-capture': () => 'the traffic that the sidecar captures',
  'traffic-capture-none': () => 'proxies without redirected traffic (interception mode NONE)',
  tunnel: () => 'a tunnel through another proxy',
  'upper-case-host': () => 'a host in upper case, for which routes find no cluster',

  // Listeners, clusters and endpoints.
  'bound-listener': () => 'a listener that binds a port of its own',
  'dynamic-dns': () => 'names that a proxy resolves for each request',
  'dynamic-dns-of-unknown-hosts': () => 'unknown hosts, which a proxy resolves for each request',
  'headless-pod-calling-itself': () => 'a pod of a headless Service that may call itself',
  'headless-pod-of-two-services': () => 'a pod of two headless Services',
  'headless-port-in-use': () => 'a port of a headless Service that another Service uses, too',
  'non-http-bytes-on-http-port': () => 'bytes that are not HTTP on an HTTP port',
  'non-tls-bytes-on-tls-port': () => 'bytes that are not TLS on a TLS port',
  'workload-without-manifest': () => 'a workload of the mesh that no manifest contains',
  'tls-without-mesh-mtls': () => 'TLS to a workload of the mesh other than the mutual TLS of Istio',

  // Gateways.
  'client-certificate': () => 'the certificate of the client',
  'gateway-bind-address': () => 'a bind address of the gateway',
  'gateway-sending-on-mesh-traffic': () => 'a gateway that forwards traffic from the mesh',
  'gateway-with-differing-destinations': () => 'a gateway with weighted destinations that differ',
  'servers-that-conflict': () => 'conflicting servers of one port, or servers that are neither HTTP nor TLS',
  'sni-destinations': () => 'destinations that the server name (SNI) selects',

  // Routes.
  'invalid-path-after-rewrite': () => 'a rewrite whose result may not be a path',
  'paths-after-rewrite': () => 'the paths behind a rewrite',
  'unbound-virtual-service': () => 'no caller of the manifests uses its hosts and gateways',

  // Conditions of routes and policies.
  'filter-state': ({ key }: { readonly key: string }) => `what ${key} says is known to a filter only`,
  'header-of-authorizer': ({ header }: { readonly header: string }) =>
    `${header}, which an authorizer may have set`,
  'header-of-token-payload': () => 'a header with a claim of the token that is not a text',
  'header-set-by-proxies': () => 'a header that proxies set or remove themselves',
  'header-with-computed-value': () => 'a header whose value a proxy computes for each request',
  'host-with-several-names': () => 'a condition on a host, which has several names',
  'presence-of-claim': () => 'a condition on the presence of a claim: Envoy refuses such a route',
  'policy-on-path-behind-regex-rewrite': () => 'a policy on a path that a regular expression has rewritten',
  'policy-on-path-normalized-again': () => 'a policy on a path that is normalized again behind the rewrite',
  'policy-on-some-connections': () => 'a policy on connections, of which only some are opened',
  'too-many-policy-rules': ({ most }: { readonly most: number }) =>
    `more than ${most} rules for its workloads`,
  'unknown-address': ({ field }: { readonly field: string }) => `${field}: no manifest says the address`,
  'x-forwarded-for-address': () => 'an address from x-forwarded-for',

  // Callers.
  'account-without-pod': ({ accounts }: { readonly accounts: readonly string[] }) =>
    `it cannot decide: no pod of the manifests has the service account ${listQuoted(accounts, 'or')}`,
  'indistinguishable-caller': () => 'a workload that policies cannot distinguish from the caller',
  'indistinguishable-workload': () => 'a workload that requests cannot distinguish from another workload',
  'too-many-identities': () => 'the callers, which policies divide into too many classes',

  // The comparison and the engines.
  'changed-path-normalization': () => 'a changed normalization of paths',
  'engines-disagree': () => 'the two engines of meshc contradict each other',
}

/** The limit that an expression passes; `instructions`: the most that a program of Envoy may have. */
export type ExpressionLimit = 'time' | 'memory' | { readonly instructions: number }

/** The words of each limit of meshc, by its code. `part`: the part of requests that the expression is about. */
const limitWords = {
  'combinations-over-memory': () => 'more combinations of conditions than the memory limit allows',
  'expression-over-limit': ({
    expression,
    part,
    limit,
  }: {
    readonly expression: string
    readonly part?: string
    readonly limit: ExpressionLimit
  }) =>
    `the expression \`${expression}\`${part === undefined ? '' : ` about the ${part}`} ${describeExpressionLimit(limit)}`,
  'expression-refused-by-re2': ({
    expression,
    part,
  }: {
    readonly expression: string
    readonly part?: string
  }) =>
    part === undefined
      ? `RE2 refuses the expression \`${expression}\``
      : `the expression \`${expression}\` about the ${part} is refused by RE2`,
  'question-over-time': ({ milliseconds }: { readonly milliseconds: number }) =>
    `it takes longer than ${printTime(milliseconds)}, the time limit of a question`,
  'questions-over-time': ({ milliseconds }: { readonly milliseconds: number }) =>
    `all questions together take longer than ${printTime(milliseconds)}, their time limit`,
  'too-many-route-rules': () => 'more rules for its hosts than the limit',
}

function describeExpressionLimit(limit: ExpressionLimit): string {
  if (limit === 'time') return 'takes longer than the time limit allows'
  if (limit === 'memory') return 'takes more than the memory limit allows'
  return `is too large: Envoy takes no program of more than ${limit.instructions} instructions`
}

const printTime = (milliseconds: number) =>
  milliseconds % 1000 === 0 ? `${milliseconds / 1000} s` : `${milliseconds} ms`

/** The codes of a table, each with the parameters of its words. */
type Coded<Table extends Readonly<Record<string, (parameters: never) => string>>> = {
  [Code in keyof Table]: { readonly code: Code } & (Parameters<Table[Code]> extends [infer Each]
    ? Each
    : unknown)
}[keyof Table]

/** The reason why a question has no answer: it passes a limit of meshc. */
export type LimitReason = Coded<typeof limitWords>

/** The reason why something is not known. */
export type UnmodelledReason = LimitReason | Coded<typeof constructWords>

/** Tells whether a reason is a limit of meshc, and not a part of manifests that meshc does not follow. */
export const isLimit = (reason: UnmodelledReason | undefined): boolean =>
  reason !== undefined && Object.hasOwn(limitWords, reason.code)

/** Writes a reason in words: a noun phrase or a clause, without a full stop. */
export function describeUnmodelledReason(reason: UnmodelledReason): string {
  // The type of a reason has the parameters of the words with the same code.
  const describe = reasonWords[reason.code] as (parameters: UnmodelledReason) => string
  return describe(reason)
}

const reasonWords = { ...constructWords, ...limitWords }
