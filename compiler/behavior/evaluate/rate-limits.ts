import type { LocalLimit, Workload } from '../model.ts'
import { describeRateLimit, describeSharedLimit } from '../rate-limits.ts'
import type { Step } from '../result.ts'
import type { IndexedModel } from './indexed-model.ts'

/** The limits of a request at a proxy, as notes: those before policies decide about it, and those after. */
interface LimitSteps {
  readonly first: readonly Step[]
  readonly last: readonly Step[]
}

/**
 * Notes the limits of a request at a sidecar.
 *
 * @param servicePort the port of the Service in front of the port of the pod; undefined if no Service has one
 */
export function listInboundLimits(
  indexed: IndexedModel,
  workload: Workload,
  port: number,
  servicePort: number | undefined,
): LimitSteps {
  if (indexed.model.rateLimits.length === 0) return noSteps
  const limits = indexed.rateLimitsAt(workload, 'inbound')
  const local = sortSteps(limits.filter(limit => limit.port === undefined || limit.port === port))
  const shared = indexed.sharedLimitsAt(workload, 'inbound')
  return addSteps(
    local,
    listSharedSteps(
      indexed,
      shared.filter(limit => limit.kind === 'entries' || limit.port === undefined || limit.port === port),
      // istiod names the virtual host of a port that no Service has after the port 0.
      { virtualHost: `inbound|http|${servicePort ?? 0}`, name: undefined },
    ),
  )
}

/**
 * Notes the limits of a request at a gateway. In each filter, the settings of a route replace those of its proxy.
 *
 * @param route the name of the chosen route, and its virtual host; undefined if no route is chosen
 */
export function listGatewayLimits(
  indexed: IndexedModel,
  workload: Workload,
  route: Taken | undefined,
): LimitSteps {
  if (indexed.model.rateLimits.length === 0) return noSteps
  // A rate-limit service counts only forwarded requests.
  const shared =
    route?.isForwarded === true
      ? listSharedSteps(indexed, indexed.sharedLimitsAt(workload, 'gateway'), route)
      : noSteps
  return addSteps(listLocalSteps(indexed, workload, route), shared)
}

function listLocalSteps(indexed: IndexedModel, workload: Workload, route: Taken | undefined): LimitSteps {
  const limits = indexed.rateLimitsAt(workload, 'gateway')
  const filters = limits.filter(limit => limit.route === undefined)
  const limitsOfRoute = limits.filter(
    limit =>
      limit.route !== undefined &&
      limit.route.name === route?.name &&
      (limit.route.virtualHost === undefined || limit.route.virtualHost === route.virtualHost),
  )
  // A later patch is merged into an earlier one, and without a filter, nothing counts.
  const last = limitsOfRoute.at(-1)
  if (last === undefined || filters.length === 0) return sortSteps(filters)
  return sortSteps([{ ...last, isFirst: filters.every(({ isFirst }) => isFirst) }])
}

/** A route that is taken, by its name, in a virtual host. */
interface Taken {
  readonly virtualHost: string
  readonly name: string | undefined
  /** True if it sends the request on. */
  readonly isForwarded?: boolean
}

const noSteps: LimitSteps = { first: [], last: [] }

const addSteps = (a: LimitSteps, b: LimitSteps): LimitSteps => ({
  first: [...a.first, ...b.first],
  last: [...a.last, ...b.last],
})

/** Notes the requests that rate-limit services count. The entries of a route replace those of its virtual host. */
function listSharedSteps(
  { model }: IndexedModel,
  shared: ReturnType<IndexedModel['sharedLimitsAt']>,
  { virtualHost, name }: Taken,
): LimitSteps {
  const entries = shared
    .flatMap(limit => (limit.kind === 'entries' ? [limit] : []))
    .filter(limit => limit.virtualHost === undefined || limit.virtualHost === virtualHost)
  const ofRoute = entries.filter(({ route }) => route !== undefined && route === name)
  const counted = ofRoute.length > 0 ? ofRoute : entries.filter(({ route }) => route === undefined)
  const descriptors = counted.flatMap(limit => limit.descriptors)
  const steps = shared.flatMap(filter => {
    if (filter.kind === 'entries') return []
    const says = describeSharedLimit(filter, descriptors, model.limiterConfigs)
    if (says === undefined) return []
    const at = [filter, ...counted].map(({ object, path }) => ({ object, path }))
    return [{ isFirst: filter.isFirst, step: { step: 'rate limit', says, at } as const }]
  })
  return {
    first: steps.flatMap(({ isFirst, step }) => (isFirst ? [step] : [])),
    last: steps.flatMap(({ isFirst, step }) => (isFirst ? [] : [step])),
  }
}

function sortSteps(limits: ReturnType<IndexedModel['rateLimitsAt']>): LimitSteps {
  const noted = limits.flatMap(limit => {
    const says = describeRateLimit(limit)
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
