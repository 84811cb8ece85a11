import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { nameCaller } from '../../compiler/mesh/caller.ts'
import type { Callee } from '../../compiler/mesh/mesh.ts'
import { explained, getMesh, getService } from './resolve-spec.ts'

const edges = suite('resolve: edges')

const mesh = getMesh(`
  namespaces: { monitoring: {} }
  gateways:
    public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
  services:
    web:
      namespace: front
      port: { http: 8080 }
      allow:
        - { from: gateway/public, jwt: required, claims: { role: [admin, 'team-*'] } }
        - { from: anyone, paths: [/healthz], because: the load balancer probes it }
    search:
      namespace: front
      port: { http: 8080 }
      allow: [{ from: namespace/front }]
    my-api:
      name: api
      namespace: back
      ports: { http: 8080, metrics: { tcp: 9102 } }
      allow:
        - { from: web, methods: [GET, POST], paths: [/api/*] }
        - { from: namespace/monitoring, ports: [metrics] }
        - { from: web, ports: [metrics] }
        - { from: external-caller/old.example.com/ns/batch/sa/report }
  external:
    stripe:
      hosts: [api.stripe.com]
      port: { https: 443 }
      allow: [{ from: my-api, because: payments }]
    clock:
      hosts: [time.example.com]
      port: { https: 443 }
      allow: [{ from: anyone }]
    cdn:
      hosts: [cdn.example.com]
      port: { https: 443 }
      allow: [{ from: namespace/front }]
`)

const shown = (callees: readonly Callee[]) =>
  callees.map(callee => {
    const key = callee.kind === 'service' ? callee.service.key : `external/${callee.external.key}`
    return `${key} < ${callee.origin.path.join('.')}`
  })

edges('the destination declares its allowed callers', () => {
  assert.equal(
    getService(mesh, 'my-api').allow.map(allow => ({
      from: nameCaller(allow.from),
      methods: allow.methods.map(({ value }) => value),
      paths: allow.paths.map(({ value }) => value),
      ports: allow.ports.map(({ origin, port }) => `${port.name.value} < ${origin.path.join('.')}`),
    })),
    [
      { from: 'web', methods: ['GET', 'POST'], paths: [{ prefix: '/api/' }], ports: [] },
      {
        from: 'namespace/monitoring',
        methods: [],
        paths: [],
        ports: ['tcp-metrics < services.my-api.allow.1.ports.0'],
      },
      { from: 'web', methods: [], paths: [], ports: ['tcp-metrics < services.my-api.allow.2.ports.0'] },
      { from: 'external-caller/old.example.com/ns/batch/sa/report', methods: [], paths: [], ports: [] },
    ],
  )
  const [admins, probes] = getService(mesh, 'web').allow
  assert.is(explained(admins?.jwtRequired), '"required" < services.web.allow.0.jwt')
  assert.equal(
    admins?.claims.map(([path, values]) => [path.join('.'), values.map(explained)]),
    [
      [
        'role',
        ['"admin" < services.web.allow.0.claims.role.0', '"team-*" < services.web.allow.0.claims.role.1'],
      ],
    ],
  )
  assert.is(explained(probes?.reason), '"the load balancer probes it" < services.web.allow.1.because')
})

edges('a service knows what it may call: each destination once, sorted by host', () => {
  assert.equal(shown(getService(mesh, 'web').callees), [
    'my-api < services.my-api.allow.0.from',
    'external/cdn < external.cdn.allow.0.from',
    'search < services.search.allow.0.from',
  ])
  assert.equal(shown(getService(mesh, 'search').callees), [
    'external/cdn < external.cdn.allow.0.from',
    'search < services.search.allow.0.from',
  ])
  assert.equal(shown(getService(mesh, 'my-api').callees), ['external/stripe < external.stripe.allow.0.from'])
})

edges('the mesh keeps the destinations that anyone may call once', () => {
  assert.equal(shown(mesh.publicCallees), [
    'external/clock < external.clock.allow.0.from',
    'web < services.web.allow.1.from',
  ])
})

edges('names become the entities they name', () => {
  const web = getService(mesh, 'web')
  const [first] = getService(mesh, 'my-api').allow
  assert.ok(first?.from.kind === 'service' && first.from.service === web)
  const [gateway] = web.allow
  assert.ok(gateway?.from.kind === 'gateway' && gateway.from.gateway === mesh.gateways[0])
})

edges('namespaces are those that something runs in or that are listed', () => {
  assert.equal(
    mesh.namespaces.map(({ name, hasServices }) => [explained(name), hasServices]),
    [
      ['"back" < services.my-api.namespace', true],
      ['"front" < services.search.namespace', true],
      ['"istio-ingress" < default:gateway-namespace', false],
      ['"monitoring" < namespaces.monitoring', false],
    ],
  )
})

edges('a namespace says its mTLS and labels, or has those of the mesh', () => {
  const { namespaces } = getMesh(`
    mtls: permissive
    namespaces:
      front: { mtls: strict, labels: { team: web, budget: '7' } }
    services:
      web: { namespace: front, port: { http: 8080 } }
      cart: { namespace: back, port: { http: 8080 } }
  `)
  assert.equal(
    namespaces.map(({ mtls, labels }) => [
      explained(mtls),
      ...labels.map(([key, value]) => `${key}: ${explained(value)}`),
    ]),
    [
      ['"permissive" < mtls'],
      [
        '"strict" < namespaces.front.mtls',
        'budget: "7" < namespaces.front.labels.budget',
        'team: "web" < namespaces.front.labels.team',
      ],
    ],
  )
})

edges('the root namespace can call, and is not of the mesh', () => {
  const { namespaces } = getMesh(`
    services:
      cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: namespace/istio-system }] }
  `)
  assert.equal(
    namespaces.map(({ name }) => name.value),
    ['shop'],
  )
})

edges('expectations name what they are about', () => {
  const { expectations } = getMesh(`
    services:
      cart: { namespace: shop, port: { http: 8080 } }
      web: { namespace: shop, port: { http: 8080 }, allow: [{ from: cart }] }
    external:
      stripe: { hosts: [api.stripe.com], port: { https: 443 }, allow: [{ from: cart }] }
    expect:
      - { only: [cart], to: external/stripe, because: PCI scope }
      - { from: cart, to: web, method: GET, path: /api/* }
      - { from: cart, to: web, issuers: [corp], claims: { realm: { role: [admin, ops] } } }
      - { never: [cart], to: web, jwt: missing }
    issuers:
      corp: { issuer: https://login.example.com, jwks: https://login.example.com/keys }
  `)
  const [only, reaches, withToken, without] = expectations
  assert.equal(
    withToken?.issuers.map(({ name, issuer }) => [explained(name), explained(issuer)]),
    [['"corp" < expect.2.issuers.0', '"https://login.example.com" < issuers.corp.issuer']],
  )
  assert.equal(
    withToken?.claims.map(([path, values]) => [path, values.map(explained)]),
    [
      [
        ['realm', 'role'],
        ['"admin" < expect.2.claims.realm.role.0', '"ops" < expect.2.claims.realm.role.1'],
      ],
    ],
  )
  assert.is(explained(without?.jwtMissing), '"missing" < expect.3.jwt')
  assert.ok(only?.to?.kind === 'external' && only.to.external.key === 'stripe')
  assert.equal(only.only?.map(nameCaller), ['cart'])
  assert.is(explained(only.reason), '"PCI scope" < expect.0.because')
  assert.ok(reaches?.to?.kind === 'service' && reaches.to.service.key === 'web')
  assert.ok(reaches.from !== undefined && nameCaller(reaches.from) === 'cart')
  assert.equal([reaches.method, reaches.path].map(explained), [
    '"GET" < expect.1.method',
    '{"prefix":"/api/"} < expect.1.path',
  ])
})

edges.run()
