import { describeRegion, mergeRegions } from '../compare/describe.ts'
import type { RequestRegion } from '../compare/difference.ts'
import type { Node } from '../symbolic/diagrams/diagram.ts'
import type { RequestSpace, Value } from '../symbolic/request-space.ts'

/** Sets of requests in words. */
export interface Regions {
  /** The sets; one without conditions: all requests. */
  readonly regions: readonly RequestRegion[]
  /** The number of sets beyond those that a person reads. */
  readonly further: number
}

/** Lists the sets of requests whose value is as asked. */
export function listRegions(
  { diagrams, dimensions }: RequestSpace,
  node: Node,
  isAsked: (value: Value) => boolean,
): Regions {
  const regions = diagrams.regionsWhere(node, isAsked, mostParts)
  const merged = mergeRegions(regions)
  const shown = merged.slice(0, mostRegions)
  return {
    regions: shown.map(region => describeRegion(region, dimensions)),
    further: merged.length - shown.length + diagrams.countWhere(node, isAsked) - regions.length,
  }
}

/** The limit of sets that a person will read, and of parts that are put together for that. */
const mostRegions = 20
const mostParts = 200
