import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chooseLabels, measureLabel, sizeOfLabel } from '../../bin/map/page/picture/choose-labels.ts'
import { holds } from '../holds.ts'

const labels = suite('labels of the map')

const drawn = fc.array(fc.record({ text: fc.string({ maxLength: 30 }), x: fc.nat(400), y: fc.nat(200) }), {
  maxLength: 20,
})

labels('no two labels overlap, the first one stays, and none is left out without a reason', () => {
  holds(
    fc.property(drawn, fc.double({ min: 0.1, max: 3, noNaN: true }), (all, zoom) => {
      const overlap = (a: (typeof all)[number], b: (typeof all)[number]) =>
        Math.abs(a.y - b.y) * zoom < sizeOfLabel.height &&
        Math.abs(a.x - b.x) * zoom < (measureLabel(a.text) + measureLabel(b.text)) / 2
      const chosen = chooseLabels(all, zoom)
      assert.is(chosen[0], all[0])
      for (const [index, label] of all.entries()) {
        const rivals = chosen.filter(rival => all.indexOf(rival) < index && overlap(rival, label))
        assert.is(chosen.includes(label), rivals.length === 0)
      }
    }),
  )
})

labels.run()
