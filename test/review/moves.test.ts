import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeCompiledSide } from '../../bin/diff/sides.ts'
import { judge, reviewEnvironment, reviewJson } from '../../compiler/review/index.ts'
import type { Side } from '../../compiler/review/side.ts'
import { at, listAt } from '../support/at.ts'
import { compileText } from '../support/compile-text.ts'

const moves = suite('moves to another control plane')

const shop = ({
  stable = '{ version: 1.31.2, tags: [prod] }',
  canary = '{ version: 1.31.4 }',
  revision = 'prod',
  cart = 'stable',
}) => `meshc: v1
mesh: shop
istio:
  revisions:
    stable: ${stable}
    canary: ${canary}
  revision: ${revision}
namespaces:
  shop: { revision: ${cart} }
  edge: { revision: canary }
gateways:
  public: { hosts: [shop.example.com], certificate: { secret: shop } }
  partners: { namespace: edge, hosts: [partners.example.com], certificate: { secret: partners } }
services:
  web: { namespace: web, port: { http: 8080 }, allow: [{ from: gateway/public }] }
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }] }
  stock: { namespace: shop, port: { http: 8080 }, allow: [{ from: cart }] }
`

moves('a namespace that moves is named with its workloads, at its line', () => {
  const { words, places, facts } = review(shop({}), shop({ cart: 'canary' }))
  assert.equal(words, [
    'namespace `shop` moves from control plane `stable` (Istio 1.31.2) to `canary` (Istio 1.31.4): the pods of `cart` and `stock` must restart',
  ])
  assert.equal(places, [9])
  assert.equal(facts, [
    {
      namespaces: ['shop'],
      from: { revision: 'stable', version: '1.31.2' },
      to: { revision: 'canary', version: '1.31.4' },
      workloads: ['cart', 'stock'],
      gateways: [],
    },
  ])
})

moves('the word of a control plane changes, and no pod gets another one', () => {
  assert.equal(review(shop({}), shop({ cart: 'prod' })).words, [])
})

moves('all namespaces that follow a tag move with it, and so do their gateways', () => {
  const { words, facts } = review(
    shop({}),
    shop({ stable: '{ version: 1.31.2 }', canary: '{ version: 1.31.4, tags: [prod] }' }),
  )
  assert.equal(words, [
    'namespace `istio-ingress` moves from control plane `stable` (Istio 1.31.2) to `canary` (Istio 1.31.4): the pods of `gateway/public` must restart',
    'namespace `web` moves from control plane `stable` (Istio 1.31.2) to `canary` (Istio 1.31.4): the pods of `web` must restart',
  ])
  assert.equal(at(facts[0], 'gateways'), ['gateway/public'])
})

moves('a control plane is upgraded in place', () => {
  assert.equal(review(shop({}), shop({ canary: '{ version: 1.32.0 }' })).words, [
    'control plane `canary` goes from Istio 1.31.4 to 1.32.0: the pods of `gateway/partners` must restart for its proxy',
  ])
})

moves('the only control plane gets a revision', () => {
  const only = shop({})
    .split('\n')
    .filter((_, index) => index < 2 || index > 9)
    .join('\n')
  const { words } = review(only, only.replace('gateways:', 'istio: { revision: canary }\ngateways:'))
  assert.is(words.length, 4)
  assert.match(
    words[0]!,
    /^namespace `edge` moves from control plane `default` \(Istio 1\.31\.4\) to `canary` \(Istio 1\.31\.4\): /,
  )
})

function review(before: string, after: string) {
  const environment = reviewEnvironment('prod', getSide(before), getSide(after))
  assert.equal(environment.findings, [], 'no request fares otherwise')
  assert.equal(environment.unknown, [])
  const judged = judge(environment, [], { counting: [], ownWaivers: [] })
  const json = reviewJson({
    before: 'before',
    after: 'after',
    environments: [{ name: 'prod', review: environment, ...judged }],
  })
  const notices = listAt(json, 'environments', 0, 'notices').filter(
    notice => at(notice, 'move') !== undefined,
  )
  return {
    words: notices.map(notice => String(at(notice, 'words'))),
    places: notices.map(notice => at(notice, 'line')),
    facts: notices.map(notice => at(notice, 'move')),
  }
}

function getSide(text: string): Side {
  const entry = 'spec/prod/mesh.yaml'
  const result = compileText({ [entry]: text }, entry)
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
  return makeCompiledSide('side', {
    environment: { name: 'prod', entry, output: 'out/prod' },
    compilation: result.value,
    sources: result.sources,
  })
}

moves.run()
