import { chooseLayers } from './choose-layers.ts'
import { type Corner, type Edge, gapOfRooms, type Size } from './geometry.ts'
import type { RoomPlan } from './lay-out.ts'
import { layOutGraph } from './lay-out-graph.ts'

/** Places the rooms of the middle by their lines, and the others at the left and the right of them. */
export function placeRooms(
  rooms: readonly RoomPlan[],
  sizes: readonly Size[],
  sums: readonly Edge[],
): readonly Corner[] {
  const listPlace = (place: RoomPlan['place']) =>
    rooms.flatMap((room, number) => (room.place === place ? [number] : []))
  const middle = listPlace('middle')
  const positions = new Map(middle.map((room, position) => [room, position]))
  const edges = sums.flatMap(({ from, to, weight }) => {
    const start = positions.get(from)
    const end = positions.get(to)
    return start === undefined || end === undefined ? [] : [{ from: start, to: end, weight }]
  })
  const left = listPlace('left')
  const right = listPlace('right')
  const widthOf = (group: readonly number[]) =>
    group.length === 0 ? 0 : Math.max(...group.map(room => sizes[room]!.width)) + gapOfRooms.ofLayers
  const center = layOutGraph(
    middle.map(room => sizes[room]!),
    edges,
    gapOfRooms,
    (items, all, linked) => chooseLayers(items, all, linked, widthOf(left) + widthOf(right)),
  )
  const corners: Corner[] = []
  const heightOf = (group: readonly number[]) =>
    group.reduce((sum, room) => sum + sizes[room]!.height, 0) +
    gapOfRooms.inLayer * Math.max(0, group.length - 1)
  const height = Math.max(center.height, heightOf(left), heightOf(right))
  const startOfCenter = widthOf(left)
  for (const [position, room] of middle.entries()) {
    const box = center.boxes[position]!
    corners[room] = { x: box.x + startOfCenter, y: box.y + Math.round((height - center.height) / 2) }
  }
  // The room is beside the rooms to which it has lines, as far as the picture extends.
  const stack = (group: readonly number[], x: number) => {
    let y = Math.max(
      0,
      Math.min(findMiddle(group, corners, sizes, sums) ?? height / 2, height) - heightOf(group) / 2,
    )
    y = Math.round(Math.min(y, height - heightOf(group)))
    for (const room of group) {
      corners[room] = { x, y }
      y += sizes[room]!.height + gapOfRooms.inLayer
    }
  }
  stack(left, 0)
  stack(right, startOfCenter + center.width + (center.width === 0 ? 0 : gapOfRooms.ofLayers))
  return corners
}

/** Finds the mean height of the parts to which some rooms have lines. */
function findMiddle(
  group: readonly number[],
  corners: readonly (Corner | undefined)[],
  sizes: readonly Size[],
  sums: readonly Edge[],
): number | undefined {
  let [sum, total] = [0, 0]
  for (const { from, to, weight } of sums) {
    const far = group.includes(from) ? to : group.includes(to) ? from : undefined
    const corner = far === undefined ? undefined : corners[far]
    if (far === undefined || corner === undefined) continue
    sum += weight * (corner.y + sizes[far]!.height / 2)
    total += weight
  }
  return total === 0 ? undefined : sum / total
}
