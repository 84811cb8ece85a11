import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { noFilters, selectVisible } from '../../bin/map/page/graph/filters.ts'
import { type Graph, makeGraph } from '../../bin/map/page/graph/graph.ts'
import type { Box } from '../../bin/map/page/picture/geometry.ts'
import { makeGraphPainter, type Picture } from '../../bin/map/page/picture/picture.ts'
import { holds } from '../holds.ts'
import { drawMap, makeService, meshes } from './support/arbitraries.ts'
import { makeLargeData } from './support/large-data.ts'
import { makeShopData } from './support/shop-data.ts'

const layout = suite('layout of the map')

const paintAll = (graph: Graph, folded: ReadonlySet<number> = new Set()): Picture =>
  makeGraphPainter(graph)(selectVisible(graph, noFilters), folded, false, false)

/** Lists the places of nodes from the corner of their room, by id, for each room. */
function listPlaces(graph: Graph, picture: Picture): ReadonlyMap<string, Readonly<Record<string, Box>>> {
  return new Map(
    picture.rooms
      .filter(({ isFolded }) => !isFolded)
      .map(({ room, box, shown }) => {
        const boxes = shown.map(node => {
          const inner = picture.boxes.get(node)!
          return [graph.nodes[node]!.id, { ...inner, x: inner.x - box.x, y: inner.y - box.y }] as const
        })
        return [room.id, Object.fromEntries(boxes)]
      }),
  )
}

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

const isInside = (inner: Box, outer: Box): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height

layout('a service added to a room moves nothing inside of any other room', () => {
  const calls = fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 5 })
  holds(
    fc.property(meshes, fc.constantFrom('data', 'pay', 'shop', 'new'), calls, (mesh, namespace, drawn) => {
      const added = `service ${namespace}/added`
      const ids = mesh.nodes.slice(3).map(({ kind, namespace: room, name }) => `${kind} ${room}/${name}`)
      const more = drawn.map(([position, isCaller]) => {
        const id = ids[position % ids.length]!
        return isCaller ? { from: [id], to: added } : { from: [added], to: id }
      })
      const before = makeGraph({ after: drawMap(mesh) })
      const after = makeGraph({
        after: drawMap({
          nodes: [...mesh.nodes, makeService(namespace, 'added')],
          calls: [...mesh.calls, ...more],
        }),
      })
      const earlier = listPlaces(before, paintAll(before))
      const later = listPlaces(after, paintAll(after))
      // A badge on an open node makes its box higher. None of the added calls is open.
      for (const [room, places] of earlier)
        if (room !== `namespace ${namespace}`) assert.equal(later.get(room), places)
    }),
  )
})

layout('no two nodes overlap, no two rooms do, and each node is inside of its room', () => {
  holds(
    fc.property(meshes, fc.array(fc.nat({ max: 4 })), (mesh, folded) => {
      const graph = makeGraph({ after: drawMap(mesh) })
      const picture = paintAll(graph, new Set(folded.filter(room => graph.rooms[room]?.kind === 'namespace')))
      const rooms = picture.rooms.map(({ box }) => box)
      const nodes = picture.nodes.map(({ box }) => box)
      for (const boxes of [rooms, nodes])
        for (const [index, box] of boxes.entries())
          for (const second of boxes.slice(index + 1)) assert.not(overlap(box, second))
      for (const { number, box } of picture.nodes) {
        const room = picture.rooms.find(({ number: candidate }) => candidate === graph.nodes[number]!.room)!
        assert.ok(isInside(box, room.box))
      }
    }),
  )
})

layout('the order of nodes, callers and calls in the data changes nothing', () => {
  holds(
    fc.property(meshes, mesh => {
      const places = (nodes: typeof mesh.nodes, calls: typeof mesh.calls) => {
        const graph = makeGraph({ after: drawMap({ nodes, calls }) })
        const picture = paintAll(graph)
        return [picture.rooms, picture.nodes, picture.links.map(({ path }) => path)]
      }
      assert.equal(places(mesh.nodes.toReversed(), mesh.calls.toReversed()), places(mesh.nodes, mesh.calls))
    }),
  )
})

layout('a folded room has the lines of its nodes, and their counts', () => {
  holds(
    fc.property(meshes, mesh => {
      const graph = makeGraph({ after: drawMap(mesh) })
      const rooms = new Set(graph.rooms.keys())
      const unfolded = paintAll(graph).links
      const folded = paintAll(graph, rooms).links
      const toRoom = (end: number) => graph.nodes.length + graph.nodes[end]!.room!
      const sums = new Map<string, number>()
      for (const { link } of unfolded) {
        const [from, to] = [toRoom(link.from), toRoom(link.to)]
        if (from !== to) sums.set(`${from} ${to}`, (sums.get(`${from} ${to}`) ?? 0) + link.counts.after)
      }
      assert.equal(new Map(folded.map(({ link }) => [link.key, link.counts.after])), sums)
    }),
  )
})

layout('filters hide nodes of a room, and move none of the others inside it', () => {
  const graph = makeGraph({ after: makeShopData(false).environments[0]!.mesh?.map })
  const all = listPlaces(graph, paintAll(graph))
  const filtered = makeGraphPainter(graph)(
    selectVisible(graph, { ...noFilters, plaintext: true }),
    new Set(),
    false,
    false,
  )
  assert.equal(
    filtered.nodes.map(({ number }) => graph.nodes[number]!.name),
    ['search', 'web'],
  )
  for (const [room, places] of listPlaces(graph, filtered))
    for (const [id, box] of Object.entries(places)) assert.equal(box, all.get(room)![id])
})

layout('without gaps, a filtered picture is as one of a mesh with no other nodes, and no larger', () => {
  const graph = makeGraph({ after: makeShopData(false).environments[0]!.mesh?.map })
  const visible = selectVisible(graph, { ...noFilters, owner: 'team-payments' })
  const paint = makeGraphPainter(graph)
  const wide = paint(visible, new Set(), false, false)
  const tight = paint(visible, new Set(), false, true)
  const list = (picture: Picture) => picture.nodes.map(({ number }) => graph.nodes[number]!.id)
  assert.equal(list(tight), list(wide))
  assert.equal(
    tight.links.map(({ link }) => link.key),
    wide.links.map(({ link }) => link.key),
  )
  assert.ok(tight.width * tight.height < 0.5 * wide.width * wide.height, `${tight.width} × ${tight.height}`)
  // Each room has the size that its nodes need.
  for (const { box, shown } of tight.rooms) {
    const boxes = shown.map(node => tight.boxes.get(node)!)
    assert.ok(Math.max(...boxes.map(inner => inner.y + inner.height)) + 20 >= box.y + box.height)
  }
  // Without a filter, nothing is hidden, so nothing moves.
  const all = selectVisible(graph, noFilters)
  assert.equal(paint(all, new Set(), false, true), paint(all, new Set(), false, false))
})

layout('a mesh without policies has no lines for its million open calls, unless a person asks', () => {
  const graph = makeGraph({ after: makeLargeData(1_000, true).environments[0]!.mesh?.map })
  const folded = new Set(graph.rooms.keys())
  const paint = makeGraphPainter(graph)
  const quiet = paint(selectVisible(graph, noFilters), folded, false, false)
  // The gateway and the service that calls outside are in the same rooms.
  assert.is(quiet.links.length, 2)
  assert.not(quiet.hasOpen)
  const loud = paint(selectVisible(graph, { ...noFilters, open: true }), folded, true, false)
  assert.ok(loud.hasOpen)
  assert.is(loud.links.length, 50 * 49 + 2)
})

layout.run()
