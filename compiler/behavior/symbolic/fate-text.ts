import type { Onward, Result, Route } from '../result.ts'
import type { Fate, Routing } from './tree.ts'

/**
 * Serializes all of a fate that a caller or a server can notice: equal texts are equal fates. Shares of one cluster are
 * added up, and no order counts.
 */
export function serializeFate({ routing, outcomes }: Fate): string {
  const answers = outcomes.map(({ cluster, workload, transport, peer, verdict, status, onward }) => [
    cluster ?? '',
    workload ?? '',
    transport ?? '',
    peer ?? '',
    verdict,
    // The answer of an application or a server outside is not ours.
    verdict === 'ALLOW' ? '' : (status ?? ''),
    ...(onward === undefined ? [] : [serializeOnward(onward)]),
  ])
  const distinct = [...new Set(answers.map(each => JSON.stringify(each)))].sort()
  return JSON.stringify([routing === undefined ? null : serializeRouting(routing), distinct])
}

const serializeOnward = (onward: readonly Onward[]): string =>
  [
    ...new Set(
      onward.map(({ cluster, workload, transport }) =>
        [cluster, workload, transport].map(part => part ?? '').join(' '),
      ),
    ),
  ]
    .sort()
    .join()

export function serializeRouting(routing: Routing) {
  const { action, clusters, timeout, retries, rewrite, mirror, fault, redirect, directResponse, headers } =
    routing
  const shares = new Map<string, number>()
  for (const { cluster, weight } of clusters) shares.set(cluster, (shares.get(cluster) ?? 0) + weight)
  return [
    action,
    [...shares]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([cluster, weight]) => [cluster, Math.round(weight * 100) / 100]),
    timeout ?? 0,
    retries === undefined
      ? null
      : [retries.attempts, retries.perTryTimeout ?? 0, retries.retryOn, retries.statusCodes ?? []],
    rewrite === undefined
      ? null
      : [rewrite.prefix ?? '', rewrite.regex ?? '', rewrite.substitution ?? '', rewrite.host ?? ''],
    (mirror ?? []).map(({ cluster, percent }) => [cluster, percent]),
    fault === undefined
      ? null
      : [
          fault.delay === undefined ? null : [fault.delay.percent, fault.delay.milliseconds],
          fault.abort === undefined ? null : [fault.abort.percent, fault.abort.status],
        ],
    redirect ?? null,
    directResponse ?? null,
    headers ?? null,
  ]
}

/**
 * Converts the result of an evaluation to a fate. A result lacks some parts (headers, the location of a redirect); these come from
 * the expected fate.
 */
export function convertToFate({ route, outcomes }: Result, expected: Fate): Fate {
  // A request that a proxy refuses or answers before it routes is sent nowhere, though it has a route already.
  const isRefused = outcomes.every(
    ({ cluster, verdict }) =>
      cluster === undefined && ['DENY', 'UNAUTHENTICATED', 'CORS_PREFLIGHT'].includes(verdict),
  )
  const routing = route === undefined || isRefused ? undefined : getRouting(route, expected.routing)
  const answers = outcomes.map(({ cluster, workload, transport, peer, verdict, status, onward }) => ({
    ...(cluster === undefined ? {} : { cluster }),
    ...(workload === undefined ? {} : { workload }),
    ...(transport === undefined ? {} : { transport }),
    ...(peer === undefined ? {} : { peer }),
    verdict,
    ...(status === undefined ? {} : { status }),
    ...(onward === undefined ? {} : { onward }),
  }))
  // A connection has no route of HTTP; its shares are the expected ones, if its clusters are.
  const shown = routing ?? findShares(expected, answers)
  return { ...(shown === undefined ? {} : { routing: shown }), outcomes: answers }
}

function findShares({ routing }: Fate, outcomes: Fate['outcomes']): Routing | undefined {
  if (routing === undefined) return undefined
  const seen = new Set(outcomes.map(({ cluster }) => cluster))
  return seen.has(undefined) || routing.clusters.every(({ cluster }) => seen.has(cluster))
    ? routing
    : undefined
}

function getRouting(
  { action, clusters, timeout, retries, rewrite, mirror, fault }: Route,
  expected: Routing | undefined,
): Routing {
  const total = clusters.reduce((sum, { weight }) => sum + weight, 0)
  return {
    action,
    clusters: clusters.map(({ cluster, weight, known }) => ({
      cluster,
      weight: total === 0 ? 100 : Math.round((weight / total) * 1e6) / 1e4,
      known,
    })),
    ...(timeout === undefined ? {} : { timeout }),
    ...(retries === undefined ? {} : { retries }),
    ...(rewrite === undefined ? {} : { rewrite }),
    ...(mirror === undefined ? {} : { mirror }),
    ...(fault === undefined ? {} : { fault }),
    ...(expected?.redirect === undefined ? {} : { redirect: expected.redirect }),
    ...(expected?.directResponse === undefined ? {} : { directResponse: expected.directResponse }),
    ...(expected?.headers === undefined ? {} : { headers: expected.headers }),
  }
}
