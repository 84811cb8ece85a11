import type { SpecPath } from './diagnostic.ts'

/** Tells whether a path leads to a place or to something in it. */
export const isPathWithin = (path: SpecPath, place: SpecPath): boolean =>
  place.length <= path.length && place.every((step, index) => String(step) === String(path[index]))
