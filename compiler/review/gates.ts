import type { Gate } from '../../schema/gates.ts'
import type { Difference } from '../behavior/compare/difference.ts'
import { listWay, type Outcome, type Result } from '../behavior/result.ts'

/**
 * The gates of a difference. Requests that arrive before and after also belong to the gates of access if they arrive at a new
 * service, path or mirror. Another version of a service is not new.
 */
export function listGates(difference: Difference): readonly Gate[] {
  const { change, callers, destinations, witness } = difference
  if (change === 'weakened') return ['mtls-downgrade']
  const arrivals = change === 'opened' ? [] : newArrivals(witness.before.result, witness.after.result)
  if (change !== 'opened' && arrivals.length === 0) return []
  const isOutside = callers.some(({ kind }) => kind === 'outside')
  const isInside = callers.some(({ kind }) => kind === 'workload')
  const isExternal =
    change === 'opened'
      ? difference.section === 'egress' || destinations.some(({ isExternal }) => isExternal)
      : arrivals.some(({ isExternal }) => isExternal)
  return [
    ...(isInside && !isExternal ? (['new-access'] as const) : []),
    ...(isOutside ? (['new-exposure'] as const) : []),
    ...(isInside && isExternal ? (['new-egress'] as const) : []),
  ]
}

/** The arrival of a request, or a copy of it, at a place. */
interface Arrival {
  readonly place: string
  readonly isExternal: boolean
}

function newArrivals(before: Result, after: Result): readonly Arrival[] {
  const were = new Set(listArrivals(before).map(({ place }) => place))
  // A caller that reached nothing before now has access, which is another difference.
  return were.size === 0 ? [] : listArrivals(after).filter(({ place }) => !were.has(place))
}

const listArrivals = ({ outcomes, route }: Result): readonly Arrival[] => [
  ...outcomes.filter(({ verdict }) => verdict === 'ALLOW').map(getArrival),
  ...(route?.mirror ?? []).map(({ cluster }) => ({
    place: `a copy at ${getService(cluster)}`,
    isExternal: false,
  })),
]

const getArrival = (outcome: Outcome): Arrival => ({
  place: [
    ...listWay(outcome).map(({ cluster, workload }) =>
      cluster === undefined ? workload : getService(cluster),
    ),
    outcome.upstream?.path,
  ].join(' '),
  isExternal: listWay(outcome).some(({ workload }) => workload === 'external'),
})

/** `host:port`: Istio calls a cluster `outbound|port|subset|host`. */
function getService(cluster: string): string {
  const [, port, , host] = cluster.split('|')
  return host === undefined ? cluster : `${host}:${port}`
}
