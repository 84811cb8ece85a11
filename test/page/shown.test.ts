import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeGraph } from '../../bin/map/page/graph/graph.ts'
import { listFolded, moveState } from '../../bin/map/page/state/move-state.ts'
import { firstState, type PageState } from '../../bin/map/page/state/page-state.ts'
import { openPicture, replacePicture, updateShown, writeShown } from '../../bin/map/page/state/shown.ts'
import { splitPageData } from '../../compiler/map/page-html.ts'
import { holds } from '../holds.ts'
import { drawMap, meshes } from './support/arbitraries.ts'
import { makeLargeData } from './support/large-data.ts'
import { makeShopData, makeShopEnvironments } from './support/shop-data.ts'

const shown = suite('what the page shows')

const drawGraphs = meshes.map(mesh => makeGraph({ after: drawMap(mesh) }))

shown('another graph keeps what both have, and nothing that it lacks', () => {
  holds(
    fc.property(
      drawGraphs,
      drawGraphs,
      fc.nat(),
      fc.array(fc.nat(), { maxLength: 3 }),
      (from, to, position, rooms) => {
        const { id, owner = '' } = from.nodes[position % from.nodes.length]!
        const state: PageState = {
          ...firstState,
          selection: { kind: 'node', id },
          trail: { kind: 'forward', id },
          panel: 'details',
          filters: { ...firstState.filters, owner, namespaces: ['data', 'pay', 'shop'] },
          turnedRooms: [...new Set(rooms.map(room => from.rooms[room % from.rooms.length]!.id))],
        }
        const moved = moveState(state, from, to)
        const isKept = to.numbers.has(id)
        assert.equal(moved.selection, isKept ? state.selection : undefined)
        assert.equal(moved.trail, isKept ? state.trail : undefined)
        assert.is(moved.panel, isKept ? 'details' : 'none')
        const namespaces = to.rooms.filter(({ kind }) => kind === 'namespace').map(({ name }) => name)
        assert.equal(moved.filters.namespaces, namespaces)
        assert.is(moved.filters.owner, to.nodes.some(node => node.owner === owner) ? owner : '')
        const nameFolded = (graph: typeof from, folded: ReadonlySet<number>) =>
          [...folded].map(room => graph.rooms[room]!.id)
        const before = nameFolded(from, listFolded(from, state))
        const present = new Set(to.rooms.map(room => room.id))
        assert.equal(
          nameFolded(to, listFolded(to, moved)).sort(),
          before.filter(room => present.has(room)).sort(),
        )
        assert.equal(moveState(moved, to, to), moved)
      },
    ),
  )
})

shown('a mesh that grows beyond the size from which on rooms are folded keeps its rooms unfolded', () => {
  const [small, large] = [200, 400].map(count => splitPageData(makeLargeData(count)).picture)
  const before = openPicture(small!, '')
  const after = replacePicture(before, large!)
  const folded = listFolded(after.graph, after.state)
  const names = after.graph.rooms.filter((_, room) => !folded.has(room)).map(({ id }) => id)
  assert.equal(
    names,
    before.graph.rooms.map(({ id }) => id),
  )
  assert.is(folded.size, 10)
})

const picture = splitPageData(makeShopEnvironments()).picture

shown('a page opens with the first environment that has changes, and its address names another', () => {
  const first = openPicture(picture, '')
  assert.is(first.number, 1)
  assert.is(first.state.panel, 'changes')
  assert.is(writeShown(first), '')
  const third = updateShown(first, state => ({ ...state, environment: 'shop, preview' }))
  assert.is(third.number, 2)
  assert.equal(
    third.graph.sides.map(({ name }) => name),
    ['before'],
  )
  assert.ok(third.graph.nodes.every(({ presence }) => presence === 'both'))
  assert.is(openPicture(picture, writeShown(third)).number, 2)
  assert.is(openPicture(picture, '#environment=none').number, 1)
})

shown('a selected difference is found again by its words', () => {
  const opened = openPicture(picture, '#difference=1')
  const turned = splitPageData(makeShopData()).picture
  const [environment] = turned.environments
  const reversed = {
    ...turned,
    environments: [
      {
        ...environment!,
        change: { ...environment!.change!, differences: environment!.change!.differences.toReversed() },
      },
    ],
  }
  const moved = replacePicture(
    { ...opened, state: { ...opened.state, selection: { kind: 'difference', number: 0 } } },
    reversed,
  )
  assert.equal(moved.state.selection, { kind: 'difference', number: 2 })
})

shown.run()
