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
 * Lists the sets of requests whose value is as asked.
 *
 * @param most the limit of sets that a person will read; twice as many parts are put together for that
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
