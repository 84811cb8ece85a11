import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { noFilters, selectVisible } from '../../bin/map/page/graph/filters.ts'
import { getSide, listCalled, listCallingNodes, makeGraph } from '../../bin/map/page/graph/graph.ts'
import { findWay, listReached } from '../../bin/map/page/graph/reach.ts'
import { searchNodes } from '../../bin/map/page/graph/search.ts'
import { describeGraphNode } from '../../bin/map/page/graph/words.ts'
import type { MapCaller, MeshMap } from '../../compiler/map/mesh-map.ts'
import { holds } from '../holds.ts'
import { drawMap, makeService, meshes } from './support/arbitraries.ts'
import { type CallPart, makeMap } from './support/make-map.ts'
import { makeShopData } from './support/shop-data.ts'

const graphs = suite('graph of the map')

graphs('a node reaches exactly the nodes that its chains of calls reach', () => {
  holds(
    fc.property(meshes, mesh => {
      const graph = makeGraph({ after: drawMap(mesh) })
      const side = getSide(graph, 'after')
      const nodes = [...graph.nodes.keys()]
      // Warshall's algorithm uses no search.
      const reaches = nodes.map(from => {
        const called = new Set(listCalled(side, from))
        return nodes.map(to => called.has(to))
      })
      for (const middle of nodes)
        for (const from of nodes)
          for (const to of nodes)
            if (reaches[from]![middle] && reaches[middle]![to]) reaches[from]![to] = true
      const listBy = (test: (node: number) => boolean | undefined, start: number) =>
        nodes.filter(node => node !== start && test(node))
      const sortNodes = (reached: readonly { node: number }[]) =>
        reached.map(({ node }) => node).sort((a, b) => a - b)
      for (const start of nodes) {
        assert.equal(
          sortNodes(listReached(side, start, 'forward')),
          listBy(node => reaches[start]![node], start),
        )
        assert.equal(
          sortNodes(listReached(side, start, 'backward')),
          listBy(node => reaches[node]![start], start),
        )
      }
    }),
  )
})

graphs('a shortest way is as long as the distance, and each step of it is a call', () => {
  holds(
    fc.property(meshes, fc.nat(), (mesh, position) => {
      const graph = makeGraph({ after: drawMap(mesh) })
      const side = getSide(graph, 'after')
      const start = position % graph.nodes.length
      const distances = new Map(
        listReached(side, start, 'forward').map(({ node, distance }) => [node, distance]),
      )
      for (const end of graph.nodes.keys()) {
        if (end === start) continue
        const way = findWay(side, start, end)
        assert.is(way === undefined ? undefined : way.length - 1, distances.get(end))
        for (const [index, node] of (way ?? []).slice(1).entries())
          assert.ok(listCallingNodes(side, node).includes(way![index]!))
      }
    }),
  )
})

graphs('a change has the nodes of both sides, each once, with where they are', () => {
  const { mesh, change } = makeShopData().environments[0]!
  const graph = makeGraph({
    after: mesh?.map,
    before: change?.before.map,
    differences: change?.differences,
  })
  assert.is(graph.nodes.length, mesh?.map.nodes.length)
  assert.equal(
    graph.nodes.filter(({ presence }) => presence !== 'both').map(({ name, presence }) => [name, presence]),
    [['reviews', 'after']],
  )
  assert.equal(
    graph.rooms.map(({ name }) => name),
    ['Internet', 'data', 'edge', 'pay', 'shop', 'External systems'],
  )
})

graphs('a node is open where anyone is proved to call it, and perhaps where that is not known', () => {
  const nodes = ['open', 'perhaps', 'closed', 'both'].map(name => makeService('shop', name))
  const rate = (calls: readonly CallPart[]) => {
    const map = makeMap(
      [{ kind: 'anyone', name: 'anyone' }, { kind: 'internet', name: 'internet' }, gateway, ...nodes],
      calls,
    )
    const graph = makeGraph({ after: map })
    return graph.nodes.flatMap(({ name, openness }) =>
      openness.after === 'none' ? [] : [[name, openness.after]],
    )
  }
  const gateway = { kind: 'gateway' as const, namespace: 'edge', name: 'public' }
  const anyone = ['anyone anyone']
  const calls: readonly CallPart[] = [
    { from: anyone, to: 'service shop/open' },
    { from: anyone, to: 'service shop/perhaps', certainty: 'unknown', transports: [] },
    { from: anyone, to: 'service shop/both', certainty: 'unknown', transports: [] },
    { from: ['service shop/open'], to: 'service shop/both', isOpen: true },
    { from: ['service shop/open'], to: 'service shop/closed' },
    { from: ['internet internet'], to: 'gateway edge/public' },
  ]
  const expected = [
    ['both', 'open'],
    ['open', 'open'],
    ['perhaps', 'unknown'],
  ]
  assert.equal(rate(calls), expected)
  assert.equal(rate(calls.toReversed()), expected)
})

graphs('a caller that only a policy names is not anyone', () => {
  const map = makeMap(
    [{ kind: 'anyone', name: 'anyone' }, makeService('shop', 'cart')],
    [{ from: ['anyone anyone'], to: 'service shop/cart' }],
  )
  const [anyone] = map.callers
  const named = {
    ...map,
    callers: [
      { ...anyone!, caller: { ...anyone!.caller, like: 'cluster.local/ns/pay/*' } as MapCaller['caller'] },
    ],
  }
  const rate = (after: MeshMap) =>
    makeGraph({ after }).nodes.find(({ name }) => name === 'cart')?.openness.after
  assert.is(rate(map), 'open')
  assert.is(rate(named), 'none')
})

const shop = makeGraph({ after: makeShopData(false).environments[0]!.mesh?.map })
const nameAll = (nodes: readonly number[]) => nodes.map(node => shop.nodes[node]!.name)

graphs('a search finds names, namespaces, hosts and owners, names that begin with the text first', () => {
  assert.equal(nameAll(searchNodes(shop, 'car', 9)), ['cart'])
  assert.equal(nameAll(searchNodes(shop, 'PAY', 9)), ['payments', 'fraud', 'ledger'])
  assert.equal(nameAll(searchNodes(shop, 'team-data rep', 9)), ['reports'])
  assert.equal(nameAll(searchNodes(shop, 'partner.example', 9)), ['hooks.partner.example', 'partner'])
  assert.equal(nameAll(searchNodes(shop, ' ', 9)), [])
  assert.is(searchNodes(shop, 'e', 2).length, 2)
})

graphs('filters leave the nodes that they name, and the neighbors of those', () => {
  const leave = (filters: Partial<typeof noFilters>) => {
    const { nodes } = selectVisible(shop, { ...noFilters, ...filters })
    return nameAll([...shop.nodes.keys()].filter(node => nodes[node]))
  }
  assert.equal(leave({ namespaces: ['pay'] }), [
    'reports',
    'fraud',
    'ledger',
    'payments',
    'orders',
    'api.stripe.com',
  ])
  assert.equal(leave({ external: true }), [
    'reports',
    'payments',
    'orders',
    'api.stripe.com',
    'hooks.partner.example',
    's3.eu-central-1.amazonaws.com',
  ])
  assert.equal(leave({ gateway: 'gateway edge/partner' }), ['Internet', 'partner', 'catalog'])
  assert.equal(leave({ owner: 'team-payments', external: true }), ['payments', 'api.stripe.com'])
})

graphs('a node has a description in words', () => {
  const say = (id: string) => describeGraphNode(shop, getSide(shop, 'after'), shop.numbers.get(id)!)
  assert.is(say('service shop/cart'), 'service cart in shop, called by 1, calls 2')
  assert.is(say('service data/sessions'), 'service sessions in data, called by 3, calls 0, open to anyone')
  assert.is(say('external api.stripe.com'), 'external system api.stripe.com, called by 1, calls 0')
})

graphs.run()
