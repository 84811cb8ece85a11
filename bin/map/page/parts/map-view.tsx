import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { findEnd, getEndId } from '../graph/light.ts'
import type { End } from '../graph/links.ts'
import { cutChunks } from '../picture/chunks.ts'
import type { Box } from '../picture/lay-out.ts'
import { type Arrow, findNeighbor } from '../picture/neighbors.ts'
import { divideLinks, findNearest } from '../picture/painted.ts'
import type { Picture } from '../picture/picture.ts'
import { getSight, noSight } from '../picture/sight.ts'
import { select, turnRoom } from '../state/page-state.ts'
import { usePage } from './context.ts'
import { Legend } from './legend.tsx'
import { Labels, Links } from './map-links.tsx'
import { Nodes } from './map-nodes.tsx'
import { FoldedRooms, heightOfHeading, Rooms } from './map-rooms.tsx'
import { Markers } from './markers.tsx'
import { MomentSlider } from './moment-slider.tsx'
import { PaintedLines } from './painted-lines.tsx'
import { type CameraControl, useCamera } from './use-camera.ts'
import { getWhole, useStill } from './use-still.ts'

/** So many labels at most stand on the map at once. */
const mostLabels = 80
/** The pixels that an arrow key moves the picture by. */
const step = 60
/** A click so many pixels beside a painted line is one on it. */
const reach = 7
const heightOfSlider = 50

/** The map: a picture that moves, with a keyboard, a pointer or the buttons beside it. */
export function MapView({ drawing }: { readonly drawing: Picture }) {
  const { graph, state, change, folded, light, side } = usePage()
  const stage = useRef<HTMLDivElement>(null)
  const layer = useRef<HTMLDivElement>(null)
  const hasChange = graph.sides.length > 1
  const [hovered, setHovered] = useState<string>()
  const [sight, setSight] = useState(noSight)
  const camera = useCamera(
    stage,
    layer,
    () => setSight(getSight(drawing, camera.get(), camera.screen())),
    hasChange ? heightOfSlider : 0,
  )
  const items = useMemo(() => listItems(graph.nodes.length, drawing), [drawing])
  const [focused, setFocused] = useState('')
  const focusedEnd = findEnd(graph, folded, focused)
  const current = focusedEnd !== undefined && items.has(focusedEnd) ? focusedEnd : items.keys().next().value
  useStill(drawing, camera)
  useReveal(drawing, camera)
  const isFocusDue = useRef(false)
  useLayoutEffect(() => {
    if (isFocusDue.current) document.getElementById(`end-${current}`)?.focus({ preventScroll: true })
    isFocusDue.current = false
  }, [current])

  const turn = (room: number) => change(state => turnRoom(state, graph.rooms[room]!.id))
  const activate = (end: End) => {
    if (end >= graph.nodes.length) turn(end - graph.nodes.length)
    else change(state => select(state, { kind: 'node', id: getEndId(graph, end) }))
  }
  const follow = (key: string) => {
    const found = drawing.links.find(({ link }) => link.key === key)
    if (found === undefined) return
    const { from, to } = found.link
    change(state => select(state, { kind: 'link', from: getEndId(graph, from), to: getEndId(graph, to) }))
  }
  const click = (event: MouseEvent) => {
    const target = findTarget(event.target)
    if (target?.end !== undefined) activate(target.end)
    else if (target?.link !== undefined) follow(target.link)
    else if (painted.length > 0) followPainted(event)
  }
  const followPainted = ({ clientX, clientY }: MouseEvent) => {
    const { left, top } = stage.current!.getBoundingClientRect()
    const { x, y, zoom } = camera.get()
    const point = { x: (clientX - left - x) / zoom, y: (clientY - top - y) / zoom }
    const nearest = findNearest(painted, point, reach / zoom)
    if (nearest !== undefined) follow(nearest.link.key)
  }
  const move = (end: End | undefined, arrow: Arrow) => {
    const [x, y] = ways[arrow]
    if (end === undefined) return camera.pan(-x * step, -y * step)
    const next = findNeighbor(items, end, arrow)
    if (next === undefined) return
    setFocused(getEndId(graph, next))
    camera.reveal(items.get(next)!)
    isFocusDue.current = true
  }
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const { key } = event
    const end = findTarget(event.target)?.end
    if (key === '+' || key === '=') camera.zoom(1.25)
    else if (key === '-') camera.zoom(0.8)
    else if (key === '0') camera.fit(getWhole(drawing))
    else if (isArrow(key)) move(end, key)
    else if (end !== undefined && (key === 'Enter' || key === ' ')) activate(end)
    else return
    event.preventDefault()
  }

  const selectedKey = findSelectedKey()
  function findSelectedKey(): string | undefined {
    if (state.selection?.kind !== 'link') return undefined
    return `${findEnd(graph, folded, state.selection.from)} ${findEnd(graph, folded, state.selection.to)}`
  }
  const lit = light === undefined ? [] : drawing.links.filter(({ link }) => light.hasLink(link))
  const labelled = new Set([
    ...drawing.links.filter(({ link }) => link.key === hovered || link.key === selectedKey),
    ...(lit.length <= 24 ? lit : []),
    ...sight.near,
  ])
  const { distance } = sight
  const chunks = useMemo(() => cutChunks(drawing), [drawing])
  const { painted, single } = useMemo(
    () => divideLinks(drawing, link => link.key === selectedKey || light?.hasLink(link) === true),
    [drawing, light, selectedKey],
  )
  const floor = useMemo(() => <Rooms drawing={drawing} current={current} />, [drawing, current])
  const content = useMemo(
    () => (
      <>
        <Links links={single} selectedKey={selectedKey} />
        <FoldedRooms drawing={drawing} current={current} />
        <Nodes chunks={chunks} sight={sight} current={current} />
      </>
    ),
    [chunks, single, sight, light, state.selection, side, current],
  )
  const size = { width: Math.max(1, drawing.width), height: Math.max(1, drawing.height) }
  return (
    <section class="map" aria-label="Map">
      <div class="stage">
        <div
          ref={stage}
          class="picture"
          role="application"
          aria-label="Picture of the mesh"
          aria-describedby="keys"
          tabindex={0}
          data-distance={distance}
          style={{ '--moment': state.moment / 100 }}
          onClick={click}
          onKeyDown={press}
          onFocusIn={event => {
            const end = findTarget(event.target)?.end
            if (end !== undefined) setFocused(getEndId(graph, end))
          }}
          onPointerOver={event => setHovered(findTarget(event.target)?.link)}
          onPointerLeave={() => setHovered(undefined)}
        >
          <div
            ref={layer}
            class={light === undefined ? 'layer' : 'layer has-light'}
            style={{ width: `${size.width}px`, height: `${size.height}px` }}
          >
            <svg {...size} role="presentation">
              <Markers />
              {floor}
            </svg>
            {painted.length > 0 && <PaintedLines links={painted} sight={sight} />}
            <svg {...size} role="presentation">
              {content}
              <Labels links={[...labelled].slice(0, mostLabels)} zoom={sight.zoom} />
            </svg>
          </div>
        </div>
        <p id="keys" class="hidden">
          Arrow keys move the picture, or the focus to the next node. Plus and minus zoom, 0 shows all. Enter
          opens what has the focus, Escape closes it. The list view has the same as tables.
        </p>
        <MomentSlider />
        <fieldset class="zoom">
          <legend class="hidden">Zoom</legend>
          <button type="button" aria-label="Zoom in" onClick={() => camera.zoom(1.35)}>
            +
          </button>
          <button type="button" aria-label="Zoom out" onClick={() => camera.zoom(1 / 1.35)}>
            −
          </button>
          <button type="button" aria-label="Show all" onClick={() => camera.fit(getWhole(drawing))}>
            ⤢
          </button>
        </fieldset>
      </div>
      <Legend drawing={drawing} />
    </section>
  )
}

const ways: Readonly<Record<Arrow, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

const isArrow = (key: string): key is Arrow => Object.hasOwn(ways, key)

/** Finds the node, the room or the line that an event is about. */
function findTarget(target: EventTarget | null): { end?: End; link?: string } | undefined {
  const element = (target as Element | null)?.closest?.('[data-end], [data-link]')
  if (!(element instanceof SVGElement)) return undefined
  const { end, link } = element.dataset
  return end === undefined ? (link === undefined ? undefined : { link }) : { end: Number(end) }
}

/** Lists all that the focus can be on: nodes, folded rooms, and the headings of other rooms. */
function listItems(nodes: number, drawing: Picture): ReadonlyMap<End, Box> {
  const headings = drawing.rooms
    .filter(({ isFolded, room }) => !isFolded && room.kind !== 'internet')
    .map(({ number, box }) => [nodes + number, { ...box, height: heightOfHeading }] as const)
  return new Map([...drawing.boxes, ...headings])
}

/** Brings what was selected into sight. */
function useReveal(drawing: Picture, camera: CameraControl): void {
  const { graph, state, folded } = usePage()
  useEffect(() => {
    const { selection } = state
    if (selection === undefined || selection.kind === 'difference') return
    const ids = selection.kind === 'node' ? [selection.id] : [selection.from, selection.to]
    const ends = ids.flatMap(id => findEnd(graph, folded, id) ?? [])
    for (const end of ends) {
      const box = drawing.boxes.get(end)
      if (box !== undefined) camera.reveal(box)
    }
  }, [state.selection])
}
