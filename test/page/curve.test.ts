import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isCurveIn, measureDistance } from '../../bin/map/page/picture/curve.ts'
import { routeLinks } from '../../bin/map/page/picture/route-links.ts'
import { holds } from '../holds.ts'

const curves = suite('curves of the map')

const coordinate = fc.integer({ min: -500, max: 500 })
const size = fc.integer({ min: 20, max: 300 })
const box = fc.record({ x: coordinate, y: coordinate, width: size, height: size })
const curve = fc.tuple(box, box).map(([from, to]) => routeLinks([{ from, to }])[0]!)

curves('a box around a point of a curve has a part of it, and the point is near', () => {
  holds(
    fc.property(curve, fc.double({ min: 0, max: 1, noNaN: true }), (drawn, share) => {
      const [start, first, second, end] = drawn.points
      const rest = 1 - share
      // De Casteljau's algorithm computes a point of a curve.
      const mix = (a: typeof start, b: typeof start) => ({
        x: a.x * rest + b.x * share,
        y: a.y * rest + b.y * share,
      })
      const [left, middle, right] = [mix(start, first), mix(first, second), mix(second, end)]
      const point = mix(mix(left, middle), mix(middle, right))
      assert.ok(measureDistance(drawn, point) < 8)
      assert.ok(isCurveIn({ x: point.x - 8, y: point.y - 8, width: 16, height: 16 }, drawn))
    }),
  )
})

curves('a box beyond all points that a curve bends to has no part of it', () => {
  holds(
    fc.property(curve, size, (drawn, gap) => {
      const right = Math.max(...drawn.points.map(({ x }) => x))
      assert.not(isCurveIn({ x: right + gap, y: -5_000, width: 10, height: 10_000 }, drawn))
      assert.ok(measureDistance(drawn, { x: right + gap, y: 0 }) >= gap)
    }),
  )
})

curves.run()
