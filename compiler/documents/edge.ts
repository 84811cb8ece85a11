import { nameCaller } from '../mesh/caller.ts'
import type { Allow, Caller, ExternalAllow, Mesh } from '../mesh/mesh.ts'
import { isHttp } from '../mesh/port.ts'
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
  /** The reason, where the spec says so; else empty. */
  readonly because: string
}

/** Lists every declared edge, by destination. */
export function listEdges({ services, externals }: Mesh): readonly Edge[] {
  return [
    ...services.flatMap(service =>
      listDeclared(service).map(allow => ({
        to: service.key,
        namespace: service.namespace.value,
        caller: allow.from,
        from: nameCaller(allow.from),
        requests: getRequests(allow, service.ports.some(isHttp)),
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
  ]
}

/** Lists the rules that the spec itself has: the openness of a mesh is no edge. */
export const listDeclared = <Rule>({
  allow,
  isOpen,
}: {
  readonly allow: readonly Rule[]
  readonly isOpen: boolean
}): readonly Rule[] => (isOpen ? [] : allow)

/** Describes the requests that an edge lets through: `GET, POST on /api/* with a valid token`. */
function getRequests({ methods, paths, ports, jwtRequired, claims }: Allow, speaksHttp: boolean): Prose {
  const parts: Prose[] = []
  if (methods.length > 0) parts.push(codes(methods.map(({ value }) => value)))
  if (paths.length > 0) parts.push(joinParts(['on', codes(paths.map(({ value }) => printMatch(value)))], ' '))
  if (ports.length > 0) parts.push(joinParts(['at port', codes(ports.map(({ port }) => port.key))], ' '))
  if (jwtRequired !== undefined || claims.length > 0) parts.push('with a valid token')
  for (const [claim, values] of claims) {
    const words = codes(values.map(({ value }) => value))
    parts.push(joinParts(['whose', code(claim), values.length === 1 ? 'is' : 'is one of', words], ' '))
  }
  if (parts.length > 0) return joinParts(parts, ' ')
  return speaksHttp ? 'every request' : 'every connection'
}
