import type { Box, Size } from './geometry.ts'

/** The part of a picture that the screen shows: a point of the picture at (px, py) is at (x + zoom * px, y + zoom * py). */
export interface Camera {
  readonly x: number
  readonly y: number
  readonly zoom: number
}

const scaleLimits = { least: 0.04, most: 3 }
const margin = 32

/** Shows a box in the middle of a screen, as large as it fits, but not larger than `mostZoom`. `covered`: pixels at the top of the screen that something else covers. */
export function fitBox(box: Box, screen: Size, covered = 0, mostZoom = 1.15): Camera {
  const free = { width: screen.width - 2 * margin, height: screen.height - 2 * margin - covered }
  const zoom = limitZoom(
    Math.min(free.width / Math.max(1, box.width), free.height / Math.max(1, box.height), mostZoom),
  )
  return {
    zoom,
    x: (screen.width - box.width * zoom) / 2 - box.x * zoom,
    y: covered + (screen.height - covered - box.height * zoom) / 2 - box.y * zoom,
  }
}

/** Zooms by a factor, so that a point of the screen keeps its position. */
export function zoomAt({ x, y, zoom }: Camera, factor: number, point: { x: number; y: number }): Camera {
  const next = limitZoom(zoom * factor)
  const change = next / zoom
  return { zoom: next, x: point.x - (point.x - x) * change, y: point.y - (point.y - y) * change }
}

/** Moves the camera as little as it must for a box to be on the screen. */
export function revealBox(camera: Camera, box: Box, screen: Size): Camera {
  const move = (start: number, length: number, size: number): number => {
    if (length > size - 2 * margin) return margin - start
    if (start < margin) return margin - start
    const over = start + length - (size - margin)
    return over > 0 ? -over : 0
  }
  const { x, y, zoom } = camera
  return {
    zoom,
    x: x + move(x + box.x * zoom, box.width * zoom, screen.width),
    y: y + move(y + box.y * zoom, box.height * zoom, screen.height),
  }
}

/** Gives the part of the picture that is on the screen. */
export const getViewport = ({ x, y, zoom }: Camera, screen: Size): Box => ({
  x: -x / zoom,
  y: -y / zoom,
  width: screen.width / zoom,
  height: screen.height / zoom,
})

const limitZoom = (zoom: number): number => Math.min(Math.max(zoom, scaleLimits.least), scaleLimits.most)
