import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'
import { compileText } from '../support/compile-text.ts'

const virtualService = suite('virtual service')

interface Target {
  readonly destination: {
    readonly host: string
    readonly subset?: string
    readonly port: { readonly number: number }
  }
}

interface Rule {
  readonly name: string
  readonly match?: readonly { readonly uri?: unknown; readonly headers?: unknown }[]
  readonly route?: readonly (Target & { readonly weight?: number })[]
  readonly mirrors?: readonly (Target & { readonly percentage: { readonly value: number } })[]
  readonly rewrite?: unknown
  readonly fault?: unknown
}

virtualService(
  'a share with decimals is a whole weight of the same ratio, and a mirror has its percentage',
  () => {
    const rules = listRules(
      'shop/orders',
      `
meshc: v1
mesh: shop
services:
  orders:
    namespace: shop
    port: { http: 8080 }
    versions: { v1: {}, v2: {}, v3: {} }
    traffic: { v1: 99.5%, v2: 0.5% }
    allow: [{ from: web }]
    routes:
      - { name: hundredths, when: { methods: [PUT] }, traffic: { v1: 99.89%, v2: 0.1%, v3: 0.01% } }
      - { name: whole, when: { methods: [POST] }, traffic: { v1: 99.0%, v2: 1% }, mirror: { v3: 0.1% } }
      - { name: tenths }
  web: { namespace: shop }
`,
    )
    assert.equal(
      rules.map(({ name, route, mirrors }) => [
        name,
        route?.map(({ weight }) => weight),
        mirrors?.map(({ percentage }) => percentage.value),
      ]),
      [
        ['hundredths', [9989, 10, 1], undefined],
        ['whole', [99, 1], [0.1]],
        ['tenths', [995, 5], undefined],
      ],
    )
  },
)

virtualService(
  'a share for another service leads to its port of the same name, and copies to its only one',
  () => {
    const rules = listRules(
      'shop/orders',
      `
meshc: v1
mesh: shop
services:
  orders:
    namespace: shop
    ports: { http: 8080, http-admin: 9090 }
    traffic: { service/orders: 85%, service/orders-v2/canary: 15% }
    mirror: { service/audit: 20% }
    routes:
      - { name: beta, when: { headers: { x-beta: on } }, traffic: { service/orders-v2: 100% }, mirror: {} }
    allow: [{ from: web }]
  orders-v2:
    namespace: checkout
    ports: { http: 80, http-admin: 9999 }
    versions: { canary: {} }
    allow: [{ from: web }]
  audit: { namespace: shop, port: { http: 7070 }, allow: [{ from: web }] }
  web: { namespace: shop }
`,
    )
    const print = ({ destination: { host, subset, port } }: Target) =>
      `${host.split('.').slice(0, 2).join('.')}${subset === undefined ? '' : `/${subset}`}:${port.number}`
    assert.equal(
      rules.map(({ name, route = [], mirrors = [] }) => [
        name,
        route.map(part => `${part.weight ?? 'all'} to ${print(part)}`),
        mirrors.map(print),
      ]),
      [
        ['beta', ['all to orders-v2.checkout:80'], []],
        ['default', ['85 to orders.shop:8080', '15 to orders-v2.checkout/canary:80'], ['audit.shop:7070']],
        ['beta', ['all to orders-v2.checkout:9999'], []],
        ['default', ['85 to orders.shop:9090', '15 to orders-v2.checkout/canary:9999'], ['audit.shop:7070']],
      ],
    )
  },
)

virtualService('a prefix under a shorter one stays a prefix where the rule replaces it', () => {
  const rules = listRules(
    'shop/orders',
    `
meshc: v1
mesh: shop
services:
  orders:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web }]
    routes:
      - { name: writes, when: { paths: [/v1/*], methods: [POST] } }
      - { name: old, when: { paths: [/v1/old/*] }, rewrite: { path: /v1/new/ } }
      - { name: reads, when: { paths: [/v1/*], methods: [GET] } }
      - { name: everything }
  web: { namespace: shop }
`,
  )
  assert.equal(
    rules.map(({ name, match, rewrite }) => [
      name,
      match?.map(({ uri, headers }) => ({ uri, headers })),
      rewrite,
    ]),
    [
      ['writes', [{ uri: { prefix: '/v1/' }, headers: undefined }], undefined],
      ['old', [{ uri: { prefix: '/v1/old/' }, headers: { ':method': {} } }], { uri: '/v1/new/' }],
      ['reads', [{ uri: { prefix: '/v1/' }, headers: undefined }], undefined],
      ['everything', undefined, undefined],
    ],
  )
})

virtualService(
  'at a gateway, a longer path comes before a shorter one of the same or another service',
  () => {
    const rules = listRules(
      'istio-ingress/public.api.example.com',
      `
meshc: v1
mesh: shop
gateways:
  public: { hosts: [api.example.com], certificate: { secret: api-tls } }
services:
  orders:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com, paths: [/a/x, /b/*] }]
    allow: [{ from: gateway/public }]
  payments:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com, paths: [/b/c/*] }]
    allow: [{ from: gateway/public }]
`,
    )
    const paths = rules.map(({ match }) => match?.map(({ uri }) => uri))
    assert.equal(paths, [[{ exact: '/a/x' }], [{ prefix: '/b/c/' }], [{ prefix: '/b/' }]])
  },
)

virtualService('a fault hits less than one request in a hundred', () => {
  const [rule] = listRules(
    'shop/cart',
    `
meshc: v1
mesh: shop
faults: allowed
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], fault: { abort: 503, share: 0.1% } }
  web: { namespace: shop }
`,
  )
  assert.equal(rule?.fault, { abort: { httpStatus: 503, percentage: { value: 0.1 } } })
})

virtualService.run()

/** The HTTP rules of a VirtualService that a spec compiles to. */
function listRules(object: string, spec: string): readonly Rule[] {
  const result = compileText(spec)
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
  for (const { path, text } of result.value.files()) {
    if (!path.endsWith('.yaml')) continue
    for (const document of parseAllDocuments(text)) {
      const { kind, metadata, spec } = document.toJS()
      if (kind === 'VirtualService' && `${metadata.namespace}/${metadata.name}` === object) return spec.http
    }
  }
  throw new Error(`no VirtualService ${object}`)
}
