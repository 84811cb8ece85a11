import type { Cors, Pattern } from '../model.ts'
import type { AuthorizerAnswers } from '../request.ts'
import type { Outcome, Route, Step, Unmodelled } from '../result.ts'
import type { HttpRouteEntry } from './http-routes.ts'
import { isPreflight, type Message } from './message.ts'
import { matchesPattern } from './patterns.ts'
import { makeRedirectLocation } from './redirect-location.ts'
import {
  getRoute,
  listUnknownOnTheWay,
  listUsedDestinations,
  type Router,
  rewriteMessage,
} from './route-taken.ts'
import { sendTo } from './send.ts'

/** The fate of a request once its route is found. */
interface Routed {
  readonly route: Route
  readonly outcomes: readonly Outcome[]
  readonly unknown: readonly Unmodelled[]
  readonly steps: readonly Step[]
}

interface Passing {
  readonly extAuthz: AuthorizerAnswers
  readonly depth: number
  readonly sni: string
}

/** Applies the fault, then CORS, then the action of the route. `entries`: all routes of the virtual host. */
export function routeRequest(
  router: Router,
  virtualHost: string,
  entries: readonly HttpRouteEntry[],
  matched: { readonly entry: HttpRouteEntry; readonly index: number },
  message: Message,
  passing: Passing,
): Routed {
  const { entry, index } = matched
  const { rule } = entry
  const route = getRoute(router, virtualHost, matched)
  const at = [...rule.at, ...(entry.match === undefined ? [] : [entry.match.at])]
  const step: Step = { step: 'route', says: `${index}${route.name ? ` ${route.name}` : ''}`, at }
  const unknown = listUnknownOnTheWay(entries, index)
  const answer = (outcome: Omit<Outcome, 'unknown' | 'steps'>): Routed => ({
    route,
    outcomes: [{ ...outcome, unknown: [], steps: [] }],
    unknown,
    steps: [step],
  })
  const abort = rule.fault?.abort
  if (abort !== undefined && abort.percent >= 100) return answer({ verdict: 'FAULT', status: abort.status })
  // A rule that answers by itself is no route, and the filter of CORS looks at routes only.
  const isRoute = rule.redirect === undefined && rule.directResponse === undefined
  if (isRoute && rule.cors !== undefined && isPreflight(message) && answersPreflight(rule.cors, message))
    return answer({ verdict: 'CORS_PREFLIGHT', status: 200 })
  if (rule.redirect !== undefined) {
    const { port, isTls } = router
    const location = makeRedirectLocation(rule.redirect, entry.match, message, port, isTls)
    return answer({ verdict: 'REDIRECT', status: rule.redirect.code, location })
  }
  if (rule.directResponse !== undefined) {
    const { status } = rule.directResponse
    // Envoy adds a `location` to these statuses, even if no route sets one.
    const isSomewhere = status === 201 || (status >= 300 && status < 400)
    const location = `${message.scheme}://${message.authority}${message.path}`
    return answer({ verdict: getDirectVerdict(status), status, ...(isSomewhere && { location }) })
  }
  const used = listUsedDestinations(rule)
  const outcomes = route.clusters.flatMap(({ host = '', subset = '', port = 0 }, place) => {
    const sent = rewriteMessage(entry, route, message, rule.destinations.indexOf(used[place]!))
    return sendTo(
      {
        indexed: router.indexed,
        scope: router.scope,
        proxy: router.proxy,
        bytes: 'http',
        message: sent,
        sni: passing.sni,
        extAuthz: passing.extAuthz,
        isHttpProxy: true,
        depth: passing.depth,
      },
      { host, subset, port },
    )
  })
  return { route, outcomes: selectDistinctOutcomes(outcomes), unknown, steps: [step] }
}

/** Drops repeated outcomes: two destinations of one cluster come to the same, unless their headers differ. */
function selectDistinctOutcomes(outcomes: readonly Outcome[]): readonly Outcome[] {
  if (outcomes.length < 2) return outcomes
  const seen = new Set<string>()
  if (outcomes.every(({ cluster, workload }) => seen.size < seen.add(`${cluster} ${workload}`).size))
    return outcomes
  seen.clear()
  return outcomes.filter(({ cluster, workload, verdict, status, policy, upstream }) => {
    const key = JSON.stringify([cluster, workload, verdict, status, policy, upstream])
    return seen.size < seen.add(key).size
  })
}

/** A direct response with the status of a redirect counts as a redirect: a client cannot distinguish the two. */
const getDirectVerdict = (status: number) => (status >= 300 && status < 400 ? 'REDIRECT' : 'DIRECT_RESPONSE')

/** `*` are all origins. */
const allowsOrigin = (pattern: Pattern, origin: string): boolean =>
  (pattern.match === 'exact' && pattern.value === '*') || matchesPattern(pattern, origin)

/** A proxy forwards a preflight of an origin that is not allowed, unless the policy sets another behavior. */
function answersPreflight({ allowOrigins, unmatchedPreflights }: Cors, message: Message): boolean {
  const origin = message.headers.get('origin')?.[0] ?? ''
  return unmatchedPreflights === 'IGNORE' || allowOrigins.some(pattern => allowsOrigin(pattern, origin))
}
