import { useMemo, useRef, useState } from 'preact/hooks'
import { findEnd } from '../graph/light.ts'
import type { End } from '../graph/links.ts'
import { cutChunks } from '../picture/chunks.ts'
import type { Box } from '../picture/geometry.ts'
import { divideLinks } from '../picture/painted.ts'
import type { Picture } from '../picture/picture.ts'
import { getSight, noSight } from '../picture/sight.ts'
import { usePage } from './context.ts'
import { Legend } from './legend.tsx'
import { Labels, Links } from './map-links.tsx'
import { Nodes } from './map-nodes.tsx'
import { FoldedRooms, heightOfHeading, Rooms } from './map-rooms.tsx'
import { Markers } from './markers.tsx'
import { MomentSlider } from './moment-slider.tsx'
import { PaintedLines } from './painted-lines.tsx'
import { useCamera } from './use-camera.ts'
import { useFocus } from './use-focus.ts'
import { findEventTarget, useMapInput } from './use-map-input.ts'
import { useReveal } from './use-reveal.ts'
import { getWhole, useStill } from './use-still.ts'

/** So many labels at most stand on the map at once. */
const mostLabels = 80

/** The part of a room with its name, at zoom 1. */
const [widthOfTitle, heightOfTitle] = [80, 28]
const heightOfSlider = 50

/** The map: a picture that moves, with a keyboard, a pointer or the buttons beside it. */
export function MapView({ drawing }: { readonly drawing: Picture }) {
  const { graph, state, folded, light, side } = usePage()
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
  const { current, focus } = useFocus(items)
  useStill(drawing, camera)
  useReveal(drawing, camera)
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
  const boxes = useMemo(
    () => [
      ...drawing.nodes.map(({ box }) => box),
      ...drawing.rooms.map(({ box }) => ({ ...box, width: widthOfTitle, height: heightOfTitle })),
    ],
    [drawing],
  )
  const { distance } = sight
  const chunks = useMemo(() => cutChunks(drawing), [drawing])
  const { painted, single } = useMemo(
    () => divideLinks(drawing, link => link.key === selectedKey || light?.hasLink(link) === true),
    [drawing, light, selectedKey],
  )
  const { click, press } = useMapInput({ drawing, items, painted, camera, stage, focus })
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
            const end = findEventTarget(event.target)?.end
            if (end !== undefined) focus(end)
          }}
          onPointerOver={event => setHovered(findEventTarget(event.target)?.link)}
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
              <Labels links={[...labelled].slice(0, mostLabels)} boxes={boxes} zoom={sight.zoom} />
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

/** Lists all that the focus can be on: nodes, folded rooms, and the headings of other rooms. */
function listItems(nodes: number, drawing: Picture): ReadonlyMap<End, Box> {
  const headings = drawing.rooms
    .filter(({ isFolded, room }) => !isFolded && room.kind !== 'internet')
    .map(({ number, box }) => [nodes + number, { ...box, height: heightOfHeading }] as const)
  return new Map([...drawing.boxes, ...headings])
}
