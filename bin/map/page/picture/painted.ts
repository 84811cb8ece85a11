import type { Link } from '../graph/links.ts'
import { measureDistance } from './curve.ts'
import type { Picture, PictureLink } from './picture.ts'
import type { Point } from './route-links.ts'

/** A picture with more lines has them in one image. */
const mostSingle = 500

/** Divides the lines of a picture: those of a large picture are painted, except for highlighted ones. */
export function divideLinks(
  { links }: Picture,
  standsOut: (link: Link) => boolean,
): { readonly painted: readonly PictureLink[]; readonly single: readonly PictureLink[] } {
  if (links.length <= mostSingle) return { painted: [], single: links }
  const isSingle = ({ link }: PictureLink) => isSpecial(link) || standsOut(link)
  return { painted: links.filter(link => !isSingle(link)), single: links.filter(isSingle) }
}

/** Tells whether a line shows more than its transport. */
const isSpecial = ({ mark, calls }: Link): boolean => mark !== undefined || calls.after.length === 0

/** Finds the line that is nearest to a point, and not farther from it than `most`. */
export function findNearestLink(
  links: readonly PictureLink[],
  point: Point,
  most: number,
): PictureLink | undefined {
  let nearest: { readonly link: PictureLink; readonly distance: number } | undefined
  for (const link of links) {
    const distance = measureDistance(link, point)
    if (distance <= (nearest?.distance ?? most)) nearest = { link, distance }
  }
  return nearest?.link
}
