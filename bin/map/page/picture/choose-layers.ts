import { type Corner, type Edge, gapOfRooms, type Placed, type Size } from './geometry.ts'
import { layOutLayers } from './lay-out-layers.ts'

/** Width by height of the part of a screen that shows a picture. */
const shapeOfScreen = 1.6

/** Rows of rooms show less of their order than layers do, so they must be much larger on a screen. */
const priceOfRows = 1.3

/**
 * Lays out rooms from left to right, from top to bottom, and in rows, and chooses the layout that is largest on a screen.
 *
 * @param aside the width of the area beside them
 */
export function chooseLayers(
  items: readonly number[],
  sizes: readonly Size[],
  edges: readonly Edge[],
  aside: number,
): Placed {
  const weigh = ({ width, height }: Size) => Math.max((width + aside) / shapeOfScreen, height)
  const across = layOutLayers(items, sizes, edges, gapOfRooms, 'LR')
  const down = layOutLayers(items, sizes, edges, gapOfRooms, 'TB')
  const layers = weigh(down) < weigh(across) * 0.9 ? down : across
  const order = items.toSorted((a, b) => {
    const [first, second] = [across.boxes.get(a)!, across.boxes.get(b)!]
    return first.x + sizes[a]!.width / 2 - second.x - sizes[b]!.width / 2 || first.y - second.y || a - b
  })
  const rows = layOutRows(order, sizes, weigh)
  return weigh(rows) * priceOfRows < weigh(layers) ? rows : layers
}

/** Lays out rooms in rows like words in a text, with as many rows as suit a screen best. */
function layOutRows(items: readonly number[], sizes: readonly Size[], weigh: (size: Size) => number): Placed {
  const gap = gapOfRooms.ofLayers / 2
  const total = items.reduce((sum, item) => sum + sizes[item]!.width + gap, 0)
  const counts = Array.from({ length: Math.min(items.length, 12) }, (_, index) => index + 1)
  return counts
    .map(count => fillRows(items, sizes, total / count, gap))
    .reduce((best, rows) => (weigh(rows) < weigh(best) ? rows : best))
}

function fillRows(items: readonly number[], sizes: readonly Size[], most: number, gap: number): Placed {
  const rows: number[][] = [[]]
  let width = 0
  for (const item of items) {
    // A room that is mostly within the row belongs to it.
    if (width > 0 && width + sizes[item]!.width / 2 > most) {
      rows.push([])
      width = 0
    }
    rows.at(-1)!.push(item)
    width += sizes[item]!.width + gap
  }
  const boxes = new Map<number, Corner>()
  let [y, widest] = [0, 0]
  for (const row of rows) {
    const height = Math.max(...row.map(item => sizes[item]!.height))
    let x = 0
    for (const item of row) {
      boxes.set(item, { x, y: y + Math.round((height - sizes[item]!.height) / 2) })
      x += sizes[item]!.width + gap
    }
    widest = Math.max(widest, x - gap)
    y += height + gap
  }
  return { boxes, width: widest, height: y - gap }
}
