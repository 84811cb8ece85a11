import fc from 'fast-check'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import { replicas, resources } from './istio.ts'
import { defined, freeLabels, gatewayNames, maybe, seldom } from './names.ts'

const certificates = fc.oneof(
  fc.record(
    {
      issuer: fc.constantFrom('letsencrypt-prod', 'internal-ca'),
      issuerKind: fc.constantFrom('ClusterIssuer', 'Issuer'),
      duration: fc.constantFrom('2160h', '720h'),
      renewBefore: fc.constantFrom('240h', '360h'),
    },
    { requiredKeys: ['issuer'] },
  ),
  fc.record({ secret: fc.constantFrom('api-tls', 'wildcard-tls') }),
)

const clientCertificates = fc.record(
  {
    ca: fc.constantFrom('partners-ca', 'staff.ca'),
    required: fc.boolean(),
    names: fc.constantFrom<string[]>(
      ['partner.example.net'],
      ['spiffe://partner.example.net/api', 'b.example.net'],
    ),
  },
  { requiredKeys: ['ca'] },
)

type Gateways = NonNullable<MeshFile['gateways']>

/** Values of the chart `gateway` that no field of the spec sets. */
const gatewayValues = fc
  .record({
    podAnnotations: maybe(fc.constant({ 'example.com/team': 'edge' })),
    tolerations: maybe(fc.constant([{ key: 'edge', operator: 'Exists' }])),
    nodeSelector: maybe(fc.constantFrom({}, { pool: 'edge' })),
    strategy: maybe(fc.constant({ rollingUpdate: { maxSurge: '50%', maxUnavailable: 0 } })),
    env: maybe(fc.constant({ GOMEMLIMIT: '900MiB' })),
    service: maybe(fc.constant({ loadBalancerClass: 'example.com/edge', ipFamilies: ['IPv4'] })),
    serviceAccount: maybe(fc.constant({ annotations: { 'example.com/role': 'edge' } })),
    minReadySeconds: maybe(fc.constant(5)),
    lifecycle: maybe(fc.constant({ preStop: { exec: { command: ['sleep', '5'] } } })),
  })
  .map(fields => defined(fields))

/** A gateway without its name and hosts. */
const gatewayDrafts = fc
  .record({
    namespace: maybe(fc.constantFrom('istio-ingress', 'edge')),
    certificate: certificates,
    http: maybe(fc.constantFrom('redirect', 'off', 'serve')),
    tls: maybe(fc.constantFrom(1.2, 1.3, '1.2', '1.3')),
    replicas: maybe(replicas),
    resources: maybe(resources),
    service: maybe(
      fc.record(
        {
          type: fc.constantFrom('LoadBalancer', 'ClusterIP', 'NodePort'),
          internal: fc.constantFrom('aws', 'gcp', 'azure'),
          externalTrafficPolicy: fc.constantFrom('cluster', 'local'),
          sourceRanges: fc.constantFrom<string[]>(['198.51.100.0/24'], ['203.0.113.7', '192.0.2.0/24']),
          annotations: fc.dictionary(
            fc.constantFrom(
              'service.beta.kubernetes.io/aws-load-balancer-type',
              'cloud.google.com/l4-rbs',
              'example.com/zone',
            ),
            fc.constantFrom('nlb', 'enabled', 'true', '1', ''),
            { minKeys: 1, maxKeys: 2 },
          ),
        },
        { requiredKeys: [] },
      ),
    ),
    labels: maybe(freeLabels),
    values: seldom(gatewayValues),
    spread: seldom(fc.constantFrom('preferred', 'required')),
    disruptions: seldom(
      fc.oneof(
        fc.record({ maxUnavailable: fc.integer({ min: 1, max: 3 }) }),
        fc.record({ minAvailable: fc.constant(1) }),
      ),
    ),
    trustedProxies: seldom(fc.integer({ min: 1, max: 3 })),
    proxyProtocol: seldom(fc.boolean()),
    forwardClientCertificate: seldom(fc.constantFrom('replace', 'append', 'keep', 'remove')),
  })
  .map(fields => defined(fields))

/** Gateways by name; each host belongs to one of them. */
export const gateways: fc.Arbitrary<Gateways> = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom(...gatewayNames),
      hosts: fc.integer({ min: 1, max: 3 }),
      /** A wildcard in addition to the hosts. */
      wildcard: seldom(fc.constantFrom('*', '*.')),
      /** True if the gateway has no certificate. */
      isPlain: seldom(fc.constant(true)),
      ports: seldom(fc.record({ http: maybe(fc.constant(8080)), https: maybe(fc.constant(8443)) })),
      /** A separate certificate for the last host, or for all hosts if a wildcard covers them. */
      further: seldom(certificates),
      clients: seldom(clientCertificates),
      /** TLS passthrough: the number of hosts, and true if they have their own port. */
      passthrough: seldom(fc.record({ hosts: fc.integer({ min: 1, max: 2 }), isApart: fc.boolean() })),
      /** A TCP port, and true if the port of the pods differs. */
      tcp: seldom(fc.record({ name: fc.constantFrom('postgres', 'mqtt'), isMoved: fc.boolean() })),
      /** The namespace of existing proxies, if there are any. */
      proxies: seldom(fc.constantFrom('root', 'same')),
      gateway: gatewayDrafts,
    }),
    { selector: ({ name }) => name, maxLength: 2 },
  )
  // The types of fast-check accept any string or number as a version of TLS.
  .map(
    drafts =>
      Object.fromEntries(drafts.map((draft, index) => [draft.name, finish(draft, index)])) as Gateways,
  )

interface Draft {
  readonly name: string
  readonly hosts: number
  readonly wildcard: '*' | '*.' | undefined
  readonly isPlain: boolean | undefined
  readonly ports: { readonly http: number | undefined; readonly https: number | undefined } | undefined
  readonly further: typeof certificates extends fc.Arbitrary<infer Value> ? Value | undefined : never
  readonly clients: typeof clientCertificates extends fc.Arbitrary<infer Value> ? Value | undefined : never
  readonly passthrough: { readonly hosts: number; readonly isApart: boolean } | undefined
  readonly tcp: { readonly name: string; readonly isMoved: boolean } | undefined
  readonly proxies: 'root' | 'same' | undefined
  readonly gateway: typeof gatewayDrafts extends fc.Arbitrary<infer Value> ? Value : never
}

function finish(draft: Draft, index: number) {
  const { name, hosts, wildcard, isPlain, ports, proxies, gateway } = draft
  const named = ['api', 'www', 'admin'].slice(0, hosts).map(host => `${host}.${name}.example.com`)
  // Only one gateway has every host, and it may have the proxies of the other gateway.
  const isEvery = wildcard === '*' && index === 0
  const wild = wildcard === undefined ? [] : isEvery ? ['*'] : [`*.${name}.example.com`]
  const { certificate, tls, replicas, resources, service, labels, values, ...others } = gateway
  const { spread, disruptions, trustedProxies, proxyProtocol, forwardClientCertificate, ...rest } = others
  // The gateways of one workload have different secrets (IST0138); no issuer signs a certificate for every
  // host.
  const isProvided = isEvery || proxies !== undefined
  const http = isPlain ? ('serve' as const) : rest.http
  const apart = draft.passthrough?.isApart === true ? 9443 + index : undefined
  const numbers = defined({
    http: http === 'off' ? undefined : ports?.http,
    https: isPlain ? undefined : ports?.https,
    passthrough: apart,
  })
  const main = { certificate: isProvided ? { secret: `${name}-tls` } : certificate, tls }
  return defined({
    ...rest,
    hosts: [...wild, ...named],
    http,
    ...(!isPlain && withClients({ ...main, ...splitCertificates(draft, main, [...wild, ...named]) }, draft)),
    passthrough:
      draft.passthrough &&
      [`vault.${name}.example.net`, `*.tenants.${name}.example.net`].slice(0, draft.passthrough.hosts),
    tcp: draft.tcp && {
      [draft.tcp.name]: defined({
        port: 5432 + index,
        target: draft.tcp.isMoved ? 15432 + index : undefined,
      }),
    },
    ports: Object.keys(numbers).length > 0 ? numbers : undefined,
    ...(proxies === undefined
      ? {
          replicas,
          resources,
          service: service && balanced(service),
          labels,
          values: values && (service?.type ?? 'LoadBalancer') === 'LoadBalancer' ? values : undefined,
          spread,
          disruptions: (replicas?.min ?? 1) > 1 ? disruptions : undefined,
          trustedProxies,
          proxyProtocol,
          forwardClientCertificate,
        }
      : { workload: running(proxies, rest.namespace) }),
  })
}

/** Removes the settings of a load balancer that the type of a Service does not have. */
function balanced(service: NonNullable<Draft['gateway']['service']>) {
  const { internal, externalTrafficPolicy, sourceRanges, ...rest } = service
  const isBalanced = (service.type ?? 'LoadBalancer') === 'LoadBalancer'
  return defined({
    ...rest,
    internal: isBalanced ? internal : undefined,
    externalTrafficPolicy: service.type === 'ClusterIP' ? undefined : externalTrafficPolicy,
    sourceRanges: isBalanced ? sourceRanges : undefined,
  })
}

/**
 * Makes the hosts of the certificates request client certificates: those of `certificate`, or else of the
 * further certificate.
 */
function withClients<
  Main extends { readonly certificate: unknown; readonly certificates?: { readonly further: object } },
>(main: Main, { clients }: Draft) {
  if (clients === undefined) return main
  if (main.certificate !== undefined || main.certificates === undefined)
    return { ...main, clientCertificates: clients }
  return { ...main, certificates: { further: { ...main.certificates.further, clientCertificates: clients } } }
}

/**
 * Splits the certificates of a gateway with separate certificates for some hosts. Hosts that one wildcard
 * covers share a certificate.
 */
function splitCertificates<Main>(
  { name, further, proxies }: Draft,
  { certificate }: { readonly certificate: Main },
  hosts: readonly string[],
) {
  if (further === undefined || hosts[0] === '*') return undefined
  const source = proxies === undefined ? further : { secret: `${name}-further-tls` }
  const isWide = hosts[0]?.startsWith('*') === true
  const separate = isWide ? hosts : hosts.slice(-1)
  const entry = { further: { hosts: [...separate], ...source } }
  return { certificates: entry, certificate: separate.length === hosts.length ? undefined : certificate }
}

/**
 * Returns proxies that another owner installed. `placeProxies` adds the namespace of proxies in the root
 * namespace. Proxies in two namespaces have different labels: a Gateway selects pods of every namespace, and
 * Istio's analyzer reads the secret of only one of them.
 */
const running = (where: 'root' | 'same', namespace = 'istio-ingress') => ({
  labels: { istio: where === 'root' ? 'ingressgateway' : `${namespace}-proxies` },
  serviceAccount: 'istio-ingressgateway-service-account',
  ...(where === 'root' && { namespace: anyRoot }),
})

const anyRoot = 'istio-system'

/** Returns the same gateways in a mesh with this root namespace. */
export const placeProxies = (gateways: Gateways, root: string): Gateways =>
  Object.fromEntries(
    Object.entries(gateways).map(([name, gateway]) => [
      name,
      gateway?.workload?.namespace === undefined
        ? gateway
        : { ...gateway, workload: { ...gateway.workload, namespace: root } },
    ]),
  )
