import type { RefObject } from 'preact'
import { getEndId } from '../graph/light.ts'
import type { End } from '../graph/links.ts'
import type { Box } from '../picture/geometry.ts'
import { type Arrow, findNeighbor } from '../picture/neighbors.ts'
import { findNearestLink } from '../picture/painted.ts'
import type { Picture, PictureLink } from '../picture/picture.ts'
import { selectPart, turnRoom } from '../state/page-state.ts'
import { usePage } from './context.ts'
import type { CameraControl } from './use-camera.ts'
import { getWhole } from './use-still.ts'

/** The pixels that an arrow key moves the picture by. */
const step = 60
/** The largest distance in pixels between a click and a painted line that it selects. */
const reach = 7

/** Makes the handlers of clicks and keys on the map. */
export function useMapInput({
  drawing,
  items,
  painted,
  camera,
  stage,
  focus,
}: {
  readonly drawing: Picture
  /** All that the focus can be on. */
  readonly items: ReadonlyMap<End, Box>
  readonly painted: readonly PictureLink[]
  readonly camera: CameraControl
  readonly stage: RefObject<HTMLElement | null>
  readonly focus: (end: End, isMoved: boolean) => void
}): { readonly click: (event: MouseEvent) => void; readonly press: (event: KeyboardEvent) => void } {
  const { graph, change } = usePage()
  const activate = (end: End) => {
    const id = getEndId(graph, end)
    if (end >= graph.nodes.length) change(state => turnRoom(state, id))
    else change(state => selectPart(state, { kind: 'node', id }))
  }
  const follow = ({ link: { from, to } }: PictureLink) =>
    change(state => selectPart(state, { kind: 'link', from: getEndId(graph, from), to: getEndId(graph, to) }))
  const findPainted = ({ clientX, clientY }: MouseEvent): PictureLink | undefined => {
    const { left, top } = stage.current!.getBoundingClientRect()
    const { x, y, zoom } = camera.get()
    const point = { x: (clientX - left - x) / zoom, y: (clientY - top - y) / zoom }
    return findNearestLink(painted, point, reach / zoom)
  }
  const click = (event: MouseEvent) => {
    const target = findEventTarget(event.target)
    if (target?.end !== undefined) return activate(target.end)
    const line =
      target === undefined ? findPainted(event) : drawing.links.find(({ link }) => link.key === target.link)
    if (line !== undefined) follow(line)
  }
  const move = (end: End | undefined, arrow: Arrow) => {
    const [x, y] = ways[arrow]
    if (end === undefined) return camera.pan(-x * step, -y * step)
    const next = findNeighbor(items, end, arrow)
    if (next === undefined) return
    focus(next, true)
    camera.reveal(items.get(next)!)
  }
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const { key } = event
    const end = findEventTarget(event.target)?.end
    if (key === '+' || key === '=') camera.zoom(1.25)
    else if (key === '-') camera.zoom(0.8)
    else if (key === '0') camera.fit(getWhole(drawing))
    else if (isArrow(key)) move(end, key)
    else if (end !== undefined && (key === 'Enter' || key === ' ')) activate(end)
    else return
    event.preventDefault()
  }
  return { click, press }
}

const ways: Readonly<Record<Arrow, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

const isArrow = (key: string): key is Arrow => Object.hasOwn(ways, key)

/** Finds the node, the room or the line that an event is about. */
export function findEventTarget(target: EventTarget | null): { end?: End; link?: string } | undefined {
  const element = (target as Element | null)?.closest?.('[data-end], [data-link]')
  if (!(element instanceof SVGElement)) return undefined
  const { end, link } = element.dataset
  return end === undefined ? (link === undefined ? undefined : { link }) : { end: Number(end) }
}
