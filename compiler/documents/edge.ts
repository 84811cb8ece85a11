import { weakMemo } from '../basics/weak-memo.ts'
import { nameCaller } from '../mesh/caller.ts'
import type { Allow, Caller, ExternalAllow, Mesh } from '../mesh/mesh.ts'
import { isHttp } from '../mesh/port.ts'
import { requiresToken } from '../mesh/required-token.ts'
import type { Sourced } from '../mesh/sourced.ts'
import { printMatch } from '../mesh/string-match.ts'
import { code, codes, joinParts, type Prose } from './markdown.ts'

/** One thing that may be called by one caller, as a person reads it. */
interface Edge {
  /** The destination as the spec calls it: `my-api`, `external/stripe`. */
  readonly to: string
  readonly namespace: string
  readonly caller: Caller
  /** The caller as the spec calls it. */
  readonly from: string
  /** The requests that the caller may make there. */
  readonly requests: Prose
  /** The reason in the spec, or empty. */
  readonly because: string
}

/** Lists every declared edge, by destination. */
export const listEdges = weakMemo(({ services, externals }: Mesh): readonly Edge[] => [
  ...services.flatMap(service =>
    listDeclared(service).map(allow => ({
      to: service.key,
      namespace: service.namespace.value,
      caller: allow.from,
      from: nameCaller(allow.from),
      requests: describeRequests(allow, service.ports.some(isHttp)),
      because: allow.reason?.value ?? '',
    })),
  ),
  ...externals.flatMap(external =>
    listDeclared(external).map((allow: ExternalAllow) => ({
      to: `external/${external.key}`,
      namespace: external.namespace.value,
      caller: allow.from,
      from: nameCaller(allow.from),
      requests: 'everything',
      because: allow.reason?.value ?? '',
    })),
  ),
])

/** Lists the rules that the spec itself has: the openness of a mesh is no edge. */
export const listDeclared = <Rule>({
  allow,
  isOpen,
}: {
  readonly allow: readonly Rule[]
  readonly isOpen: boolean
}): readonly Rule[] => (isOpen ? [] : allow)

/** Describes the requests that an edge lets through: `GET, POST on /api/* with a valid token`. */
function describeRequests(allow: Allow, speaksHttp: boolean): Prose {
  const { methods, paths, ports, issuers, claims, headers } = allow
  const parts: Prose[] = []
  if (methods.length > 0) parts.push(codes(methods.map(({ value }) => value)))
  if (paths.length > 0) parts.push(joinParts(['on', codes(paths.map(({ value }) => printMatch(value)))], ' '))
  if (ports.length > 0) parts.push(joinParts(['at port', codes(ports.map(({ port }) => port.key))], ' '))
  if (requiresToken(allow)) parts.push('with a valid token')
  if (issuers.length > 0) parts.push(joinParts(['of', codes(issuers.map(({ value }) => value))], ' '))
  for (const [claim, values] of claims)
    parts.push(joinParts(['whose', code(claim.join('.')), ...isOneOf(values)], ' '))
  for (const [header, values] of headers)
    parts.push(joinParts(['with', code(header), 'that', ...isOneOf(values)], ' '))
  if (parts.length > 0) return joinParts(parts, ' ')
  return speaksHttp ? 'every request' : 'every connection'
}

const isOneOf = (values: readonly Sourced<string>[]): readonly Prose[] => [
  values.length === 1 ? 'is' : 'is one of',
  codes(values.map(({ value }) => value)),
]
