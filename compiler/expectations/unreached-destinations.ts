import { isAllThrough } from '../behavior/index.ts'
import type { Reached } from '../behavior/reach/reach.ts'
import { describeFullRequest } from '../behavior/request-words.ts'
import type { Result } from '../behavior/result.ts'
import type { Diagnostic, Related } from '../diagnostics/diagnostic.ts'
import { coversCaller, nameCaller } from '../mesh/caller.ts'
import type { Allow, Caller, Expectation, ExpectedDestination, ExternalAllow } from '../mesh/mesh.ts'
import { isSpeaker, listAssumedCallers } from './callers.ts'
import { notReached } from './diagnostics.ts'
import {
  type Circumstances,
  describeDestination,
  describeRequest,
  listAllowances,
  listExpectationReasons,
  makeExpectedRequests,
  nameReachCaller,
} from './expected-requests.ts'
import { askWhether, listUnknown } from './unknown-claims.ts'

/** Reports a caller whose requests do not arrive. */
export function reportUnreached(
  circumstances: Circumstances,
  expectation: Expectation,
  from: Caller,
): readonly Diagnostic[] {
  const { to } = expectation
  if (to === undefined) return []
  const { mesh, ask, reach } = circumstances
  const place = { path: from.origin.path }
  const words = { from: nameCaller(from), to: describeDestination(to), request: describeRequest(expectation) }
  const claim = `\`${words.from}\` reaches ${words.to}${words.request}`
  return askWhether(ask, place, claim, () => {
    const reached = reach({
      ...makeExpectedRequests(mesh, expectation),
      isAsked: caller => isSpeaker(mesh, from, caller),
      assumedCallers: listAssumedCallers(from),
      includesRefused: true,
    })
    const failing = findFailing(reached)
    if (failing === undefined) return []
    const unknown = listUnknown(place, claim, failing)
    if (unknown.length > 0) return unknown
    const refused = failing.find(each => each.refused !== undefined)?.refused
    const shown = refused && {
      request: describeFullRequest(refused.request),
      answer: describeAnswer(refused.result),
    }
    const rules = listAllowances(to).filter(rule => coversCaller(rule.from, from))
    return [
      notReached(
        place,
        {
          ...words,
          isAllowed: rules.length > 0,
          isForeign: to.kind === 'surrounding-service',
          refused: shown,
        },
        [...describeAllowEntries(to, rules), ...listExpectationReasons(expectation)],
      ),
    ]
  })
}

/**
 * Finds the answers for a workload that reaches no address with all of its requests; undefined if every workload of the caller reaches
 * an address with all of them.
 */
function findFailing(reached: readonly Reached[]): readonly Reached[] | undefined {
  const names = new Set(reached.flatMap(({ callers }) => callers.map(nameReachCaller)))
  if (names.size === 0) return []
  return [...names]
    .map(name => reached.filter(({ callers }) => callers.map(nameReachCaller).includes(name)))
    .find(all => !all.some(isAllThrough))
}

export function describeAnswer({ verdict, outcomes }: Result): string {
  const [first] = outcomes
  if (first === undefined) return verdict
  return first.status === undefined ? first.verdict : `${first.verdict} ${first.status}`
}

/**
 * Describes the declarations of the spec about a caller that gets no request through.
 *
 * @param entries the rules that name the caller
 */
function describeAllowEntries(
  to: ExpectedDestination,
  entries: readonly (Allow | ExternalAllow)[],
): readonly Related[] {
  if (entries.length > 0)
    return entries.map(({ origin }) => ({ at: { path: origin.path }, message: 'what it may do' }))
  if (to.kind === 'surrounding-service') return []
  const { origin } = to.kind === 'service' ? to.service : to.external
  return [
    listAllowances(to).length > 0
      ? { at: { path: origin.at('allow').path, part: 'key' }, message: 'who may call' }
      : { at: { path: origin.path, part: 'key' }, message: 'no caller is allowed' },
  ]
}
