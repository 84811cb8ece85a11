import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { type Camera, fitBox, revealBox, zoomAt } from '../picture/camera.ts'
import type { Box, Size } from '../picture/lay-out.ts'

/** Moves the picture on the screen. None of it draws anything anew. */
export interface CameraControl {
  readonly get: () => Camera
  readonly screen: () => Size
  readonly fit: (box: Box) => void
  readonly reveal: (box: Box) => void
  readonly pan: (x: number, y: number) => void
  readonly zoom: (factor: number, point?: { x: number; y: number }) => void
}

/** The zooms below which no name and only names can be read. */
const zooms = { farthest: 0.24, far: 0.45 }

/** The zoom from which on the labels of all lines in sight can be read. */
export const nearZoom = 1.25

function getDistance(zoom: number): string {
  if (zoom < zooms.farthest) return 'farthest'
  if (zoom < zooms.far) return 'far'
  return zoom < nearZoom ? 'middle' : 'near'
}

/** The milliseconds after which a camera that did not move stands still. */
const rest = 140

/**
 * Makes the camera of a picture: an attribute of its layer, changed without the rest of the page.
 *
 * @param onRest called after each movement, when the camera stands still
 * @param covered the pixels at the top of the screen that something else covers
 */
export function useCamera(
  svg: RefObject<SVGSVGElement | null>,
  layer: RefObject<SVGGElement | null>,
  onRest: () => void,
  covered: number,
): CameraControl {
  const camera = useRef<Camera>({ x: 0, y: 0, zoom: 1 })
  const timer = useRef(0)
  const resting = useRef(onRest)
  resting.current = onRest

  const control = useMemo((): CameraControl => {
    const screen = () => ({
      width: svg.current?.clientWidth || 800,
      height: svg.current?.clientHeight || 600,
    })
    const move = (next: Camera) => {
      camera.current = next
      layer.current?.setAttribute('transform', `translate(${next.x} ${next.y}) scale(${next.zoom})`)
      layer.current?.style.setProperty('--zoom', `${next.zoom}`)
      const distance = getDistance(next.zoom)
      if (svg.current !== null && svg.current.dataset['distance'] !== distance)
        svg.current.dataset['distance'] = distance
      clearTimeout(timer.current)
      timer.current = window.setTimeout(() => resting.current(), rest)
    }
    return {
      get: () => camera.current,
      screen,
      fit: box => move(fitBox(box, screen(), covered)),
      reveal: box => move(revealBox(camera.current, box, screen())),
      pan: (x, y) => move({ ...camera.current, x: camera.current.x + x, y: camera.current.y + y }),
      zoom: (factor, point) => {
        const { width, height } = screen()
        move(zoomAt(camera.current, factor, point ?? { x: width / 2, y: height / 2 }))
      },
    }
  }, [])

  useLayoutEffect(() => () => clearTimeout(timer.current), [])
  useEffect(() => listenToPointer(svg.current!, control), [])
  return control
}

/** Lets the pointer drag the picture, and the wheel zoom it. */
function listenToPointer(svg: SVGSVGElement, control: CameraControl): () => void {
  const pointers = new Map<number, { x: number; y: number }>()
  let moved = 0
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    moved = 0
  }
  const drag = (event: PointerEvent) => {
    const last = pointers.get(event.pointerId)
    if (last === undefined) return
    const point = { x: event.clientX, y: event.clientY }
    const [second] = [...pointers].filter(([id]) => id !== event.pointerId)
    if (second === undefined) {
      control.pan(point.x - last.x, point.y - last.y)
    } else {
      const [, fixed] = second
      const before = Math.hypot(last.x - fixed.x, last.y - fixed.y)
      const after = Math.hypot(point.x - fixed.x, point.y - fixed.y)
      if (before > 0) control.zoom(after / before, toLocal(svg, fixed))
    }
    moved += Math.abs(point.x - last.x) + Math.abs(point.y - last.y)
    // Taken only once it moves, so that a click on a node stays a click on the node.
    if (moved > 4 && !svg.hasPointerCapture(event.pointerId)) svg.setPointerCapture(event.pointerId)
    pointers.set(event.pointerId, point)
  }
  const up = (event: PointerEvent) => pointers.delete(event.pointerId)
  const click = (event: MouseEvent) => {
    if (moved > 4) event.stopPropagation()
    moved = 0
  }
  const wheel = (event: WheelEvent) => {
    event.preventDefault()
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 24 : 1
    const delta = Math.max(-240, Math.min(240, event.deltaY * lines))
    control.zoom(Math.exp(-delta / 420), toLocal(svg, { x: event.clientX, y: event.clientY }))
  }
  svg.addEventListener('pointerdown', down)
  svg.addEventListener('pointermove', drag)
  svg.addEventListener('pointerup', up)
  svg.addEventListener('pointercancel', up)
  svg.addEventListener('click', click, true)
  svg.addEventListener('wheel', wheel, { passive: false })
  return () => {
    svg.removeEventListener('pointerdown', down)
    svg.removeEventListener('pointermove', drag)
    svg.removeEventListener('pointerup', up)
    svg.removeEventListener('pointercancel', up)
    svg.removeEventListener('click', click, true)
    svg.removeEventListener('wheel', wheel)
  }
}

function toLocal(svg: SVGSVGElement, { x, y }: { x: number; y: number }): { x: number; y: number } {
  const { left, top } = svg.getBoundingClientRect()
  return { x: x - left, y: y - top }
}
