import type { Corner, Gaps, Placed, Size } from './geometry.ts'

/** Lays out boxes in rows, about as wide as the part above them, or as a screen. */
export function layOutGrid(
  items: readonly number[],
  sizes: readonly Size[],
  width: number,
  gaps: Gaps,
): Placed {
  const area = items.reduce(
    (sum, item) => sum + (sizes[item]!.width + gaps.inLayer) * (sizes[item]!.height + gaps.inLayer),
    0,
  )
  const most = Math.max(width, Math.sqrt(area * 1.8), ...items.map(item => sizes[item]!.width))
  const boxes = new Map<number, Corner>()
  let [x, y, rowHeight, widest] = [0, 0, 0, 0]
  for (const item of items) {
    const size = sizes[item]!
    if (x > 0 && x + size.width > most) {
      x = 0
      y += rowHeight + gaps.inLayer
      rowHeight = 0
    }
    boxes.set(item, { x, y })
    widest = Math.max(widest, x + size.width)
    rowHeight = Math.max(rowHeight, size.height)
    x += size.width + gaps.inLayer
  }
  return { boxes, width: widest, height: items.length === 0 ? 0 : y + rowHeight }
}
