import { useLayoutEffect, useRef } from 'preact/hooks'
import { getShownMesh } from '../../../../compiler/map/page-data.ts'
import type { Graph } from '../graph/graph.ts'
import { findEnd, getEndId } from '../graph/light.ts'
import { type Camera, getViewport } from '../picture/camera.ts'
import type { Box, Size } from '../picture/geometry.ts'
import type { Picture } from '../picture/picture.ts'
import { usePage } from './context.ts'
import type { CameraControl } from './use-camera.ts'

/** A picture, with its input. */
interface Earlier {
  readonly drawing: Picture
  readonly graph: Graph
  /** The environment and the filters. */
  readonly scope: string
  readonly turned: readonly string[]
}

/**
 * Keeps the camera still when the picture changes. A folded or unfolded room keeps its position. After an edit of the mesh, the
 * middle of the screen does. Another environment, or other filters, show the whole picture.
 */
export function useStill(drawing: Picture, camera: CameraControl): void {
  const { environment, graph, state, folded } = usePage()
  const { turnedRooms: turned, filters } = state
  const last = useRef<Earlier>(undefined)
  useLayoutEffect(() => {
    const earlier = last.current
    const scope = JSON.stringify([getShownMesh(environment).name, filters])
    last.current = { drawing, graph, scope, turned }
    if (earlier?.scope !== scope) return camera.fit(getWhole(drawing))
    const places =
      earlier.graph === graph
        ? findTurnedRoom(earlier, drawing, turned)
        : findAnchor(earlier, camera.get(), camera.screen(), id => {
            const end = findEnd(graph, folded, id)
            return end === undefined ? undefined : drawing.boxes.get(end)
          })
    if (places === 'several') return camera.fit(getWhole(drawing))
    if (places === undefined) return
    const { from, to } = places
    const { zoom } = camera.get()
    camera.shift((from.x - to.x) * zoom, (from.y - to.y) * zoom)
  }, [drawing])
}

export const getWhole = ({ width, height }: Picture): Box => ({ x: 0, y: 0, width, height })

/** The place of something in an earlier picture and in this one. */
interface Places {
  readonly from: Box
  readonly to: Box
}

/** Finds the places of the room that was folded or unfolded. */
function findTurnedRoom(
  earlier: Earlier,
  drawing: Picture,
  turned: readonly string[],
): Places | 'several' | undefined {
  const changed = [
    ...earlier.turned.filter(id => !turned.includes(id)),
    ...turned.filter(id => !earlier.turned.includes(id)),
  ]
  if (changed.length > 1) return 'several'
  const find = (picture: Picture) => picture.rooms.find(({ room }) => room.id === changed[0])?.box
  const [from, to] = [find(earlier.drawing), find(drawing)]
  return from === undefined || to === undefined ? undefined : { from, to }
}

/** Finds the places of the end that is nearest to the middle of the screen, among those that are still there. */
function findAnchor(
  { drawing, graph }: Earlier,
  camera: Camera,
  screen: Size,
  findBox: (id: string) => Box | undefined,
): Places | undefined {
  const { x, y, width, height } = getViewport(camera, screen)
  const measure = (box: Box) =>
    Math.hypot(box.x + box.width / 2 - x - width / 2, box.y + box.height / 2 - y - height / 2)
  const nearest = [...drawing.boxes].sort(([, a], [, b]) => measure(a) - measure(b))
  for (const [end, from] of nearest) {
    const to = findBox(getEndId(graph, end))
    if (to !== undefined) return { from, to }
  }
  return undefined
}
