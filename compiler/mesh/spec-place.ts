import type { Place, Related } from '../diagnostics/diagnostic.ts'
import type { SpecNode } from './sourced.ts'

/** The place of a value of the spec. */
export const placeAt = (node: SpecNode): Place => ({ path: node.path })

/** The place of the key that a value of the spec stands under. */
export const placeAtKey = (node: SpecNode): Place => ({ path: node.path, part: 'key' })

/** Makes another party to a fault that is a whole section of the spec: its key is pointed at. */
export const makeKeyParty = (node: SpecNode, message: string): Related => ({ at: placeAtKey(node), message })
