import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Transport } from '../graph/links.ts'
import { isCurveIn } from '../picture/curve.ts'
import type { PictureLink } from '../picture/picture.ts'
import type { Sight } from '../picture/sight.ts'
import { usePage } from './context.ts'

/** The widths of lines and their dashes, as the style of the page has them. */
const strokes: Readonly<Record<Transport, { readonly width: number; readonly dashes: readonly number[] }>> = {
  mtls: { width: 1.4, dashes: [] },
  tls: { width: 3, dashes: [] },
  plaintext: { width: 1.6, dashes: [7, 5] },
  unknown: { width: 2, dashes: [1.5, 5] },
}

/** A line of a large picture is at least so many pixels wide. */
const thinnest = 0.5
/** So many lines can be painted between two frames. */
const mostInFrame = 200

/**
 * The lines of a large picture, painted as one image of what is in sight: as elements, they would be painted again for each
 * part of the screen that they pass. An image stays until the next one is complete.
 */
export function PaintedLines({
  links,
  sight,
}: {
  readonly links: readonly PictureLink[]
  readonly sight: Sight
}) {
  const { light } = usePage()
  const canvas = useRef<HTMLCanvasElement>(null)
  const colors = useColorScheme()
  useLayoutEffect(() => {
    const steps = paintLines(canvas.current!, links, sight)
    const step = () => {
      if (steps.next().done !== true) request = requestAnimationFrame(step)
    }
    let request = requestAnimationFrame(step)
    return () => cancelAnimationFrame(request)
  }, [links, sight, colors])
  return <canvas ref={canvas} class={light === undefined ? 'painted' : 'painted faint'} aria-hidden="true" />
}

/** Paints an image of the lines beside the canvas, step by step, and at last puts it there. */
function* paintLines(
  canvas: HTMLCanvasElement,
  links: readonly PictureLink[],
  { box, zoom, distance }: Sight,
): Generator<void> {
  const scale = zoom * Math.min(2, devicePixelRatio)
  const image = document.createElement('canvas')
  image.width = Math.max(1, Math.round(box.width * scale))
  image.height = Math.max(1, Math.round(box.height * scale))
  const context = image.getContext('2d')
  if (context === null) return
  context.setTransform(scale, 0, 0, scale, -box.x * scale, -box.y * scale)
  const hasHeads = distance === 'middle' || distance === 'near'
  let count = 0
  for (const transport of ['mtls', 'tls', 'plaintext', 'unknown'] as const) {
    const { width, dashes } = strokes[transport]
    context.strokeStyle = readColor(transport)
    context.fillStyle = context.strokeStyle
    context.lineWidth = Math.max(width, thinnest / zoom)
    context.setLineDash([...dashes])
    for (const link of links) {
      if (link.link.transport !== transport || !isCurveIn(box, link)) continue
      const [start, first, second, end] = link.points
      context.beginPath()
      context.moveTo(start.x, start.y)
      context.bezierCurveTo(first.x, first.y, second.x, second.y, end.x, end.y)
      context.stroke()
      if (hasHeads) paintHead(context, second, end)
      count += 1
      if (count % mostInFrame === 0) yield
    }
  }
  canvas.width = image.width
  canvas.height = image.height
  canvas.getContext('2d')?.drawImage(image, 0, 0)
  const { style } = canvas
  style.left = `${box.x}px`
  style.top = `${box.y}px`
  style.width = `${box.width}px`
  style.height = `${box.height}px`
}

/** Paints the head of a line that comes from one point to another. */
function paintHead(
  context: CanvasRenderingContext2D,
  from: PictureLink['middle'],
  to: PictureLink['middle'],
): void {
  const [x, y] = [Math.sign(to.x - from.x), Math.sign(to.y - from.y)]
  const isAcross = Math.abs(to.x - from.x) >= Math.abs(to.y - from.y)
  context.beginPath()
  context.moveTo(to.x, to.y)
  if (isAcross) {
    context.lineTo(to.x - 8 * x, to.y - 4)
    context.lineTo(to.x - 8 * x, to.y + 4)
  } else {
    context.lineTo(to.x - 4, to.y - 8 * y)
    context.lineTo(to.x + 4, to.y - 8 * y)
  }
  context.fill()
}

/** Reads the color of a transport from the head of its lines, where the style has resolved it. */
function readColor(transport: Transport): string {
  const head = document.querySelector(`#full-${transport} path`)
  return head === null ? 'gray' : getComputedStyle(head).fill
}

/** Gives another value when the colors of the page change. */
function useColorScheme(): string {
  const { state } = usePage()
  const [isDark, setIsDark] = useState(false)
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)')
    const follow = () => setIsDark(query.matches)
    follow()
    query.addEventListener('change', follow)
    return () => query.removeEventListener('change', follow)
  }, [])
  return `${state.theme} ${isDark}`
}
