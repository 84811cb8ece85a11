import type { Ask } from '../behavior/budget.ts'
import type { AskedToken } from '../behavior/reach/asked-token.ts'
import type { ReachCaller, Reached, ReachQuestion } from '../behavior/reach/reach.ts'
import type { Related } from '../diagnostics/diagnostic.ts'
import { listQuoted } from '../diagnostics/suggest.ts'
import { nameDestination } from '../mesh/caller.ts'
import type { findSharedIdentities } from '../mesh/identities.ts'
import type { Allow, Expectation, ExpectedDestination, ExternalAllow, Mesh, Service } from '../mesh/mesh.ts'
import type { Sourced } from '../mesh/sourced.ts'
import { printMatch } from '../mesh/string-match.ts'
import type { makeAllowanceFinder } from './allowances.ts'

/** An environment, and the engine that answers questions about it. */
export interface Circumstances {
  readonly mesh: Mesh
  readonly ask: Ask
  readonly reach: (question: ReachQuestion) => readonly Reached[]
  /** The workloads that prove an identity as well as the caller that has its name. */
  readonly shared: ReturnType<typeof findSharedIdentities>
  readonly findAllowance: ReturnType<typeof makeAllowanceFinder>
}

/** The requests that an expectation is about. */
type Requests = Pick<ReachQuestion, 'method' | 'path' | 'headers' | 'token'>

/** Finds the requests of an expectation, and their destinations. */
export const makeExpectedRequests = (
  mesh: Mesh,
  expectation: Expectation,
): Requests & Pick<ReachQuestion, 'to'> => ({
  to: makeReachTarget(mesh, expectation.to),
  ...readRequests(expectation),
  token: readAskedToken(expectation, ({ issuer }) => issuer.value),
})

const readRequests = ({ method, path, headers }: Expectation): Omit<Requests, 'token'> => ({
  method: method?.value,
  path: path && printMatch(path.value),
  headers: headers.map(([name, { value }]) => [name, printMatch(value)]),
})

function readAskedToken(
  { jwtMissing, issuers, claims }: Expectation,
  nameIssuer: (issuer: Expectation['issuers'][number]) => string,
): AskedToken | undefined {
  if (jwtMissing === undefined && issuers.length + claims.length === 0) return undefined
  return {
    isMissing: jwtMissing !== undefined,
    issuers: issuers.map(nameIssuer),
    claims: claims.map(([path, values]) => [path, values.map(({ value }) => value)]),
  }
}

function makeReachTarget(mesh: Mesh, to: ExpectedDestination | undefined): ReachQuestion['to'] {
  if (to?.kind === 'external') return { hosts: to.external.hosts.map(({ value }) => value) }
  if (to?.kind === 'surrounding-service')
    return { workloads: [{ namespace: to.namespace, labels: to.selector }] }
  return {
    workloads: listServices(mesh, to).map(({ namespace, selector, samePods, ports }) => ({
      namespace: namespace.value,
      labels: Object.fromEntries(selector.map(([key, { value }]) => [key, value])),
      ports: samePods.length > 1 ? ports.map(({ target }) => target.value) : undefined,
    })),
  }
}

export const describeRequest = (expectation: Expectation): string =>
  describeRequestParts({
    ...readRequests(expectation),
    token: readAskedToken(expectation, ({ name }) => name.value),
  })

/** Describes requests by the words of policies for their parts: ` with GET on `/api/*``; all requests: nothing. */
export function describeRequestParts({ method, path, headers, token }: Requests): string {
  const what = [
    ...(method === undefined ? [] : [method]),
    ...headers.map(([name, value]) => `\`${name}: ${value}\``),
    ...(token === undefined || token.isMissing ? [] : [describeToken(token)]),
  ]
  return [
    ...(what.length === 0 ? [] : [` with ${what.join(' and ')}`]),
    ...(path === undefined ? [] : [` on \`${path}\``]),
    ...(token?.isMissing === true ? [' without a valid token'] : []),
  ].join('')
}

/** Describes a token: `a token of `corp` in which `role` is `admin` or `owner``. */
function describeToken({ issuers, claims }: AskedToken): string {
  const whose = issuers.length === 0 ? '' : ` of ${listQuoted(issuers, 'or')}`
  const has = claims.map(([path, values]) => `\`${path.join('.')}\` is ${listQuoted(values, 'or')}`)
  return `a token${whose}${has.length === 0 ? '' : ` in which ${has.join(' and ')}`}`
}

export const describeDestination = (to: ExpectedDestination | undefined): string =>
  to === undefined ? 'any service' : `\`${nameDestination(to)}\``

/** Lists the rules of the spec for a destination. A Service of the surroundings has none. */
export function listAllowances(to: ExpectedDestination | undefined): readonly (Allow | ExternalAllow)[] {
  switch (to?.kind) {
    case 'service':
      return to.service.allow
    case 'external':
      return to.external.allow
    case 'surrounding-service':
    case undefined:
      return []
  }
}

/** Lists the services of the spec that an expectation is about. */
export function listServices(mesh: Mesh, to: ExpectedDestination | undefined): readonly Service[] {
  if (to === undefined) return mesh.services
  return to.kind === 'service' ? [to.service] : []
}

/** A caller as the engine knows it. */
export function nameReachCaller({ name }: ReachCaller): string {
  if (name.kind === 'outside') return `${name.gateway.namespace}/${name.gateway.name}`
  if (name.assumed && name.namespace === 'somewhere')
    return name.plaintext ? 'anyone without a sidecar' : 'anyone'
  return name.plaintext
    ? `${name.namespace}/${name.name} without a sidecar`
    : `${name.namespace}/${name.name}`
}

export const listExpectationReasons = ({ reason }: Expectation): readonly Related[] =>
  listParty(reason, 'why it must be so')

/** Makes a list with a related place, or an empty one if the spec has no place for it. */
export function listParty(what: Sourced<unknown> | undefined, message: string): readonly Related[] {
  const node = what?.place
  return node === undefined ? [] : [{ at: { path: node.path }, message }]
}
