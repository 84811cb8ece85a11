import { type Camera, getViewport } from './camera.ts'
import type { Box, Size } from './geometry.ts'
import type { Picture, PictureLink } from './picture.ts'
import type { Point } from './route-links.ts'

/** The zooms below which no name, only names, and no labels of lines can be read. */
const zooms = { farthest: 0.24, far: 0.45, middle: 1.25 }

export type Distance = 'farthest' | 'far' | 'middle' | 'near'

/** A camera at rest, with the properties that decide which parts are drawn. */
export interface Sight {
  readonly zoom: number
  readonly distance: Distance
  /** The drawn part of the picture: the screen, and half of its size on each side. */
  readonly box: Box
  /** The visible links of a near camera, whose labels are readable. */
  readonly near: readonly PictureLink[]
}

/** The sight before the camera has its place. */
export const noSight: Sight = {
  zoom: 1,
  distance: 'farthest',
  box: { x: 0, y: 0, width: 0, height: 0 },
  near: [],
}

export function getSight(drawing: Picture, camera: Camera, screen: Size): Sight {
  const { zoom } = camera
  const view = getViewport(camera, screen)
  const distance = getDistance(zoom)
  return {
    zoom,
    distance,
    box: {
      x: view.x - view.width / 2,
      y: view.y - view.height / 2,
      width: 2 * view.width,
      height: 2 * view.height,
    },
    near: distance === 'near' ? drawing.links.filter(({ middle }) => meets(view, middle, middle)) : [],
  }
}

function getDistance(zoom: number): Distance {
  if (zoom < zooms.farthest) return 'farthest'
  if (zoom < zooms.far) return 'far'
  return zoom < zooms.middle ? 'middle' : 'near'
}

/** Tells whether a box has a part in sight. */
export const isInSight = ({ box }: Sight, { x, y, width, height }: Box): boolean =>
  meets(box, { x, y }, { x: x + width, y: y + height })

/** Tells whether the rectangle between two corners has a part in a box. */
const meets = ({ x, y, width, height }: Box, a: Point, b: Point): boolean =>
  Math.max(a.x, b.x) >= x &&
  Math.min(a.x, b.x) <= x + width &&
  Math.max(a.y, b.y) >= y &&
  Math.min(a.y, b.y) <= y + height
