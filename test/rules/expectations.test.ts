import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { DiagnosticCode } from '../../compiler/diagnostics/diagnostic.ts'
import { compileText } from '../support/compile-text.ts'
import { plantedFault, soundSpec } from '../support/planted-fault.ts'

/** What a spec expects of itself. */
const test = suite('rules of expectations')

const fault = (code: DiagnosticCode, what: string, spec: string, message: string) =>
  test(`${code}: ${what}`, () => plantedFault(code, spec, message))

const sound = (what: string, spec: string) => test(`nothing wrong: ${what}`, () => soundSpec(spec))

fault(
  'MESH3801',
  'somebody else may call',
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
  'only `web` is expected to reach `cart`, and `orders` can',
)

fault(
  'MESH3801',
  'a namespace may call, and a reason says why not',
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
  'only `web` and `orders` are expected to reach `cart`, and `namespace/shop` can',
)

fault(
  'MESH3801',
  'nobody may call, and somebody can',
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
  'nobody is expected to reach `cart`, and `web` can',
)

fault(
  'MESH3801',
  'somebody else may call with this method on this path',
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
  'only `web` is expected to reach `cart`, and `orders` can',
)

fault(
  'MESH3801',
  'somebody else may call an external system',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  books: { hosts: [api.example.com], port: { https: 443 }, allow: [‹{ from: namespace/shop }›] }
expect:
  - { only: «[cart]», to: external/books }
`,
  'only `cart` is expected to reach `external/books`, and `namespace/shop` can',
)

fault(
  'MESH3801',
  'anybody can call an external system where egress is open',
  `
egress: ‹allow-any›
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  books: { hosts: [api.example.com], port: { https: 443 }, allow: [{ from: cart }] }
expect:
  - { only: «[cart]», to: external/books }
`,
  'only `cart` is expected to reach `external/books`, and any service can: `egress` is `allow-any`',
)

test('MESH3801 beside MESH3005: somebody else runs as the account of who may call', () => {
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
      'MESH3005 this lets `batch` call `cart` too: it runs as the account of `web`',
      'MESH3801 only `web` is expected to reach `cart`, and `batch` can',
    ],
  )
})

sound(
  'only those who may',
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
  'MESH3802',
  'who must reach it is not allowed',
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
  '`orders` is expected to reach `cart`, and may not',
)

fault(
  'MESH3802',
  'nobody is allowed',
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
  '`web` is expected to reach `cart`, and may not',
)

fault(
  'MESH3802',
  'who must reach it may with another method',
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
  '`web` is expected to reach `cart` with POST on `/orders/1`, and may not',
)

fault(
  'MESH3802',
  'who must reach all of a path may reach a part of it',
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
  '`web` is expected to reach `cart` on `/orders/*`, and may not',
)

sound(
  'who must reach it may, by name, with a namespace, or with anyone',
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

test.run()
