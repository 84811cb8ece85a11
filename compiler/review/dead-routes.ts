import type { Limits } from '../behavior/budget.ts'
import { isSame } from '../behavior/compare/affected.ts'
import { findRouteStates, isLimit, listRulePlaces } from '../behavior/index.ts'
import type { RouteName, RouteState } from '../behavior/lint/route-states.ts'
import type { BehaviorModel, VirtualService } from '../behavior/model.ts'
import { describeFullRequest, describeHost } from '../behavior/request-words.ts'
import type { At } from '../behavior/result.ts'
import { printPointer } from '../provenance/paths.ts'
import type { Cause, Finding, UnknownFinding } from './findings.ts'
import type { Parties } from './parties.ts'
import { listFew } from './summary.ts'
import { describeUnknown } from './unknown-findings.ts'

/** Newly dead routes in changed VirtualServices, and routes for which a limit makes this unknown. */
export function findNewDeadRoutes(
  { before, after }: { readonly before: BehaviorModel; readonly after: BehaviorModel },
  limits: Limits,
) {
  const keyed = new Map(
    before.virtualServices.map(givenVirtualService => [
      getVirtualServiceKey(givenVirtualService),
      givenVirtualService,
    ]),
  )
  const changed = after.virtualServices.filter(
    givenVirtualService => !isSame(givenVirtualService, keyed.get(getVirtualServiceKey(givenVirtualService))),
  )
  if (changed.length === 0) return { dead: [], notLookedAt: [] }
  const statesNow = findRouteStates(after, limits)
  const states = changed.flatMap(statesNow)
  const dead = states.filter(routeState => routeState.state === 'dead')
  const statesThen = dead.length === 0 ? undefined : findRouteStates(before, limits)
  const were = [
    ...new Set(dead.map(({ virtualService }) => keyed.get(getVirtualServiceKey(virtualService)))),
  ].flatMap(old =>
    old === undefined ? [] : (statesThen?.(old) ?? []).filter(({ state }) => state === 'dead'),
  )
  const isOld = (now: DeadRoute) =>
    were.some(
      old =>
        getVirtualServiceKey(old.virtualService) === getVirtualServiceKey(now.virtualService) &&
        old.protocol === now.protocol &&
        isSame(getRouteMatches(old), getRouteMatches(now)),
    )
  return {
    dead: dead.filter(route => !isOld(route)),
    notLookedAt: states.filter(isUntried),
  }
}

const isUntried = (routeState: RouteState): routeState is UntriedRoute =>
  routeState.state === 'unknown' && routeState.because.some(({ reason }) => isLimit(reason))

type UntriedRoute = Extract<RouteState, { readonly state: 'unknown' }>

type DeadRoute = Extract<RouteState, { readonly state: 'dead' }>

const getRouteMatches = ({ virtualService, protocol, index }: RouteName) =>
  virtualService[protocol][index]!.matches

export function makeDeadFinding(
  dead: DeadRoute,
  because: readonly Cause[],
  parties: Parties | undefined,
): Finding {
  const { virtualService, eatenBy, witness } = dead
  const { hosts, namespace, name } = virtualService
  const words = (route: RouteName) =>
    `${nameRouteByNumber(route)}${route.virtualService === virtualService ? '' : ` of VirtualService ${getVirtualServiceKey(route.virtualService)}`}`
  const eaters = eatenBy.map(words)
  const after = `never taken: ${eaters.join(', ')} ${eaters.length === 1 ? 'takes' : 'take'} all of its requests first`
  const [place] = listRulePlaces(dead)
  return {
    section: 'routing',
    change: 'dead',
    gates: ['dead-route'],
    callers: [],
    destinations: hosts.map(describeHost),
    parties: { callers: [], destinations: hosts.map(host => parties?.hosts.get(host) ?? host) },
    requests: [`${words(dead)} of VirtualService ${namespace}/${name}`],
    further: 0,
    before: 'not there, or taken',
    after,
    witness: { request: describeFullRequest(witness), before: words(dead), after: eaters[0] ?? '' },
    because: because.length > 0 || place?.object.source === undefined ? because : [makeCause(place)],
    help: [],
  }
}

/** Makes the findings for routes with an unknown answer, one for each VirtualService. */
export function listUntriedFindings(
  states: readonly UntriedRoute[],
  parties: Parties | undefined,
): readonly UnknownFinding[] {
  return [...new Set(states.map(({ virtualService }) => virtualService))].map(virtualService => {
    const { hosts } = virtualService
    const ownStates = states.filter(state => state.virtualService === virtualService)
    return {
      callers: [],
      destinations: hosts.map(describeHost),
      parties: { callers: [], destinations: hosts.map(host => parties?.hosts.get(host) ?? host) },
      requests: [
        `whether ${listFew(ownStates.map(nameRouteByNumber))} ${ownStates.length === 1 ? 'is' : 'are'} never taken`,
      ],
      further: 0,
      because: [...new Set(ownStates.flatMap(({ because }) => because.map(describeUnknown)))],
      help: [],
      side: 'after',
    }
  })
}

/** `route 3 (canary)` */
function nameRouteByNumber({ virtualService, protocol, index }: RouteName): string {
  const name = protocol === 'http' ? virtualService.http[index]!.name : ''
  const kind = protocol === 'http' ? '' : `${protocol} `
  return `${kind}route ${index + 1}${name === '' ? '' : ` (${name})`}`
}

const makeCause = ({ object: { source, kind, namespace, name }, path }: At): Cause => ({
  file: source?.file ?? '',
  line: source?.lineOf(path) ?? 1,
  side: 'after',
  words: `${kind} ${namespace}/${name}${printPointer(path)}`,
})

const getVirtualServiceKey = ({ namespace, name }: VirtualService) => `${namespace}/${name}`
