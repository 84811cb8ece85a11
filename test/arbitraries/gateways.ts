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

type Gateways = NonNullable<MeshFile['gateways']>

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
  })
  .map(fields => defined(fields))

/** Gateways by name; each host belongs to one of them. */
export const gateways: fc.Arbitrary<Gateways> = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom(...gatewayNames),
      hosts: fc.integer({ min: 1, max: 3 }),
      /** A wildcard beside the hosts. */
      wildcard: seldom(fc.constantFrom('*', '*.')),
      /** True if the gateway has no certificate. */
      isPlain: seldom(fc.constant(true)),
      ports: seldom(fc.record({ http: maybe(fc.constant(8080)), https: maybe(fc.constant(8443)) })),
      /** The namespace of proxies that run already, if they do. */
      proxies: seldom(fc.constantFrom('root', 'same')),
      gateway: gatewayDrafts,
    }),
    { selector: ({ name }) => name, maxLength: 2 },
  )
  // fast-check takes the versions of TLS for any string or number.
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
  readonly proxies: 'root' | 'same' | undefined
  readonly gateway: typeof gatewayDrafts extends fc.Arbitrary<infer Value> ? Value : never
}

function finish({ name, hosts, wildcard, isPlain, ports, proxies, gateway }: Draft, index: number) {
  const named = ['api', 'www', 'admin'].slice(0, hosts).map(host => `${host}.${name}.example.com`)
  // The host of every host is of one gateway only, which may have the proxies of the other.
  const isEvery = wildcard === '*' && index === 0
  const wild = wildcard === undefined ? [] : isEvery ? ['*'] : [`*.${name}.example.com`]
  const { certificate, tls, replicas, resources, service, labels, ...rest } = gateway
  // Gateways of one workload have a secret each (IST0138); no issuer signs a certificate for every host.
  const isProvided = isEvery || proxies !== undefined
  const http = isPlain ? ('serve' as const) : rest.http
  return defined({
    ...rest,
    hosts: [...wild, ...named],
    http,
    ...(!isPlain && { certificate: isProvided ? { secret: `${name}-tls` } : certificate, tls }),
    ports:
      ports &&
      defined({
        http: http === 'off' ? undefined : ports.http,
        https: isPlain ? undefined : ports.https,
      }),
    ...(proxies === undefined
      ? { replicas, resources, service, labels }
      : { workload: running(proxies, rest.namespace) }),
  })
}

/**
 * Proxies that another owner installed; `placeProxies` gives those of the root namespace theirs. Those of two namespaces have
 * different labels, since a Gateway selects pods of every namespace, and Istio's analyzer reads the secret of one of them.
 */
const running = (where: 'root' | 'same', namespace = 'istio-ingress') => ({
  labels: { istio: where === 'root' ? 'ingressgateway' : `${namespace}-proxies` },
  serviceAccount: 'istio-ingressgateway-service-account',
  ...(where === 'root' && { namespace: anyRoot }),
})

const anyRoot = 'istio-system'

/** The same gateways in a mesh whose root namespace is this one. */
export const placeProxies = (gateways: Gateways, root: string): Gateways =>
  Object.fromEntries(
    Object.entries(gateways).map(([name, gateway]) => [
      name,
      gateway?.workload?.namespace === undefined
        ? gateway
        : { ...gateway, workload: { ...gateway.workload, namespace: root } },
    ]),
  )
