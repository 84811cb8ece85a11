import type { Allow, Mesh, Service } from '../mesh/mesh.ts'
import { SpecNode } from '../mesh/sourced.ts'
import { placeAt } from '../mesh/spec-place.ts'
import type { FindCaller } from './callers.ts'
import { listClaims, listHeaderValues } from './claims.ts'
import { unknownPort } from './diagnostics.ts'
import { dropUndefined, emptyList, listSourcedEntries, type Report, readField } from './fields.ts'
import { findIssuer, type KnownIssuers } from './jwt.ts'
import { resolvePathMatch } from './match.ts'
import type { AllowSpec } from './spec-sections.ts'

/** Resolves the callers of a service, in the order of the spec. */
export function resolveAllow(
  spec: readonly AllowSpec[] | undefined,
  service: Service,
  findCaller: FindCaller,
  knownIssuers: KnownIssuers,
  report: Report,
): readonly Allow[] {
  if (spec === undefined) return emptyList
  const node = service.origin.at('allow')
  return dropUndefined(
    spec.map((written, index) => {
      const place = node.at(index)
      const caller = findCaller(written.from, place.at('from'))
      const ports = listNamedPorts(written, place, service, report)
      const issuers = listSourcedEntries(written.issuers, place, 'issuers')
      for (const issuer of issuers) findIssuer(issuer, knownIssuers, report)
      if (caller === undefined) return undefined
      return {
        origin: place,
        from: caller,
        methods: listSourcedEntries(written.methods, place, 'methods'),
        paths: listSourcedEntries(written.paths, place, 'paths').map(path => path.map(resolvePathMatch)),
        ports,
        jwtRequired: readField(written, place, 'jwt'),
        issuers,
        claims: listClaims(written.claims, place.at('claims')),
        headers: listHeaderValues(written.headers, place.at('headers')),
        reason: readField(written, place, 'because'),
      }
    }),
  )
}

/** Allows anyone, since the mesh is open; none for a workload without ports, which has no callers. */
export function allowAnyone({ ports }: Service, access: Mesh['access']): readonly Allow[] {
  if (ports.length === 0) return emptyList
  const origin = openness(access)
  return [
    {
      origin,
      from: { kind: 'anyone', origin },
      methods: emptyList,
      paths: emptyList,
      ports: emptyList,
      jwtRequired: undefined,
      issuers: emptyList,
      claims: emptyList,
      headers: emptyList,
      reason: undefined,
    },
  ]
}

/** The place that opens a mesh: it is closed by default. */
export const openness = ({ place }: Mesh['access']): SpecNode => place ?? new SpecNode(undefined, 'access')

/** Lists the ports of a service that a rule names; reports those that the service does not have. */
export function listNamedPorts(
  { ports: spec }: Pick<AllowSpec, 'ports'>,
  allow: SpecNode,
  service: Service,
  report: Report,
): Allow['ports'] {
  if (spec === undefined) return emptyList
  const node = allow.at('ports')
  return dropUndefined(
    spec.map((key, index) => {
      const origin = node.at(index)
      const port = service.ports.find(port => port.key === key)
      if (port !== undefined) return { origin, port }
      // A service without ports is reported already.
      if (service.ports.length > 0) {
        const legal = service.ports.map(({ key }) => key)
        report(unknownPort(placeAt(origin), { service: service.key, name: key, legal }))
      }
      return undefined
    }),
  )
}
