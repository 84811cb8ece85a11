import type { Gate } from '../../schema/gates.ts'
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { isMap } from '../source/document.ts'
import { isEqual } from '../source/is-equal.ts'
import { listDeliveries } from './deliveries.ts'
import { listLostPolicies } from './lost-policies.ts'
import type { Side } from './side.ts'
import { makeEditPlaceFinder, type PlaceOfEdit } from './spec-edits.ts'
import { findWaiversSince, type Waiver } from './waivers.ts'

/** A change without effect on requests: of the environment itself, of its expectations and waivers, of the settings of Argo CD. */
export interface Notice {
  /** The gate; undefined for a notice that no gate refuses. */
  readonly gate: Gate | undefined
  /** A sentence without a full stop. */
  readonly words: string
  /** The place; undefined if no line of a spec has it. */
  readonly at: PlaceOfEdit | undefined
  /** The parties that a waiver has to name for it; `*`: only a waiver without names fits. */
  readonly parties: { readonly callers: readonly string[]; readonly destinations: readonly string[] }
  /** The facts of a notice about a control plane. */
  readonly move?: ControlPlaneMove
}

/**
 * A namespace whose pods get their proxies from another control plane after a restart, or all namespaces of a control plane with
 * another version.
 */
export interface ControlPlaneMove {
  readonly namespaces: readonly string[]
  readonly from: MovedPlane
  readonly to: MovedPlane
  /** The workloads with sidecars and the gateways whose pods must restart. */
  readonly workloads: readonly string[]
  readonly gateways: readonly string[]
}

export interface MovedPlane {
  /** `default` for a control plane without a revision. */
  readonly revision: string
  /** The version of Istio, if the manifests have it. */
  readonly version: string | undefined
}

const everybody: Notice['parties'] = { callers: ['*'], destinations: ['*'] }

export const newEnvironment: Notice = {
  gate: 'new-environment',
  words: 'the environment is new: everything that it opens is new',
  at: undefined,
  parties: everybody,
}

export const removedEnvironment: Notice = {
  gate: 'removed-environment',
  words: 'the environment is removed, with its policies, its waivers and what it expects',
  at: undefined,
  parties: everybody,
}

/** The notice of a renamed environment. */
export const noticeRenamedEnvironment = (former: string, name: string): Notice => ({
  gate: 'new-environment',
  words: `the environment \`${former}\` is now \`${name}\``,
  at: undefined,
  parties: everybody,
})

/** Makes the notice for all requests of a new environment that has too many services to look at them. */
export const noticeUnseenRequests = (services: number): readonly Notice[] =>
  (['new-access', 'new-exposure', 'new-egress', 'unknown'] as const).map(gate => ({
    gate,
    words: `with ${services} services, it is too large to be held against nothing request by request: it goes through ${gate}`,
    at: undefined,
    parties: everybody,
  }))

/** Makes the notice of a contradiction between the engines of meshc: neither is taken at its word. */
export const noticeContradiction = (defect: string): Notice => ({
  gate: 'unknown',
  words: `meshc contradicts itself: ${defect}`,
  at: undefined,
  parties: everybody,
})

/** The notice of an expectation that is neither proved nor refuted. */
export const noticeUnprovedExpectation = (message: string): Notice => ({
  gate: 'unknown',
  words: message,
  at: undefined,
  parties: everybody,
})

/** The notices of an environment that both sides have. */
export const listNotices = (before: Side, after: Side): readonly Notice[] => [
  ...lostExpectations(before, after),
  ...noticeLostPolicies(before, after),
  ...noticeNewDeliveries(before, after),
  ...newWaivers(before, after),
]

/** The entries of `expect` that were there and are not there any more just so; their reason does not count. */
function lostExpectations(before: Side, after: Side): readonly Notice[] {
  const { spec } = before
  if (spec === undefined) return []
  const getPlace = makeEditPlaceFinder(spec, 'before')
  const kept = listExpectations(after)
  return listExpectations(before).flatMap((expectation, index) =>
    kept.some(existing => isEqual(existing, expectation))
      ? []
      : [
          {
            gate: 'lost-expectation' as const,
            words: `it is expected no more: ${JSON.stringify(expectation)}`,
            at: getPlace(['expect', index]),
            parties: {
              callers: listNamesOrAll(expectation['only'], expectation['never'], expectation['from']),
              destinations: listNamesOrAll(expectation['to']),
            },
          },
        ],
  )
}

function listExpectations({ spec }: Side): readonly Readonly<Record<string, unknown>>[] {
  const entries = spec?.layers.value['expect']
  if (!Array.isArray(entries)) return []
  return entries.map(entry => {
    const { because: _, ...expectation } = isMap(entry) ? entry : {}
    return expectation
  })
}

function listNamesOrAll(...values: readonly unknown[]): readonly string[] {
  const names = values.flat().filter((name): name is string => typeof name === 'string')
  return names.length === 0 ? ['*'] : names
}

/** Notices the policies that are gone, and those that refuse less or something else. */
function noticeLostPolicies(before: Side, after: Side): readonly Notice[] {
  if (before.spec === undefined || after.spec === undefined) return []
  const specs = { before: before.spec, after: after.spec }
  return listLostPolicies(before.spec.layers.value, after.spec.layers.value).map(({ words, path, side }) => ({
    gate: 'lost-policy',
    words,
    at: makeEditPlaceFinder(specs[side], side)(path),
    parties: everybody,
  }))
}

/** Notices new sources and destinations of Argo CD's deliveries. */
function noticeNewDeliveries(before: Side, after: Side): readonly Notice[] {
  const were = new Set(listDeliveries(before))
  return listDeliveries(after)
    .filter(words => !were.has(words))
    .map(words => ({ gate: 'new-delivery', words, at: undefined, parties: everybody }))
}

/** Waivers that come with the change: a reviewer must see them before they count. */
function newWaivers(before: Side, after: Side): readonly Notice[] {
  if (before.spec === undefined || after.spec === undefined) return []
  const getPlace = makeEditPlaceFinder(after.spec, 'after')
  const all = after.spec.layers.value['waive']
  return findWaiversSince(before, after).ownWaivers.map(waiver => {
    const index = Array.isArray(all) ? all.indexOf(waiver) : -1
    const path: SpecPath = index === -1 ? ['waive'] : ['waive', index]
    return { gate: undefined, words: waiverWords(waiver), at: getPlace(path), parties: everybody }
  })
}

function waiverWords({ gate, from, to, owner, until, because }: Waiver): string {
  const who = `${from === undefined ? '' : ` from ${from}`}${to === undefined ? '' : ` to ${to}`}`
  return `a waiver of ${gate}${who} comes with this change: ${owner}, until ${until}: ${because}`
}
