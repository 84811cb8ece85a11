import type { Limits } from '../behavior/budget.ts'
import { isAllThrough, limitQuestions, makeIssuerFinder, makeReachFinder } from '../behavior/index.ts'
import type { BehaviorModel } from '../behavior/model.ts'
import type { AskedToken } from '../behavior/reach/asked-token.ts'
import type { ReachCaller, ReachQuestion } from '../behavior/reach/reach.ts'
import { describeArrival, describeFullRequest } from '../behavior/request-words.ts'
import type { Diagnostic, Place } from '../diagnostics/diagnostic.ts'
import { listQuoted } from '../diagnostics/suggest.ts'
import { notReached, reachedByOthers, unseenToken } from './diagnostics.ts'
import { describeRequestParts, nameReachCaller } from './expected-requests.ts'
import { askWhether, listUnknown } from './unknown-claims.ts'
import { withoutFaults } from './unmet-expectations.ts'
import { describeAnswer } from './unreached-destinations.ts'
import { findUnseenField, getTokenFieldPlace } from './unseen-tokens.ts'

/** An entry of `expect` in the file beside manifests. */
interface Expectation {
  readonly only?: readonly string[] | undefined
  readonly never?: readonly string[] | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly method?: string | undefined
  readonly path?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly jwt?: 'missing' | undefined
  /** The issuers as tokens name them. */
  readonly issuers?: readonly string[] | undefined
  /** The claims by their names, with their values. */
  readonly claims: AskedToken['claims']
}

/** A name of an expectation that the manifests do not have. */
interface UnknownName {
  readonly path: readonly (string | number)[]
  readonly name: string
  readonly what: 'workload' | 'Service' | 'issuer of tokens'
  /** The names that they have. */
  readonly known: readonly string[]
}

/** Finds the names of expectations that no object of manifests has; a host with a dot may be any. */
export function listUnknownNames(
  expectations: readonly Omit<Expectation, 'claims'>[],
  { workloads, services, requestAuthentications }: BehaviorModel,
): readonly UnknownName[] {
  const knownWorkloads = workloads.map(({ namespace, name }) => `${namespace}/${name}`)
  const knownServices = services.map(({ namespace, name }) => `${namespace}/${name}`)
  const knownIssuers = requestAuthentications.flatMap(({ rules }) => rules.map(({ issuer }) => issuer))
  const isName = (word: string) => word.includes('/') && !word.endsWith('/*')
  return expectations.flatMap(({ only, never, from, to, issuers = [] }, index) => [
    ...[
      ...[...(only ?? []), ...(never ?? []), ...(from === undefined ? [] : [from])].map(name => ({
        name,
        what: 'workload' as const,
        known: knownWorkloads,
      })),
      ...(to === undefined ? [] : [{ name: to, what: 'Service' as const, known: knownServices }]),
    ].flatMap(word =>
      isName(word.name) && !word.known.includes(word.name) ? [{ ...word, path: ['expect', index] }] : [],
    ),
    ...issuers
      .filter(name => !knownIssuers.includes(name))
      .map(name => ({
        name,
        what: 'issuer of tokens' as const,
        known: knownIssuers,
        path: ['expect', index, 'issuers'],
      })),
  ])
}

/** Finds the expectations that manifests do not meet, by a proof or by a request, as for specs. */
export function findUnmetByManifests(
  expectations: readonly Expectation[],
  model: BehaviorModel,
  limits: Limits,
): readonly Diagnostic[] {
  if (expectations.length === 0) return []
  const ask = limitQuestions(limits)
  const reach = makeReachFinder(withoutFaults(model))
  const findIssuers = makeIssuerFinder(model)
  return expectations.flatMap((expectation, index) => {
    const unseen = findUnseen(expectation, index)
    if (unseen.length > 0) return unseen
    return [
      ...(expectation.only === undefined ? [] : outOfReach(expectation, index, 'only', expectation.only)),
      ...(expectation.never === undefined ? [] : outOfReach(expectation, index, 'never', expectation.never)),
      ...(expectation.from === undefined ? [] : inReach(expectation, index, expectation.from)),
    ]
  })

  function findUnseen(expectation: Expectation, index: number): readonly Diagnostic[] {
    const { token, to } = makeReachQuestion(model, expectation)
    if (token === undefined) return []
    const unseen = findUnseenField(token, findIssuers(to), expectation.from !== undefined)
    if (unseen === undefined) return []
    const kind =
      expectation.to === undefined ? 'any-service' : 'hosts' in to ? 'external' : 'surrounding-service'
    const unaccepted = unseen === 'issuer' ? token.issuers : []
    const params = { to: describeTo(expectation), field: unseen, kind, unaccepted } as const
    return [unseenToken(getTokenFieldPlace(['expect', index], unseen), params)]
  }

  function outOfReach(
    expectation: Expectation,
    index: number,
    says: 'only' | 'never',
    named: readonly string[],
  ): readonly Diagnostic[] {
    const place: Place = { path: ['expect', index, says] }
    const words = {
      to: describeTo(expectation),
      named,
      says,
      request: describeRequestParts(makeReachQuestion(model, expectation)),
    }
    const who = named.length === 0 ? 'nobody' : listQuoted(named, 'or')
    const claim = `${says === 'only' ? `only ${who}` : `not ${who}`} reaches ${words.to}${words.request}`
    const question: ReachQuestion = {
      ...makeReachQuestion(model, expectation),
      isAsked: caller => named.some(word => isCallerMeant(word, caller)) === (says === 'never'),
      assumedCallers: [],
      includesRefused: false,
    }
    return askWhether(ask, place, claim, () => {
      const reached = reach(question)
      const arrived = reached.filter(({ through }) => through !== undefined)
      const [first] = arrived
      if (first?.through === undefined) return listUnknown(place, claim, reached)
      const [who = '', ...others] = new Set(arrived.flatMap(({ callers }) => callers.map(nameReachCaller)))
      return [
        reachedByOthers(place, {
          ...words,
          who: others.length === 0 ? who : `${who} and ${others.length} more`,
          isAllowed: false,
          isOpen: false,
          isTokenMissing: expectation.jwt !== undefined,
          witness: describeArrival(first.through.request, first.through.result),
        }),
      ]
    })
  }

  function inReach(expectation: Expectation, index: number, from: string): readonly Diagnostic[] {
    const place: Place = { path: ['expect', index, 'from'] }
    const words = {
      from,
      to: describeTo(expectation),
      request: describeRequestParts(makeReachQuestion(model, expectation)),
    }
    const claim = `\`${from}\` reaches ${words.to}${words.request}`
    return askWhether(ask, place, claim, () => {
      const reached = reach({
        ...makeReachQuestion(model, expectation),
        isAsked: caller => isCallerMeant(from, caller),
        assumedCallers: [],
        includesRefused: true,
      })
      if (reached.some(isAllThrough)) return []
      const unknown = listUnknown(place, claim, reached)
      if (unknown.length > 0) return unknown
      const refused = reached.find(each => each.refused !== undefined)?.refused
      const shown = refused && {
        request: describeFullRequest(refused.request),
        answer: describeAnswer(refused.result),
      }
      return [notReached(place, { ...words, isAllowed: false, isForeign: true, refused: shown })]
    })
  }
}

function isCallerMeant(word: string, { name, namespace }: ReachCaller): boolean {
  if (word === 'anyone') return true
  if (name.kind === 'outside')
    return word === 'outside' || word === `${name.gateway.namespace}/${name.gateway.name}`
  return word === `${namespace}/*` || (!name.assumed && word === `${name.namespace}/${name.name}`)
}

function makeReachQuestion(
  { services }: BehaviorModel,
  { to, method, path, headers, jwt, issuers = [], claims }: Expectation,
): Pick<ReachQuestion, 'to' | 'method' | 'path' | 'headers' | 'token'> {
  const isExternal = to !== undefined && !to.includes('/')
  const destinations = services.filter(
    ({ namespace, name, selector }) =>
      Object.keys(selector).length > 0 && (to === undefined || to === `${namespace}/${name}`),
  )
  return {
    to: isExternal
      ? { hosts: [to] }
      : { workloads: destinations.map(({ namespace, selector }) => ({ namespace, labels: selector })) },
    method,
    path,
    headers: Object.entries(headers ?? {}),
    token:
      jwt === undefined && issuers.length + claims.length === 0
        ? undefined
        : { isMissing: jwt !== undefined, issuers, claims },
  }
}

const describeTo = ({ to }: Expectation) => (to === undefined ? 'any service' : `\`${to}\``)
