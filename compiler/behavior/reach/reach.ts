import { evaluate } from '../evaluate/evaluate.ts'
import { isBare } from '../is-bare.ts'
import type { AuthorizationPolicy, BehaviorModel, Labels, Words, Workload } from '../model.ts'
import { once } from '../once.ts'
import type { AssumedCaller } from '../pairs/assumed-callers.ts'
import { pairCallers } from '../pairs/callers.ts'
import { type Calling, listAssumedCallersAt, makeCalling } from '../pairs/calling.ts'
import { type Destination, listMeshDestinations } from '../pairs/destinations.ts'
import { listUnknownParts } from '../pairs/list-unknown-parts.ts'
import { mayBeAllowed } from '../pairs/may-be-allowed.ts'
import type { CallerName, DestinationName } from '../pairs/names.ts'
import { listOutsideDestinations, type OutsideDestination } from '../pairs/outside-destinations.ts'
import { makeCallerSigner } from '../pairs/signature.ts'
import { classifyCallers } from '../pairs/survey.ts'
import { findWayToHosts, type WayToHosts } from '../pairs/way-to-hosts.ts'
import { makeCallerWay, makeGatewayWay, type Way } from '../pairs/ways.ts'
import type { Request } from '../request.ts'
import { listWay, type Onward, type Result, type Unmodelled } from '../result.ts'
import { parseWordPattern } from '../symbolic/arrival-view.ts'
import { listServers } from '../symbolic/bound-servers.ts'
import { all, always, type Condition, type TextPart, text } from '../symbolic/condition.ts'
import { getIdentity, isHttpAt, resolvePodPort } from '../symbolic/delivery.ts'
import { matchesText } from '../symbolic/diagrams/atoms.ts'
import type { Node } from '../symbolic/diagrams/diagram.ts'
import {
  askSpace,
  type Dimension,
  isFate,
  listUnknownIn,
  type RequestMaker,
  type RequestSpace,
  relateFates,
  type Value,
} from '../symbolic/request-space.ts'
import { listJwtRules } from '../symbolic/server-tree.ts'
import { findPort, getName, hasLabels, indexSide, type Side, withPolicies } from '../symbolic/side.ts'
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
  /** Workloads, by their namespace and labels; or hosts, which stand for systems outside the mesh. */
  readonly to: { readonly workloads: readonly AskedWorkloads[] } | { readonly hosts: readonly string[] }
  /** The method and path of the requests as they arrive, in words of policies: `GET`, `/orders/*`. Undefined: anything. */
  readonly method: string | undefined
  readonly path: string | undefined
  /** The headers by name in lower case. */
  readonly headers: readonly (readonly [string, string])[]
  /** The token of the requests, as the destination has accepted it; undefined: any or none. */
  readonly token: AskedToken | undefined
  readonly isAsked: (caller: ReachCaller) => boolean
  /** Assumed callers beside those that the policies of the workloads name, and one of which nothing is said. */
  readonly assumedCallers: readonly AssumedCaller[]
  /**
   * True if refused requests are asked about as well. Then callers are asked about no further destination once all of them
   * get through to one as a whole.
   */
  readonly tellsRefused: boolean
}

/** Workloads, by their namespace and labels, and the ports of their containers that are asked about: undefined for all. */
interface AskedWorkloads {
  readonly namespace: string
  readonly labels: Labels
  readonly ports?: readonly number[] | undefined
}

/** A caller. */
export interface ReachCaller {
  readonly name: CallerName
  readonly namespace: string
  /** `spiffe://…`, as a destination sees it; undefined: none. */
  readonly identity: string | undefined
}

/** The fate of the requests of callers that nothing tells apart to one host and port. */
export interface Reached {
  readonly callers: readonly ReachCaller[]
  readonly destination: DestinationName
  /** A request that gets through, with what `evaluate` makes of it. */
  readonly through: { readonly request: Request; readonly result: Result } | undefined
  /**
   * A request of those asked about that is refused, where that is told: where none gets through, or none on some of the paths.
   */
  readonly refused: { readonly request: Request; readonly result: Result } | undefined
  /**
   * The reasons why it is not known whether some do; where one gets through, whether something does on each of the paths that are
   * asked about.
   */
  readonly unknown: readonly Unmodelled[]
}

/** Tells whether all that is asked about gets through. */
export const isWhole = ({
  through,
  refused,
  unknown,
}: Pick<Reached, 'through' | 'refused' | 'unknown'>): boolean =>
  through !== undefined && refused === undefined && unknown.length === 0

/** Answers questions about a mesh, each for itself; what they have in common is worked out once. */
export function makeReachFinder(model: BehaviorModel): (question: ReachQuestion) => readonly Reached[] {
  const side = indexSide(model)
  const destinations = once(() => listMeshDestinations(side, side))
  const outside = once(() => listOutsideDestinations(side, side))
  const callers = once(() => pairCallers(side, side).map(({ name, after }): Calling => ({ name, ...after })))
  return question => {
    const target = getTarget(side, question)
    const mayReach = (caller: Calling | (Workload & { readonly hasSidecar: boolean })) =>
      question.tellsRefused || target.mayReach(caller)
    const assumedCallers = [
      ...question.assumedCallers
        .map(assumedCaller => makeCalling(side, assumedCaller))
        .filter(({ ambiguousWith }) => ambiguousWith === undefined),
      ...target.assumedCallers,
    ]
    const callings = selectDistinct(side, [...callers(), ...assumedCallers])
      .filter(caller => question.isAsked(makeReachCaller(side, caller)) && mayReach(caller))
      // A request that must get through must do so from wherever.
      .map(caller =>
        question.tellsRefused && caller.address === anyAddress ? { ...caller, address: undefined } : caller,
      )
    return [
      ...target.way
        .among(destinations())
        .filter(destination => 'hosts' in question.to || !isPublicDoor(side, destination))
        .flatMap(destination => answerInside(side, target, question, destination, callings)),
      ...outside()
        .filter(({ name, gateway, caller }) => {
          const mayBeRouted = side.unmodelledFor(gateway, ['gateway']).length > 0
          if (!target.way.has(name.host) && !mayBeRouted) return false
          const identity = getIdentity(side, gateway)
          return (
            question.isAsked({ name: caller, namespace: gateway.namespace, identity }) &&
            mayReach({ ...gateway, hasSidecar: true })
          )
        })
        .flatMap(destination => answerOutside(side, target, question, destination)),
    ]
  }
}

/** Makes the finder of the issuers whose tokens some workload of a destination accepts; undefined: that is not known. */
export function makeIssuerFinder(
  model: BehaviorModel,
): (to: ReachQuestion['to']) => readonly string[] | undefined {
  const indexed = once(() => indexSide(model))
  return to => {
    if ('hosts' in to) return []
    const side = indexed()
    const pods = listPods(side, to.workloads)
    const rules = pods.filter(({ proxy }) => proxy !== 'none').map(pod => listJwtRules(side, pod))
    if (pods.length === 0 || rules.some(({ unmodelled }) => unmodelled.length > 0)) return undefined
    return rules.flatMap(each => each.rules.map(({ issuer }) => issuer))
  }
}

/** Drops the callers of whom nothing is known but an identity that a workload has. */
function selectDistinct(side: Side, callers: readonly Calling[]): readonly Calling[] {
  const known = new Set<string>()
  return callers.filter(caller => {
    const identity = `${getIdentity(side, caller)} ${caller.hasSidecar}`
    const isNew = !known.has(identity)
    known.add(identity)
    return isNew || !caller.name.assumed || caller.unmodelled.length > 0
  })
}

const makeReachCaller = (side: Side, caller: Calling): ReachCaller => ({
  name: caller.name,
  namespace: caller.namespace,
  identity: caller.hasSidecar ? getIdentity(side, caller) : undefined,
})

/** A destination, and how it is known that a request has got there. */
interface ReachTarget {
  readonly way: WayToHosts
  /** Tells whether any request of a caller could get there, whatever it asks. */
  readonly mayReach: (
    caller: Pick<Workload, 'namespace' | 'serviceAccount' | 'identity'> & { readonly hasSidecar: boolean },
  ) => boolean
  /** The assumed callers that policies there name. */
  readonly assumedCallers: readonly Calling[]
  /** The same mesh, in which what is asked about is refused at the destination. */
  readonly probe: Side
  /** Tells whether a request has got there that is refused by the probe, or that no probe can refuse. */
  readonly arrives: (fate: Fate, probed: Fate, destination: DestinationName) => 'yes' | 'as sent' | 'no'
  readonly isThrough: (result: Result) => boolean
  /** The condition that a request has the token that is asked about, before it is sent. */
  readonly hasToken: Condition
  /** The condition that the claims that are asked about are texts: a list may have a value that nobody has asked about. */
  readonly hasPlainClaims: Condition
  /** The names of the callers that need to be asked about no more. */
  readonly settled: Set<string>
}

function getTarget(side: Side, { to, method, path, headers, token }: ReachQuestion): ReachTarget {
  if ('hosts' in to) {
    const isOutside = (outcome: Fate['outcomes'][number]) =>
      outcome.verdict === 'ALLOW' && listWay(outcome).some(({ workload }) => workload === 'external')
    return {
      way: findWayToHosts(side, to.hosts),
      mayReach: () => true,
      assumedCallers: [],
      probe: side,
      arrives: ({ outcomes }) => (outcomes.some(isOutside) ? 'as sent' : 'no'),
      isThrough: ({ outcomes }) => outcomes.some(isOutside),
      hasToken: isAnyUnread(token),
      hasPlainClaims: always,
      settled: new Set(),
    }
  }
  const pods = listPods(side, to.workloads)
  const isDirect =
    (destination: DestinationName) =>
    ({ workload = '', cluster }: Partial<Onward>): boolean => {
      const pod = names.get(workload)!
      if (pod.proxy === 'none' || pod.bypassedPorts.length === 0) return pod.proxy === 'none'
      const port = findPodPort(side, destination, pod, cluster)
      return port !== undefined && isBare(pod, port) && isAskedPort(to.workloads, pod, port)
    }
  const hosts = new Set(pods.flatMap(pod => side.servicesOf(pod).map(({ host }) => host)))
  const names = new Map(pods.map(pod => [getName(pod), pod]))
  const views = token === undefined ? [] : listTokenViews(side, pods)
  const workloads = token === undefined || token.isMissing ? to.workloads : withHttpPorts(side, to.workloads)
  const refusing = workloads.map((selected, index) =>
    makeRefusal(selected, index, { method, path, headers, token }),
  )
  return {
    way: findWayToHosts(side, [...hosts]),
    mayReach: caller =>
      pods.some(pod =>
        mayBeAllowed(side, pod, caller.hasSidecar ? [getIdentity(side, caller), undefined] : [undefined]),
      ),
    assumedCallers: listAssumedCallersAt(side, pods),
    probe: withPolicies(side, workload => [
      ...side.policiesOf(workload),
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
            ((method === undefined || matchesText(word(method), upstream.method) === true) &&
              (path === undefined ||
                matchesText(word(path), upstream.path.replace(/[?#].*$/, '')) === true))),
      ),
    hasToken: token === undefined ? always : matchToken(views, token),
    hasPlainClaims: token === undefined ? always : matchPlainClaims(views, token),
    settled: new Set(),
  }
}

/** Tells whether a destination is a port of a gateway that ends no mutual TLS of the mesh: what is sent there is anyone's. */
function isPublicDoor(side: Side, { target: { host, port } }: Destination): boolean {
  const services = side.servicesByHost.get(host) ?? []
  const pods = services.flatMap(service => side.podsOf(service))
  return (
    pods.length > 0 &&
    pods.every(pod => pod.proxy === 'gateway') &&
    !pods
      .flatMap(pod => listServers(side, pod))
      .some(({ server }) => server.port.number === port && server.tls?.mode === 'ISTIO_MUTUAL')
  )
}

/**
 * Lists the workloads that a caller reaches as itself. A gateway that does not know who sends it plain text passes that on as its own
 * requests, as those of anyone outside.
 */
const listWayOfCaller = (outcome: Parameters<typeof listWay>[0]): readonly Onward[] =>
  outcome.transport === 'mtls' ? listWay(outcome) : listWay({ ...outcome, onward: [] })

/** Finds the port of a pod that a request arrives at: that of its cluster, or else of the destination that is dialled. */
function findPodPort(
  side: Side,
  { host, port }: DestinationName,
  pod: Workload,
  cluster?: string,
): number | undefined {
  const [, clusterPort = String(port), , clusterHost = host] = cluster?.split('|') ?? []
  const service = side.servicesByHost.get(clusterHost)?.find(each => side.podsOf(each).includes(pod))
  const servicePort = service && findPort(service, Number(clusterPort))
  return servicePort && resolvePodPort(servicePort, pod)
}

const isAskedPort = (workloads: readonly AskedWorkloads[], pod: Workload, port: number): boolean =>
  workloads.some(
    ({ namespace, labels, ports }) =>
      namespace === pod.namespace && hasLabels(pod.labels, labels) && ports?.includes(port) !== false,
  )

const listPods = (side: Side, workloads: readonly AskedWorkloads[]): readonly Workload[] =>
  workloads.flatMap(({ namespace, labels }) =>
    (side.workloadsByNamespace.get(namespace) ?? []).filter(
      pod => pod.proxy !== 'gateway' && hasLabels(pod.labels, labels),
    ),
  )

/**
 * Keeps the ports on which a proxy sees requests: a connection has no token, but a policy that refuses what has one would refuse
 * the connection.
 */
function withHttpPorts(side: Side, workloads: readonly AskedWorkloads[]): readonly AskedWorkloads[] {
  return workloads.flatMap(selected => {
    const { ports } = selected
    const served = listPods(side, [selected]).flatMap(pod =>
      side
        .servicesOf(pod)
        .flatMap(service => service.ports.map(port => resolvePodPort(port, pod)))
        .filter(port => isHttpAt(side, pod, port)),
    )
    const seen = [...new Set(served)].filter(port => ports?.includes(port) !== false)
    return seen.length === 0 ? [] : [{ ...selected, ports: seen }]
  })
}

const word = (written: string) => parseWordPattern(written, { match: 'present' })

/** Makes a policy that refuses all requests that are asked about, and only them. */
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

/** Callers that nothing tells apart are one class. */
function answerInside(
  side: Side,
  target: ReachTarget,
  question: ReachQuestion,
  { name, target: called }: Destination,
  callers: readonly Calling[],
): readonly Reached[] {
  // A connection has no token.
  if (called.protocol !== 'http' && question.token?.isMissing === false) return []
  const classes = classifyCallers(
    callers,
    makeCallerSigner(side, called),
    ({ ambiguousWith }) => ambiguousWith === undefined,
  )
  return classes.flatMap(({ members, representative }) => {
    const reachCallers = members.map(member => makeReachCaller(side, member))
    return answerUnsettled(side, target, question, reachCallers, name, makeCallerWay(representative, called))
  })
}

function answerOutside(
  side: Side,
  target: ReachTarget,
  question: ReachQuestion,
  { caller, gateway, name, target: called }: OutsideDestination,
): readonly Reached[] {
  if (called.scheme === 'tcp' && question.token?.isMissing === false) return []
  const reachCaller = { name: caller, namespace: gateway.namespace, identity: getIdentity(side, gateway) }
  return answerUnsettled(side, target, question, [reachCaller], name, makeGatewayWay(gateway, called))
}

/** Answers for callers of one class, unless all of them are settled. */
function answerUnsettled(
  side: Side,
  target: ReachTarget,
  question: ReachQuestion,
  callers: readonly ReachCaller[],
  destination: DestinationName,
  way: Way,
): readonly Reached[] {
  const { settled } = target
  const names = callers.map(({ name }) => JSON.stringify(name))
  if (names.every(name => settled.has(name))) return []
  const answered = answer(side, target, question, destination, way)
  if (question.tellsRefused && isWhole(answered)) for (const name of names) settled.add(name)
  return [{ callers, destination, ...answered }]
}

type Answered = Pick<Reached, 'through' | 'refused' | 'unknown'>

function answer(
  side: Side,
  target: ReachTarget,
  question: ReachQuestion,
  destination: DestinationName,
  { buildTree, requestOf }: Way,
): Answered {
  const [tree, probed] = [buildTree(side), buildTree(target.probe)]
  const sent = makeSentCondition(question)
  const unread = all([sent, isAnyUnread(question.token)])
  const hasToken = question.tellsRefused ? all([target.hasToken, target.hasPlainClaims]) : always
  return askSpace<Answered>(
    [side.model],
    [tree, probed, sent, hasToken],
    space => {
      const arriving = findArriving(space, target, destination, [tree, probed], unread)
      // A request that must get through does so with no other values of the claims.
      const reached = question.tellsRefused
        ? space.diagrams.choose(
            space.compileCondition(target.hasPlainClaims),
            value => value === true,
            arriving,
            space.diagrams.leaf(false),
          )
        : arriving
      return findAnswer(side, target, question, space, tree, reached, all([sent, hasToken]), requestOf)
    },
    because => ({ through: undefined, refused: undefined, unknown: [because] }),
  )
}

const makeSentCondition = ({ method, path, headers }: ReachQuestion): Condition =>
  all([
    ...headers.map(([name, value]) => text(`header ${name}`, word(value))),
    ...(method === undefined ? [] : [text('method', word(method))]),
    ...(path === undefined ? [] : [text('path', word(path))]),
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
    diagrams.apply(how('yes'), how('as sent'), either),
    how('yes'),
  )
}

const either = (a: Value, b: Value): Value => (a === true || b === true ? true : a === false ? b : a)

function findAnswer(
  side: Side,
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
    return { request, result: evaluate(side.model, request) }
  }
  const through = evaluated(diagrams.pointWhere(reached, value => value === true))
  const unknown = listUnknownIn(space, reached)
  if (through !== undefined && !target.isThrough(through.result))
    return {
      through: undefined,
      refused: undefined,
      unknown: [...unknown, ...listUnknownParts(side, through.result)],
    }
  if (!question.tellsRefused) return { through, refused: undefined, unknown }
  if (through !== undefined) {
    const hasToken = all([target.hasToken, target.hasPlainClaims])
    const whole = answerOnEveryPath(side, space, question, hasToken, tree, reached)
    return { through, refused: evaluated(whole.refused), unknown: whole.unknown }
  }
  const refused = diagrams.pointWhere(space.compileCondition(sent), value => value === true)
  return { through, refused: evaluated(refused), unknown }
}

/**
 * Tells whether on each path that is asked about some request gets through, whatever else it says: a point where not, or what is
 * not known.
 */
function answerOnEveryPath(
  side: Side,
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
    (node, dimension, index) => (isText(dimension, 'path') ? node : diagrams.some(node, index, either)),
    reached,
  )
  const condition = compileCondition(text('path', word(path)))
  const open = diagrams.apply(condition, some, (is, gets) =>
    is !== true ? false : typeof gets === 'object' ? gets : gets === false,
  )
  const unknown = listUnknownIn(space, open)
  const point = diagrams.pointWhere(open, value => value === true)
  const rewritten: Unmodelled = {
    object: side.model.settings.object,
    path: [],
    reason: { code: 'paths-after-rewrite' },
  }
  if (isRewritten) return { refused: undefined, unknown: [...unknown, rewritten] }
  if (point === undefined) return { refused: undefined, unknown }
  const others = diagrams.pointWhere(
    compileCondition(all([makeSentCondition({ ...question, path: undefined }), hasToken])),
    value => value === true,
  )
  const refused = point.map((atom, index) =>
    isText(dimensions[index]!, 'path') ? atom : (others?.[index] ?? atom),
  )
  return { refused, unknown }
}

const isText = (dimension: Dimension, part: TextPart) => dimension.kind === 'text' && dimension.part === part
