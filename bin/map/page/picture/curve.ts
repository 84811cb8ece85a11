import type { Box } from './geometry.ts'
import type { Curve, Point } from './route-links.ts'

/** The number of straight parts that approximate a curve. */
const curveParts = 16

/** Tells whether a curve has a part in a box. */
export const isCurveIn = (box: Box, curve: Curve): boolean =>
  cutCurve(curve).some(([start, end]) => isSegmentNear(box, start, end))

/** Measures how far a point is from a curve. */
export const measureDistance = (curve: Curve, point: Point): number =>
  Math.min(...cutCurve(curve).map(([start, end]) => measureFromSegment(start, end, point)))

/** Cuts a curve into straight parts. */
function cutCurve({ points }: Curve): readonly (readonly [Point, Point])[] {
  const corners = Array.from({ length: curveParts + 1 }, (_, part) => getPointAt(points, part / curveParts))
  return corners.slice(1).map((corner, part) => [corners[part]!, corner])
}

/** The possible positions of a label, as shares of a curve, from the middle. */
const labelShares = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8]

/** Lists points of a curve, from its middle to its ends. */
export const listPoints = ({ points }: Curve): readonly Point[] =>
  labelShares.map(share => getPointAt(points, share))

function getPointAt([start, first, second, end]: Curve['points'], share: number): Point {
  const rest = 1 - share
  const along = (axis: 'x' | 'y') =>
    rest ** 3 * start[axis] +
    3 * rest ** 2 * share * first[axis] +
    3 * rest * share ** 2 * second[axis] +
    share ** 3 * end[axis]
  return { x: along('x'), y: along('y') }
}

/** Tells whether the rectangle around a segment meets a box. */
const isSegmentNear = ({ x, y, width, height }: Box, start: Point, end: Point): boolean =>
  Math.max(start.x, end.x) >= x &&
  Math.min(start.x, end.x) <= x + width &&
  Math.max(start.y, end.y) >= y &&
  Math.min(start.y, end.y) <= y + height

function measureFromSegment(start: Point, end: Point, point: Point): number {
  const [x, y] = [end.x - start.x, end.y - start.y]
  const length = x * x + y * y
  const along = length === 0 ? 0 : ((point.x - start.x) * x + (point.y - start.y) * y) / length
  const share = Math.min(1, Math.max(0, along))
  return Math.hypot(point.x - start.x - share * x, point.y - start.y - share * y)
}
