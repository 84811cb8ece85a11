import type { Box } from './geometry.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

/** A line of the picture: a curve, and the position of its label. */
export interface Curve {
  /** The path of SVG. */
  readonly path: string
  readonly middle: Point
  /** The ends of the curve, and between them the points that it bends to. */
  readonly points: readonly [Point, Point, Point, Point]
}

type Face = 'left' | 'right' | 'top' | 'bottom'

/** The smallest space between two boxes at which a line connects their sides. */
const enough = 20

/**
 * Routes lines between boxes, each as a curve from a side of its first box to a side of the second. Lines that share a side
 * are spread over it, in the order of their other ends, so that they cross as little as can be.
 */
export function routeLinks(lines: readonly { readonly from: Box; readonly to: Box }[]): readonly Curve[] {
  const faces = lines.map(({ from, to }) => chooseFaces(from, to))
  const starts: Point[] = []
  const ends: Point[] = []
  const groups = new Map<Box, Record<Face, { line: number; isStart: boolean; at: number }[]>>()
  const add = (box: Box, face: Face, line: number, isStart: boolean, far: Box) => {
    let group = groups.get(box)
    if (group === undefined) {
      group = { left: [], right: [], top: [], bottom: [] }
      groups.set(box, group)
    }
    const at = face === 'left' || face === 'right' ? far.y + far.height / 2 : far.x + far.width / 2
    group[face].push({ line, isStart, at })
  }
  for (const [line, { from, to }] of lines.entries()) {
    const [start, end] = faces[line]!
    add(from, start, line, true, to)
    add(to, end, line, false, from)
  }
  for (const [box, group] of groups) {
    for (const face of ['left', 'right', 'top', 'bottom'] as const) {
      const sorted = group[face].sort((a, b) => a.at - b.at || a.line - b.line)
      for (const [position, { line, isStart }] of sorted.entries()) {
        const point = getPoint(box, face, (position + 1) / (sorted.length + 1))
        if (isStart) starts[line] = point
        else ends[line] = point
      }
    }
  }
  return lines.map((_, line) => {
    const [face, last] = faces[line]!
    return drawCurve(starts[line]!, face, ends[line]!, last)
  })
}

function chooseFaces(from: Box, to: Box): readonly [Face, Face] {
  if (to.x - (from.x + from.width) >= enough) return ['right', 'left']
  const isAbove = to.y + to.height <= from.y
  const isBelow = from.y + from.height <= to.y
  if (isBelow) return ['bottom', 'top']
  if (isAbove) return ['top', 'bottom']
  return from.x - (to.x + to.width) >= enough ? ['left', 'right'] : ['bottom', 'bottom']
}

function getPoint(box: Box, face: Face, share: number): Point {
  // The middle seven tenths of a side, clear of the corners.
  const along = 0.15 + 0.7 * share
  if (face === 'left' || face === 'right')
    return { x: face === 'left' ? box.x : box.x + box.width, y: Math.round(box.y + along * box.height) }
  return { x: Math.round(box.x + along * box.width), y: face === 'top' ? box.y : box.y + box.height }
}

const directions: Readonly<Record<Face, Point>> = {
  left: { x: -1, y: 0 },
  right: { x: 1, y: 0 },
  top: { x: 0, y: -1 },
  bottom: { x: 0, y: 1 },
}

function drawCurve(start: Point, face: Face, end: Point, last: Face): Curve {
  const isSideways = face === 'left' || face === 'right'
  const distance = isSideways ? Math.abs(end.x - start.x) : Math.abs(end.y - start.y)
  const bend = Math.round(Math.min(Math.max(distance / 2, 24), 180))
  const first = { x: start.x + directions[face].x * bend, y: start.y + directions[face].y * bend }
  const second = { x: end.x + directions[last].x * bend, y: end.y + directions[last].y * bend }
  return {
    path: `M${start.x} ${start.y}C${first.x} ${first.y} ${second.x} ${second.y} ${end.x} ${end.y}`,
    points: [start, first, second, end],
    middle: {
      x: Math.round((start.x + 3 * first.x + 3 * second.x + end.x) / 8),
      y: Math.round((start.y + 3 * first.y + 3 * second.y + end.y) / 8),
    },
  }
}
