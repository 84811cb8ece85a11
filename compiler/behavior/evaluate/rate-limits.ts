import type { LocalLimit, Workload } from '../model.ts'
import { describeLimit } from '../rate-limits.ts'
import type { Step } from '../result.ts'
import type { World } from './world.ts'

/** The limits of a request at a proxy, as notes: those before policies decide about it, and those after. */
interface LimitSteps {
  readonly first: readonly Step[]
  readonly last: readonly Step[]
}

/** Notes the limits of a request at a sidecar. */
export function listInboundLimits(world: World, workload: Workload, port: number): LimitSteps {
  if (world.model.rateLimits.length === 0) return none
  const limits = world.rateLimitsAt(workload, 'inbound')
  return sortSteps(limits.filter(limit => limit.port === undefined || limit.port === port))
}

/**
 * Notes the limits of a request at a gateway. What a route sets replaces what its proxy has, in each filter.
 *
 * @param route the name of the route that is taken, and its virtual host; undefined where none is
 */
export function listGatewayLimits(
  world: World,
  workload: Workload,
  route: { readonly virtualHost: string; readonly name: string | undefined } | undefined,
): LimitSteps {
  if (world.model.rateLimits.length === 0) return none
  const limits = world.rateLimitsAt(workload, 'gateway')
  const filters = limits.filter(limit => limit.route === undefined)
  const limitsOfRoute = limits.filter(
    limit =>
      limit.route !== undefined &&
      limit.route.name === route?.name &&
      (limit.route.virtualHost === undefined || limit.route.virtualHost === route.virtualHost),
  )
  // A later patch is merged into an earlier one, and without a filter, nobody counts.
  const last = limitsOfRoute.at(-1)
  if (last === undefined || filters.length === 0) return sortSteps(filters)
  return sortSteps([{ ...last, isFirst: filters.every(({ isFirst }) => isFirst) }])
}

const none: LimitSteps = { first: [], last: [] }

function sortSteps(limits: ReturnType<World['rateLimitsAt']>): LimitSteps {
  const noted = limits.flatMap(limit => {
    const says = describeLimit(limit)
    return says === undefined ? [] : [{ ...limit, says }]
  })
  const makeSteps = (those: typeof noted) => those.map(makeStep)
  return {
    first: makeSteps(noted.filter(({ isFirst }) => isFirst)),
    last: makeSteps(noted.filter(({ isFirst }) => !isFirst)),
  }
}

const makeStep = ({
  says,
  object,
  path,
}: Pick<LocalLimit, 'path'> & {
  readonly says: string
  readonly object: Step['at'][number]['object']
}): Step => ({
  step: 'rate limit',
  says: `429 possible: ${says}`,
  at: [{ object, path }],
})
