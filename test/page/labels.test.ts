import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chooseLabels, measureLabel, sizeOfLabel } from '../../bin/map/page/picture/choose-labels.ts'
import type { Box } from '../../bin/map/page/picture/geometry.ts'
import { holds } from '../holds.ts'

const labels = suite('labels of the map')

const point = fc.record({ x: fc.nat(400), y: fc.nat(200) })
const drawn = fc.array(
  fc.record({
    text: fc.string({ maxLength: 30 }),
    places: fc.array(point, { minLength: 1, maxLength: 4 }),
  }),
  { maxLength: 20 },
)
const boxes = fc.array(fc.record({ x: fc.nat(400), y: fc.nat(200), width: fc.nat(90), height: fc.nat(40) }), {
  maxLength: 6,
})
const zooms = fc.double({ min: 0.1, max: 3, noNaN: true })

labels(
  'no two labels overlap, the first one stays, and none is left out or covers a box without a reason',
  () => {
    holds(
      fc.property(drawn, boxes, zooms, (all, boxes, zoom) => {
        interface Placed {
          readonly text: string
          readonly x: number
          readonly y: number
        }
        const overlap = (a: Placed, b: Placed) =>
          Math.abs(a.y - b.y) * zoom < sizeOfLabel.height &&
          Math.abs(a.x - b.x) * zoom < (measureLabel(a.text) + measureLabel(b.text)) / 2
        const covers = ({ text, x, y }: Placed, box: Box) =>
          Math.abs(x - box.x - box.width / 2) < measureLabel(text) / 2 / zoom + box.width / 2 &&
          Math.abs(y - box.y - box.height / 2) < sizeOfLabel.height / 2 / zoom + box.height / 2
        const chosen = chooseLabels(all, boxes, zoom)
        assert.is(chosen[0]?.text, all[0]?.text)
        let rank = 0
        for (const { text, places } of all) {
          const rivals = chosen.slice(0, rank)
          const free = places
            .map(place => ({ text, ...place }))
            .filter(place => !rivals.some(rival => overlap(rival, place)))
          const best = free.find(place => !boxes.some(box => covers(place, box))) ?? free[0]
          if (best === undefined) continue
          const { x, y } = chosen[rank++]!
          assert.equal({ text, x, y }, best)
        }
        assert.is(rank, chosen.length)
      }),
    )
  },
)

labels('a label moves along its line, away from the box of a node', () => {
  const label = {
    text: 'GET',
    places: [
      { x: 100, y: 100 },
      { x: 100, y: 160 },
    ],
  }
  const [chosen] = chooseLabels([label], [{ x: 80, y: 80, width: 60, height: 40 }], 1)
  assert.equal([chosen?.x, chosen?.y], [100, 160])
})

labels.run()
