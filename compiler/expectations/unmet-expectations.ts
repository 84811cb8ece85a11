import type { Limits } from '../behavior/budget.ts'
import { limitQuestions, makeReachFinder, readModel } from '../behavior/index.ts'
import type { ReachCaller, Reached, ReachQuestion } from '../behavior/reach/reach.ts'
import { requestWords } from '../behavior/request-words.ts'
import type { Diagnostic, Place, Related } from '../diagnostics/diagnostic.ts'
import type { Source } from '../diagnostics/source.ts'
import { list } from '../diagnostics/suggest.ts'
import { listAssumedObjects } from '../manifests/assumed-objects.ts'
import { type CompiledManifests, listCompiledObjects } from '../manifests/compiled-objects.ts'
import { coversCaller, nameCallee, nameCaller } from '../mesh/caller.ts'
import { findSharedIdentities, isSameWorkload, makePrincipal } from '../mesh/identities.ts'
import type { Allow, Callee, Caller, Expectation, ExternalAllow, Mesh, Service } from '../mesh/mesh.ts'
import type { Sourced } from '../mesh/sourced.ts'
import { printMatch } from '../mesh/string-match.ts'
import type { Layers } from '../source/layers.ts'
import { type Allowance, makeAllowanceFinder } from './allowances.ts'
import { isCallerNamed, isSpeaker, listAssumedCallers } from './callers.ts'
import { notKnown, notReached, reachedByOthers } from './diagnostics.ts'
import { describeAnswer, describeReachCaller, listUnknown, withoutFaults } from './reach-words.ts'

/** A compiled environment. */
interface Compiled extends CompiledManifests {
  readonly mesh: Mesh
  readonly layers: Layers
}

/**
 * Finds the expectations that a mesh does not meet, proved or shown on the objects that are made of it: where something
 * gets through that must not, or not what must, a request shows it.
 */
export function findUnmetExpectations(
  compiled: Compiled,
  sources: readonly Source[],
  limits: Limits,
): readonly Diagnostic[] {
  const { mesh } = compiled
  const ask = limitQuestions(limits)
  const objects = listCompiledObjects(compiled, '')
  const reach = makeReachFinder(
    withoutFaults(readModel([...objects, ...listAssumedObjects(compiled, sources)])),
  )
  const shared = findSharedIdentities(mesh)
  const findAllowance = makeAllowanceFinder(compiled)
  return mesh.expectations.flatMap(expectation => [
    ...(expectation.only === undefined ? [] : outOfReach(expectation, 'only', expectation.only)),
    ...(expectation.never === undefined ? [] : outOfReach(expectation, 'never', expectation.never)),
    ...(expectation.from === undefined ? [] : inReach(expectation, expectation.from)),
  ])

  /** Reports callers that get through against `only` or `never`. */
  function outOfReach(
    expectation: Expectation,
    says: 'only' | 'never',
    named: readonly Caller[],
  ): readonly Diagnostic[] {
    const { to, origin } = expectation
    const isExternal = to?.kind === 'external'
    const isOpen = isExternal && mesh.egress.value === 'allow-any'
    const question: ReachQuestion = {
      ...getRequests(mesh, expectation),
      isAsked: caller =>
        (!isExternal || isKnown(caller, to.external.allow, isOpen)) &&
        named.some(namedCaller => isCallerNamed(namedCaller, caller)) === (says === 'never'),
      assumedCallers: [...named, ...listAllowances(to).map(({ from }) => from)].flatMap(listAssumedCallers),
      tellsRefused: false,
    }
    const place = { path: origin.at(says).path }
    const words = { to: getName(to), named: named.map(nameCaller), says, request: requestSaid(expectation) }
    const why = listReasons(expectation)
    const expected = says === 'only' ? `only ${listed(words.named)}` : `not ${listed(words.named)}`
    const claim = `${expected} reaches ${words.to}${words.request}`
    return ask(
      () => refutations(),
      reason => [notKnown(place, { expected: claim, because: reason, isOverLimit: true })],
    )

    function refutations(): readonly Diagnostic[] {
      const reached = reach(question)
      const diagnostics = new Map<string, Diagnostic>()
      for (const { callers, through } of reached) {
        if (through === undefined) continue
        const witness = requestWords(through.request)
        if (isOpen) {
          const open = party(mesh.egress, 'egress is open')
          diagnostics.set(
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
            : findAllowance(through.result, to === undefined ? mesh.services : [to.service])
        const key = allowed?.path.join('.') ?? callers.map(describeReachCaller).join()
        if (diagnostics.has(key)) continue
        const who = allowed?.from === undefined ? describeReachCaller(callers[0]!) : nameCaller(allowed.from)
        const related =
          allowed === undefined ? [] : [{ at: { path: allowed.path }, message: 'this allows it' }]
        diagnostics.set(
          key,
          reachedByOthers(place, { ...words, who, isAllowed: allowed?.from !== undefined, isOpen, witness }, [
            ...related,
            ...why,
          ]),
        )
      }
      if (says === 'only')
        for (const diagnostic of alike(expectation, named, claim))
          diagnostics.set(diagnostic.message, diagnostic)
      if (diagnostics.size > 0) return [...diagnostics.values()]
      return listUnknown(place, claim, reached)
    }
  }

  /** Reports the callers that prove the identity of a named one and are not named. */
  function alike(expectation: Expectation, named: readonly Caller[], claim: string): readonly Diagnostic[] {
    if (shared.size === 0 || expectation.to?.kind !== 'service') return []
    const { service } = expectation.to
    const others = named.flatMap(namedCaller =>
      namedCaller.kind !== 'service' && namedCaller.kind !== 'gateway'
        ? []
        : (shared.get(makePrincipal(namedCaller)) ?? []).flatMap(workload =>
            named.some(each => coversCaller(each, workload) && each !== namedCaller) ||
            isSameWorkload(workload, namedCaller)
              ? []
              : { namedCaller, namesake: workload },
          ),
    )
    return others.flatMap(({ namedCaller: oneNamedCaller, namesake: otherWorkload }) => {
      const reached = reach({
        ...getRequests(mesh, expectation),
        isAsked: caller => isCallerNamed(oneNamedCaller, caller),
        assumedCallers: [],
        tellsRefused: false,
      })
      const through = reached.find(foundReach => foundReach.through !== undefined)?.through
      if (through === undefined)
        return listUnknown({ path: expectation.origin.at('only').path }, claim, reached)
      const who = nameCaller(otherWorkload)
      const allowed = findAllowance(through.result, [service])
      const related = allowed && {
        at: { path: allowed.path },
        message: `\`${who}\` has the same identity`,
      }
      const words = { to: getName(expectation.to), named: named.map(nameCaller), says: 'only' as const }
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
        [...(related === undefined ? [] : [related]), ...listReasons(expectation)],
      )
    })
  }

  function inReach(expectation: Expectation, from: Caller): readonly Diagnostic[] {
    const { to } = expectation
    if (to === undefined) return []
    const place = { path: from.origin.path }
    const claim = `\`${nameCaller(from)}\` reaches ${getName(to)}${requestSaid(expectation)}`
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
      ...getRequests(mesh, expectation),
      isAsked: caller => isSpeaker(from, caller),
      assumedCallers: listAssumedCallers(from),
      tellsRefused: true,
    })
    const allowances = listAllowances(to).filter(rule => coversCaller(rule.from, from))
    const params = {
      from: nameCaller(from),
      to: getName(to),
      request: requestSaid(expectation),
      isAllowed: allowances.length > 0,
    }
    const isWhole = ({ through, refused, unknown }: Reached) =>
      through !== undefined && refused === undefined && unknown.length === 0
    // Every workload that the caller has must get through to one address.
    const names = new Set(reached.flatMap(({ callers }) => callers.map(describeReachCaller)))
    const toAddresses = [...names].map(name =>
      reached.filter(({ callers }) => callers.map(describeReachCaller).includes(name)),
    )
    const failing = toAddresses.find(all => !all.some(isWhole)) ?? []
    if (failing.length === 0 && names.size > 0) return []
    const unknown = listUnknown(place, claim, failing)
    if (unknown.length > 0) return unknown
    const refused = failing.find(failed => failed.refused !== undefined)?.refused
    const shown = refused && {
      request: requestWords(refused.request),
      answer: describeAnswer(refused.result),
    }
    return [
      notReached(place, { ...params, refused: shown }, [
        ...aboutCaller(to, allowances),
        ...listReasons(expectation),
      ]),
    ]
  }
}

/** Finds the requests that an expectation is about, and where they arrive. */
function getRequests(
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
    path: path && printMatch(path.value),
    headers: headers.map(([name, { value }]) => [name, printMatch(value)]),
  }
}

function requestSaid({ method, path, headers }: Expectation): string {
  const headerWords = headers.map(([name, { value }]) => `\`${name}: ${printMatch(value)}\``)
  const what = [...(method === undefined ? [] : [method.value]), ...headerWords]
  const how = what.length === 0 ? '' : ` with ${what.join(' and ')}`
  return path === undefined ? how : `${how} on \`${printMatch(path.value)}\``
}

const getName = (to: Callee | undefined): string =>
  to === undefined ? 'any service' : `\`${nameCallee(to)}\``

const listAllowances = (to: Callee | undefined): readonly (Allow | ExternalAllow)[] =>
  to === undefined ? [] : to.kind === 'service' ? to.service.allow : to.external.allow

/**
 * Tells whether an expectation of an external system is about a caller: what runs with a sidecar, as far as the spec tells
 * of it. A caller with no sidecar, or one that no Sidecar of meshc is for, is kept from nothing outside.
 */
function isKnown(caller: ReachCaller, allow: readonly ExternalAllow[], isOpen: boolean): boolean {
  const { name } = caller
  if (name.kind === 'outside') return true
  if (name.plaintext) return false
  return !name.assumed || isOpen || allow.some(({ from }) => isCallerNamed(from, caller))
}

/** The rule of an external system for one of some callers. */
function allowanceOutside(
  allow: readonly ExternalAllow[],
  callers: readonly ReachCaller[],
): Allowance | undefined {
  const entry = allow.find(({ from }) => callers.some(caller => isCallerNamed(from, caller)))
  return entry && { path: entry.origin.path, from: entry.from }
}

const listed = (words: readonly string[]): string => (words.length === 0 ? 'nobody' : list(words, 'or'))

const listReasons = ({ reason }: Expectation): readonly Related[] => party(reason, 'why it must be so')

/** Makes another party, unless the spec has no place for it. */
function party(what: Sourced<unknown> | undefined, message: string): readonly Related[] {
  const node = what?.place
  return node === undefined ? [] : [{ at: { path: node.path }, message }]
}

/**
 * Describes what the spec says about a caller that gets nothing through.
 *
 * @param entries the rules that name the caller
 */
function aboutCaller(to: Callee, entries: readonly (Allow | ExternalAllow)[]): readonly Related[] {
  if (entries.length > 0)
    return entries.map(({ origin }) => ({ at: { path: origin.path }, message: 'what it may do' }))
  const { origin } = to.kind === 'service' ? to.service : to.external
  return [
    listAllowances(to).length > 0
      ? { at: { path: origin.at('allow').path, part: 'key' }, message: 'who may call' }
      : { at: { path: origin.path, part: 'key' }, message: 'nobody may call it' },
  ]
}
