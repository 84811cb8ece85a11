import type { makeIssuerFinder } from '../behavior/index.ts'
import type { AskedToken } from '../behavior/reach/asked-token.ts'
import type { Diagnostic, Place, SpecPath } from '../diagnostics/diagnostic.ts'
import type { Expectation, Mesh } from '../mesh/mesh.ts'
import { makeKeyParty } from '../mesh/spec-place.ts'
import { unseenToken } from './diagnostics.ts'
import { describeDestination, makeExpectedRequests } from './expected-requests.ts'

/** Finds the tokens of an expectation that its destination cannot see, or does not accept. */
export function findUnseenTokens(
  mesh: Mesh,
  expectation: Expectation,
  findIssuers: ReturnType<typeof makeIssuerFinder>,
): readonly Diagnostic[] {
  const { token, to: target } = makeExpectedRequests(mesh, expectation)
  if (token === undefined) return []
  const { to, from, issuers, origin } = expectation
  const unseen = findUnseenField(token, findIssuers(target), from !== undefined)
  if (unseen === undefined) return []
  const service = to?.kind === 'service' ? to.service : undefined
  const params = {
    to: describeDestination(to),
    field: unseen,
    kind: to?.kind ?? 'any-service',
    unaccepted: unseen === 'issuer' ? issuers.map(({ name }) => name.value) : [],
  } as const
  const related =
    service === undefined
      ? []
      : service.jwt === undefined
        ? [makeKeyParty(service.origin, 'it has no `jwt`')]
        : [makeKeyParty(service.jwt.origin, 'its `jwt`')]
  return [unseenToken(getTokenFieldPlace(origin.path, unseen), params, related)]
}

/**
 * Finds the field of an expectation with a condition that the destination cannot check; `issuer`: the destination accepts tokens, but
 * none of those issuers. An expectation that such a token never arrives is valid.
 *
 * @param accepted the issuers whose tokens the destination accepts; undefined: they are unknown
 */
export function findUnseenField(
  { isMissing, issuers }: AskedToken,
  accepted: readonly string[] | undefined,
  mustArrive: boolean,
): 'jwt' | 'issuers' | 'claims' | 'issuer' | undefined {
  if (accepted === undefined) return undefined
  if (accepted.length === 0) return isMissing ? 'jwt' : issuers.length > 0 ? 'issuers' : 'claims'
  const isAccepted = issuers.length === 0 || issuers.some(issuer => accepted.includes(issuer))
  return mustArrive && !isAccepted ? 'issuer' : undefined
}

export const getTokenFieldPlace = (
  expectation: SpecPath,
  field: 'jwt' | 'issuers' | 'claims' | 'issuer',
): Place => ({ path: [...expectation, field === 'issuer' ? 'issuers' : field], part: 'key' })
