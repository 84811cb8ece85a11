import type { Deny, Service } from '../mesh/mesh.ts'
import type { SpecNode } from '../mesh/sourced.ts'
import { listNamedPorts } from './allow.ts'
import type { FindCaller } from './callers.ts'
import { listClaims, listHeaderValues } from './claims.ts'
import { dropUndefined, emptyList, listSourcedEntries, type Report, readField } from './fields.ts'
import { resolvePathMatch } from './match.ts'
import type { DenySpec, GatewaySpec } from './spec-sections.ts'

/** Resolves the requests that a service refuses, in the order of the spec. */
export function resolveDeny(
  spec: readonly DenySpec[] | undefined,
  service: Service,
  findCaller: FindCaller,
  report: Report,
): readonly Deny[] {
  if (spec === undefined) return emptyList
  const node = service.origin.at('deny')
  return dropUndefined(
    spec.map((written, index) => {
      const place = node.at(index)
      const caller = written.from === undefined ? undefined : findCaller(written.from, place.at('from'))
      const ports = listNamedPorts(written, place, service, report)
      // A missing caller is reported, and its rule must not become a rule for every caller.
      if (written.from !== undefined && caller === undefined) return undefined
      const from = caller?.kind === 'anyone' ? undefined : caller
      return { ...resolveDeniedRequests(written, place), ...noAddresses, from, ports }
    }),
  )
}

/** Resolves the requests that a gateway refuses, in the order of the spec. */
export const resolveGatewayDeny = (spec: GatewaySpec['deny'], node: SpecNode): readonly Deny[] =>
  spec === undefined
    ? emptyList
    : spec.map((written, index) => ({
        ...resolveDeniedRequests(written, node.at(index)),
        clientAddresses: listSourcedEntries(written.clientAddresses, node.at(index), 'clientAddresses'),
        exceptClientAddresses: listSourcedEntries(
          written.exceptClientAddresses,
          node.at(index),
          'exceptClientAddresses',
        ),
        peerAddresses: listSourcedEntries(written.peerAddresses, node.at(index), 'peerAddresses'),
        from: undefined,
        ports: emptyList,
      }))

/** Each address of a client that a sidecar sees could be forged. */
const noAddresses = { clientAddresses: emptyList, exceptClientAddresses: emptyList, peerAddresses: emptyList }

const resolveDeniedRequests = (
  written: Omit<DenySpec, 'from' | 'ports'>,
  place: SpecNode,
): Omit<Deny, 'from' | 'ports' | keyof typeof noAddresses> => ({
  origin: place,
  methods: listSourcedEntries(written.methods, place, 'methods'),
  paths: listSourcedEntries(written.paths, place, 'paths').map(path => path.map(resolvePathMatch)),
  headers: listHeaderValues(written.headers, place.at('headers')),
  jwtMissing: readField(written, place, 'jwt'),
  claims: listClaims(written.claims, place.at('claims')),
  reason: readField(written, place, 'because'),
})
