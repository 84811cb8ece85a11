import { groupBy } from '../../basics/group-by.ts'
import { memo } from '../../basics/memo.ts'
import { once } from '../../basics/once.ts'
import { weakMemo } from '../../basics/weak-memo.ts'
import { type Limits, limitQuestions, usualLimits } from '../budget.ts'
import { evaluate } from '../evaluate/evaluate.ts'
import type {
  BehaviorModel,
  HttpRoute,
  Labels,
  RulePlace,
  TcpRoute,
  TlsRoute,
  VirtualService,
  Workload,
} from '../model.ts'
import { type CallerInModel, pairCallers } from '../pairs/callers.ts'
import { type Destination, groupDestinationsByHost, listMeshDestinations } from '../pairs/destinations.ts'
import {
  listOutsideDestinations,
  type OutsideDestination,
  selectOutside,
} from '../pairs/outside-destinations.ts'
import { makeWaySigner } from '../pairs/signature.ts'
import { listRepresentatives } from '../pairs/survey.ts'
import { makeCallerWay, makeGatewayWay, type Way } from '../pairs/ways.ts'
import { getQualifiedName } from '../qualified-name.ts'
import type { Request } from '../request.ts'
import type { Unmodelled } from '../result.ts'
import { isHostWithin, isWildcard, overlapsHost } from '../symbolic/host-names.ts'
import { hasLabels, type IndexedModel, indexModel, withVirtualServices } from '../symbolic/indexed-model.ts'
import { askSpace, isFate, listUnknownIn } from '../symbolic/request-space.ts'
import { hasClaims } from '../symbolic/route-tree.ts'
import type { Fate } from '../symbolic/tree.ts'

/** A rule of `spec.http`, `spec.tls` or `spec.tcp`. `index`: its index in that list; for a rule of a delegate, in the merged list. */
export interface RouteName {
  readonly virtualService: VirtualService
  readonly protocol: 'http' | 'tls' | 'tcp'
  readonly index: number
}

/**
 * The state of a rule.
 *
 * - `live`: the witness takes it.
 * - `dead`: earlier rules take all of its requests, the witness among them; without any one of `eatenBy` it would get some.
 * - `idle`: no request could take it, even if it came first, though others of its VirtualService are taken.
 * - `unknown`: it is not known.
 */
export type RouteState = RouteName &
  (
    | { readonly state: 'live'; readonly witness: Request }
    | { readonly state: 'dead'; readonly witness: Request; readonly eatenBy: readonly RouteName[] }
    | { readonly state: 'idle' }
    | { readonly state: 'unknown'; readonly because: readonly Unmodelled[] }
  )

/**
 * Finds out of the rules of VirtualServices whether any request takes them. Policies are not asked: they come after. The
 * rules of one VirtualService are one question.
 */
export function findRouteStates(
  model: BehaviorModel,
  limits: Limits = usualLimits,
): (virtualService: VirtualService) => readonly RouteState[] {
  const ask = limitQuestions(limits)
  // Tokens affect routes only by their claims.
  const requestAuthentications = model.virtualServices.some(hasClaims) ? model.requestAuthentications : []
  const indexed = indexModel({ ...model, authorizationPolicies: [], requestAuthentications })
  const inside = listMeshDestinations(indexed, indexed)
  const outside = groupBy(listOutsideDestinations(indexed, indexed), ({ gateway }) => [gateway])
  const workloads = pairCallers(indexed, indexed)
    .map(({ after }) => after)
    .filter(({ hasSidecar }) => hasSidecar)
  const gatewaysAt = memo(
    (workload: Workload) =>
      new Set(
        model.gateways.filter(({ selector }) => hasLabels(workload.labels, selector)).map(getQualifiedName),
      ),
  )
  const around: Surroundings = { indexed, inside, outside, workloads, gatewaysAt }
  const groups = new Map<string, Group>()
  const groupWith = (virtualService: VirtualService): Group => {
    const key = makeHostsKey(virtualService)
    const group = groups.get(key) ?? makeGroup(around, virtualService)
    groups.set(key, group)
    return group
  }
  return virtualService =>
    ask(
      () => listStates(around, groupWith(virtualService), virtualService),
      reason =>
        listRoutes(virtualService).map(name => ({
          ...name,
          state: 'unknown',
          because: [{ object: virtualService, path: ['spec'], reason }],
        })),
    )
}

/** The largest number of rules for the same hosts among which dead ones are looked for. */
const mostRoutes = 5000

/** The largest set in which meshc searches for rules that together match a request that no single rule matches. */
const mostTried = 200

interface Surroundings {
  readonly indexed: IndexedModel
  readonly inside: readonly Destination[]
  /** The destinations outside, by their gateways. */
  readonly outside: ReadonlyMap<Workload, readonly OutsideDestination[]>
  readonly workloads: readonly CallerInModel[]
  /** The names of the Gateways of a workload. */
  readonly gatewaysAt: (workload: Workload) => ReadonlySet<string>
}

/** The VirtualServices that share hosts with one. */
interface Group {
  /** The members in their order. */
  readonly members: readonly VirtualService[]
  readonly rules: readonly RouteName[]
  /** Finds which rules are taken of those with the same hosts that are at gateways only. */
  readonly findTakenAtGateways: () => Taken
}

function makeGroup(around: Surroundings, virtualService: VirtualService): Group {
  const members = listGroups(around.indexed, virtualService)
  const rules = members.flatMap(listRoutes)
  const findTakenAtGateways = once(() => {
    const alike = members.filter(
      member => !isInMesh(member) && makeHostsKey(member) === makeHostsKey(virtualService),
    )
    return getTaken(around, alike[0]!, members, rules, alike.flatMap(listRoutes), 'assumed first')
  })
  return { members, rules, findTakenAtGateways }
}

const makeHostsKey = ({ hosts }: VirtualService): string => hosts.join()
const isInMesh = ({ gateways }: VirtualService): boolean => gateways.includes('mesh')

function listStates(
  around: Surroundings,
  { members: group, rules: all, findTakenAtGateways }: Group,
  virtualService: VirtualService,
): readonly RouteState[] {
  const rules = listRoutes(virtualService)
  const tooMany: readonly Unmodelled[] = [
    { object: virtualService, path: ['spec'], reason: { code: 'too-many-route-rules' } },
  ]
  if (all.length > mostRoutes) return rules.map(name => ({ ...name, state: 'unknown', because: tooMany }))
  const whole = isInMesh(virtualService)
    ? getTaken(around, virtualService, group, all, rules, 'assumed first')
    : findTakenAtGateways()
  const isUnbound = rules.every(name => !whole.taken.has(makeRouteKey(name)))
  return rules.map((name): RouteState => {
    const witness = whole.taken.get(makeRouteKey(name))
    if (witness !== undefined) return { ...name, state: 'live', witness }
    const unknown = [...whole.unknown, ...group.flatMap(listRouteHostConditions)]
    if (unknown.length > 0) return { ...name, state: 'unknown', because: unknown }
    const alone = getTaken(around, virtualService, group, [name], [name], 'workloads first')
    const first = alone.taken.get(makeRouteKey(name))
    if (first === undefined) {
      if (alone.unknown.length > 0 || isUnbound)
        return {
          ...name,
          state: 'unknown',
          because: alone.unknown.length > 0 ? alone.unknown : [makeUnboundReason(virtualService)],
        }
      return { ...name, state: 'idle' }
    }
    const { steps } = evaluate(around.indexed.model, first)
    const isTaker = (routeName: RouteName) =>
      steps.some(({ step, at }) => step === 'route' && isRuleAt(routeName, at))
    if (isTaker(name)) return { ...name, state: 'unknown', because: [makeContradiction(virtualService)] }
    const isDeadBehind = (rest: readonly RouteName[]) => {
      const taken = getTaken(around, virtualService, group, [...rest, name], [name], 'assumed first')
      return !taken.taken.has(makeRouteKey(name)) && taken.unknown.length === 0
    }
    const earlier = all.filter(routeName => !isSameRoute(routeName, name) && !isAfter(routeName, name))
    // Usually, the rule that matches the witness matches every request.
    const takers = earlier.filter(isTaker)
    if (takers.length === 1 && isDeadBehind(takers))
      return { ...name, state: 'dead', witness: first, eatenBy: takers }
    if (all.length > mostTried) return { ...name, state: 'unknown', because: tooMany }
    return { ...name, state: 'dead', witness: first, eatenBy: findNeededEntries(earlier, isDeadBehind) }
  })
}

/**
 * Selects so many of some entries that it still holds, and without any one of them no longer. The last are left out first,
 * and as many at once as can be.
 */
function findNeededEntries<Entry>(
  all: readonly Entry[],
  holds: (entries: readonly Entry[]) => boolean,
): readonly Entry[] {
  let kept = all
  let end = all.length
  let size = all.length
  while (end > 0) {
    const start = Math.max(0, end - size)
    const rest = [...kept.slice(0, start), ...kept.slice(end)]
    if (holds(rest)) {
      kept = rest
      end = start
      size *= 2
    } else if (end - start === 1) {
      end = start
    } else {
      size = Math.ceil((end - start) / 2)
    }
  }
  return kept
}

/** Groups a VirtualService with those that share hosts with it, in their order. */
function listGroups(indexed: IndexedModel, virtualService: VirtualService): readonly VirtualService[] {
  const { hosts } = virtualService
  const candidates = hosts.some(isWildcard)
    ? indexed.model.virtualServices
    : [
        virtualService,
        ...indexed.wildcardVirtualServices,
        ...hosts.flatMap(host => indexed.virtualServicesByHost.get(host) ?? []),
      ]
  return [...new Set(candidates)]
    .filter(
      otherVirtualService =>
        otherVirtualService === virtualService ||
        otherVirtualService.hosts.some(host => hosts.some(each => overlapsHost(host, each))),
    )
    .sort((a, b) => indexed.age(a) - indexed.age(b))
}

/** Callers may write a host in several ways, and are looked at with one. */
const listRouteHostConditions = (object: VirtualService): readonly Unmodelled[] =>
  object.http.flatMap(({ matches, at }) =>
    matches.some(
      ({ authority, headers }) => authority !== undefined || 'host' in headers || ':authority' in headers,
    )
      ? [{ object, path: at[0]!.path, reason: { code: 'host-with-several-names' } }]
      : [],
  )

const makeUnboundReason = (object: VirtualService): Unmodelled => ({
  object,
  path: ['spec'],
  reason: { code: 'unbound-virtual-service' },
})

const makeContradiction = (object: VirtualService): Unmodelled => ({
  object,
  path: ['spec'],
  reason: { code: 'engines-disagree' },
})

const makeRouteKey = ({ virtualService: { namespace, name }, protocol, index }: RouteName): string =>
  `${namespace}/${name} ${protocol} ${index}`

const listRoutes = (virtualService: VirtualService): readonly RouteName[] =>
  (['http', 'tls', 'tcp'] as const).flatMap(protocol =>
    virtualService[protocol].map((_, index) => ({ virtualService, protocol, index })),
  )

/** Lists the places of a rule; of a delegate, its own place first. */
export const listRulePlaces = ({ virtualService, protocol, index }: RouteName): readonly RulePlace[] => {
  const { at } = virtualService[protocol][index]!
  return Array.isArray(at) ? at : [at as RulePlace]
}

const isSameRoute = (a: RouteName, b: RouteName): boolean =>
  a.virtualService === b.virtualService && a.protocol === b.protocol && a.index === b.index

const isAfter = (routeName: RouteName, { virtualService, protocol, index }: RouteName): boolean =>
  routeName.virtualService === virtualService && (routeName.protocol !== protocol || routeName.index > index)

/** Tells whether a step is at all positions of a rule. Rules of delegates share one position with other rules. */
const isRuleAt = (name: RouteName, at: readonly RulePlace[]): boolean =>
  listRulePlaces(name).every(place =>
    at.some(
      ({ object, path }) =>
        place.object === object && place.path.every((step, index) => path[index] === step),
    ),
  )

/** A request for each reachable rule, by the key of the rule; and the reasons of unknown answers. */
interface Taken {
  readonly taken: ReadonlyMap<string, Request>
  readonly unknown: readonly Unmodelled[]
}

/** Finds the rules that are taken, with a request that takes each, where only those that are kept are there. */
function getTaken(
  { indexed, inside, outside, workloads, gatewaysAt }: Surroundings,
  virtualService: VirtualService,
  group: readonly VirtualService[],
  kept: readonly RouteName[],
  routeNames: readonly RouteName[],
  // Assumed callers reach most rules, so few questions remain for the workloads; workloads are better examples for a reader.
  order: 'assumed first' | 'workloads first',
): Taken {
  const numbers = new Map(kept.map((name, index) => [makeRouteKey(name), index]))
  const withRules = new Set(kept.map(name => name.virtualService))
  const marked = group.map(each => (withRules.has(each) ? markRules(each, numbers) : withoutRules(each)))
  const taken = new Map<string, Request>()
  const unknown: Unmodelled[] = []
  const missing = new Set(routeNames.map(makeRouteKey))
  const isComplete = () => missing.size === 0
  const look = (on: IndexedModel, way: Way) => {
    const { ambiguousWith } = way
    const marks = findMarks(on, way)
    unknown.push(...marks.unknown)
    for (const [mark, request] of marks.requests) {
      const key = makeRouteKey(kept[mark]!)
      if (taken.has(key)) continue
      if (ambiguousWith === undefined) {
        taken.set(key, request)
        missing.delete(key)
      } else
        unknown.push({
          object: ambiguousWith,
          path: [],
          reason: { code: 'indistinguishable-workload' },
        })
    }
  }
  const isNamed = (host: string) =>
    virtualService.hosts.some(each => each === host || (isWildcard(each) && isHostWithin(host, each)))
  // To a gateway a VirtualService without rules is nothing.
  const atGateways = once(() =>
    withVirtualServices(
      indexed,
      marked.filter(({ http, tls, tcp }) => http.length + tls.length + tcp.length > 0),
    ),
  )
  // A mesh may have thousands of gateways: the rules are at a few.
  const names = [...new Set(routeNames.flatMap(name => name.virtualService.gateways))]
  for (const [gateway, destinations] of outside) {
    if (isComplete() || !names.some(name => gatewaysAt(gateway).has(name))) continue
    for (const { name, target } of selectOutside(destinations)(virtualService.hosts)) {
      if (isComplete()) break
      if (name.host !== '*' && !virtualService.hosts.some(each => overlapsHost(each, name.host))) continue
      look(atGateways(), makeGatewayWay(indexed, gateway, target))
    }
  }
  if (!isInMesh(virtualService) || isComplete()) return { taken, unknown }
  const inMesh = withVirtualServices(indexed, marked)
  const destinations = virtualService.hosts.some(isWildcard)
    ? inside.filter(({ name }) => isNamed(name.host))
    : selectOfHosts(inside, virtualService.hosts)
  const assumedCallers = findAssumedCallers(inMesh, virtualService)
  for (const callers of order === 'assumed first' ? [assumedCallers, workloads] : [workloads, assumedCallers])
    for (const { target } of destinations) {
      const findSigner = once(() => makeWaySigner(inMesh, target))
      for (const caller of listRepresentatives(callers, each => findSigner()(each))) {
        look(inMesh, makeCallerWay(caller, target))
        if (isComplete()) return { taken, unknown }
      }
    }
  return { taken, unknown }
}

/** The destinations of some hosts, in their order. */
function selectOfHosts(inside: readonly Destination[], hosts: readonly string[]): readonly Destination[] {
  const destinations = new Set(hosts.flatMap(host => groupDestinationsByHost(inside).get(host) ?? []))
  return hosts.length === 1 ? [...destinations] : inside.filter(destination => destinations.has(destination))
}

/** Assumes a caller in each namespace, with the labels of each match, that a VirtualService may be for. */
function findAssumedCallers(
  { model }: IndexedModel,
  { namespace, exportTo, http, tls, tcp }: VirtualService,
): readonly CallerInModel[] {
  // A caller without a sidecar takes no route.
  const injected = (where: string): Labels =>
    model.namespaces.has(where) ? { 'sidecar.istio.io/inject': 'true' } : {}
  const matches = [...http, ...tls, ...tcp].flatMap(rule => [...rule.matches])
  const namespaces = new Set([
    'somewhere',
    namespace,
    ...exportTo.filter(name => name !== '*' && name !== '.'),
    ...matches.flatMap(({ sourceNamespace }) => sourceNamespace ?? []),
  ])
  const labels = new Map<string, Labels>([['{}', {}]])
  for (const { sourceLabels } of matches) labels.set(JSON.stringify(sourceLabels), sourceLabels)
  return [...namespaces].flatMap(where =>
    [...labels.values()].map(labels => ({
      namespace: where,
      serviceAccount: 'somebody',
      labels: { ...labels, ...injected(where) },
      address: undefined,
      unmodelled: model.namespaces.get(where)?.unmodelled ?? [],
      hasSidecar: true,
      ambiguousWith: undefined,
    })),
  )
}

/** A status, or a host, that distinguishes the answer of one rule from the answers of others. */
const firstMark = 100_000
const markHost = (mark: number) => `mark-${mark}.invalid`

const withoutRules = weakMemo(
  (virtualService: VirtualService): VirtualService => ({ ...virtualService, http: [], tls: [], tcp: [] }),
)

/** A VirtualService whose rules answer with their numbers, without the rules that have no number. */
function markRules(virtualService: VirtualService, numbers: ReadonlyMap<string, number>): VirtualService {
  const marked = <Rule>(
    protocol: RouteName['protocol'],
    rules: readonly Rule[],
    mark: (rule: Rule, mark: number) => Rule,
  ) =>
    rules.flatMap((rule, index) => {
      const number = numbers.get(makeRouteKey({ virtualService, protocol, index }))
      return number === undefined ? [] : [mark(rule, number)]
    })
  const sent = (mark: number) => [{ host: markHost(mark), subset: '', port: 1, weight: 1 }]
  return {
    ...virtualService,
    http: marked<HttpRoute>('http', virtualService.http, (rule, mark) => ({
      ...rule,
      destinations: [],
      mirrors: [],
      redirect: undefined,
      rewrite: undefined,
      fault: undefined,
      cors: undefined,
      directResponse: { status: firstMark + mark, body: undefined },
    })),
    tls: marked<TlsRoute>('tls', virtualService.tls, (rule, mark) => ({ ...rule, destinations: sent(mark) })),
    tcp: marked<TcpRoute>('tcp', virtualService.tcp, (rule, mark) => ({ ...rule, destinations: sent(mark) })),
  }
}

function findMarks(
  indexed: IndexedModel,
  { buildTree, requestOf }: Way,
): { readonly requests: ReadonlyMap<number, Request>; readonly unknown: readonly Unmodelled[] } {
  const tree = buildTree(indexed)
  return askSpace(
    [indexed.model],
    [tree],
    space => {
      const { diagrams } = space
      const node = space.compile(tree)
      const requests = new Map<number, Request>()
      for (const leaf of diagrams.leaves(node)) {
        const value = diagrams.valueOf(leaf)
        const mark = typeof value === 'object' && isFate(value) ? findMark(value) : undefined
        if (mark === undefined) continue
        const point = diagrams.pointWhere(node, each => each === value)
        if (point !== undefined) requests.set(mark, requestOf(space, point))
      }
      return { requests, unknown: listUnknownIn(space, node) }
    },
    because => ({ requests: new Map<number, Request>(), unknown: [because] }),
  )
}

function findMark({ routing, outcomes }: Fate): number | undefined {
  const status = outcomes[0]?.status
  if (status !== undefined && status >= firstMark) return status - firstMark
  const [, mark] = /mark-(\d+)\.invalid$/.exec(routing?.clusters[0]?.cluster ?? '') ?? []
  return mark === undefined ? undefined : Number(mark)
}
