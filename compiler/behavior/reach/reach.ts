import { once } from '../../basics/once.ts'
import { evaluate } from '../evaluate/evaluate.ts'
import { isBare } from '../is-bare.ts'
import type { AuthorizationPolicy, BehaviorModel, Labels, Words, Workload } from '../model.ts'
import type { AssumedCaller } from '../pairs/assumed-callers.ts'
import { pairCallers } from '../pairs/callers.ts'
import { type Calling, listAssumedCallersAt, makeCalling } from '../pairs/calling.ts'
import { type Destination, listMeshDestinations } from '../pairs/destinations.ts'
import { listUnknownParts } from '../pairs/list-unknown-parts.ts'
import { makeAllowanceTest } from '../pairs/may-be-allowed.ts'
import type { CallerName, DestinationName } from '../pairs/names.ts'
import { listOutsideDestinations, type OutsideDestination } from '../pairs/outside-destinations.ts'
import { makeCallerSigner } from '../pairs/signature.ts'
import { classifyCallers } from '../pairs/survey.ts'
import { findWayToHosts, type WayToHosts } from '../pairs/way-to-hosts.ts'
import { makeCallerWay, makeGatewayWay, type Way } from '../pairs/ways.ts'
import { getQualifiedName } from '../qualified-name.ts'
import type { Request } from '../request.ts'
import { listWay, type Onward, type Result, type Unmodelled } from '../result.ts'
import { parseWordPattern } from '../symbolic/arrival-view.ts'
import { listServers } from '../symbolic/bound-servers.ts'
import {
  always,
  type Condition,
  makeTextCondition,
  requireAll,
  type TextPart,
} from '../symbolic/condition.ts'
import { getIdentity, isHttpAt, resolvePodPort } from '../symbolic/delivery.ts'
import { matchesText } from '../symbolic/diagrams/atoms.ts'
import type { Node } from '../symbolic/diagrams/diagram.ts'
import {
  findPort,
  hasLabels,
  type IndexedModel,
  indexModel,
  withPolicies,
} from '../symbolic/indexed-model.ts'
import {
  askSpace,
  type Dimension,
  isFate,
  listUnknownIn,
  type RequestMaker,
  type RequestSpace,
  relateFates,
  uniteValues,
} from '../symbolic/request-space.ts'
import { listJwtRules } from '../symbolic/server-tree.ts'
import { anyAddress } from '../symbolic/sidecar-tree.ts'
import type { Fate, Tree } from '../symbolic/tree.ts'
import {
  type AskedToken,
  isAnyUnread,
  listTokenConditions,
  listTokenViews,
  matchPlainClaims,
  matchToken,
} from './asked-token.ts'

/** A question: which of some callers get requests through to a destination. */
export interface ReachQuestion {
  /** Workloads, by their namespace and labels; or hosts, which represent systems outside the mesh. */
  readonly to: { readonly workloads: readonly AskedWorkloads[] } | { readonly hosts: readonly string[] }
  /** The method and path of the requests as they arrive, in words of policies: `GET`, `/orders/*`. Undefined: anything. */
  readonly method: string | undefined
  readonly path: string | undefined
  /** The headers by name in lower case. */
  readonly headers: readonly (readonly [string, string])[]
  /** The token of the requests, in the form that the destination has accepted; undefined: any token or none. */
  readonly token: AskedToken | undefined
  readonly isAsked: (caller: ReachCaller) => boolean
  /** Further assumed callers, besides those that the policies of the workloads name and the caller `anyone`. */
  readonly assumedCallers: readonly AssumedCaller[]
  /**
   * True if the answer also needs refused requests. Then the question ends for callers once all of their requests get through
   * to one destination.
   */
  readonly includesRefused: boolean
}

/** Workloads, by their namespace and labels, and the ports of their containers in the question: undefined for all. */
interface AskedWorkloads {
  readonly namespace: string
  readonly labels: Labels
  readonly ports?: readonly number[] | undefined
}

/** A caller. */
export interface ReachCaller {
  readonly name: CallerName
  readonly namespace: string
  /** `spiffe://…`, as a destination sees it; undefined: the caller has no identity. */
  readonly identity: string | undefined
}

/** The fate of the requests of indistinguishable callers to one host and port. */
export interface Reached {
  readonly callers: readonly ReachCaller[]
  readonly destination: DestinationName
  /** A request that arrives, with its result by `evaluate`. */
  readonly through: { readonly request: Request; readonly result: Result } | undefined
  /** A refused request of the question. It is present with `includesRefused`, if no request arrives, or none on some of the paths. */
  readonly refused: { readonly request: Request; readonly result: Result } | undefined
  /**
   * The reasons why it is unknown whether a request gets through; if one gets through, the reasons why this is unknown for
   * some of the paths of the question.
   */
  readonly unknown: readonly Unmodelled[]
}

/** Tells whether all requests of the question get through. */
export const isAllThrough = ({
  through,
  refused,
  unknown,
}: Pick<Reached, 'through' | 'refused' | 'unknown'>): boolean =>
  through !== undefined && refused === undefined && unknown.length === 0

/** Answers independent questions about a mesh. Their common parts are computed once. */
export function makeReachFinder(model: BehaviorModel): (question: ReachQuestion) => readonly Reached[] {
  const indexed = indexModel(model)
  const destinations = once(() => listMeshDestinations(indexed, indexed))
  const outside = once(() => listOutsideDestinations(indexed, indexed))
  const callers = once(() => {
    const paired = pairCallers(indexed, indexed).map(({ name, after }): Calling => ({ name, ...after }))
    return selectDistinctCallers(indexed, paired).map(
      caller => [caller, makeReachCaller(indexed, caller)] as const,
    )
  })
  const identities = once(() => new Set(callers().map(([caller]) => makeIdentityKey(indexed, caller))))
  return question => {
    const target = getTarget(indexed, question)
    const mayReach = (caller: Calling | (Workload & { readonly hasSidecar: boolean })) =>
      question.includesRefused || target.mayReach(caller)
    const assumedCallers = [
      ...question.assumedCallers
        .map(assumedCaller => makeCalling(indexed, assumedCaller))
        .filter(({ ambiguousWith }) => ambiguousWith === undefined),
      ...target.assumedCallers,
    ]
    const distinct = selectDistinctCallers(indexed, assumedCallers, identities())
    const callings = [
      ...callers(),
      ...distinct.map(caller => [caller, makeReachCaller(indexed, caller)] as const),
    ]
      .filter(([caller, reachCaller]) => question.isAsked(reachCaller) && mayReach(caller))
      // A request that must get through must do so from wherever.
      .map(([caller]) =>
        question.includesRefused && caller.address === anyAddress
          ? { ...caller, address: undefined }
          : caller,
      )
    return [
      ...target.way
        .among(destinations())
        .filter(destination => 'hosts' in question.to || !isPublicDoor(indexed, destination))
        .flatMap(destination => answerInside(indexed, target, question, destination, callings)),
      ...outside()
        .filter(({ name, gateway, caller }) => {
          const mayBeRouted = indexed.unmodelledFor(gateway, ['gateway']).length > 0
          if (!target.way.has(name.host) && !mayBeRouted) return false
          const identity = getIdentity(indexed, gateway)
          return (
            question.isAsked({ name: caller, namespace: gateway.namespace, identity }) &&
            mayReach({ ...gateway, hasSidecar: true })
          )
        })
        .flatMap(destination => answerOutside(indexed, target, question, destination)),
    ]
  }
}

/** Makes the finder of the issuers whose tokens some workload of a destination accepts; undefined: the issuers are unknown. */
export function makeIssuerFinder(
  model: BehaviorModel,
): (to: ReachQuestion['to']) => readonly string[] | undefined {
  const indexOnce = once(() => indexModel(model))
  return to => {
    if ('hosts' in to) return []
    const indexed = indexOnce()
    const pods = listAskedPods(indexed, to.workloads)
    const rules = pods.filter(({ proxy }) => proxy !== 'none').map(pod => listJwtRules(indexed, pod))
    if (pods.length === 0 || rules.some(({ unmodelled }) => unmodelled.length > 0)) return undefined
    return rules.flatMap(each => each.rules.map(({ issuer }) => issuer))
  }
}

/** Drops the assumed callers that have the identity of another caller, or one of these identities. */
function selectDistinctCallers(
  indexed: IndexedModel,
  callers: readonly Calling[],
  taken: ReadonlySet<string> = new Set(),
): readonly Calling[] {
  const identities = new Set<string>()
  return callers.filter(caller => {
    const identity = makeIdentityKey(indexed, caller)
    const isNew = !taken.has(identity) && !identities.has(identity)
    identities.add(identity)
    return isNew || !caller.name.assumed || caller.unmodelled.length > 0
  })
}

const makeIdentityKey = (indexed: IndexedModel, caller: Calling): string =>
  `${getIdentity(indexed, caller)} ${caller.hasSidecar}`

const makeReachCaller = (indexed: IndexedModel, caller: Calling): ReachCaller => ({
  name: caller.name,
  namespace: caller.namespace,
  identity: caller.hasSidecar ? getIdentity(indexed, caller) : undefined,
})

/** A destination, and the tests for a request that reaches it. */
interface ReachTarget {
  readonly way: WayToHosts
  /** Tells whether some request of a caller could reach the destination. */
  readonly mayReach: (
    caller: Pick<Workload, 'namespace' | 'serviceAccount' | 'identity'> & { readonly hasSidecar: boolean },
  ) => boolean
  /** The assumed callers that policies there name. */
  readonly assumedCallers: readonly Calling[]
  /** The same mesh, in which the destination refuses the requests of the question. */
  readonly probe: IndexedModel
  /** Tells whether a request reaches the destination: the probe refuses it, or no probe can refuse it. */
  readonly arrives: (fate: Fate, probed: Fate, destination: DestinationName) => 'yes' | 'as sent' | 'no'
  readonly isThrough: (result: Result) => boolean
  /** The condition that a request has the token of the question, before it is sent. */
  readonly hasToken: Condition
  /** The condition that the claims of the question are texts: a list may have a value that the question does not name. */
  readonly hasPlainClaims: Condition
  /** The names of the callers with a final answer. */
  readonly settled: Set<string>
}

function getTarget(indexed: IndexedModel, { to, method, path, headers, token }: ReachQuestion): ReachTarget {
  if ('hosts' in to) {
    const isOutside = (outcome: Fate['outcomes'][number]) =>
      outcome.verdict === 'ALLOW' && listWay(outcome).some(({ workload }) => workload === 'external')
    return {
      way: findWayToHosts(indexed, to.hosts),
      mayReach: () => true,
      assumedCallers: [],
      probe: indexed,
      arrives: ({ outcomes }) => (outcomes.some(isOutside) ? 'as sent' : 'no'),
      isThrough: ({ outcomes }) => outcomes.some(isOutside),
      hasToken: isAnyUnread(token),
      hasPlainClaims: always,
      settled: new Set(),
    }
  }
  const pods = listAskedPods(indexed, to.workloads)
  const mayBeAllowedAt = pods.map(pod => makeAllowanceTest(indexed, pod))
  const isDirect =
    (destination: DestinationName) =>
    ({ workload = '', cluster }: Partial<Onward>): boolean => {
      const pod = names.get(workload)!
      if (pod.proxy === 'none' || pod.bypassedPorts.length === 0) return pod.proxy === 'none'
      const port = findPodPort(indexed, destination, pod, cluster)
      return port !== undefined && isBare(pod, port) && isAskedPort(to.workloads, pod, port)
    }
  const hosts = new Set(pods.flatMap(pod => indexed.servicesOf(pod).map(({ host }) => host)))
  const names = new Map(pods.map(pod => [getQualifiedName(pod), pod]))
  const views = token === undefined ? [] : listTokenViews(indexed, pods)
  const workloads =
    token === undefined || token.isMissing ? to.workloads : withHttpPorts(indexed, to.workloads)
  const refusing = workloads.map((selected, index) =>
    makeRefusal(selected, index, { method, path, headers, token }),
  )
  return {
    way: findWayToHosts(indexed, [...hosts]),
    mayReach: caller => {
      const identity = caller.hasSidecar ? getIdentity(indexed, caller) : undefined
      return mayBeAllowedAt.some(
        mayBeAllowed => mayBeAllowed(undefined) || (identity !== undefined && mayBeAllowed(identity)),
      )
    },
    assumedCallers: listAssumedCallersAt(indexed, pods),
    probe: withPolicies(indexed, workload => [
      ...indexed.policiesOf(workload),
      ...refusing.filter(
        ({ namespace, selector }) => namespace === workload.namespace && hasLabels(workload.labels, selector),
      ),
    ]),
    arrives: (fate, probed, destination) => {
      const isThere = ({ workload = '' }: Partial<Onward>) => names.has(workload)
      const there = fate.outcomes.filter(
        outcome => outcome.verdict === 'ALLOW' && listWayOfCaller(outcome).some(isThere),
      )
      if (there.flatMap(listWayOfCaller).filter(isThere).some(isDirect(destination))) return 'as sent'
      const isLeft = there.every(({ workload, cluster }) =>
        probed.outcomes.some(
          outcome =>
            outcome.verdict === 'ALLOW' && outcome.workload === workload && outcome.cluster === cluster,
        ),
      )
      return isLeft ? 'no' : 'yes'
    },
    isThrough: ({ outcomes }) =>
      outcomes.some(
        ({ upstream, ...outcome }) =>
          outcome.verdict === 'ALLOW' &&
          listWayOfCaller(outcome).some(({ workload = '' }) => names.has(workload)) &&
          (upstream === undefined ||
            ((method === undefined || matchesText(parseAskedWord(method), upstream.method) === true) &&
              (path === undefined ||
                matchesText(parseAskedWord(path), upstream.path.replace(/[?#].*$/, '')) === true))),
      ),
    hasToken: token === undefined ? always : matchToken(views, token),
    hasPlainClaims: token === undefined ? always : matchPlainClaims(views, token),
    settled: new Set(),
  }
}

/** Tells whether a destination is a gateway port that does not terminate mutual TLS of the mesh: its requests may come from anyone. */
function isPublicDoor(indexed: IndexedModel, { target: { host, port } }: Destination): boolean {
  const services = indexed.servicesByHost.get(host) ?? []
  const pods = services.flatMap(service => indexed.podsOf(service))
  return (
    pods.length > 0 &&
    pods.every(pod => pod.proxy === 'gateway') &&
    !pods
      .flatMap(pod => listServers(indexed, pod))
      .some(({ server }) => server.port.number === port && server.tls?.mode === 'ISTIO_MUTUAL')
  )
}

/**
 * Lists the workloads that a caller reaches with its own identity. A gateway that receives plaintext cannot identify the sender. It
 * forwards the request with its own identity, like requests of outside clients.
 */
const listWayOfCaller = (outcome: Parameters<typeof listWay>[0]): readonly Onward[] =>
  outcome.transport === 'mtls' ? listWay(outcome) : listWay({ ...outcome, onward: [] })

/** Finds the pod port at which a request arrives: the port of its cluster, or else of the dialled destination. */
function findPodPort(
  indexed: IndexedModel,
  { host, port }: DestinationName,
  pod: Workload,
  cluster?: string,
): number | undefined {
  const [, clusterPort = String(port), , clusterHost = host] = cluster?.split('|') ?? []
  const service = indexed.servicesByHost.get(clusterHost)?.find(each => indexed.podsOf(each).includes(pod))
  const servicePort = service && findPort(service, Number(clusterPort))
  return servicePort && resolvePodPort(servicePort, pod)
}

const isAskedPort = (workloads: readonly AskedWorkloads[], pod: Workload, port: number): boolean =>
  workloads.some(
    ({ namespace, labels, ports }) =>
      namespace === pod.namespace && hasLabels(pod.labels, labels) && ports?.includes(port) !== false,
  )

const listAskedPods = (indexed: IndexedModel, workloads: readonly AskedWorkloads[]): readonly Workload[] =>
  workloads.flatMap(({ namespace, labels }) =>
    (indexed.workloadsByNamespace.get(namespace) ?? []).filter(
      pod => pod.proxy !== 'gateway' && hasLabels(pod.labels, labels),
    ),
  )

/**
 * Keeps the ports on which a proxy parses requests. A connection has no token, but a policy that denies requests with a token would
 * deny the connection.
 */
function withHttpPorts(
  indexed: IndexedModel,
  workloads: readonly AskedWorkloads[],
): readonly AskedWorkloads[] {
  return workloads.flatMap(selected => {
    const { ports } = selected
    const served = listAskedPods(indexed, [selected]).flatMap(pod =>
      indexed
        .servicesOf(pod)
        .flatMap(service => service.ports.map(port => resolvePodPort(port, pod)))
        .filter(port => isHttpAt(indexed, pod, port)),
    )
    const seen = [...new Set(served)].filter(port => ports?.includes(port) !== false)
    return seen.length === 0 ? [] : [{ ...selected, ports: seen }]
  })
}

const parseAskedWord = (written: string) => parseWordPattern(written, { match: 'present' })

/** Makes a policy that refuses exactly the requests of the question. */
function makeRefusal(
  { namespace, labels, ports }: AskedWorkloads,
  index: number,
  { method, path, headers, token }: Pick<ReachQuestion, 'method' | 'path' | 'headers' | 'token'>,
): AuthorizationPolicy {
  const words = (value: string | undefined): Words => ({
    values: value === undefined ? [] : [value],
    notValues: [],
  })
  const operation = {
    hosts: words(undefined),
    ports: { values: (ports ?? []).map(String), notValues: [] },
    methods: words(method),
    paths: words(path),
  }
  return {
    kind: 'AuthorizationPolicy',
    namespace,
    name: `asked-${index}`,
    source: undefined,
    unmodelled: [],
    selector: labels,
    targets: [],
    action: 'DENY',
    provider: undefined,
    isDryRun: false,
    rules: [
      {
        from: [],
        to: method === undefined && path === undefined && ports === undefined ? [] : [operation],
        when: [
          ...headers.map(([name, value]) => ({ key: `request.headers[${name}]`, ...words(value) })),
          ...(token === undefined ? [] : listTokenConditions(token)),
        ],
      },
    ],
  }
}

/** Callers that no object distinguishes are one class. */
function answerInside(
  indexed: IndexedModel,
  target: ReachTarget,
  question: ReachQuestion,
  { name, target: called }: Destination,
  callers: readonly Calling[],
): readonly Reached[] {
  // A connection has no token.
  if (called.protocol !== 'http' && question.token?.isMissing === false) return []
  const classes = classifyCallers(
    callers,
    makeCallerSigner(indexed, called),
    ({ ambiguousWith }) => ambiguousWith === undefined,
  )
  return classes.flatMap(({ members, representative }) => {
    const reachCallers = members.map(member => makeReachCaller(indexed, member))
    return answerUnsettled(
      indexed,
      target,
      question,
      reachCallers,
      name,
      makeCallerWay(representative, called),
    )
  })
}

function answerOutside(
  indexed: IndexedModel,
  target: ReachTarget,
  question: ReachQuestion,
  { caller, gateway, name, target: called }: OutsideDestination,
): readonly Reached[] {
  if (called.scheme === 'tcp' && question.token?.isMissing === false) return []
  const reachCaller = { name: caller, namespace: gateway.namespace, identity: getIdentity(indexed, gateway) }
  return answerUnsettled(
    indexed,
    target,
    question,
    [reachCaller],
    name,
    makeGatewayWay(indexed, gateway, called),
  )
}

/** Answers for callers of one class, unless all of them are settled. */
function answerUnsettled(
  indexed: IndexedModel,
  target: ReachTarget,
  question: ReachQuestion,
  callers: readonly ReachCaller[],
  destination: DestinationName,
  way: Way,
): readonly Reached[] {
  const { settled } = target
  const names = callers.map(({ name }) => JSON.stringify(name))
  if (names.every(name => settled.has(name))) return []
  const answered = answer(indexed, target, question, destination, way)
  if (question.includesRefused && isAllThrough(answered)) for (const name of names) settled.add(name)
  return [{ callers, destination, ...answered }]
}

type Answered = Pick<Reached, 'through' | 'refused' | 'unknown'>

function answer(
  indexed: IndexedModel,
  target: ReachTarget,
  question: ReachQuestion,
  destination: DestinationName,
  { buildTree, requestOf }: Way,
): Answered {
  const [tree, probed] = [buildTree(indexed), buildTree(target.probe)]
  const sent = makeSentCondition(question)
  const unread = requireAll([sent, isAnyUnread(question.token)])
  const hasToken = question.includesRefused ? requireAll([target.hasToken, target.hasPlainClaims]) : always
  return askSpace<Answered>(
    [indexed.model],
    [tree, probed, sent, hasToken],
    space => {
      const arriving = findArriving(space, target, destination, [tree, probed], unread)
      // A request that must get through does so with no other values of the claims.
      const reached = question.includesRefused
        ? space.diagrams.choose(
            space.compileCondition(target.hasPlainClaims),
            value => value === true,
            arriving,
            space.diagrams.leaf(false),
          )
        : arriving
      return findProvenAnswer(
        indexed,
        target,
        question,
        space,
        tree,
        reached,
        requireAll([sent, hasToken]),
        requestOf,
      )
    },
    because => ({ through: undefined, refused: undefined, unknown: [because] }),
  )
}

const makeSentCondition = ({ method, path, headers }: ReachQuestion): Condition =>
  requireAll([
    ...headers.map(([name, value]) => makeTextCondition(`header ${name}`, parseAskedWord(value))),
    ...(method === undefined ? [] : [makeTextCondition('method', parseAskedWord(method))]),
    ...(path === undefined ? [] : [makeTextCondition('path', parseAskedWord(path))]),
  ])

/** Computes the diagram of the requests that get there. */
function findArriving(
  space: RequestSpace,
  target: ReachTarget,
  destination: DestinationName,
  [tree, probed]: readonly [Tree<Fate>, Tree<Fate>],
  sent: Condition,
): Node {
  const { diagrams, compileCondition } = space
  const isSent = compileCondition(sent)
  const how = (wanted: 'yes' | 'as sent') =>
    relateFates(space, tree, probed, (fate, refused) => target.arrives(fate, refused, destination) === wanted)
  return diagrams.choose(
    isSent,
    value => value === true,
    diagrams.apply(how('yes'), how('as sent'), uniteValues),
    how('yes'),
  )
}

function findProvenAnswer(
  indexed: IndexedModel,
  target: ReachTarget,
  question: ReachQuestion,
  space: RequestSpace,
  tree: Tree<Fate>,
  reached: Node,
  sent: Condition,
  requestOf: RequestMaker,
): Answered {
  const { diagrams } = space
  const evaluated = (point: readonly number[] | undefined) => {
    if (point === undefined) return undefined
    const request = requestOf(space, point)
    return { request, result: evaluate(indexed.model, request) }
  }
  const through = evaluated(diagrams.pointWhere(reached, value => value === true))
  const unknown = listUnknownIn(space, reached)
  if (through !== undefined && !target.isThrough(through.result))
    return {
      through: undefined,
      refused: undefined,
      unknown: [...unknown, ...listUnknownParts(indexed, through.result)],
    }
  if (!question.includesRefused) return { through, refused: undefined, unknown }
  if (through !== undefined) {
    const hasToken = requireAll([target.hasToken, target.hasPlainClaims])
    const whole = answerOnEveryPath(indexed, space, question, hasToken, tree, reached)
    return { through, refused: evaluated(whole.refused), unknown: whole.unknown }
  }
  const refused = diagrams.pointWhere(space.compileCondition(sent), value => value === true)
  return { through, refused: evaluated(refused), unknown }
}

/**
 * Tells whether on each path of the question some request gets through: a point of a path without such a request, or the reasons
 * for an unknown answer.
 */
function answerOnEveryPath(
  indexed: IndexedModel,
  space: RequestSpace,
  question: ReachQuestion,
  hasToken: Condition,
  tree: Tree<Fate>,
  reached: Node,
): { readonly refused: readonly number[] | undefined; readonly unknown: readonly Unmodelled[] } {
  const { diagrams, dimensions, compile, compileCondition } = space
  const { path } = question
  if (path?.endsWith('*') !== true) return { refused: undefined, unknown: [] }
  const values = (node: Node) => diagrams.leaves(node).map(leaf => diagrams.valueOf(leaf))
  const isRewritten = values(compile(tree)).some(value => {
    const { prefix, regex } = (typeof value === 'object' && isFate(value) && value.routing?.rewrite) || {}
    return prefix !== undefined || regex !== undefined
  })
  // These paths get through with any other parts of the request.
  const some = dimensions.reduce(
    (node, dimension, index) =>
      isTextPart(dimension, 'path') ? node : diagrams.some(node, index, uniteValues),
    reached,
  )
  const condition = compileCondition(makeTextCondition('path', parseAskedWord(path)))
  const open = diagrams.apply(condition, some, (is, gets) =>
    is !== true ? false : typeof gets === 'object' ? gets : gets === false,
  )
  const unknown = listUnknownIn(space, open)
  const point = diagrams.pointWhere(open, value => value === true)
  const rewritten: Unmodelled = {
    object: indexed.model.settings.object,
    path: [],
    reason: { code: 'paths-after-rewrite' },
  }
  if (isRewritten) return { refused: undefined, unknown: [...unknown, rewritten] }
  if (point === undefined) return { refused: undefined, unknown }
  const others = diagrams.pointWhere(
    compileCondition(requireAll([makeSentCondition({ ...question, path: undefined }), hasToken])),
    value => value === true,
  )
  const refused = point.map((atom, index) =>
    isTextPart(dimensions[index]!, 'path') ? atom : (others?.[index] ?? atom),
  )
  return { refused, unknown }
}

const isTextPart = (dimension: Dimension, part: TextPart) =>
  dimension.kind === 'text' && dimension.part === part
