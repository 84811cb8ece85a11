import type { Gate } from '../../schema/gates.ts'
import { type Limits, usualLimits } from '../behavior/budget.ts'
import { isSame } from '../behavior/compare/affected.ts'
import type { Comparison, Difference, UnknownPart } from '../behavior/compare/difference.ts'
import { compare, findRouteStates, listRulePlaces, makeModelReader } from '../behavior/index.ts'
import type { RouteName, RouteState } from '../behavior/lint/route-states.ts'
import type { ManifestObject } from '../behavior/manifest-object.ts'
import type { BehaviorModel, VirtualService } from '../behavior/model.ts'
import { once } from '../behavior/once.ts'
import {
  describeCaller,
  describeDestination,
  describeHost,
  describeRegion,
  extentWords,
  requestWords,
} from '../behavior/request-words.ts'
import type { At, Result, Unmodelled } from '../behavior/result.ts'
import { list } from '../diagnostics/suggest.ts'
import type { SourceMapEntry } from '../emit/print.ts'
import { nameOfObject } from '../manifests/name-of-object.ts'
import { isWithin, printPointer } from '../provenance/paths.ts'
import { isMap } from '../source/document.ts'
import { listAmbientPolicies } from './advice/ambient-policies.ts'
import { advices } from './advice/index.ts'
import { findFirstEdits, makeEditFinder } from './edits-behind.ts'
import { listGates } from './gates.ts'
import { type ChangeGroup, findManifestChanges } from './manifest-changes.ts'
import {
  listNotices,
  type Notice,
  newEnvironment,
  noticeRenamedEnvironment,
  noticeUnseenRequests,
  removedEnvironment,
} from './notices.ts'
import { nameCallerParty, nameDestinationParty, type Parties } from './parties.ts'
import { describeResults } from './result-words.ts'
import { withSharedValues } from './shared-values.ts'
import { indexListEntries, type Side, type SideFile } from './side.ts'
import { findSpecEdits, makePlaceFinder, type SpecEdit } from './spec-edits.ts'
import { listFew } from './summary.ts'

/** The review of an environment, as it is told: plain data. */
export interface EnvironmentReview {
  readonly name: string
  /** The sides that have the environment: `added` and `removed` are on one side only. */
  readonly state: 'kept' | 'added' | 'removed'
  /** The sides that are compared. */
  readonly before: string
  readonly after: string
  /** The findings that no request shows. */
  readonly notices: readonly Notice[]
  readonly findings: readonly Finding[]
  readonly unknown: readonly UnknownFinding[]
  /** The contradictions between the engines of meshc. */
  readonly defects: readonly string[]
  readonly pairs: Comparison['pairs']
  readonly edits: readonly SpecEdit[]
  readonly groups: readonly ChangeGroup[]
  /** The reason why some of the changes have no edit; undefined where all have. */
  readonly unexplained: string | undefined
}

/** A difference of behavior in words. */
export interface Finding extends Pick<Difference, 'section'> {
  /** `dead`: a route that no request takes any more, which `requests` names. */
  readonly change: Difference['change'] | 'dead'
  readonly gates: readonly Gate[]
  readonly callers: readonly string[]
  readonly destinations: readonly string[]
  /** The names of the parties in the spec, each once. */
  readonly parties: Notice['parties']
  /** The requests, any of which suffices. */
  readonly requests: readonly string[]
  /** The number of further kinds of requests. */
  readonly further: number
  readonly before: string
  readonly after: string
  readonly witness: { readonly request: string; readonly before: string; readonly after: string }
  readonly because: readonly Cause[]
  /** The advice, in sentences. */
  readonly help: readonly string[]
}

export interface UnknownFinding {
  readonly callers: readonly string[]
  readonly destinations: readonly string[]
  /** The names of the parties in the spec, each once. */
  readonly parties: Notice['parties']
  readonly requests: readonly string[]
  readonly further: number
  readonly because: readonly string[]
  readonly help: readonly string[]
  readonly side: UnknownPart['side']
}

/** The cause of a difference. */
export interface Cause {
  readonly file: string
  /** The line, counted from 1. */
  readonly line: number
  /** The side on which it stands there. */
  readonly side: 'before' | 'after'
  /** `services.my-api.timeout: 5s → 30s`, or the part of a manifest. */
  readonly words: string
}

/**
 * Compares two sides of an environment.
 *
 * @param was what was deployed; where the environment was not there, `sideBefore`
 * @param renamedFrom the name that it had before, if it had another
 * @param limits of the questions about requests: where one passes a limit, its answer is among `unknown`
 */
export function reviewEnvironment(
  name: string,
  was: Side,
  after: Side,
  {
    isNew = false,
    renamedFrom,
    limits = usualLimits,
  }: { readonly isNew?: boolean; readonly renamedFrom?: string; readonly limits?: Limits } = {},
): EnvironmentReview {
  if (isNew && countServices(after) > mostNewServices) {
    const notices = [
      newEnvironment,
      ...noticeUnseenRequests(countServices(after)),
      ...listNotices(was, after),
    ]
    return withoutRequests(name, 'added', { before: was.name, after: after.name }, notices)
  }
  const before = withSharedValues(was, after)
  const isPlain = before.isPlain === true && after.isPlain === true
  const edits = isPlain ? [] : findSpecEdits(before, after)
  // Every object of a new environment is new: a list of them says nothing that its folder does not.
  const groups = isNew ? [] : findManifestChanges(before, after, edits)
  const read = makeModelReader()
  const now = read(listObjects(after))
  const models = { before: read(listObjects(before)), after: now }
  const { differences, unknown, defects, pairs } = compare(models.before, models.after, limits)
  // Every refusal of a new environment differs from an environment where nothing runs.
  const statedDifferences = isNew ? differences.filter(({ change }) => change === 'opened') : differences
  const parties = (after.spec ?? before.spec)?.parties
  const routes = newDeadRoutes(models, limits)
  const causes = causesIn(before, after, edits, [
    ...statedDifferences.map(relevant),
    ...routes.dead.map(route => ({ before: [], after: listRulePlaces(route) })),
  ])
  const isUnexplained = !isPlain && groups.some(({ edits }) => edits.length === 0)
  return {
    name,
    state: isNew ? 'added' : 'kept',
    before: before.name,
    after: after.name,
    notices: [
      ...(isNew ? [newEnvironment] : []),
      ...(renamedFrom === undefined ? [] : [noticeRenamedEnvironment(renamedFrom, name)]),
      ...listNotices(before, after),
    ],
    findings: [
      ...helpedOnce(
        merged(
          statedDifferences.map(difference => {
            const help = advices.flatMap(advice => advice({ difference, differences, ...models }))
            const hosts = difference.destinations.map(({ host }) => host)
            return { ...getFinding(difference, causes(relevant(difference), hosts), parties), help }
          }),
        ),
      ),
      ...routes.dead.map(dead =>
        deadFinding(dead, causes({ before: [], after: listRulePlaces(dead) }), parties),
      ),
    ],
    unknown: [
      ...helpedOnce(
        unknown.map(part => ({
          ...listUnknown(part, parties),
          help: listAmbientPolicies(part, models.after),
        })),
      ),
      ...untriedFindings(routes.notLookedAt, parties),
      ...refusedFindings(models.before, models.after),
    ],
    defects: defects.map(
      ({ request, side, regions, evaluation }) =>
        `${requestWords(request)} (${side}): ${regions}, but ${evaluation}`,
    ),
    pairs,
    edits,
    groups,
    unexplained: isUnexplained ? whyUnexplained(before, after) : undefined,
  }
}

/** The review of an environment that is there no more: nothing is asked about requests. */
export const reviewRemoved = (name: string, before: string, after: string): EnvironmentReview =>
  withoutRequests(name, 'removed', { before, after }, [removedEnvironment])

/**
 * A new environment of more services is not looked at request by request: all pairs of them are new, and their number grows with
 * the square. It goes through all gates of requests instead.
 */
const mostNewServices = 400

const countServices = ({ beside }: Side): number =>
  beside.filter(({ value }) => isMap(value) && value['kind'] === 'Service').length

const withoutRequests = (
  name: string,
  state: EnvironmentReview['state'],
  sides: Pick<EnvironmentReview, 'before' | 'after'>,
  notices: readonly Notice[],
): EnvironmentReview => ({
  name,
  state,
  ...sides,
  notices,
  findings: [],
  unknown: [],
  defects: [],
  pairs: { all: 0, compared: 0 },
  edits: [],
  groups: [],
  unexplained: undefined,
})

/** Lists the objects that the cluster is told, and what runs beside it. */
const listObjects = ({ files, beside }: Side): readonly ManifestObject[] => [
  ...files.filter(({ isForCluster }) => isForCluster).flatMap(({ objects }) => objects),
  ...beside,
]

function getFinding(
  difference: Difference,
  because: readonly Cause[],
  parties: Parties | undefined,
): Omit<Finding, 'help'> {
  const { section, change, callers, destinations, regions, extent, witness } = difference
  const { protocol } = destinations[0]!
  const words = describeResults(section, witness.before.result, witness.after.result)
  const whole = extentWords(extent, protocol)
  return {
    section,
    change,
    gates: listGates(difference),
    callers: callers.map(describeCaller),
    destinations: destinations.map(describeDestination),
    parties: partiesIn(difference, parties),
    ...(whole === undefined
      ? { requests: regions.map(region => describeRegion(region, protocol)), further: difference.further }
      : { requests: [whole], further: 0 }),
    ...words,
    witness: { request: requestWords(witness.after.request), ...words },
    because,
  }
}

/** Names callers and destinations as the spec does, each once. */
const partiesIn = (
  { callers, destinations }: Pick<Difference, 'callers' | 'destinations'>,
  parties: Parties | undefined,
): Notice['parties'] => ({
  callers: [...new Set(callers.map(caller => nameCallerParty(caller, parties)))],
  destinations: [...new Set(destinations.map(destination => nameDestinationParty(destination, parties)))],
})

/** The same help is given once, where it is first needed. */
function helpedOnce<Helped extends { readonly help: readonly string[] }>(
  all: readonly Helped[],
): readonly Helped[] {
  const given = new Set<string>()
  return all.map(each => ({
    ...each,
    help: each.help.filter(help => given.size < given.add(help).size),
  }))
}

/** Merges the findings that say the same of several destinations. */
function merged(findings: readonly Finding[]): readonly Finding[] {
  const groups = new Map<string, Finding[]>()
  for (const finding of findings) {
    const { section, change, gates, callers, requests, further, before, after, because } = finding
    const key = JSON.stringify([section, change, gates, callers, requests, further, before, after, because])
    const knownGroup = groups.get(key)
    if (knownGroup === undefined) groups.set(key, [finding])
    else knownGroup.push(finding)
  }
  return [...groups.values()].map(group => ({
    ...group[0]!,
    destinations: [...new Set(group.flatMap(({ destinations }) => destinations))],
    help: [...new Set(group.flatMap(({ help }) => help))],
    parties: {
      callers: [...new Set(group.flatMap(({ parties }) => parties.callers))],
      destinations: [...new Set(group.flatMap(({ parties }) => parties.destinations))],
    },
  }))
}

/** Routes that are dead now, and were not, in VirtualServices that changed; and those of which a limit leaves that unknown. */
function newDeadRoutes(
  { before, after }: { readonly before: BehaviorModel; readonly after: BehaviorModel },
  limits: Limits,
) {
  const keyed = new Map(
    before.virtualServices.map(givenVirtualService => [getKey(givenVirtualService), givenVirtualService]),
  )
  const changed = after.virtualServices.filter(
    givenVirtualService => !isSame(givenVirtualService, keyed.get(getKey(givenVirtualService))),
  )
  if (changed.length === 0) return { dead: [], notLookedAt: [] }
  const statesNow = findRouteStates(after, limits)
  const states = changed.flatMap(statesNow)
  const dead = states.filter(routeState => routeState.state === 'dead')
  const statesThen = dead.length === 0 ? undefined : findRouteStates(before, limits)
  const were = [...new Set(dead.map(({ virtualService }) => keyed.get(getKey(virtualService))))].flatMap(
    old => (old === undefined ? [] : (statesThen?.(old) ?? []).filter(({ state }) => state === 'dead')),
  )
  const isOld = (now: DeadRoute) =>
    were.some(
      old =>
        getKey(old.virtualService) === getKey(now.virtualService) &&
        old.protocol === now.protocol &&
        isSame(listMatches(old), listMatches(now)),
    )
  return {
    dead: dead.filter(route => !isOld(route)),
    notLookedAt: states.filter(isUntried),
  }
}

const isUntried = (routeState: RouteState): routeState is UntriedRoute =>
  routeState.state === 'unknown' && routeState.because.some(({ isOverLimit }) => isOverLimit)

type UntriedRoute = Extract<RouteState, { readonly state: 'unknown' }>

type DeadRoute = Extract<RouteState, { readonly state: 'dead' }>

const listMatches = ({ virtualService, protocol, index }: RouteName) =>
  virtualService[protocol][index]!.matches

const getKey = ({ namespace, name }: VirtualService) => `${namespace}/${name}`

function deadFinding(dead: DeadRoute, because: readonly Cause[], parties: Parties | undefined): Finding {
  const { virtualService, eatenBy, witness } = dead
  const { hosts, namespace, name } = virtualService
  const words = (route: RouteName) =>
    `${routeWords(route)}${route.virtualService === virtualService ? '' : ` of VirtualService ${getKey(route.virtualService)}`}`
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
    witness: { request: requestWords(witness), before: words(dead), after: eaters[0] ?? '' },
    because: because.length > 0 || place?.object.source === undefined ? because : [getPlace(place)],
    help: [],
  }
}

/** `route 3 (canary)` */
function routeWords({ virtualService, protocol, index }: RouteName): string {
  const name = protocol === 'http' ? virtualService.http[index]!.name : ''
  const kind = protocol === 'http' ? '' : `${protocol} `
  return `${kind}route ${index + 1}${name === '' ? '' : ` (${name})`}`
}

const getPlace = ({ object: { source, kind, namespace, name }, path }: At): Cause => ({
  file: source?.file ?? '',
  line: source?.lineOf(path) ?? 1,
  side: 'after',
  words: `${kind} ${namespace}/${name}${printPointer(path)}`,
})

/** Makes the findings for what is not known of routes: of those of one VirtualService together. */
function untriedFindings(
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
        `whether ${listFew(ownStates.map(routeWords))} ${ownStates.length === 1 ? 'is' : 'are'} never taken`,
      ],
      further: 0,
      because: [...new Set(ownStates.flatMap(({ because }) => because.map(constructWords)))],
      help: [],
      side: 'after',
    }
  })
}

/** Objects that a cluster refuses after a change and did not refuse before: it goes on with what it has, which nobody here knows. */
function refusedFindings(before: BehaviorModel, after: BehaviorModel): readonly UnknownFinding[] {
  const known = new Set(before.refused.map(constructWords))
  return after.refused
    .filter(refusal => !known.has(constructWords(refusal)))
    .map(refusal => ({
      callers: [],
      destinations: [`${refusal.object.kind} ${refusal.object.namespace}/${refusal.object.name}`],
      parties: { callers: ['*'], destinations: ['*'] },
      requests: ['which a cluster refuses'],
      further: 0,
      because: [constructWords(refusal)],
      help: [],
      side: 'after',
    }))
}

function listUnknown(part: UnknownPart, parties: Parties | undefined): Omit<UnknownFinding, 'help'> {
  const { callers, destinations, regions, further, because, side } = part
  return {
    callers: callers.map(describeCaller),
    destinations: destinations.map(describeDestination),
    parties: partiesIn(part, parties),
    requests: regions.map(region => describeRegion(region, destinations[0]?.protocol ?? 'HTTP')),
    further,
    because: because.map(constructWords),
    side,
  }
}

/** `VirtualService shop/cart: /spec/http/0 (a reason)` */
function constructWords({ object: { kind, namespace, name }, path, reason }: Unmodelled): string {
  const why = reason === undefined ? '' : ` (${reason})`
  const part = path.length === 0 ? '' : `: ${printPointer(path)}`
  return `${kind} ${namespace}/${name}${part}${why}`
}

/** Finds for each difference what made it: edits of the spec where they did, else lines of manifests. */
function causesIn(
  before: Side,
  after: Side,
  edits: readonly SpecEdit[],
  all: readonly Difference['causes'][],
): (causes: Difference['causes'], hosts?: readonly string[]) => readonly Cause[] {
  const sideWith = (side: Side, word: 'before' | 'after') => {
    const names = new Set(all.flatMap(causes => causes[word].map(({ object }) => getName(object))))
    const isAsked = ({ objects }: SideFile) => objects.some(({ value }) => names.has(nameOfObject(value)))
    return { side, entries: once(() => indexListEntries(side, names, isAsked)) }
  }
  const sides = { before: sideWith(before, 'before'), after: sideWith(after, 'after') }
  const places = {
    before: before.spec && makePlaceFinder(before.spec, 'before'),
    after: after.spec && makePlaceFinder(after.spec, 'after'),
  }
  const { near, far } = makeEditFinder(edits)
  return (causes, hosts = []) => {
    const entriesFor = (word: 'before' | 'after', at: At) => {
      const all = entriesAt(sides[word].entries(), at)
      return at.object.kind === 'Sidecar' && isAnyNamed ? all.filter(entry => isNamed(entry, hosts)) : all
    }
    // A Sidecar names many hosts: another one has nothing to do with this destination.
    const isAnyNamed = (['after', 'before'] as const).some(word =>
      causes[word].some(
        at =>
          at.object.kind === 'Sidecar' &&
          entriesAt(sides[word].entries(), at).some(entry => isNamed(entry, hosts)),
      ),
    )
    const foundCauses = new Map<string, Cause>()
    const add = (cause: Cause) => {
      foundCauses.set(`${cause.file}:${cause.line} ${cause.words}`, cause)
    }
    for (const relations of [near, far]) {
      for (const word of ['after', 'before'] as const) {
        // The other side has no edit to add where the side after names every edit there is.
        if (foundCauses.size === edits.length) break
        for (const at of causes[word]) {
          const firstEdits = findFirstEdits(word, entriesFor(word, at), relations)
          for (const edit of firstEdits) add({ ...edit.at, words: editWords(edit) })
        }
      }
      if (foundCauses.size > 0) break
    }
    if (foundCauses.size > 0) return [...foundCauses.values()]
    for (const word of ['after', 'before'] as const) {
      for (const at of causes[word]) {
        const origin = entriesFor(word, at)[0]?.origins.find(origin => typeof origin !== 'string')
        const place = origin === undefined ? undefined : places[word]?.(origin)
        const { kind, namespace, name } = at.object
        const source = sourceIn(sides[word].side, at.object)
        const words = `${kind} ${namespace}/${name}${printPointer(at.path)}`
        if (place !== undefined) add({ ...place, words })
        else if (source !== undefined)
          add({ file: source.file, line: source.lineOf(at.path), side: word, words })
      }
    }
    // The only thing that is another has made whatever is another.
    const [only] = edits
    if (foundCauses.size === 0 && only !== undefined && edits.length === 1)
      add({ ...only.at, words: editWords(only) })
    return [...foundCauses.values()]
  }
}

/** Tells whether a value of a Sidecar is one of some hosts, behind its namespace. */
const isNamed = ({ value }: SourceMapEntry, hosts: readonly string[]): boolean =>
  hosts.some(host => String(value).endsWith(`/${host}`))

/**
 * Finds the source of an object on a side. A value that both sides share is read where it stands on one of
 * them.
 */
function sourceIn({ files, beside }: Side, { source }: At['object']): At['object']['source'] {
  if (source === undefined) return undefined
  const isIt = ({ value }: ManifestObject) => value === source.value
  return beside.find(isIt) ?? files.flatMap(({ objects }) => objects).find(isIt) ?? source
}

/**
 * Selects, of what is not the same on both sides, that which can have made this difference: a policy that refuses, where a caller
 * is let in now, and not the weights of the route that the request takes besides. All, where nothing of that kind is another.
 */
function relevant({ section, witness, causes }: Difference): Difference['causes'] {
  const kinds = kindsBehind(section, [witness.before.result, witness.after.result])
  const isOfKind = ({ object }: At) => kinds.includes(object.kind)
  const foundRelevant = { before: causes.before.filter(isOfKind), after: causes.after.filter(isOfKind) }
  return foundRelevant.before.length + foundRelevant.after.length > 0 ? foundRelevant : causes
}

/** The kinds of objects that decide about what is said in a section. */
function kindsBehind(section: Difference['section'], results: readonly Result[]): readonly string[] {
  const verdicts = new Set(results.flatMap(({ outcomes }) => outcomes.map(({ verdict }) => verdict)))
  const routes = ['VirtualService', 'DestinationRule', 'ServiceEntry', 'Gateway', 'Service', 'Sidecar']
  if (section === 'routing') return routes
  if (section === 'mtls') return ['PeerAuthentication', 'DestinationRule']
  if (verdicts.has('DENY')) return ['AuthorizationPolicy', 'Deployment']
  if (verdicts.has('UNAUTHENTICATED')) return ['RequestAuthentication', 'AuthorizationPolicy']
  return verdicts.has('RESET') || verdicts.has('UPSTREAM_RESET')
    ? ['PeerAuthentication', 'DestinationRule', 'AuthorizationPolicy']
    : [...routes, 'MeshConfig']
}

const getName = ({ source }: At['object']) => nameOfObject(source?.value)

/** The scalars of a part of an object, or of what is nearest round it. */
function entriesAt(
  entries: ReadonlyMap<string, readonly SourceMapEntry[]>,
  { object, path }: At,
): readonly SourceMapEntry[] {
  const all = entries.get(getName(object)) ?? []
  for (let length = path.length; length >= 0; length--) {
    const within = all.filter(entry => isWithin(entry.path, path.slice(0, length)))
    if (within.length > 0) return within
  }
  return []
}

/** `services.my-api.timeout: 5s → 30s` */
export function editWords({ path, before, after }: SpecEdit): string {
  if (before === undefined) return `${path}: ${after}`
  return after === undefined ? `${path} was ${before}` : `${path}: ${before} → ${after}`
}

function whyUnexplained(
  { version: before, spec, name, files }: Side,
  { version: after, files: filesAfter }: Side,
): string {
  const paths = new Set(files.map(({ path }) => path))
  const added = filesAfter.filter(({ path, isMade }) => !isMade && !paths.has(path))
  if (added.length > 0) return `no spec makes ${list(added.map(({ path }) => path))}`
  if (before !== undefined && before !== after)
    return `meshc ${before} has built what was there, this is ${after}`
  if (spec === undefined) return `there is no spec of ${name} that could tell`
  return `what ${name} has is not what its specs make`
}
