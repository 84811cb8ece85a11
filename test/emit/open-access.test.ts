import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'
import { compileText } from '../support/compile-text.ts'

/** The words `access` and `sidecarScope`, and the objects that they remove from the manifests. */
const test = suite('open access')

const spec = (words: string, more = '') => `
meshc: v1
mesh: shop
${words}
gateways:
  public: { hosts: [shop.example.com], certificate: { secret: shop-tls } }
services:
  cart: { namespace: shop, port: { http: 8080 }, expose: [{ gateway: public, host: shop.example.com }] }
  ledger: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }] }
  vault: { namespace: shop, port: { http: 8080 }, allow: [] }
  web: { namespace: shop }
external:
  books: { hosts: [books.example.com], port: { http: 80 } }
  stripe: { hosts: [api.stripe.com], port: { https: 443 }, allow: [{ from: web }] }
suppress:
  - { code: MESH3415, because: the vault is closed, until: 2099-12-31 }
${more}`

interface Emitted {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly spec: Readonly<Record<string, unknown>>
}

function compiled(text: string) {
  const result = compileText(text)
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
  return result.value
}

const listObjects = (text: string, kind: string): readonly Emitted[] =>
  [...compiled(text).files()]
    .filter(({ path }) => path.startsWith('manifests/'))
    .flatMap(({ text }) => parseAllDocuments(text).map(document => document.toJS() as Emitted))
    .filter(object => object.kind === kind)

const listNames = (text: string, kind: string) =>
  listObjects(text, kind)
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
    .sort()

test('only a service that names its callers has a policy, and an empty list allows no caller', () => {
  assert.equal(
    listObjects(spec('access: open'), 'AuthorizationPolicy').map(({ metadata, spec }) => [
      metadata.name,
      spec,
    ]),
    [
      [
        'ledger',
        {
          selector: { matchLabels: { app: 'ledger' } },
          action: 'ALLOW',
          rules: [{ from: [{ source: { principals: ['cluster.local/ns/shop/sa/web'] } }] }],
        },
      ],
      ['vault', { selector: { matchLabels: { app: 'vault' } }, action: 'ALLOW' }],
    ],
  )
})

test('a part of a mesh that is open denies nothing in its namespaces either', () => {
  const part = 'manages: { namespaces: [shop, istio-ingress] }'
  assert.equal(listNames(spec(`access: open\n${part}`), 'AuthorizationPolicy'), ['shop/ledger', 'shop/vault'])
})

test('an external system without callers is visible to all, and one with callers to them', () => {
  assert.equal(
    listObjects(spec('access: open'), 'ServiceEntry').map(({ metadata, spec }) => [
      metadata.name,
      spec['exportTo'],
    ]),
    [
      ['books', undefined],
      ['stripe', ['shop']],
    ],
  )
})

test('sidecars have scopes where access is declared, unless `sidecarScope` is `all`', () => {
  const allowed = (words: string) =>
    spec(words)
      .replace(
        'host: shop.example.com }] }',
        'host: shop.example.com }], allow: [{ from: gateway/public }] }',
      )
      .replace('http: 80 } }', 'http: 80 }, allow: [{ from: web }] }')
  const scoped = ['shop/cart', 'shop/ledger', 'shop/vault', 'shop/web']
  assert.equal(listNames(allowed(''), 'Sidecar'), scoped)
  assert.equal(listNames(allowed('access: declared\nsidecarScope: declared'), 'Sidecar'), scoped)
  assert.equal(listNames(allowed('sidecarScope: all'), 'Sidecar'), [])
  assert.equal(listNames(allowed('sidecarScope: all'), 'AuthorizationPolicy').length, 4)
  assert.equal(listNames(spec('access: open'), 'Sidecar'), [])
  assert.equal(listNames(spec('access: open\nsidecarScope: all'), 'Sidecar'), [])
})

test('a service of pods that have a policy of another one lets anyone in on its own ports', () => {
  const text = `
meshc: v1
mesh: shop
access: open
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }] }
  cart-metrics:
    namespace: shop
    port: { http: 9464 }
    workload: { labels: { app: cart }, serviceAccount: cart }
  web: { namespace: shop }
`
  assert.equal(
    listObjects(text, 'AuthorizationPolicy').map(({ metadata, spec }) => [metadata.name, spec['rules']]),
    [
      [
        'cart',
        [
          {
            from: [{ source: { principals: ['cluster.local/ns/shop/sa/web'] } }],
            to: [{ operation: { ports: ['8080'] } }],
          },
        ],
      ],
      ['cart-metrics', [{ to: [{ operation: { ports: ['9464'] } }] }]],
    ],
  )
})

test('an open service needs no reason, and its expectations are proved', () => {
  const { diagnostics } = compileText(
    spec(
      'access: open',
      `expect:
  - { from: anyone, to: cart }
  - { from: gateway/public, to: cart }
  - { from: web, to: external/books }
  - { only: [web], to: ledger }
  - { only: [], to: vault }
  - { only: [web], to: cart }
`,
    ),
  )
  assert.equal(
    diagnostics.map(({ code, message, related }) => [code, message, related.map(({ message }) => message)]),
    [
      [
        'MESH3801',
        'only `web` is expected to reach `cart`, and `shop/cart` can: `shop/cart → GET http://cart.shop:8080/`',
        ['this allows it'],
      ],
    ],
  )
})

test('the documents list the allowed callers, and no denial that does not exist', () => {
  const files = new Map([...compiled(spec('access: open')).files()].map(({ path, text }) => [path, text]))
  const readme = files.get('docs/README.md')!
  assert.match(
    readme,
    'Anyone may call `cart` and `external/books` (`access: open`). The other destinations deny every call that is not listed.',
  )
  assert.match(readme, 'No caller may call `vault`.')
  for (const [path, text] of files)
    if (path.startsWith('docs/') || path === 'chart/README.md')
      assert.not.match(
        text,
        /everything else is denied|is denied until|denial by default|istio\.sidecar|with 403, and resets/i,
      )
})

test('a service that is left to Istio has no file, and no document leads to one', () => {
  const text = spec('access: open').replace(
    'gateways:',
    'defaults: { timeout: none, retries: istio-default, circuitBreaker: none, connections: unlimited }\ngateways:',
  )
  const files = new Map([...compiled(text).files()].map(({ path, text }) => [path, text]))
  const ofShop = [...files.keys()].filter(path => path.startsWith('manifests/shop/'))
  assert.equal(ofShop.sort(), [
    'manifests/shop/ledger.yaml',
    'manifests/shop/shop.namespace.yaml',
    'manifests/shop/vault.yaml',
  ])
  assert.not.match(files.get('kustomization.yaml')!, 'shop/cart.yaml')
  const linked = [...files].flatMap(([path, text]) =>
    path.startsWith('docs/')
      ? [...text.matchAll(/\]\(\.\.\/(manifests\/[^)#]+)/g)].map(([, target = '']) => target)
      : [],
  )
  assert.ok(linked.includes('manifests/shop/ledger.yaml'))
  assert.equal(
    linked.filter(target => !files.has(target)),
    [],
  )
  const traffic = files.get('docs/TRAFFIC.md')!
  assert.match(traffic, '@@ -0,0 +1,')
})

test('a patch of an object that an open mesh does not write is an error with the reason', () => {
  for (const [kind, name, help] of [
    [
      'AuthorizationPolicy',
      'cart',
      'where `access` is `open`, only a service that sets `allow` has a policy',
    ],
    [
      'Sidecar',
      'cart',
      'sidecars know everything here: set `sidecarScope: declared`, or write the object under `raw`',
    ],
  ] as const) {
    const patch = `patches: [{ kind: ${kind}, namespace: shop, name: ${name}, spec: {} }]`
    assert.equal(
      compileText(spec('access: open', patch)).diagnostics.map(({ code, help }) => [code, help]),
      [['MESH4001', help]],
    )
  }
})

test('a raw Sidecar may select pods whose sidecars know everything', () => {
  const raw = `
raw:
  - apiVersion: networking.istio.io/v1
    kind: Sidecar
    metadata: { name: cart-of-ours, namespace: shop }
    spec: { workloadSelector: { labels: { app: cart } }, egress: [{ hosts: ['*/*'] }] }
`
  assert.equal(compileText(spec('access: open', raw)).diagnostics, [])
})

test.run()
