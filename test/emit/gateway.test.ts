import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compileText } from '../support/compile-text.ts'
import { getHelmValues, getIstioOperator, listObjects } from '../support/output.ts'

const test = suite('gateways with proxies of another owner, wildcards, and ports of their own')

function compile(spec: string) {
  const result = compileText(
    { 'spec/prod/mesh.yaml': `meshc: v1\nmesh: shop\n${spec}` },
    'spec/prod/mesh.yaml',
  )
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
  return result.value
}

/** Gateways in the style of Istio's samples. */
const samples = (head: string) =>
  compile(`${head}
gateways:
  bookinfo:
    namespace: shop
    workload:
      labels: { istio: ingressgateway }
      serviceAccount: istio-ingressgateway-service-account
      namespace: istio-system
    hosts: ['*']
    http: serve
    ports: { http: 8080 }
  shop:
    namespace: shop
    workload:
      labels: { istio: ingressgateway }
      serviceAccount: istio-ingressgateway-service-account
      namespace: istio-system
    hosts: ['*.example.com', any.example.com]
    certificate: { secret: wildcard-tls }
    http: off
services:
  productpage:
    namespace: shop
    port: { http: 9080 }
    expose: [{ gateway: bookinfo, host: '*', paths: [/productpage] }]
    allow: [{ from: gateway/bookinfo, methods: [GET] }]
  cart:
    namespace: shop
    port: { http: 8080 }
    expose:
      - { gateway: shop, host: '*.example.com', paths: [/cart/*] }
      - { gateway: shop, host: any.example.com, paths: [/any/*] }
      - { gateway: shop, host: cart.example.com }
    allow: [{ from: gateway/shop }]
`)

const places = (objects: readonly { readonly namespace: string; readonly name: string }[]) =>
  objects.map(({ namespace, name }) => `${namespace}/${name}`)

test('the Gateway selects the given labels, and listens on the given ports', () => {
  const [bookinfo, shop] = listObjects(samples('mtls: permissive'), 'Gateway')
  assert.equal(bookinfo?.spec, {
    selector: { istio: 'ingressgateway' },
    servers: [{ port: { number: 8080, name: 'http', protocol: 'HTTP' }, hosts: ['./*'] }],
  })
  assert.equal(shop?.spec, {
    selector: { istio: 'ingressgateway' },
    servers: [
      {
        port: { number: 443, name: 'https', protocol: 'HTTPS' },
        hosts: ['./*.example.com'],
        tls: { mode: 'SIMPLE', credentialName: 'wildcard-tls', minProtocolVersion: 'TLSV1_2' },
      },
    ],
  })
})

test('each host has a VirtualService with a name of its own, which the pods see in their namespace', () => {
  const routed = listObjects(samples('mtls: permissive'), 'VirtualService').filter(
    ({ spec }) => spec.gateways?.[0] !== 'mesh',
  )
  assert.equal(
    routed.map(({ name, namespace, spec }) => [`${namespace}/${name}`, spec.hosts, spec.exportTo]),
    [
      ['shop/bookinfo.any', ['*'], ['istio-system']],
      ['shop/shop.any-any.example.com', ['*.example.com'], ['istio-system']],
      ['shop/shop.any.example.com', ['any.example.com'], ['istio-system']],
      ['shop/shop.cart.example.com', ['cart.example.com'], ['istio-system']],
    ],
  )
})

test('callers are known by the account of the proxies, and a policy of the hosts is in their namespace', () => {
  const policies = listObjects(samples('mtls: permissive'), 'AuthorizationPolicy')
  const ofCart = policies.find(({ name }) => name === 'cart')
  const principal = 'cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account'
  assert.equal(ofCart?.spec.rules, [{ from: [{ source: { principals: [principal] } }] }])
  const ofGateways = policies.filter(({ name }) => name.endsWith('.gateway'))
  assert.equal(places(ofGateways), ['istio-system/bookinfo.gateway', 'istio-system/shop.gateway'])
  assert.equal(
    ofGateways.map(({ spec }) => spec.rules),
    [
      [{ to: [{ operation: { hosts: ['*'] } }] }],
      [
        {
          to: [
            {
              operation: {
                hosts: ['*.example.com', '*.example.com:443'],
              },
            },
          ],
        },
      ],
    ],
  )
})

test('nothing is written in the namespace of proxies that the spec does not manage', () => {
  const compilation = samples('manages: { namespaces: [shop] }')
  const policies = listObjects(compilation, 'AuthorizationPolicy')
  assert.equal(places(policies), ['shop/namespace.deny-by-default', 'shop/cart', 'shop/productpage'])
  assert.equal(
    [...compilation.files()].map(({ path }) => path).filter(path => path.includes('istio-system')),
    [],
  )
})

test('meshc installs no proxies of another owner', () => {
  const compilation = samples('delivery: { repository: https://git.example.com/mesh.git }')
  const files = [...compilation.files()]
  assert.equal(
    files.map(({ path }) => path).filter(path => path.startsWith('istio/')),
    ['istio/istio-operator.yaml', 'istio/values-base.yaml', 'istio/values-istiod.yaml'],
  )
  assert.is(getIstioOperator(compilation).components?.ingressGateways, undefined)
  const named = files
    .filter(({ path }) => path.startsWith('argocd/'))
    .filter(({ text }) => text.includes('ingressgateway'))
  assert.equal(named, [])
  const alerts = files.find(({ path }) => path.endsWith('alerts.yaml'))?.text
  assert.not.match(alerts ?? '', 'GatewayDown')
})

test('the certificate of proxies in another namespace is made there', () => {
  const compilation = compile(`
gateways:
  public:
    workload: { labels: { istio: ingressgateway }, serviceAccount: ingress, namespace: edge }
    hosts: ['*.example.com']
    certificate: { issuer: letsencrypt-prod }
namespaces: { edge: {} }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: cart.example.com }]
    allow: [{ from: gateway/public }]
`)
  const [certificate] = listObjects(compilation, 'Certificate')
  assert.equal([certificate?.namespace, certificate?.spec.dnsNames], ['edge', ['*.example.com']])
})

test('the Service of proxies that meshc installs opens the ports of the listeners', () => {
  const compilation = compile(`
gateways:
  plain: { hosts: [plain.example.com], http: serve, ports: { http: 8080 } }
  public: { hosts: [api.example.com], certificate: { secret: api-tls }, ports: { http: 8080, https: 8443 } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }, { gateway: plain, host: plain.example.com }]
    allow: [{ from: gateway/public }, { from: gateway/plain }]
`)
  const health = { name: 'status-port', port: 15021, targetPort: 15021, protocol: 'TCP' }
  const http = { name: 'http2', port: 8080, targetPort: 8080, protocol: 'TCP' }
  const https = { name: 'https', port: 8443, targetPort: 8443, protocol: 'TCP' }
  const values = getHelmValues(compilation)
  assert.equal(values.gateway('istio-plain').service?.ports, [health, http])
  assert.equal(values.gateway('istio-public').service?.ports, [health, http, https])
  const components = getIstioOperator(compilation).components?.ingressGateways
  assert.equal(
    components?.map(({ k8s }) => k8s?.service?.ports),
    [
      [health, http],
      [health, http, https],
    ],
  )
})

test.run()
