import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { DiagnosticCode } from '../../compiler/diagnostics/diagnostic.ts'
import { compileText } from '../support/compile-text.ts'
import { plantedFault, soundSpec } from '../support/planted-fault.ts'

/** The rules for the expectations of a spec. */
const test = suite('rules of expectations')

const fault = (code: DiagnosticCode, what: string, spec: string, message: string) =>
  test(`${code}: ${what}`, () => plantedFault(code, spec, message))

const sound = (what: string, spec: string) => test(`nothing wrong: ${what}`, () => soundSpec(spec))

fault(
  'MESH3801',
  'another caller is allowed',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web }, ‹{ from: orders }›]
  web: { namespace: shop }
  orders: { namespace: shop }
expect:
  - only: «[web]»
    to: cart
`,
  'only `web` is expected to reach `cart`, and `orders` can: `shop/orders → GET http://cart.shop:8080/`',
)

sound(
  'requests of the mesh to a public port of a gateway count as requests of the gateway',
  `
egress: allow-any
gateways:
  public: { hosts: ['*'], certificate: { secret: edge }, tcp: { postgres: { port: 5432 } } }
services:
  db:
    namespace: shop
    port: { postgres: 5432 }
    expose: [{ gateway: public, tcp: postgres }]
    allow: [{ from: gateway/public }]
  db-admin:
    namespace: shop
    port: { http: 9000 }
    workload: { labels: { app: db }, serviceAccount: db }
    allow: [{ from: web }]
  web:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: '*' }]
    allow: [{ from: gateway/public }]
expect:
  - { only: [gateway/public], to: db }
  - { never: [web], to: db }
`,
)

fault(
  'MESH3801',
  'a namespace is allowed, and the expectation has a reason',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [‹{ from: namespace/shop, methods: [GET] }›]
  web: { namespace: shop }
  orders: { namespace: shop }
expect:
  - only: «[web, orders]»
    to: cart
    because: ‹two teams own the cart›
`,
  'only `web` and `orders` are expected to reach `cart`, and `namespace/shop` can: `shop/cart → GET http://cart.shop:8080/`',
)

fault(
  'MESH3801',
  'no caller is expected, and one is allowed',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [‹{ from: web }›]
  web: { namespace: shop }
  orders: { namespace: shop }
expect:
  - only: «[]»
    to: cart
`,
  'no caller is expected to reach `cart`, and `web` can: `shop/web → GET http://cart.shop:8080/`',
)

fault(
  'MESH3801',
  'another caller is allowed with this method on this path',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web }, { from: orders, methods: [GET] }, ‹{ from: orders, methods: [POST], paths: [/orders/*] }›]
  web: { namespace: shop }
  orders: { namespace: shop }
expect:
  - { only: «[web]», to: cart, method: POST, path: /orders/1 }
`,
  'only `web` is expected to reach `cart` with POST on `/orders/1`, and `orders` can: `shop/orders → POST http://cart.shop:8080/orders/1`',
)

fault(
  'MESH3801',
  'another caller of an external system is allowed',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  books: { hosts: [api.example.com], port: { https: 443 }, allow: [‹{ from: namespace/shop }›] }
expect:
  - { only: «[cart]», to: external/books }
`,
  'only `cart` is expected to reach `external/books`, and `namespace/shop` can: `shop/somebody → tls://api.example.com:443`',
)

fault(
  'MESH3801',
  'every caller reaches an external system if egress is open',
  `
egress: ‹allow-any›
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  books: { hosts: [api.example.com], port: { https: 443 }, allow: [{ from: cart }] }
expect:
  - { only: «[cart]», to: external/books }
`,
  'only `cart` is expected to reach `external/books`, and any service can: `egress` is `allow-any`: `somewhere/somebody → tls://api.example.com:443`',
)

fault(
  'MESH3801',
  'a caller of another mesh is allowed',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web }, ‹{ from: external-caller/partner.example/ns/bridge/sa/bridge, methods: [GET] }›]
  web: { namespace: shop }
expect:
  - only: «[web]»
    to: cart
`,
  'only `web` is expected to reach `cart`, and `external-caller/partner.example/ns/bridge/sa/bridge` can: `somewhere/somebody as spiffe://partner.example/ns/bridge/sa/bridge → GET http://cart.shop:8080/`',
)

const entrance = `
gateways:
  public: { hosts: [shop.example.com], certificate: { issuer: letsencrypt } }
`

fault(
  'MESH3801',
  'public requests reach a path that should not be public',
  `${entrance}
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: shop.example.com }]
    allow: [‹{ from: gateway/public, methods: [GET] }›, { from: web, paths: [/admin/*] }]
  web: { namespace: shop }
expect:
  - never: «[gateway/*]»
    path: /admin/*
`,
  '`gateway/public` is expected never to reach any service on `/admin/*`, and can: `from outside → GET https://shop.example.com/admin/`',
)

fault(
  'MESH3801',
  'a path is rewritten to a path that no request should reach',
  `${entrance}
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose:
      - gateway: public
        host: shop.example.com
    routes:
      - name: help
        when: { paths: [/help/*] }
        rewrite: { path: /admin/ }
        timeout: 5s
        retries: none
      - name: everyone
        timeout: 5s
        retries: none
    allow: [‹{ from: gateway/public, paths: [/admin/*, /carts/*], because: help is written there }›]
  web: { namespace: shop }
expect:
  - never: «[gateway/public]»
    to: cart
    path: /admin/*
`,
  '`gateway/public` is expected never to reach `cart` on `/admin/*`, and can: `from outside → GET https://shop.example.com/help/`',
)

fault(
  'MESH3801',
  'a raw policy allows a caller that `allow` does not name',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web }]
  web: { namespace: shop }
  orders: { namespace: shop }
raw:
  - ‹apiVersion: security.istio.io/v1›
    kind: AuthorizationPolicy
    metadata: { name: probes, namespace: shop }
    spec:
      action: ALLOW
      rules: [{ to: [{ operation: { paths: [/healthz] } }] }]
expect:
  - only: «[web]»
    to: cart
`,
  'only `web` is expected to reach `cart`, and `anyone` can: `somewhere/somebody → GET http://cart.shop:8080/healthz`',
)

test('MESH3801 beside MESH3005: another workload uses the service account of an allowed caller', () => {
  const { diagnostics } = compileText(`
meshc: v1
mesh: shop
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }] }
  web: { namespace: shop }
  batch: { namespace: shop, workload: { serviceAccount: web } }
expect:
  - { only: [web], to: cart }
`)
  assert.equal(
    diagnostics.map(({ code, message }) => `${code} ${message}`),
    [
      'MESH3005 this lets `batch` call `cart` too: it has the service account of `web`',
      'MESH3801 only `web` is expected to reach `cart`, and `batch` can: `shop/web → GET http://cart.shop:8080/`',
    ],
  )
})

fault(
  'MESH3802',
  'a route redirects a required caller that sends a header',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - name: moved
        when: { headers: { x-old: "*" } }
        redirect: { host: new.example.com }
      - name: everyone
        timeout: 5s
        retries: none
    allow: [‹{ from: web, methods: [GET] }›]
  web: { namespace: shop }
expect:
  - { from: web, to: cart, headers: { x-new: v1* } }
  - { from: «web», to: cart, headers: { x-old: v1* }, path: /orders/* }
`,
  '`web` is expected to reach `cart` with `x-old: v1*` on `/orders/*`, but does not: `shop/web → GET http://cart.shop:8080/orders/, x-old: v1` ends with REDIRECT 301',
)

sound(
  'a service reaches itself if it is allowed',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: cart, methods: [GET] }]
expect:
  - { from: cart, to: cart, method: GET }
  - { only: [cart], to: cart }
`,
)

sound(
  'only expected callers are allowed',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web }, { from: orders, methods: [GET] }]
  web: { namespace: shop }
  orders: { namespace: shop }
expect:
  - { only: [web, orders], to: cart }
  - { only: [namespace/shop], to: cart }
  - { only: [web], to: cart, method: POST }
  - { only: [anyone], to: cart }
`,
)

fault(
  'MESH3803',
  'an object that meshc does not model affects allowed callers',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web }, { from: orders, methods: [GET] }]
  web: { namespace: shop }
  orders: { namespace: shop }
raw:
  - apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: { name: guard, namespace: shop }
    spec:
      podSelector: { matchLabels: { app: cart } }
      ingress: []
expect:
  - only: «[web]»
    to: cart
`,
  'meshc cannot decide whether only `web` reaches `cart`: meshc does not model NetworkPolicy `shop/guard`',
)

fault(
  'MESH3802',
  'a required caller is not allowed',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    ‹allow›: [{ from: web }]
  web: { namespace: shop }
  orders: { namespace: shop }
expect:
  - { from: «orders», to: cart }
`,
  '`orders` is expected to reach `cart`, but does not: `shop/orders → GET http://cart.shop:8080/` ends with RESET',
)

fault(
  'MESH3802',
  'no caller is allowed',
  `
services:
  ‹cart›:
    namespace: shop
    port: { http: 8080 }
  web: { namespace: shop }
  orders: { namespace: shop }
expect:
  - { from: «web», to: cart }
`,
  '`web` is expected to reach `cart`, but does not: `shop/web → GET http://cart.shop:8080/` ends with RESET',
)

fault(
  'MESH3802',
  'a required caller is allowed with another method',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [‹{ from: web, methods: [GET], paths: [/orders/*] }›]
  web: { namespace: shop }
  orders: { namespace: shop }
expect:
  - { from: «web», to: cart, method: POST, path: /orders/1, because: ‹orders are placed so› }
`,
  '`web` is expected to reach `cart` with POST on `/orders/1`, but does not: `shop/web → POST http://cart.shop:8080/orders/1` ends with DENY 403',
)

fault(
  'MESH3802',
  'a required caller of a whole path is allowed at a part of it',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [‹{ from: web, paths: [/orders/new] }›]
  web: { namespace: shop }
  orders: { namespace: shop }
expect:
  - { from: «web», to: cart, path: /orders/* }
`,
  '`web` is expected to reach `cart` on `/orders/*`, but does not: `shop/web → GET http://cart.shop:8080/orders/` ends with DENY 403',
)

fault(
  'MESH3803',
  'a route rewrites paths, of which all are expected to arrive',
  `${entrance}
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: shop.example.com, paths: [/cart/*], rewrite: { path: /carts/ } }]
    allow: [{ from: gateway/public, methods: [GET] }]
  web: { namespace: shop }
expect:
  - { from: «gateway/public», to: cart, path: /carts/* }
`,
  'meshc cannot decide whether `gateway/public` reaches `cart` on `/carts/*`: the paths behind a rewrite',
)

sound(
  'a required caller is allowed by name, by namespace, or by `anyone`',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web, methods: [GET], paths: [/orders/*] }, { from: namespace/shop, paths: [/carts/*] }]
  web: { namespace: shop }
  orders: { namespace: shop }
expect:
  - { from: web, to: cart }
  - { from: web, to: cart, method: GET, path: /orders/1 }
  - { from: orders, to: cart, path: /carts/* }
`,
)

const issued = `
issuers:
  corp: { issuer: https://login.example.com, jwks: https://login.example.com/keys, audiences: [shop] }
  partner: { issuer: https://id.partner.example, jwks: https://id.partner.example/keys, audiences: [shop] }
`

fault(
  'MESH3801',
  'a rule lets requests without a token in',
  `${issued}
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    jwt: { issuers: [corp, partner] }
    allow: [{ from: web, paths: [/admin/*], jwt: required }, ‹{ from: web, paths: [/carts/*] }›]
  web: { namespace: shop }
expect:
  - { never: [anyone], to: cart, path: /admin/*, jwt: missing }
  - { never: «[anyone]», to: cart, jwt: missing }
`,
  '`anyone` is expected never to reach `cart` without a valid token, and `web` can: `shop/web → GET http://cart.shop:8080/carts/`',
)

fault(
  'MESH3801',
  'another caller is allowed with a claim',
  `${issued}
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    jwt: { issuers: [corp, partner] }
    allow:
      - { from: web, claims: { role: [admin, ops] } }
      - ‹{ from: batch, issuers: [corp] }›
  web: { namespace: shop }
  batch: { namespace: shop }
expect:
  - { only: «[web]», to: cart, path: /admin/*, claims: { role: [admin] } }
  - { only: [web], to: cart, issuers: [partner] }
`,
  'only `web` is expected to reach `cart` with a token in which `role` is `admin` on `/admin/*`, and `batch` can: `shop/batch → GET http://cart.shop:8080/admin/, with a token of https://login.example.com for shop, sub "a", role "admin"`',
)

fault(
  'MESH3801',
  'a service accepts the tokens of an issuer that are expected never to arrive',
  `${issued}
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    jwt: { issuers: [corp, partner] }
    allow: [‹{ from: web, jwt: required }›]
  billing:
    namespace: shop
    port: { http: 8080 }
    jwt: { issuers: [corp] }
    allow: [{ from: web, jwt: required }]
  web: { namespace: shop }
expect:
  - { never: [anyone], to: billing, issuers: [partner] }
  - { never: «[anyone]», to: cart, issuers: [partner] }
`,
  '`anyone` is expected never to reach `cart` with a token of `partner`, and `web` can: `shop/web → GET http://cart.shop:8080/, with a token of https://id.partner.example for shop, sub "a"`',
)

fault(
  'MESH3802',
  'a claim that should be sufficient is not',
  `${issued}
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    jwt: { issuers: [corp, partner] }
    allow: [‹{ from: web, claims: { realm: { role: admin } } }›]
  web: { namespace: shop }
expect:
  - { from: web, to: cart, issuers: [corp], claims: { realm: { role: admin } } }
  - { from: «web», to: cart, claims: { realm: { role: guest } } }
`,
  '`web` is expected to reach `cart` with a token in which `realm.role` is `guest`, but does not: `shop/web → GET http://cart.shop:8080/, with a token of https://id.partner.example for shop, realm {"role":"guest"}` ends with DENY 403',
)

fault(
  'MESH3805',
  'a service reads no tokens',
  `
services:
  ‹cart›:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web }]
  web: { namespace: shop }
expect:
  - { never: [web], to: cart, «claims»: { role: admin } }
`,
  'no proxy reads tokens for `cart`: to it, no request has claims',
)

fault(
  'MESH3805',
  'no service reads tokens',
  `
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }] }
  web: { namespace: shop }
expect:
  - { never: [anyone], «jwt»: missing }
`,
  'no service reads tokens: to it, every request is one without a valid token',
)

fault(
  'MESH3805',
  'the tokens of requests to a system outside are read by that system alone',
  `
services:
  cart: { namespace: shop }
external:
  books: { hosts: [api.example.com], port: { https: 443 }, allow: [{ from: cart }] }
expect:
  - { only: [cart], to: external/books, «jwt»: missing }
`,
  'no proxy reads tokens for `external/books`: to it, every request is one without a valid token',
)

fault(
  'MESH3805',
  'tokens of an issuer must arrive that the service does not accept',
  `${issued}
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    ‹jwt›: { issuers: [corp] }
    allow: [{ from: web, jwt: required }]
  billing: { namespace: shop, port: { http: 8080 }, jwt: { issuers: [partner] }, allow: [{ from: web, jwt: required }] }
  web: { namespace: shop }
expect:
  - { from: web, to: cart, «issuers»: [partner] }
`,
  '`cart` accepts no tokens of `partner`: no request reaches it with one',
)

fault(
  'MESH2002',
  'requests without a token are expected to have one',
  `${issued}
services:
  cart: { namespace: shop, port: { http: 8080 }, jwt: { issuers: [corp, partner] }, allow: [{ from: web, jwt: required }] }
  web: { namespace: shop }
expect:
  - { never: [web], to: cart, ‹jwt›: missing, «claims»: { role: admin } }
`,
  'the expectation about `cart` sets both `jwt: missing` and `claims`',
)

fault(
  'MESH2027',
  'an expectation names an undeclared issuer',
  `${issued}
services:
  cart: { namespace: shop, port: { http: 8080 }, jwt: { issuers: [corp, partner] }, allow: [{ from: web, jwt: required }] }
  web: { namespace: shop }
expect:
  - { never: [web], to: cart, issuers: [«partners»] }
`,
  'the spec declares no issuer `partners`',
)

sound(
  'tokens that a policy of others reads, and ports on which no proxy sees any',
  `${issued}
services:
  cart:
    namespace: shop
    ports: { web: { http: 8080 }, replication: { tcp: 7000 } }
    jwt: { issuers: [corp, partner] }
    allow:
      - { from: web, ports: [web], jwt: required }
      - { from: batch, ports: [replication] }
  web: { namespace: shop }
  batch: { namespace: shop }
expect:
  - { never: [batch], to: cart, claims: { role: admin } }
  - { never: [batch], to: cart, issuers: [corp, partner] }
  - { only: [batch], to: cart, jwt: missing }
  - { from: web, to: cart, claims: { role: admin } }
`,
)

test.run()
