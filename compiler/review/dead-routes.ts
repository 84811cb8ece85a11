import { compare } from '../behavior/index.ts'
import type { BehaviorModel, HttpRoute, VirtualService } from '../behavior/model.ts'
import type { Request } from '../behavior/request.ts'

/** A rule of `spec.http` that no request can take. */
export interface DeadRoute {
  readonly virtualService: VirtualService
  readonly route: HttpRoute
  /** Its place in `spec.http`, from 0; of delegates, in what they are merged into. */
  readonly index: number
  /** The places of earlier rules that together take every request of it; without any one of them it would get some. */
  readonly eatenBy: readonly number[]
  /** A request that it would take if it came first. */
  readonly witness: Request
}

/** More rules than these are not looked at: each takes a comparison. */
const mostRules = 100

/**
 * The rules of these VirtualServices that no request can take, since earlier ones take them all. A rule is reached exactly
 * where another answer of it makes a difference to somebody, which the engine proves or shows.
 */
export function deadRoutes(
  model: BehaviorModel,
  virtualServices: readonly VirtualService[],
): { readonly dead: readonly DeadRoute[]; readonly notLookedAt: readonly VirtualService[] } {
  const small = virtualServices.filter(({ http }) => http.length <= mostRules)
  return {
    dead: small.flatMap(virtualService =>
      virtualService.http.flatMap((_, index) => deadRoute(model, virtualService, index) ?? []),
    ),
    notLookedAt: virtualServices.filter(({ http }) => http.length > mostRules),
  }
}

function deadRoute(
  model: BehaviorModel,
  virtualService: VirtualService,
  index: number,
): DeadRoute | undefined {
  if (index === 0) return undefined
  const reach = (earlier: readonly number[]) => reachOf(model, virtualService, earlier, index)
  let eatenBy = virtualService.http.map((_, place) => place).slice(0, index)
  if (reach(eatenBy) !== 'never') return undefined
  const alone = reach([])
  // What no request would take if it came first is not eaten by another.
  if (typeof alone === 'string') return undefined
  for (const place of eatenBy.toReversed()) {
    const others = eatenBy.filter(other => other !== place)
    if (reach(others) === 'never') eatenBy = others
  }
  return { virtualService, route: virtualService.http[index]!, index, eatenBy, witness: alone }
}

/** A request that takes a rule behind some of the earlier ones; or that there is none, or that this is not known. */
function reachOf(
  model: BehaviorModel,
  virtualService: VirtualService,
  earlier: readonly number[],
  index: number,
): Request | 'never' | 'unknown' {
  const { http } = virtualService
  const rules = http.filter((_, place) => place >= index || earlier.includes(place))
  const route = http[index]!
  const answered: HttpRoute = {
    ...route,
    destinations: [],
    redirect: undefined,
    fault: undefined,
    directResponse: { status: route.directResponse?.status === mark ? mark + 1 : mark, body: undefined },
  }
  const withRules = (rules: readonly HttpRoute[]): BehaviorModel => ({
    ...model,
    virtualServices: model.virtualServices.map(one =>
      one === virtualService ? { ...virtualService, http: rules } : one,
    ),
  })
  const { differences, unknown, defects } = compare(
    withRules(rules),
    withRules(rules.map(rule => (rule === route ? answered : rule))),
  )
  const [difference] = differences
  if (difference !== undefined) return difference.witness.after.request
  return unknown.length + defects.length > 0 ? 'unknown' : 'never'
}

/** A status that tells the answer of one rule from those of others. */
const mark = 418
