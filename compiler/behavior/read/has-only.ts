import { isMap, type ManifestMap } from './values.ts'

/** Tells whether a value is a map with no other keys than these. */
export const hasOnly = <Key extends string>(value: unknown, keys: readonly Key[]): value is ManifestMap =>
  isMap(value) && Object.keys(value).every(key => keys.some(each => each === key))
