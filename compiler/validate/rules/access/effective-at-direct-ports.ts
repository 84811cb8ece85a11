import { findDirectReason, isDirect } from '../../../mesh/direct-ports.ts'
import type { Port, Service } from '../../../mesh/mesh.ts'
import { isHttp } from '../../../mesh/port.ts'
import { listRequestConditions } from '../../../mesh/request-conditions.ts'
import type { SpecNode } from '../../../mesh/sourced.ts'
import { placeAtKey } from '../../../mesh/spec-place.ts'
import { makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** If no sidecar captures a connection, no check of a sidecar applies to it. The spec must not promise the check. */
export const effectiveAtDirectPorts = defineRule<{ service: string; field: string }>(
  {
    code: 'MESH3441',
    severity: 'error',
    summary: 'A setting of access is for a port with a sidecar',
    reads: ['namespaces.*.injection', 'services.*.port', 'services.*.ports', 'services.*.workload'],
    message: p => `\`${p.field}\` has no effect at \`${p.service}\`: no sidecar takes what arrives there`,
    help: p => `remove \`${p.field}\`, or let the sidecar take the port`,
  },
  function* (_, report, { direct }) {
    for (const service of direct) {
      const reason = service.ports
        .map(port => findDirectReason(service, port))
        .find(each => each !== undefined)
      const related = makeParty(reason, 'no sidecar takes calls because of this')
      for (const field of listIneffective(service))
        yield report(placeAtKey(field), { service: service.key, field: String(field.key) }, related)
    }
  },
)

/** Lists the fields of a service that only a sidecar applies, for ports without a sidecar. */
function* listIneffective(service: Service): Iterable<SpecNode> {
  const { origin, ports, allow, deny, jwt, authorize, rateLimit } = service
  const areDirect = (all: readonly Port[]) => all.length > 0 && all.every(port => isDirect(service, port))
  const listPorts = (named: (typeof allow)[number]['ports']) =>
    named.length > 0 ? named.map(({ port }) => port) : ports
  for (const port of ports)
    if (port.mtls !== undefined && isDirect(service, port)) yield port.origin.at('mtls')
  for (const rule of allow)
    if (rule.from.kind === 'anyone' && areDirect(listPorts(rule.ports)))
      for (const condition of listRequestConditions(rule)) yield condition.origin
  if (areDirect(ports)) {
    if (deny.length > 0) yield origin.at('deny')
  } else
    for (const { origin: denial, ports: named } of deny)
      if (areDirect(named.map(({ port }) => port))) yield denial.at('ports')
  const httpPorts = ports.filter(isHttp)
  if (areDirect(httpPorts)) {
    if (jwt !== undefined) yield jwt.origin
    if (rateLimit !== undefined) yield rateLimit.origin
    if (authorize !== undefined) yield authorize.origin
  } else
    for (const { origin: asked, ports: named } of authorize?.requests ?? [])
      if (areDirect(named.map(({ port }) => port))) yield asked.at('ports')
}
