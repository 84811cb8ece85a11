import type { Place, Related } from '../diagnostics/diagnostic.ts'
import type { SpecNode } from './sourced.ts'

/** The place of a value of the spec. */
export const placeAt = (node: SpecNode): Place => ({ path: node.path })

/** The place of the key of a value in the spec. */
export const placeAtKey = (node: SpecNode): Place => ({ path: node.path, part: 'key' })

/** Makes a related place for a whole section of the spec, which points at its key. */
export const makeKeyParty = (node: SpecNode, message: string): Related => ({ at: placeAtKey(node), message })
