import type { Node } from '../symbolic/diagrams/diagram.ts'
import type { RequestSpace, Value } from '../symbolic/request-space.ts'
import { makeRequestRegion, mergeRegions } from './describe.ts'
import type { RequestRegion } from './difference.ts'

/** Sets of requests in words. */
export interface Regions {
  /** The sets; one without conditions: all requests. */
  readonly regions: readonly RequestRegion[]
  /** The number of sets beyond those that a person reads. */
  readonly further: number
}

/**
 * Lists regions that together are the requests whose value has the property.
 *
 * @param most the largest number of regions for a reader; the function merges up to twice as many parts into them
 */
export function listRegions(
  { diagrams, dimensions }: RequestSpace,
  node: Node,
  isAsked: (value: Value) => boolean,
  most: number,
): Regions {
  const regions = diagrams.regionsWhere(node, isAsked, partsPerRegion * most)
  const merged = mergeRegions(regions)
  const shown = merged.slice(0, most)
  return {
    regions: shown.map(region => makeRequestRegion(region, dimensions)),
    further: merged.length - shown.length + diagrams.countWhere(node, isAsked) - regions.length,
  }
}

const partsPerRegion = 2
