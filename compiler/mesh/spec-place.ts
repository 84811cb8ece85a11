import type { Place } from '../diagnostics/diagnostic.ts'
import type { SpecNode } from './sourced.ts'

/** The place of a value of the spec. */
export const placeAt = (node: SpecNode): Place => ({ path: node.path })

/** The place of the key that a value of the spec stands under. */
export const placeAtKey = (node: SpecNode): Place => ({ path: node.path, part: 'key' })
