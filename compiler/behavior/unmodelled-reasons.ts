import { listQuoted } from '../diagnostics/suggest.ts'

/**
 * The reasons why it is not known what becomes of a request: one code for each construct that is not followed, and one
 * for each limit. This file has all their words; everything else compares codes.
 */

/** The words of each construct that is not followed, by its code. */
const constructWords = {
  // Fields and values of objects.
  'unmodelled-kind': ({ kind }: { readonly kind: string }) => `${kind} is not followed`,
  'unknown-field': () => 'Istio has no such field',
  'missing-field': ({ field }: { readonly field: string }) => `\`${field}\` is missing`,
  'value-of-other-form': ({ form }: { readonly form: string }) => `this is not ${form}`,
  'ambient-mode': () => 'ambient mode',
  'client-certificate-pinning': () => 'the certificates that a client may have',
  'custom-bootstrap': () => 'a bootstrap of proxies that is not that of Istio',
  'different-control-planes': () => 'control planes with settings of their own',
  'egress-proxy': () => 'a proxy for hosts that are unknown',
  'gateway-in-undiscovered-namespace': () => 'a gateway in a namespace that istiod does not look into',
  'grpc-status': () => 'a gRPC status',
  'jwt-prefix-within-token': () => 'a prefix that may be part of a token',
  'multi-network': () => 'networks that only gateways connect',
  'node-local-traffic': () => 'pods of the own node only',
  'object-of-one-control-plane': () => 'an object that only the control plane of its revision reads',
  'path-and-header-hardening': () => 'paths and headers that proxies change or refuse',
  'proxy-protocol': () => 'the PROXY protocol towards a destination',
  'runtime-flag': () => 'a runtime flag of Envoy',
  'service-entry-visibility': () => 'who sees a ServiceEntry',
  'inbound-capture': () => 'which ports of its pod the sidecar takes',
  'outbound-capture': ({ ports }: { readonly ports?: readonly number[] }) =>
    `what its pod sends past the sidecar${ports === undefined ? '' : `, to ${listQuoted(ports.map(String), 'or')}`}`,
  'traffic-capture': () => 'what passes by the sidecar, or how it is set up',
  'traffic-capture-none': () => 'proxies that nothing is redirected to',
  tunnel: () => 'a tunnel through another proxy',
  'upper-case-host': () => 'a host in upper case, of which routes find no cluster',

  // Listeners, clusters and endpoints.
  'bound-listener': () => 'a listener that is bound to a port of its own',
  'dynamic-dns': () => 'names that are looked up for each request',
  'dynamic-dns-of-unknown-hosts': () => 'hosts that are unknown, whose names a proxy looks up',
  'headless-pod-calling-itself': () => 'a pod that may call itself',
  'headless-pod-of-two-services': () => 'a pod that two Services without an address have',
  'headless-port-in-use': () => 'a port without an address that others use as well',
  'non-http-bytes-on-http-port': () => 'bytes that are no HTTP, on a port of HTTP',
  'non-tls-bytes-on-tls-port': () => 'bytes that are no TLS, on a port of TLS',
  'tls-without-mesh-mtls': () => 'TLS to a workload of the mesh that is not mutual TLS of the mesh',

  // Gateways.
  'client-certificate': () => 'what certificate the client has',
  'gateway-bind-address': () => 'an address of its own',
  'gateway-sending-on-mesh-traffic': () => 'a gateway that sends on what the mesh sends to it',
  'gateway-with-differing-destinations': () => 'a gateway draws between destinations that differ',
  'servers-that-conflict': () => 'servers of one port that are not alike, or not of HTTP or TLS',
  'sni-destinations': () => 'destinations that SNI names',

  // Routes.
  'invalid-path-after-rewrite': () => 'a rewrite that may leave what is no path',
  'paths-after-rewrite': () => 'which paths arrive, where a route rewrites them',
  'unbound-virtual-service': () => 'no caller of the manifests uses its hosts and gateways',

  // Conditions of routes and policies.
  'filter-state': ({ key }: { readonly key: string }) => `what ${key} says is known to a filter only`,
  'header-of-authorizer': ({ header }: { readonly header: string }) =>
    `${header}, which an authorizer may have set`,
  'header-of-token-payload': () => 'a header that holds more of a token than a text',
  'header-set-by-proxies': () => 'a header that proxies write or take away themselves',
  'header-with-computed-value': () => 'a header whose value a proxy makes for each request',
  'host-with-several-names': () => 'a host, which has several names',
  'presence-of-claim': () => 'the presence of a claim: Envoy refuses routes that ask for it',
  'policy-on-path-behind-regex-rewrite': () => 'a policy on the path that an expression has rewritten',
  'policy-on-path-normalized-again': () =>
    'a policy on a path that is normalized once more behind the rewrite',
  'policy-on-some-connections': () => 'a policy about connections of which only some come about',
  'too-many-policy-rules': ({ most }: { readonly most: number }) =>
    `more than ${most} rules for its workloads`,
  'unknown-address': ({ field }: { readonly field: string }) => `${field}: no manifest says the address`,
  'x-forwarded-for-address': () => 'an address that x-forwarded-for tells',

  // Callers.
  'account-without-pod': ({ accounts }: { readonly accounts: readonly string[] }) =>
    `it cannot decide: no pod of the manifests has the service account ${listQuoted(accounts, 'or')}`,
  'indistinguishable-caller': () => 'a workload that a request cannot tell from the caller',
  'indistinguishable-workload': () => 'a workload that no request can tell from another',
  'too-many-identities': () => 'who calls, whom policies tell apart in too many ways',

  // The comparison and the engines.
  'changed-path-normalization': () => 'paths that are no longer read as they were',
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
  'too-many-route-rules': () => 'more rules for its hosts than are tried',
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
