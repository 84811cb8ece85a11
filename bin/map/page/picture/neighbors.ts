import type { Box } from './geometry.ts'

export type Arrow = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown'

/** Finds the nearest box in a direction. A box straight ahead counts as nearer than a box to the side. */
export function findNeighbor(
  boxes: ReadonlyMap<number, Box>,
  start: number,
  arrow: Arrow,
): number | undefined {
  const box = boxes.get(start)
  if (box === undefined) return undefined
  const from = getCenter(box)
  let nearest: { key: number; distance: number } | undefined
  for (const [key, candidate] of boxes) {
    if (key === start) continue
    const to = getCenter(candidate)
    const [x, y] = [to.x - from.x, to.y - from.y]
    const isSideways = arrow === 'ArrowLeft' || arrow === 'ArrowRight'
    const ahead = isSideways ? x : y
    const aside = Math.abs(isSideways ? y : x)
    const forward = arrow === 'ArrowLeft' || arrow === 'ArrowUp' ? -ahead : ahead
    if (forward < 2) continue
    const distance = forward + 2.5 * aside
    if (nearest === undefined || distance < nearest.distance) nearest = { key, distance }
  }
  return nearest?.key
}

const getCenter = ({ x, y, width, height }: Box) => ({ x: x + width / 2, y: y + height / 2 })
