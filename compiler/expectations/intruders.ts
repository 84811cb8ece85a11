import type { ReachCaller, ReachQuestion } from '../behavior/reach/reach.ts'
import { describeArrival } from '../behavior/request-words.ts'
import type { Result } from '../behavior/result.ts'
import type { Diagnostic, Related } from '../diagnostics/diagnostic.ts'
import { listQuoted } from '../diagnostics/suggest.ts'
import { coversCaller, nameCaller } from '../mesh/caller.ts'
import { isSameWorkload, makePrincipal } from '../mesh/identities.ts'
import type { Caller, Expectation, ExpectedDestination, ExternalAllow, Mesh } from '../mesh/mesh.ts'
import type { Allowance } from './allowances.ts'
import { isCallerNamed, listAssumedCallers } from './callers.ts'
import { reachedByOthers } from './diagnostics.ts'
import {
  type Circumstances,
  describeDestination,
  describeRequest,
  listAllowances,
  listExpectationReasons,
  listParty,
  listServices,
  makeExpectedRequests,
  nameReachCaller,
} from './expected-requests.ts'
import { askWhether, listUnknown } from './unknown-claims.ts'

/** Reports callers that get through against `only` or `never`. */
export function reportIntruders(
  circumstances: Circumstances,
  expectation: Expectation,
  says: 'only' | 'never',
  named: readonly Caller[],
): readonly Diagnostic[] {
  const { mesh, ask, reach } = circumstances
  const { to, origin } = expectation
  const isOpen = to?.kind === 'external' && mesh.egress.value === 'allow-any'
  const place = { path: origin.at(says).path }
  const words = {
    to: describeDestination(to),
    named: named.map(nameCaller),
    says,
    request: describeRequest(expectation),
    isOpen,
    isTokenMissing: expectation.jwtMissing !== undefined,
  }
  const expected = says === 'only' ? `only ${joinNames(words.named)}` : `not ${joinNames(words.named)}`
  const claim = `${expected} reaches ${words.to}${words.request}`
  return askWhether(ask, place, claim, () => {
    const reached = reach(makeQuestion(mesh, expectation, says, named, isOpen))
    const diagnostics = new Map<string, Diagnostic>()
    for (const { callers, through } of reached) {
      if (through === undefined) continue
      const { key, who, isAllowed, related } = isOpen
        ? { key: '', who: '', isAllowed: false, related: listParty(mesh.egress, 'egress is open') }
        : describeIntruder(circumstances, to, callers, through.result)
      // For an open egress, the last request is the example.
      if (diagnostics.has(key) && !isOpen) continue
      const witness = describeArrival(through.request, through.result)
      const parties = [...related, ...listExpectationReasons(expectation)]
      diagnostics.set(key, reachedByOthers(place, { ...words, who, isAllowed, witness }, parties))
    }
    if (says === 'only')
      for (const diagnostic of reportNamesakes(circumstances, expectation, named, claim))
        diagnostics.set(diagnostic.message, diagnostic)
    if (diagnostics.size > 0) return [...diagnostics.values()]
    return listUnknown(place, claim, reached)
  })
}

/** Makes the question which of the callers that an expectation excludes reach the destination. */
function makeQuestion(
  mesh: Mesh,
  expectation: Expectation,
  says: 'only' | 'never',
  named: readonly Caller[],
  isOpen: boolean,
): ReachQuestion {
  const { to } = expectation
  return {
    ...makeExpectedRequests(mesh, expectation),
    isAsked: caller =>
      (to?.kind !== 'external' || isInQuestion(caller, to.external.allow, isOpen)) &&
      named.some(namedCaller => isCallerNamed(namedCaller, caller)) === (says === 'never'),
    assumedCallers: [...named, ...listAllowances(to).map(({ from }) => from)].flatMap(listAssumedCallers),
    includesRefused: false,
  }
}

/** A caller that gets through, with the part of the spec that lets it through. */
interface Intruder {
  /** Callers of one key are reported once. */
  readonly key: string
  readonly who: string
  readonly isAllowed: boolean
  readonly related: readonly Related[]
}

function describeIntruder(
  { mesh, findAllowance }: Circumstances,
  to: ExpectedDestination | undefined,
  callers: readonly ReachCaller[],
  result: Result,
): Intruder {
  const allowance =
    to?.kind === 'external'
      ? findOutsideAllowance(to.external.allow, callers)
      : findAllowance(result, listServices(mesh, to))
  return {
    key: allowance?.path.join('.') ?? callers.map(nameReachCaller).join(),
    who: allowance?.from === undefined ? nameReachCaller(callers[0]!) : nameCaller(allowance.from),
    isAllowed: allowance?.from !== undefined,
    related: allowance === undefined ? [] : [{ at: { path: allowance.path }, message: 'this allows it' }],
  }
}

/** Reports the callers that prove the identity of a named caller and are not named. */
function reportNamesakes(
  { mesh, reach, shared, findAllowance }: Circumstances,
  expectation: Expectation,
  named: readonly Caller[],
  claim: string,
): readonly Diagnostic[] {
  if (shared.size === 0 || expectation.to?.kind !== 'service') return []
  const { service } = expectation.to
  const place = { path: expectation.origin.at('only').path }
  return listNamesakes(shared, named).flatMap(({ namedCaller, namesake }) => {
    const reached = reach({
      ...makeExpectedRequests(mesh, expectation),
      isAsked: caller => isCallerNamed(namedCaller, caller),
      assumedCallers: [],
      includesRefused: false,
    })
    const through = reached.find(each => each.through !== undefined)?.through
    if (through === undefined) return listUnknown(place, claim, reached)
    const who = nameCaller(namesake)
    const allowance = findAllowance(through.result, [service])
    const related =
      allowance === undefined
        ? []
        : [{ at: { path: allowance.path }, message: `\`${who}\` has the same identity` }]
    const words = {
      to: describeDestination(expectation.to),
      named: named.map(nameCaller),
      says: 'only' as const,
      request: describeRequest(expectation),
      who,
      isAllowed: true,
      isOpen: false,
      isTokenMissing: expectation.jwtMissing !== undefined,
      witness: describeArrival(through.request, through.result),
    }
    return reachedByOthers(place, words, [...related, ...listExpectationReasons(expectation)])
  })
}

/** Lists the workloads with the identity of a named caller that no entry names, each with that caller. */
const listNamesakes = (shared: Circumstances['shared'], named: readonly Caller[]) =>
  named.flatMap(namedCaller =>
    namedCaller.kind !== 'service' && namedCaller.kind !== 'gateway'
      ? []
      : (shared.get(makePrincipal(namedCaller)) ?? []).flatMap(workload =>
          named.some(each => coversCaller(each, workload) && each !== namedCaller) ||
          isSameWorkload(workload, namedCaller)
            ? []
            : { namedCaller, namesake: workload },
        ),
  )

/**
 * Tells whether an expectation of an external system applies to a caller: a workload with a sidecar, as far as the spec knows.
 * Nothing blocks the outside traffic of a caller without a sidecar, or without a Sidecar object of meshc.
 */
function isInQuestion(caller: ReachCaller, allow: readonly ExternalAllow[], isOpen: boolean): boolean {
  const { name } = caller
  if (name.kind === 'outside') return true
  if (name.plaintext) return false
  return !name.assumed || isOpen || allow.some(({ from }) => isCallerNamed(from, caller))
}

/** The rule of an external system for one of some callers. */
function findOutsideAllowance(
  allow: readonly ExternalAllow[],
  callers: readonly ReachCaller[],
): Allowance | undefined {
  const entry = allow.find(({ from }) => callers.some(caller => isCallerNamed(from, caller)))
  if (entry === undefined) return undefined
  const { path } = entry.origin
  return path[0] === 'access' ? { path } : { path, from: entry.from }
}

const joinNames = (words: readonly string[]): string =>
  words.length === 0 ? 'nobody' : listQuoted(words, 'or')
