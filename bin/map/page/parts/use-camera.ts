import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { type Camera, fitBox, revealBox, zoomAt } from '../picture/camera.ts'
import type { Box, Size } from '../picture/geometry.ts'

/** Moves the picture on the screen. */
export interface CameraControl {
  readonly get: () => Camera
  readonly screen: () => Size
  readonly fit: (box: Box) => void
  readonly reveal: (box: Box) => void
  /** Moves the picture with a person's hand. */
  readonly pan: (x: number, y: number) => void
  /** Moves the picture immediately, for example to keep its position while its stage moves. */
  readonly shift: (x: number, y: number) => void
  readonly zoom: (factor: number, point?: { x: number; y: number }) => void
}

const moveBy = (camera: Camera, x: number, y: number): Camera => ({
  ...camera,
  x: camera.x + x,
  y: camera.y + y,
})

const writeTransform = ({ x, y, zoom }: Camera): string => `translate(${x}px, ${y}px) scale(${zoom})`

/** The milliseconds without a move after which a camera is at rest. */
const restTime = 140

/**
 * Makes the camera of a picture: a transform of its layer. During a move, the browser moves the pixels that it has already painted.
 *
 * @param stage the element that shows a part of the layer
 * @param onRest called when the camera is at rest, and immediately if it jumps
 * @param covered the pixels at the top of the screen that another element covers
 */
export function useCamera(
  stage: RefObject<HTMLElement | null>,
  layer: RefObject<HTMLElement | null>,
  onRest: () => void,
  covered: number,
): CameraControl {
  const camera = useRef<Camera>({ x: 0, y: 0, zoom: 1 })
  const settled = useRef(camera.current)
  const timer = useRef(0)
  const resting = useRef(onRest)
  resting.current = onRest

  const control = useMemo((): CameraControl => {
    const screen = () => ({
      width: stage.current?.clientWidth || 800,
      height: stage.current?.clientHeight || 600,
    })
    const place = (next: Camera) => {
      camera.current = next
      layer.current?.style.setProperty('transform', writeTransform(next))
      clearTimeout(timer.current)
    }
    const jump = (next: Camera) => {
      place(next)
      settled.current = next
      layer.current?.style.removeProperty('will-change')
      resting.current()
    }
    const move = (next: Camera) => {
      if (isAway(next, settled.current, screen())) return jump(next)
      place(next)
      layer.current?.style.setProperty('will-change', 'transform')
      timer.current = window.setTimeout(() => jump(next), restTime)
    }
    return {
      get: () => camera.current,
      screen,
      fit: box => jump(fitBox(box, screen(), covered)),
      reveal: box => jump(revealBox(camera.current, box, screen())),
      pan: (x, y) => move(moveBy(camera.current, x, y)),
      shift: (x, y) => jump(moveBy(camera.current, x, y)),
      zoom: (factor, point) => {
        const { width, height } = screen()
        move(zoomAt(camera.current, factor, point ?? { x: width / 2, y: height / 2 }))
      },
    }
  }, [])

  useLayoutEffect(() => () => clearTimeout(timer.current), [])
  useEffect(() => {
    let place = stage.current!.getBoundingClientRect()
    let isFirst = true
    const observer = new ResizeObserver(() => {
      const { left, top } = place
      place = stage.current!.getBoundingClientRect()
      // The observer reports the first size, too.
      if (!isFirst) control.shift(left - place.left, top - place.top)
      isFirst = false
    })
    observer.observe(stage.current!)
    return () => observer.disconnect()
  }, [])
  useEffect(() => listenToPointer(stage.current!, control), [])
  return control
}

/** Tells whether a camera is outside of the part that was painted for another one, or sees it too coarsely. */
function isAway(next: Camera, settled: Camera, { width, height }: Size): boolean {
  const change = next.zoom / settled.zoom
  // The middle of the screen, as the other camera saw it.
  const [x, y] = [(width / 2 - next.x) / next.zoom, (height / 2 - next.y) / next.zoom]
  const [right, down] = [settled.x + settled.zoom * x, settled.y + settled.zoom * y]
  return (
    change > 5 ||
    change < 1 / 3 ||
    Math.abs(right - width / 2) > width / 2 ||
    Math.abs(down - height / 2) > height / 2
  )
}

/** Lets the pointer drag the picture, and the wheel zoom it. */
function listenToPointer(stage: HTMLElement, control: CameraControl): () => void {
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
      if (before > 0) control.zoom(after / before, toLocal(stage, fixed))
    }
    moved += Math.abs(point.x - last.x) + Math.abs(point.y - last.y)
    // Taken only once it moves, so that a click on a node stays a click on the node.
    if (moved > 4 && !stage.hasPointerCapture(event.pointerId)) stage.setPointerCapture(event.pointerId)
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
    control.zoom(Math.exp(-delta / 420), toLocal(stage, { x: event.clientX, y: event.clientY }))
  }
  stage.addEventListener('pointerdown', down)
  stage.addEventListener('pointermove', drag)
  stage.addEventListener('pointerup', up)
  stage.addEventListener('pointercancel', up)
  stage.addEventListener('click', click, true)
  stage.addEventListener('wheel', wheel, { passive: false })
  return () => {
    stage.removeEventListener('pointerdown', down)
    stage.removeEventListener('pointermove', drag)
    stage.removeEventListener('pointerup', up)
    stage.removeEventListener('pointercancel', up)
    stage.removeEventListener('click', click, true)
    stage.removeEventListener('wheel', wheel)
  }
}

function toLocal(stage: HTMLElement, { x, y }: { x: number; y: number }): { x: number; y: number } {
  const { left, top } = stage.getBoundingClientRect()
  return { x: x - left, y: y - top }
}
