import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Tracing } from '../../compiler/mesh/mesh.ts'
import { entry, explained, getMesh, getService, resolveTexts } from './resolve-spec.ts'

const sections = suite('resolve: sections')

sections('layers: the environment wins, and its folder names it', () => {
  const { mesh, findings } = resolveTexts({
    'spec/base/mesh.yaml':
      'meshc: v1\nmesh: shop\nmtls: permissive\nistio: { controlPlane: { replicas: { min: 2 } } }\n',
    [entry]:
      'meshc: v1\nextends: ../base/mesh.yaml\nmtls: strict\nistio: { controlPlane: { replicas: { max: 5 } } }\n',
  })
  assert.equal(findings, [])
  assert.ok(mesh)
  const { replicas } = mesh.istio
  assert.equal([mesh.name, mesh.environment, mesh.mtls, replicas.min, replicas.max].map(explained), [
    '"shop" < mesh',
    '"prod" < default:environment',
    '"strict" < mtls',
    '2 < istio.controlPlane.replicas.min',
    '5 < istio.controlPlane.replicas.max',
  ])
})

sections('an example is named by its own folder', () => {
  const path = 'spec/examples/bookinfo/mesh.yaml'
  const { mesh } = resolveTexts({ [path]: 'meshc: v1\nmesh: bookinfo\n' }, path)
  assert.is(mesh?.environment.value, 'bookinfo')
})

sections('a default never contradicts a value of the spec', () => {
  const { replicas, resources } = getMesh(`
    istio:
      controlPlane:
        replicas: { min: 6 }
        resources: { requests: { cpu: 4000m }, limits: { memory: 256Mi } }
  `).istio
  assert.equal([replicas.min, replicas.max].map(explained), [
    '6 < istio.controlPlane.replicas.min',
    '6 < default:control-plane-replicas, istio.controlPlane.replicas.min',
  ])
  const { requests, limits } = resources
  assert.equal([requests.cpu, limits.cpu, requests.memory, limits.memory].map(explained), [
    '"4000m" < istio.controlPlane.resources.requests.cpu',
    '"4000m" < default:control-plane-resources, istio.controlPlane.resources.requests.cpu',
    '"256Mi" < default:control-plane-resources, istio.controlPlane.resources.limits.memory',
    '"256Mi" < istio.controlPlane.resources.limits.memory',
  ])
})

sections('a setting of one gateway does not change the defaults of the others', () => {
  const [partners, open] = getMesh(`
    gateways:
      public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod }, replicas: { max: 2 } }
      partners:
        namespace: edge
        hosts: [b2b.example.com, api.b2b.example.com]
        certificate: { secret: b2b-tls }
        http: off
        tls: 1.3
        service: { type: NodePort, annotations: { example.com/pool: edge } }
        labels: { team: edge }
  `).gateways
  assert.ok(partners?.installation && open?.installation)
  const { namespace, http, minimumTls, principal, certificates } = partners
  const [certificate] = certificates
  assert.ok(certificate)
  const { serviceType } = partners.installation
  const { replicas } = open.installation
  assert.equal([namespace, http, minimumTls, serviceType, principal, certificate.secret].map(explained), [
    '"edge" < gateways.partners.namespace',
    '"off" < gateways.partners.http',
    '1.3 < gateways.partners.tls',
    '"NodePort" < gateways.partners.service.type',
    '"cluster.local/ns/edge/sa/istio-partners-service-account" < default:trust-domain, ' +
      'gateways.partners.namespace, gateways.partners, policy:gateway-workload',
    '"b2b-tls" < gateways.partners.certificate.secret',
  ])
  assert.is(certificate.issuer, undefined)
  assert.equal(partners.hosts.map(explained), [
    '"b2b.example.com" < gateways.partners.hosts.0',
    '"api.b2b.example.com" < gateways.partners.hosts.1',
  ])
  assert.equal([replicas.min, replicas.max].map(explained), [
    '1 < default:gateway-replicas, gateways.public.replicas.max',
    '2 < gateways.public.replicas.max',
  ])
})

sections('a short certificate is renewed after two thirds of its time', () => {
  const renewal = (duration: string) =>
    explained(
      getMesh(
        `gateways: { public: { hosts: [a.example.com], certificate: { issuer: ca, duration: ${duration} } } }`,
      ).gateways[0]?.certificates[0]?.renewBefore,
    )
  const because = 'default:certificate-renewal, gateways.public.certificate.duration'
  assert.is(renewal('24h'), `"480m" < ${because}`)
  assert.is(renewal('2160h'), `"720h" < ${because}`)
  assert.is(renewal('8760h'), `"720h" < ${because}`)
})

sections('a collector in the cluster is found by its service and namespace', () => {
  const tracing = (fields: string): Tracing | undefined =>
    getMesh(`observability: { tracing: { ${fields} } }`).observability.tracing
  const place = 'observability.tracing.collector'
  for (const host of ['jaeger.traces', 'jaeger.traces.svc', 'jaeger.traces.svc.cluster.local']) {
    const foundTracing = tracing(`collector: "${host}:4317"`)
    assert.equal([foundTracing?.host, foundTracing?.port, foundTracing?.namespace].map(explained), [
      `"jaeger.traces.svc.cluster.local" < ${place}, policy:cluster-domain`,
      `4317 < ${place}`,
      `"traces" < ${place}`,
    ])
  }
  const chosen = tracing('collector: "otel.traces:4317", provider: opentelemetry, sampling: 2.5%')
  assert.equal([chosen?.provider, chosen?.sampling].map(explained), [
    '"opentelemetry" < observability.tracing.provider',
    '2.5 < observability.tracing.sampling',
  ])
  assert.is(tracing('provider: off, collector: "jaeger.traces:4317"'), undefined)
  assert.is(tracing('sampling: 5%'), undefined)
})

sections('an external system speaks TLS as its port says', () => {
  const { externals } = getMesh(`
    services: { my-api: { namespace: back, port: { http: 8080 } } }
    external:
      db: { hosts: [db.example.com], port: { tcp: 5432 }, addresses: [203.0.113.7], namespace: back }
      plain: { hosts: [old.example.com], port: { http: 80 } }
      stripe: { hosts: [api.stripe.com], port: { https: 443 }, tls: originate }
  `)
  assert.equal(
    externals.map(({ key, namespace, port, tls, addresses }) => [
      key,
      namespace.value,
      port.protocol.value,
      port.number.value,
      tls.value,
      addresses.map(({ value }) => value),
    ]),
    [
      ['db', 'back', 'tcp', 5432, 'none', ['203.0.113.7']],
      ['plain', 'istio-system', 'http', 80, 'none', []],
      ['stripe', 'istio-system', 'https', 443, 'originate', []],
    ],
  )
})

sections('a service says what it is called and what it promises', () => {
  const cart = getService(
    getMesh(`
      istio: { trustDomain: mesh.example.com }
      services:
        cart:
          name: cart-v2
          namespace: shop
          owner: team-cart
          workload: { labels: { app.kubernetes.io/name: cart, app: cart }, serviceAccount: shop-cart }
          port: { http: 8080 }
          versions: { v1: { labels: { track: stable } }, v2: { version: "2.0" } }
          active: v1
          objective: { availability: 99.95%, latency: { p99: 250ms, p50: 50ms } }
    `),
    'cart',
  )
  const { name, host, owner, principal, objective } = cart
  assert.equal([name, host, owner, principal, objective?.availability].map(explained), [
    '"cart-v2" < services.cart.name',
    '"cart-v2.shop.svc.cluster.local" < services.cart.name, services.cart.namespace, policy:cluster-domain',
    '"team-cart" < services.cart.owner',
    '"mesh.example.com/ns/shop/sa/shop-cart" < istio.trustDomain, services.cart.namespace, ' +
      'services.cart.workload.serviceAccount',
    '99.95 < services.cart.objective.availability',
  ])
  assert.equal(
    objective?.latency.map(([quantile, duration]) => [quantile, duration.value]),
    [
      [0.5, '50ms'],
      [0.99, '250ms'],
    ],
  )
  assert.equal(
    cart.selector.map(([key, { value }]) => [key, value]),
    [
      ['app', 'cart'],
      ['app.kubernetes.io/name', 'cart'],
    ],
  )
  assert.equal(
    cart.versions.map(({ labels }) => labels.map(([key, value]) => `${key}: ${explained(value)}`)),
    [
      ['track: "stable" < services.cart.versions.v1.labels.track'],
      ['version: "2.0" < services.cart.versions.v2.version'],
    ],
  )
})

sections('faults, tokens and cross-origin rules keep the place of each value', () => {
  const cart = getService(
    getMesh(`
      faults: allowed
      gateways: { public: { hosts: [api.example.com], certificate: { secret: api-tls } } }
      services:
        cart:
          namespace: shop
          port: { http: 8080 }
          fault: { delay: 7s, abort: 503, share: 10%, when: { headers: { end-user: jason } } }
          jwt:
            issuer: https://login.example.com
            jwks: https://login.example.com/jwks.json
            audiences: [cart]
            forward: false
          expose:
            - gateway: public
              host: api.example.com
              cors: { origins: [https://app.example.com], methods: [GET], maxAge: 24h, credentials: true }
    `),
    'cart',
  )
  const { fault } = cart
  const jwt = cart.jwt?.issuers[0]
  assert.equal([fault?.delay, fault?.abort, fault?.share, jwt?.issuer, jwt?.forward].map(explained), [
    '"7s" < services.cart.fault.delay',
    '503 < services.cart.fault.abort',
    '10 < services.cart.fault.share',
    '"https://login.example.com" < services.cart.jwt.issuer',
    'false < services.cart.jwt.forward',
  ])
  assert.equal(jwt?.audiences.map(explained), ['"cart" < services.cart.jwt.audiences.0'])
  assert.equal(
    fault?.when?.headers.map(([name]) => name),
    ['end-user'],
  )
  const cors = cart.exposures[0]?.cors
  assert.equal(
    [...(cors?.origins ?? []), ...(cors?.methods ?? []), cors?.maxAge, cors?.credentials].map(explained),
    [
      '"https://app.example.com" < services.cart.expose.0.cors.origins.0',
      '"GET" < services.cart.expose.0.cors.methods.0',
      '"24h" < services.cart.expose.0.cors.maxAge',
      'true < services.cart.expose.0.cors.credentials',
    ],
  )
})

sections('patches and raw objects are carried over', () => {
  const { patches, raw } = getMesh(`
    patches:
      - kind: DestinationRule
        namespace: shop
        name: cart
        spec: { trafficPolicy: { loadBalancer: { simple: RANDOM } } }
        because: until the client is fixed
    raw:
      - apiVersion: networking.istio.io/v1
        kind: WorkloadEntry
        metadata: { name: vm-1, namespace: shop }
        spec: { address: 203.0.113.7 }
  `)
  const [patch] = patches
  assert.equal(
    [patch?.kind, patch?.namespace, patch?.name, explained(patch?.reason)],
    ['DestinationRule', 'shop', 'cart', '"until the client is fixed" < patches.0.because'],
  )
  assert.is(JSON.stringify(patch?.spec), '{"trafficPolicy":{"loadBalancer":{"simple":"RANDOM"}}}')
  const [object] = raw
  assert.equal(
    [object?.apiVersion, object?.kind, object?.namespace, object?.name, object?.origin.path],
    ['networking.istio.io/v1', 'WorkloadEntry', 'shop', 'vm-1', ['raw', 0]],
  )
  assert.is(JSON.stringify(object?.object['spec']), '{"address":"203.0.113.7"}')
})

sections.run()
