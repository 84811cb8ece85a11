import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compileText } from '../support/compile-text.ts'
import { listObjects } from '../support/output.ts'

const test = suite('sidecars know the hosts of raw objects')

/** Lists the hosts that the sidecars of `web` and `cart` know, except istiod, if a spec has a raw object. */
function listHosts(kind: string, metadata: string, spec: string) {
  const result = compileText(`
meshc: v1
mesh: shop
defaults: { timeout: none, retries: istio-default, circuitBreaker: none, connections: unlimited }
services:
  web: { namespace: web }
  cart: { namespace: shop, port: { http: 80 }, allow: [{ from: web }] }
external:
  pay: { hosts: [pay.example.com], port: { http: 80 }, allow: [{ from: cart }] }
raw:
  - apiVersion: ${kind === 'Service' ? 'v1' : 'networking.istio.io/v1'}
    kind: ${kind}
    metadata: { name: old, namespace: shop, ${metadata} }
    spec: { ${spec} }
`)
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
  const hosts = (name: string) =>
    listObjects(result.value, 'Sidecar')
      .filter(sidecar => sidecar.name === name)
      .flatMap(({ spec }) => (spec.egress ?? []).flatMap(({ hosts }) => hosts))
      .filter(host => !host.startsWith('istio-system/'))
  return { web: hosts('web'), cart: hosts('cart') }
}

const entry = (host: string, more = '') =>
  listHosts(
    'ServiceEntry',
    '',
    `hosts: ["${host}"], ports: [{ number: 80, name: http, protocol: HTTP }], ${more}`,
  )

const cartKnown = 'shop/cart.shop.svc.cluster.local'

test('a host is known where its object is exported to', () => {
  const rawHost = 'shop/old.example.com'
  assert.equal(entry('old.example.com'), { web: [cartKnown, rawHost], cart: [rawHost] })
  assert.equal(entry('old.example.com', 'exportTo: [.]'), { web: [cartKnown], cart: [rawHost] })
  assert.equal(entry('old.example.com', 'exportTo: [web, monitoring]'), {
    web: [cartKnown, rawHost],
    cart: [],
  })
  assert.equal(entry('old.example.com', 'exportTo: ["~"]'), { web: [cartKnown], cart: [] })
  assert.equal(entry('*.old.example.com').cart, ['shop/*.old.example.com'])
})

test('a raw Service is known by its name in the cluster', () => {
  const ports = 'ports: [{ port: 80, name: http }]'
  const rawHost = 'shop/old.shop.svc.cluster.local'
  assert.equal(listHosts('Service', '', ports), { web: [cartKnown, rawHost], cart: [rawHost] })
  const exported = 'annotations: { networking.istio.io/exportTo: "." }'
  assert.equal(listHosts('Service', exported, ports), { web: [cartKnown], cart: [rawHost] })
})

test('routes of a declared host are known where that host is, those of a gateway nowhere', () => {
  const routes = (hosts: string, more = '') =>
    listHosts(
      'VirtualService',
      '',
      `hosts: [${hosts}], ${more} http: [{ route: [{ destination: { host: cart } }] }]`,
    )
  assert.equal(routes('cart'), { web: [cartKnown], cart: [] })
  assert.equal(routes('front').cart, ['shop/front.shop.svc.cluster.local'])
  assert.equal(routes('shop.example.com', 'gateways: [shop/public],').cart, [])
  assert.equal(routes('shop.example.com', 'gateways: [shop/public, mesh],').cart, ['shop/shop.example.com'])
})

test.run()
