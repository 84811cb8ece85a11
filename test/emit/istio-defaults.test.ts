import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'
import { compileText } from '../support/compile-text.ts'

/** A spec that keeps Istio's defaults emits no object that repeats them. */
const test = suite('the defaults of Istio')

const istioDefaults = 'timeout: none, retries: istio-default, circuitBreaker: none, connections: unlimited'

const spec = (defaults: string, cart: string, more = '') => `
meshc: v1
mesh: shop
faults: allowed
defaults: { ${defaults} }
gateways:
  public: { hosts: [shop.example.com], certificate: { secret: shop-tls } }
services:
  cart:
    namespace: shop
    ports: { http: 8080, redis: 6379 }
    expose: [{ gateway: public, host: shop.example.com }]
    allow: [{ from: gateway/public }, { from: web }]
    ${cart}
  web: { namespace: shop }
external:
  books: { hosts: [books.example.com], port: { http: 80 }, allow: [{ from: web }] }
  stripe: { hosts: [api.stripe.com], port: { https: 443 }, tls: originate, allow: [{ from: web }] }
${more}`

interface Emitted {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: Readonly<Record<string, unknown>>
}

function listRouting(text: string): readonly Emitted[] {
  const result = compileText(text)
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
  return [...result.value.files()]
    .filter(({ path }) => path.startsWith('manifests/'))
    .flatMap(({ text }) => parseAllDocuments(text).map(document => document.toJS() as Emitted))
    .filter(({ kind }) => kind === 'DestinationRule' || kind === 'VirtualService')
}

const listNames = (text: string) =>
  listRouting(text)
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    .sort()

const atGateway = 'VirtualService public.shop.example.com'

test('a pool whose requests have no limit has no `http`, which Istio refuses where it is empty', () => {
  const pool = (connections: string) =>
    listRouting(spec(istioDefaults, `connections: { ${connections} }`))
      .filter(({ kind, metadata }) => kind === 'DestinationRule' && metadata.name === 'cart')
      .map(({ spec }) => (spec['trafficPolicy'] as { connectionPool?: object }).connectionPool)
  assert.equal(pool('pending: unlimited'), [{ tcp: { maxConnections: 100, connectTimeout: '5s' } }])
  assert.equal(pool('max: unlimited, pending: unlimited, requests: 7'), [
    { tcp: { connectTimeout: '5s' }, http: { http2MaxRequests: 7 } },
  ])
})

test('where the spec sets only what Istio does by itself, TLS and the gateway alone have objects', () => {
  const objects = listRouting(spec(istioDefaults, ''))
  assert.equal(
    objects.map(({ kind, metadata, spec }) => [kind, metadata.name, spec['trafficPolicy'] ?? spec['http']]),
    [
      [
        'VirtualService',
        'public.shop.example.com',
        [
          {
            name: 'default',
            route: [{ destination: { host: 'cart.shop.svc.cluster.local', port: { number: 8080 } } }],
          },
        ],
      ],
      [
        'DestinationRule',
        'api.stripe.com',
        {
          tls: {
            mode: 'SIMPLE',
            sni: 'api.stripe.com',
            caCertificates: 'system',
            subjectAltNames: ['api.stripe.com'],
          },
        },
      ],
    ],
  )
})

for (const [field, objects] of [
  ['timeout: 5s', ['VirtualService cart']],
  ['retries: none', ['VirtualService cart']],
  ['retries: { attempts: 1 }', ['VirtualService cart']],
  ['fault: { abort: 503 }', ['VirtualService cart']],
  ['routes: [{ name: all }]', ['VirtualService cart']],
  ['versions: { v1: {} }', ['DestinationRule cart', 'VirtualService cart']],
  ['circuitBreaker: { interval: 10s }', ['DestinationRule cart']],
  ['connections: { max: 5 }', ['DestinationRule cart']],
  ['loadBalancing: { policy: random }', ['DestinationRule cart']],
  ['loadBalancing: { policy: least-request }', []],
] as const)
  test(`${field} alone makes ${objects.length === 0 ? 'no object' : objects.join(' and ')}`, () => {
    assert.equal(
      listNames(spec(istioDefaults, field)),
      ['DestinationRule api.stripe.com', ...objects, atGateway].sort(),
    )
  })

test('a timeout of an external system makes a route without retries of its own', () => {
  const books = listRouting(
    spec(istioDefaults, '').replace('port: { http: 80 },', 'port: { http: 80 }, timeout: 5s,'),
  ).find(({ metadata }) => metadata.name === 'books.example.com')
  assert.equal(books?.spec['http'], [
    {
      name: 'books',
      route: [{ destination: { host: 'books.example.com', port: { number: 80 } } }],
      timeout: '5s',
    },
  ])
})

test('the chart offers no timeout for a service without a route, and its rule at a gateway follows none', () => {
  const result = compileText(spec(`${istioDefaults}`, ''))
  assert.ok(result.ok)
  const texts = new Map([...result.value.files()].map(({ path, text }) => [path, text]))
  assert.not.match(texts.get('chart/templates/istio/virtualservice.yaml')!, '$times')
  assert.not.match(texts.get('chart/values.schema.json')!, 'callers of `cart` wait')
  assert.match(
    texts.get('chart/values.yaml')!,
    'For every service and external system that says nothing else, and whose requests the spec does not leave to Istio.',
  )
})

test('a patch of an object that is not needed is an error with another solution', () => {
  const patch = (kind: string) => `
patches:
  - { kind: ${kind}, namespace: shop, name: cart, spec: { exportTo: [.] } }
`
  for (const kind of ['DestinationRule', 'VirtualService']) {
    const result = compileText(spec(istioDefaults, '', patch(kind)))
    assert.equal(
      result.diagnostics.map(({ code, message, help }) => [code, message, help]),
      [
        [
          'MESH4001',
          `meshc emits no object \`${kind} shop/cart\``,
          'the spec sets nothing there that Istio does not do by itself: set a field of `cart`, or write the object under `raw`',
        ],
      ],
    )
  }
})

test('a raw object may set only values that meshc does not set', () => {
  const raw = `
raw:
  - apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: { name: cart-of-ours, namespace: shop }
    spec: { host: cart.shop.svc.cluster.local, trafficPolicy: { loadBalancer: { simple: RANDOM } } }
  - apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: { name: books-of-ours, namespace: istio-system }
    spec: { hosts: [books.example.com], http: [{ route: [{ destination: { host: books.example.com } }], timeout: 3s }] }
`
  const listCodes = (defaults: string) =>
    compileText(spec(defaults, '', raw)).diagnostics.map(({ code }) => code)
  assert.equal(listCodes(istioDefaults), [])
  assert.equal(listCodes(''), ['MESH3705', 'MESH3705'])
})

test.run()
