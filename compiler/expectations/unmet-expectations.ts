import type { Limits } from '../behavior/budget.ts'
import { limitQuestions, reaching, readModel } from '../behavior/index.ts'
import type { BehaviorModel } from '../behavior/model.ts'
import type { ReachCaller, Reached, ReachQuestion } from '../behavior/reach/reach.ts'
import { requestWords } from '../behavior/request-words.ts'
import type { Result } from '../behavior/result.ts'
import type { Diagnostic, Place, Related } from '../diagnostics/diagnostic.ts'
import type { Source } from '../diagnostics/source.ts'
import { list } from '../diagnostics/suggest.ts'
import { type CompiledManifests, compiledObjects } from '../manifests/compiled-objects.ts'
import { supposedObjects } from '../manifests/supposed-objects.ts'
import { calleeName, callerName, coversCaller } from '../mesh/caller.ts'
import { isSameWorkload, principalOf, sharedIdentities } from '../mesh/identities.ts'
import type { Allow, Callee, Caller, Expectation, ExternalAllow, Mesh, Service } from '../mesh/mesh.ts'
import type { Sourced } from '../mesh/sourced.ts'
import { writtenMatch } from '../mesh/string-match.ts'
import type { Layers } from '../source/layers.ts'
import { type Allowance, allowances } from './allowances.ts'
import { callsAs, isSpeaker, strangersOf } from './callers.ts'
import { notKnown, notReached, reachedByOthers } from './diagnostics.ts'

/** A compiled environment. */
interface Compiled extends CompiledManifests {
  readonly mesh: Mesh
  readonly layers: Layers
}

/**
 * What a mesh is expected to do and does not, proved or shown on the objects that are made of it: where something gets
 * through that must not, or not what must, a request shows it.
 */
export function unmetExpectations(
  compiled: Compiled,
  sources: readonly Source[],
  limits: Limits,
): readonly Diagnostic[] {
  const { mesh } = compiled
  const ask = limitQuestions(limits)
  const objects = compiledObjects(compiled, '')
  const reach = reaching(withoutFaults(readModel([...objects, ...supposedObjects(compiled, sources)])))
  const shared = sharedIdentities(mesh)
  const allowanceOf = allowances(compiled)
  return mesh.expectations.flatMap(expectation => [
    ...(expectation.only === undefined ? [] : outOfReach(expectation, 'only', expectation.only)),
    ...(expectation.never === undefined ? [] : outOfReach(expectation, 'never', expectation.never)),
    ...(expectation.from === undefined ? [] : inReach(expectation, expectation.from)),
  ])

  /** Nobody else than some callers gets through, or none of them. */
  function outOfReach(
    expectation: Expectation,
    says: 'only' | 'never',
    named: readonly Caller[],
  ): readonly Diagnostic[] {
    const { to, origin } = expectation
    const isExternal = to?.kind === 'external'
    const isOpen = isExternal && mesh.egress.value === 'allow-any'
    const question: ReachQuestion = {
      ...requestsOf(mesh, expectation),
      isAsked: caller =>
        (!isExternal || isKnown(caller, to.external.allow, isOpen)) &&
        named.some(one => callsAs(one, caller)) === (says === 'never'),
      strangers: [...named, ...allowancesOf(to).map(({ from }) => from)].flatMap(strangersOf),
      tellsRefused: false,
    }
    const place = { path: origin.at(says).path }
    const words = { to: nameOf(to), named: named.map(callerName), says, request: requestSaid(expectation) }
    const why = reasonsOf(expectation)
    const expected = says === 'only' ? `only ${listed(words.named)}` : `not ${listed(words.named)}`
    const claim = `${expected} reaches ${words.to}${words.request}`
    return ask(
      () => refutations(),
      reason => [notKnown(place, { expected: claim, because: reason, isOverLimit: true })],
    )

    function refutations(): readonly Diagnostic[] {
      const reached = reach(question)
      const found = new Map<string, Diagnostic>()
      for (const { callers, through } of reached) {
        if (through === undefined) continue
        const witness = requestWords(through.request)
        if (isOpen) {
          const open = party(mesh.egress, 'egress is open')
          found.set(
            '',
            reachedByOthers(place, { ...words, who: '', isAllowed: false, isOpen, witness }, [
              ...open,
              ...why,
            ]),
          )
          continue
        }
        const allowed =
          to?.kind === 'external'
            ? allowanceOutside(to.external.allow, callers)
            : allowanceOf(through.result, to === undefined ? mesh.services : [to.service])
        const key = allowed?.path.join('.') ?? callers.map(wordOf).join()
        if (found.has(key)) continue
        const who = allowed?.from === undefined ? wordOf(callers[0]!) : callerName(allowed.from)
        const related =
          allowed === undefined ? [] : [{ at: { path: allowed.path }, message: 'this allows it' }]
        found.set(
          key,
          reachedByOthers(place, { ...words, who, isAllowed: allowed?.from !== undefined, isOpen, witness }, [
            ...related,
            ...why,
          ]),
        )
      }
      if (says === 'only')
        for (const other of alike(expectation, named, claim)) found.set(other.message, other)
      if (found.size > 0) return [...found.values()]
      return unknownOf(place, claim, reached)
    }
  }

  /** Who proves the identity of a caller that is named, and is not named. */
  function alike(expectation: Expectation, named: readonly Caller[], claim: string): readonly Diagnostic[] {
    if (shared.size === 0 || expectation.to?.kind !== 'service') return []
    const { service } = expectation.to
    const others = named.flatMap(one =>
      one.kind !== 'service' && one.kind !== 'gateway'
        ? []
        : (shared.get(principalOf(one)) ?? []).flatMap(other =>
            named.some(each => coversCaller(each, other) && each !== one) || isSameWorkload(other, one)
              ? []
              : { one, other },
          ),
    )
    return others.flatMap(({ one, other }) => {
      const reached = reach({
        ...requestsOf(mesh, expectation),
        isAsked: caller => callsAs(one, caller),
        strangers: [],
        tellsRefused: false,
      })
      const through = reached.find(found => found.through !== undefined)?.through
      if (through === undefined)
        return unknownOf({ path: expectation.origin.at('only').path }, claim, reached)
      const who = callerName(other)
      const allowed = allowanceOf(through.result, [service])
      const related = allowed && {
        at: { path: allowed.path },
        message: `\`${who}\` has the same identity`,
      }
      const words = { to: nameOf(expectation.to), named: named.map(callerName), says: 'only' as const }
      return reachedByOthers(
        { path: expectation.origin.at('only').path },
        {
          ...words,
          request: requestSaid(expectation),
          who,
          isAllowed: true,
          isOpen: false,
          witness: requestWords(through.request),
        },
        [...(related === undefined ? [] : [related]), ...reasonsOf(expectation)],
      )
    })
  }

  function inReach(expectation: Expectation, from: Caller): readonly Diagnostic[] {
    const { to } = expectation
    if (to === undefined) return []
    const place = { path: from.origin.path }
    const claim = `\`${callerName(from)}\` reaches ${nameOf(to)}${requestSaid(expectation)}`
    return ask(
      () => refusals(expectation, from, to, place, claim),
      reason => [notKnown(place, { expected: claim, because: reason, isOverLimit: true })],
    )
  }

  function refusals(
    expectation: Expectation,
    from: Caller,
    to: Callee,
    place: Place,
    claim: string,
  ): readonly Diagnostic[] {
    const reached = reach({
      ...requestsOf(mesh, expectation),
      isAsked: caller => isSpeaker(from, caller),
      strangers: strangersOf(from),
      tellsRefused: true,
    })
    const own = allowancesOf(to).filter(rule => coversCaller(rule.from, from))
    const params = {
      from: callerName(from),
      to: nameOf(to),
      request: requestSaid(expectation),
      isAllowed: own.length > 0,
    }
    const isWhole = ({ through, refused, unknown }: Reached) =>
      through !== undefined && refused === undefined && unknown.length === 0
    // Every workload that the caller has must get through to one address.
    const names = new Set(reached.flatMap(({ callers }) => callers.map(wordOf)))
    const toAddresses = [...names].map(name =>
      reached.filter(({ callers }) => callers.map(wordOf).includes(name)),
    )
    const failing = toAddresses.find(all => !all.some(isWhole)) ?? []
    if (failing.length === 0 && names.size > 0) return []
    const unknown = unknownOf(place, claim, failing)
    if (unknown.length > 0) return unknown
    const refused = failing.find(one => one.refused !== undefined)?.refused
    const shown = refused && {
      request: requestWords(refused.request),
      answer: answerOf(refused.result),
    }
    return [
      notReached(place, { ...params, refused: shown }, [...aboutCaller(to, own), ...reasonsOf(expectation)]),
    ]
  }
}

/** A fault is a drill: what is expected holds when it is over. */
const withoutFaults = (model: BehaviorModel): BehaviorModel => ({
  ...model,
  virtualServices: model.virtualServices.map(found => ({
    ...found,
    http: found.http.map(rule => ({ ...rule, fault: undefined })),
  })),
})

/** Which requests an expectation is about, and where they arrive. */
function requestsOf(
  mesh: Mesh,
  { to, method, path, headers }: Expectation,
): Pick<ReachQuestion, 'to' | 'method' | 'path' | 'headers'> {
  const workloads = (services: readonly Service[]) => ({
    workloads: services.map(({ namespace, selector, samePods, ports }) => ({
      namespace: namespace.value,
      labels: Object.fromEntries(selector.map(([key, { value }]) => [key, value])),
      ports: samePods.length > 1 ? ports.map(({ target }) => target.value) : undefined,
    })),
  })
  return {
    to:
      to?.kind === 'external'
        ? { hosts: to.external.hosts.map(({ value }) => value) }
        : workloads(to === undefined ? mesh.services : [to.service]),
    method: method?.value,
    path: path && writtenMatch(path.value),
    headers: headers.map(([name, { value }]) => [name, writtenMatch(value)]),
  }
}

function requestSaid({ method, path, headers }: Expectation): string {
  const said = headers.map(([name, { value }]) => `\`${name}: ${writtenMatch(value)}\``)
  const what = [...(method === undefined ? [] : [method.value]), ...said]
  const how = what.length === 0 ? '' : ` with ${what.join(' and ')}`
  return path === undefined ? how : `${how} on \`${writtenMatch(path.value)}\``
}

const nameOf = (to: Callee | undefined): string =>
  to === undefined ? 'any service' : `\`${calleeName(to)}\``

const allowancesOf = (to: Callee | undefined): readonly (Allow | ExternalAllow)[] =>
  to === undefined ? [] : to.kind === 'service' ? to.service.allow : to.external.allow

/**
 * Whom an expectation of an external system is about: what runs with a sidecar, as far as the spec tells of it. Who has no
 * sidecar, or one that no Sidecar of meshc is for, is kept from nothing outside.
 */
function isKnown(caller: ReachCaller, allow: readonly ExternalAllow[], isOpen: boolean): boolean {
  const { name } = caller
  if (name.kind === 'outside') return true
  if (name.plaintext) return false
  return !name.supposed || isOpen || allow.some(({ from }) => callsAs(from, caller))
}

/** The rule of an external system for one of some callers. */
function allowanceOutside(
  allow: readonly ExternalAllow[],
  callers: readonly ReachCaller[],
): Allowance | undefined {
  const entry = allow.find(({ from }) => callers.some(caller => callsAs(from, caller)))
  return entry && { path: entry.origin.path, from: entry.from }
}

/** A caller as the engine knows it. */
function wordOf({ name }: ReachCaller): string {
  if (name.kind === 'outside') return `${name.gateway.namespace}/${name.gateway.name}`
  if (name.supposed && name.namespace === 'somewhere')
    return name.plaintext ? 'anyone without a sidecar' : 'anyone'
  return name.plaintext
    ? `${name.namespace}/${name.name} without a sidecar`
    : `${name.namespace}/${name.name}`
}

const listed = (words: readonly string[]): string => (words.length === 0 ? 'nobody' : list(words, 'or'))

function answerOf({ verdict, outcomes }: Result): string {
  const [first] = outcomes
  if (first === undefined) return verdict
  return first.status === undefined ? first.verdict : `${first.verdict} ${first.status}`
}

const reasonsOf = ({ reason }: Expectation): readonly Related[] => party(reason, 'why it must be so')

/** Another party, unless the spec has no place for it. */
function party(what: Sourced<unknown> | undefined, message: string): readonly Related[] {
  const node = what?.place
  return node === undefined ? [] : [{ at: { path: node.path }, message }]
}

/**
 * What the spec says about a caller that gets nothing through.
 *
 * @param own the rules that name the caller
 */
function aboutCaller(to: Callee, own: readonly (Allow | ExternalAllow)[]): readonly Related[] {
  if (own.length > 0)
    return own.map(({ origin }) => ({ at: { path: origin.path }, message: 'what it may do' }))
  const { origin } = to.kind === 'service' ? to.service : to.external
  return [
    allowancesOf(to).length > 0
      ? { at: { path: origin.at('allow').path, part: 'key' }, message: 'who may call' }
      : { at: { path: origin.path, part: 'key' }, message: 'nobody may call it' },
  ]
}

function unknownOf(place: Place, expected: string, reached: readonly Reached[]): readonly Diagnostic[] {
  const [first] = reached.flatMap(({ unknown }) => unknown)
  if (first === undefined) return []
  const { object, path, reason, isOverLimit = false } = first
  const what = `${object.kind} \`${object.namespace}/${object.name}\``
  const isWhole = reason === undefined || reason === `${object.kind} is not followed`
  const part = path.length === 0 ? '' : ` (\`${path.join('.')}\`)`
  const because =
    object.kind === 'MeshConfig' && reason !== undefined
      ? reason
      : isWhole
        ? `${what}${part} is not followed`
        : `${what}${part}: ${reason}`
  return [notKnown(place, { expected, because, isOverLimit })]
}
