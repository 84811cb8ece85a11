import { findDirectReason, isDirect } from '../../../mesh/direct-ports.ts'
import type { Allow, Port, Service } from '../../../mesh/mesh.ts'
import { listRequestConditions } from '../../../mesh/request-conditions.ts'
import { isWrittenIn, makeParty, placeIn } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A sidecar enforces policies: on a connection without a sidecar, every caller that reaches the pod gets through. */
export const openDirectPorts = defineRule<{ service: string; port: string; word: string }>(
  {
    code: 'MESH3440',
    severity: 'error',
    summary: 'Anyone may call a port without a sidecar',
    reads: [
      'access',
      'namespaces.*.injection',
      'services.*.allow',
      'services.*.port',
      'services.*.ports',
      'services.*.workload',
    ],
    message: p =>
      `\`allow\` of \`${p.service}\` does not let anyone call \`${p.port}\`, but no sidecar there can refuse a call`,
    help: p =>
      `add \`{ from: anyone, ports: [${p.port}], because: … }\` to \`allow\`, or remove \`${p.word}\``,
  },
  function* (_, report, { direct }) {
    for (const service of direct) {
      const { key, ports, allow, isOpen, origin } = service
      if (isOpen) continue
      for (const port of ports) {
        const reason = findDirectReason(service, port)
        if (reason === undefined || allow.some(each => letsAnyone(service, each, port))) continue
        const word = `${String(reason.place?.key)}: off`
        yield report(
          placeIn(origin, reason),
          { service: key, port: port.key, word },
          isWrittenIn(reason, origin) ? [] : makeParty(reason, 'no sidecar takes calls because of this'),
        )
      }
    }
  },
)

/**
 * Tells whether a rule allows every caller to send any request to a port. A condition that is only for ports without a sidecar is
 * a fault of its own, MESH3441.
 */
const letsAnyone = (service: Service, allow: Allow, port: Port): boolean =>
  allow.from.kind === 'anyone' &&
  (allow.ports.length === 0 || allow.ports.some(each => each.port === port)) &&
  (listRequestConditions(allow).length === 0 ||
    (allow.ports.length > 0 && allow.ports.every(each => isDirect(service, each.port))))
