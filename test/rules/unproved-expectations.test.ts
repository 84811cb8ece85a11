import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Limits, usualLimits } from '../../compiler/behavior/budget.ts'
import { compile } from '../../compiler/compile.ts'
import { getWorkspace } from '../support/compile-text.ts'

/** An unmodelled object at a service, a caller or a gateway leaves each form of expectation without a proof. */
const test = suite('rules of unproved expectations')

const mesh = (raw: string, expectation: string, routes: string) => `meshc: v1
mesh: shop
services:
  ledger:
    namespace: shop
    port: { http: 8080 }
    ${routes}
    allow:
      - { from: web }
      - { from: orders, methods: [GET] }
      - { from: gateway/public, methods: [GET] }
      - { from: external-caller/partner.example/ns/bridge/sa/bridge, methods: [GET] }
  web:
    namespace: shop
    port: { http: 3000 }
    expose: [{ gateway: public, host: shop.example.com }]
    allow: [{ from: gateway/public }]
  orders: { namespace: shop }
  reports: { namespace: office }
gateways:
  public: { hosts: [shop.example.com], certificate: { issuer: letsencrypt } }
raw:
  - ${raw}
expect:
  - ${expectation}
`

const selected = 'selector: { matchLabels: { app: ledger } }'
const removal = 'patch: { operation: REMOVE }'
const rbac =
  'listener: { filterChain: { filter: { name: envoy.filters.network.http_connection_manager, subFilter: { name: envoy.filters.http.rbac } } } }'

/** The unmodelled objects at the service. */
const atService: Readonly<Record<string, string>> = {
  'an EnvoyFilter that takes the policies away': `{ apiVersion: networking.istio.io/v1alpha3, kind: EnvoyFilter, metadata: { name: open, namespace: shop }, spec: { workloadSelector: { labels: { app: ledger } }, priority: 10, configPatches: [{ applyTo: HTTP_FILTER, match: { context: SIDECAR_INBOUND, ${rbac} }, ${removal} }] } }`,
  'a WasmPlugin': `{ apiVersion: extensions.istio.io/v1alpha1, kind: WasmPlugin, metadata: { name: open, namespace: shop }, spec: { url: "oci://registry.example/open", ${selected} } }`,
  'a policy with a condition that is not modelled': `{ apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: { name: open, namespace: shop }, spec: { ${selected}, rules: [{ when: [{ key: "experimental.envoy.filters.open[all]", values: [x] }] }] } }`,
  'a pod of ambient mode': `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: next, namespace: shop }, spec: { selector: { matchLabels: { app: ledger } }, template: { metadata: { labels: { app: ledger, istio.io/dataplane-mode: ambient } }, spec: { containers: [{ name: app, image: "next:1" }] } } } }`,
  'a port that passes by the sidecar': `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: next, namespace: shop }, spec: { selector: { matchLabels: { app: ledger } }, template: { metadata: { labels: { app: ledger }, annotations: { traffic.sidecar.istio.io/includeInboundPorts: "9090" } }, spec: { containers: [{ name: app, image: "next:1" }] } } } }`,
}

const partner = 'external-caller/partner.example/ns/bridge/sa/bridge'

/** The expectations that hold only if the unmodelled object allows no further caller. */
const proved: Readonly<Record<string, string>> = {
  'only some': '{ only: [web], to: ledger, method: POST }',
  'never a service': '{ never: [orders], to: ledger, method: POST }',
  'never a service, on a path': '{ never: [orders], to: ledger, method: POST, path: /books/* }',
  'never a service, with a header': '{ never: [orders], to: ledger, method: POST, headers: { x-role: a* } }',
  'never a namespace': '{ never: [namespace/office], to: ledger }',
  'never a namespace, at any service': '{ never: [namespace/office] }',
  'never a partner': `{ never: [${partner}], to: ledger, method: POST }`,
}

const { 'a policy with a condition that is not modelled': _, ...aroundRequests } = atService
/** The unmodelled objects on the way to the service: a request may or may not pass them. */
const onTheWay: Readonly<Record<string, string>> = {
  ...aroundRequests,
  'an HTTPRoute':
    '{ apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: { name: next, namespace: shop }, spec: { parentRefs: [{ kind: Service, group: "", name: ledger }] } }',
}

/** The expectations that hold or fail only if the unmodelled object denies no caller. */
const reached: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  'a service reaches it': ['{ from: web, to: ledger }', []],
  'a service reaches it on a path': ['{ from: web, to: ledger, path: /books/* }', []],
  'a partner reaches it': [`{ from: ${partner}, to: ledger, method: GET }`, []],
  'only nobody': ['{ only: [], to: ledger }', ['MESH3801', 'MESH3801', 'MESH3801']],
  'never anyone': ['{ never: [anyone], to: ledger }', ['MESH3801', 'MESH3801', 'MESH3801']],
  'never who may': ['{ never: [web], to: ledger }', ['MESH3801']],
}

const atGateway = `{ apiVersion: networking.istio.io/v1alpha3, kind: EnvoyFilter, metadata: { name: edge, namespace: istio-ingress }, spec: { priority: 10, configPatches: [{ applyTo: HTTP_ROUTE, match: { context: GATEWAY }, patch: { operation: MERGE, value: { route: { cluster: "outbound|8080||ledger.shop.svc.cluster.local" } } } }] } }`
const nothing = '{ apiVersion: v1, kind: ConfigMap, metadata: { name: notes, namespace: shop } }'

const narrow: Limits = { time: 100, total: 1_000, memory: 16 * 2 ** 20 }

for (const [form, expectation] of Object.entries(proved)) {
  test(`${form}: proved where everything is followed`, () =>
    assert.equal(listCodes(nothing, expectation), []))
  for (const [construct, raw] of Object.entries(atService))
    test(`${form}: not proved with ${construct}`, () =>
      assert.equal(listCodes(raw, expectation), ['MESH3803']))
}

for (const [form, [expectation, codes]] of Object.entries(reached)) {
  test(`${form}: known where everything is followed`, () =>
    assert.equal(listCodes(nothing, expectation), codes))
  for (const [construct, raw] of Object.entries(onTheWay))
    test(`${form}: not known with ${construct}`, () =>
      assert.equal(listCodes(raw, expectation), ['MESH3803']))
  test(`${form}: not known with an expression over the limit`, () => {
    const moved =
      "{ name: moved, when: { headers: { x-id: { regex: '.*\\pL.{20}' } } }, redirect: { host: moved.example.com } }"
    const codes = listCodes(nothing, expectation, `routes: [${moved}, { name: others }]`, narrow)
    assert.equal(codes, ['MESH3803'])
  })
}

for (const form of [`only: [web, orders, ${partner}]`, 'never: [gateway/public]'])
  test(`${form}: not proved with an EnvoyFilter at the gateway that no route leads on from`, () => {
    const expectation = `{ ${form}, to: ledger, method: GET, path: /books }`
    assert.not(listCodes(nothing, expectation).includes('MESH3803'))
    assert.equal(listCodes(atGateway, expectation), ['MESH3803'])
  })

function listCodes(
  raw: string,
  expectation: string,
  routes = '',
  limits: Limits = usualLimits,
): readonly string[] {
  const path = 'spec/prod/mesh.yaml'
  const workspace = getWorkspace({ [path]: mesh(raw, expectation, routes) })
  const { diagnostics } = compile(path, workspace, undefined, limits)
  return diagnostics.filter(({ code }) => code.startsWith('MESH38')).map(({ code }) => code)
}

test.run()
