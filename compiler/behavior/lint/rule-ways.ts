import { groupBy } from '../../basics/group-by.ts'
import { memo } from '../../basics/memo.ts'
import { once } from '../../basics/once.ts'
import { weakMemo } from '../../basics/weak-memo.ts'
import { type Candidate, makeMeetingCandidate, plainCandidate } from '../allowed/candidates.ts'
import type { HttpRoute, TcpRoute, VirtualService, Workload } from '../model.ts'
import { type Calling, listAssumedCallersAt } from '../pairs/calling.ts'
import { type Destination, groupDestinationsByHost } from '../pairs/destinations.ts'
import { makeOutsideRequest, type OutsideDestination, selectOutside } from '../pairs/outside-destinations.ts'
import { makePlainRequest } from '../pairs/request-maker.ts'
import { listRepresentatives } from '../pairs/survey.ts'
import { findWayToHosts } from '../pairs/way-to-hosts.ts'
import { makeCallerWay, makeGatewayWay, type Way } from '../pairs/ways.ts'
import type { OutsideTarget } from '../symbolic/bound-servers.ts'
import { getIdentity } from '../symbolic/delivery.ts'
import { overlapsHost } from '../symbolic/host-names.ts'
import { listIdentityWordsOf } from '../symbolic/identity-words.ts'
import type { IndexedModel } from '../symbolic/indexed-model.ts'
import { makePeerClassifier } from '../symbolic/peer-classes.ts'
import type { Target } from '../symbolic/sidecar-tree.ts'
import type { RuleName } from './rule-states.ts'
import type { Call } from './try-requests.ts'
import { type ArrivalClass, makeArrivalFinder } from './way-arrivals.ts'

export interface Surroundings {
  readonly indexed: IndexedModel
  readonly inside: readonly Destination[]
  readonly outside: readonly OutsideDestination[]
  readonly outsideByIdentity: ReadonlyMap<string, readonly OutsideDestination[]>
  readonly callers: readonly Calling[]
  readonly callersByIdentity: ReadonlyMap<string, readonly Calling[]>
  readonly callersByNamespace: ReadonlyMap<string, readonly Calling[]>
  /** Those that a policy can name. */
  readonly sidecarCallers: readonly Calling[]
  readonly signaturesAt: (target: Target) => (caller: Calling) => string
  readonly waySignaturesAt: (target: Target) => (caller: Calling) => string
}

/** A way of requests to some workloads, and its arrivals there, if they are known. */
export interface WayIn extends Way {
  readonly arrivals: () => readonly ArrivalClass[] | undefined
}

export interface WayLister {
  /**
   * Lists all ways to some workloads. The first ways are those of the callers that the rule names, since the rule probably decides
   * their requests.
   */
  readonly listWays: (rule?: RuleName) => Iterable<WayIn>
  /** Lists some callers that a rule is likely to match, each with a few destinations. */
  readonly listCalls: (rule: RuleName) => Iterable<Call>
}

export function makeWayLister(
  {
    indexed,
    inside,
    outside,
    outsideByIdentity,
    callers,
    callersByIdentity,
    callersByNamespace,
    sidecarCallers,
    signaturesAt,
  }: Surroundings,
  pods: readonly Workload[],
): WayLister {
  const podHosts = new Set(pods.flatMap(pod => indexed.servicesOf(pod).map(({ host }) => host)))
  const way = findWayToHosts(indexed, [...podHosts])
  const destinations = way.among(inside)
  const classifiers = once(() => pods.map(pod => makePeerClassifier(indexed, pod)))
  const isNamed = memo((caller: Calling) => {
    const identity = getIdentity(indexed, caller)
    return caller.name.assumed || classifiers().some(classOf => classOf(identity) !== 'other')
  })
  const findArrivals = once(() =>
    makeArrivalFinder(indexed, new Set(pods.flatMap(pod => indexed.policiesOf(pod)))),
  )
  const addArrivals = (way: Way): WayIn => ({ ...way, arrivals: once(() => findArrivals()(way.buildTree)) })
  const gatewayWay = memo(({ gateway, target }: OutsideDestination) =>
    addArrivals(makeGatewayWay(indexed, gateway, target)),
  )
  const callerWay = memo((target: Target) =>
    memo((caller: Calling) => addArrivals(makeCallerWay(caller, target))),
  )
  const named = once(() => [...callers.filter(isNamed), ...listAssumedCallersAt(indexed, pods)])
  const others = once(() => callers.filter(caller => !isNamed(caller)))
  const listNamedIdentities = ({ policy, index }: RuleName): readonly string[] =>
    listIdentityWordsOf(policy.rules[index]!, policy.namespace, indexed.model.settings).flatMap(
      ({ patterns }) => patterns.flatMap(({ match, value }) => (match === 'exact' ? [value] : [])),
    )
  const listNamedCallers = (name: RuleName): readonly Calling[] =>
    listNamedIdentities(name).flatMap(identity => callersByIdentity.get(identity) ?? [])
  /** Callers that a rule names by identity or namespace. If the rule names no caller, all callers with a sidecar. */
  const listLikelyCallers = (name: RuleName): readonly Calling[] => {
    const { from } = name.policy.rules[name.index]!
    return from.length === 0
      ? sidecarCallers
      : [
          ...listNamedCallers(name),
          ...from.flatMap(({ namespaces }) =>
            namespaces.values.flatMap(namespace => callersByNamespace.get(namespace) ?? []),
          ),
        ]
  }
  /** Lists the hosts that a rule names, without the words for several hosts. */
  const listNamedHosts = ({ policy, index }: RuleName): readonly string[] => {
    const { to, when } = policy.rules[index]!
    const names = when.filter(({ key }) => key === 'connection.sni')
    return [...to.map(({ hosts }) => hosts), ...names].flatMap(({ values }) => values)
  }
  /** The VirtualServices that route to the pods. */
  const routing = once(() => [
    ...new Set([...podHosts].flatMap(host => indexed.virtualServicesByDestination.get(host) ?? [])),
  ])
  const routedHosts = once(() => routing().flatMap(({ hosts }) => hosts))
  const all = makeRepeatable(listAllWays())
  return {
    listWays: rule =>
      rule === undefined ? all : chain(listGroupWays(listNamedCallers(rule), makeSeenSets()), all),
    listCalls: listSomeCalls,
  }

  function* listSomeCalls(rule: RuleName): Generator<Call, void> {
    let callerCount = 0
    for (const caller of listLikelyCallers(rule)) {
      if (caller.ambiguousWith !== undefined) continue
      if (callerCount++ === mostCallers) break
      for (const { target } of selectLikelyDestinations(rule))
        yield {
          request: makePlainRequest(caller, target),
          identity: getIdentity(indexed, caller),
          from: { way: { caller, target } },
        }
    }
    yield* listOutsideCalls(rule)
    yield* listCallsOfGateways(rule)
  }

  /** Selects destinations of hosts that a rule names; if it names none, the first. */
  function selectLikelyDestinations(rule: RuleName): readonly Destination[] {
    const byHost = groupDestinationsByHost(destinations)
    const named = listNamedHosts(rule).flatMap(host => byHost.get(host) ?? [])
    return (named.length === 0 ? destinations : named).slice(0, mostDestinations)
  }

  /** Lists the calls of clients outside through the gateways that a rule names. */
  function* listOutsideCalls(rule: RuleName): Generator<Call, void> {
    let callCount = 0
    for (const identity of new Set(listNamedIdentities(rule)))
      for (const { gateway, name, target } of selectOutside(outsideByIdentity.get(identity) ?? [])(
        routedHosts(),
      )) {
        const routes = listRoutesToPods(name.host, target)
        if (routes.length === 0) continue
        if (callCount++ === mostDestinations) return
        yield { request: makeOutsideRequest(gateway, target), identity, from: { routes } }
      }
  }

  /** Lists the calls of clients outside to the pods that are gateways, at the hosts that a rule names. */
  function* listCallsOfGateways(rule: RuleName): Generator<Call, void> {
    const byHost = groupDestinationsByHost(outside)
    const calls = listNamedHosts(rule)
      .flatMap(host => byHost.get(host) ?? [])
      .filter(({ gateway }) => pods.includes(gateway))
    for (const { gateway, name, target } of calls.slice(0, mostDestinations)) {
      const matches = (indexed.virtualServicesByHost.get(name.host) ?? []).flatMap(({ http }) =>
        http.flatMap(({ matches }) => matches),
      )
      const routes = [plainCandidate, ...matches.map(makeMeetingCandidate)]
      yield { request: makeOutsideRequest(gateway, target), identity: undefined, from: { routes } }
    }
  }

  /** Lists requests that take a route of a gateway to the pods. */
  function listRoutesToPods(host: string, { scheme, port }: OutsideTarget): readonly Candidate[] {
    const virtualServices = routing().filter(({ hosts }) => hosts.some(each => overlapsHost(each, host)))
    if (scheme === 'tcp') {
      const isTaken = listToPods(virtualServices.map(tcpByDestination)).some(
        ({ matches }) =>
          matches.length === 0 || matches.some(match => match.port === undefined || match.port === port),
      )
      return isTaken ? [plainCandidate] : []
    }
    const routes = listToPods(virtualServices.map(httpByDestination))
    return routes.flatMap(({ matches }) =>
      matches.length === 0 ? [plainCandidate] : matches.map(makeMeetingCandidate),
    )
  }

  /** Lists the routes to the pods, of routes by the hosts of their destinations. */
  function listToPods<Route>(routes: readonly ReadonlyMap<string, readonly Route[]>[]): readonly Route[] {
    return routes.flatMap(byHost => [...podHosts].flatMap(host => byHost.get(host) ?? []))
  }

  function* listAllWays(): Generator<WayIn, void> {
    const seenAt = makeSeenSets()
    for (const destination of outside)
      if (pods.includes(destination.gateway) || way.has(destination.name.host)) yield gatewayWay(destination)
    yield* listGroupWays(named(), seenAt)
    yield* listGroupWays(others(), seenAt)
  }

  /** Yields the callers that differ from each other and from those before, once. */
  function* listGroupWays(
    group: readonly Calling[],
    seenAt: (target: Target) => Set<string>,
  ): Generator<WayIn, void> {
    // An assumed caller is dropped if no request distinguishes it from a caller in the manifests.
    const callers = group.filter(({ ambiguousWith, name }) => ambiguousWith === undefined || !name.assumed)
    for (const { target } of destinations)
      for (const caller of listRepresentatives(callers, each => signaturesAt(target)(each), seenAt(target)))
        yield callerWay(target)(caller)
  }
}

/** Callers that a rule is likely to match and that are there; a few destinations of each are tried before all requests are compared. */
const mostCallers = 2
const mostDestinations = 2

/** A VirtualService of a gateway may have thousands of routes. */
const httpByDestination = weakMemo(({ http }: VirtualService) => groupByDestination(http))
const tcpByDestination = weakMemo(({ tcp }: VirtualService) => groupByDestination(tcp))

const groupByDestination = <Route extends HttpRoute | TcpRoute>(routes: readonly Route[]) =>
  groupBy(routes, ({ destinations }) => destinations.map(({ host }) => host))

const makeSeenSets = () => memo((_: Target) => new Set<string>())

function* chain<Each>(a: Iterable<Each>, b: Iterable<Each>): Generator<Each, void> {
  yield* a
  yield* b
}

/** Makes the values of a generator repeatable: each is made once, on demand. */
function makeRepeatable<Each>(made: Iterator<Each>): Iterable<Each> {
  const items: Each[] = []
  return {
    *[Symbol.iterator]() {
      for (let index = 0; ; index++) {
        if (index === items.length) {
          const next = made.next()
          if (next.done === true) return
          items.push(next.value)
        }
        yield items[index]!
      }
    },
  }
}
