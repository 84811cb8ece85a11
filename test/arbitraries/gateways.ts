import fc from 'fast-check'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import { replicas, resources } from './istio.ts'
import { defined, freeLabels, gatewayNames, maybe } from './names.ts'

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
      gateway: gatewayDrafts,
    }),
    { selector: ({ name }) => name, maxLength: 2 },
  )
  .map(drafts => {
    const named = drafts.map(({ name, hosts, gateway }) => [
      name,
      {
        hosts: ['api', 'www', 'admin'].slice(0, hosts).map(host => `${host}.${name}.example.com`),
        ...gateway,
      },
    ])
    return Object.fromEntries(named) as Gateways
  })
