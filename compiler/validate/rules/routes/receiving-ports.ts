import { isHttp } from '../../../mesh/port.ts'
import { findReceivingPort } from '../../../mesh/receiving-port.ts'
import { sharesConnections } from '../../../mesh/share.ts'
import { makeKeyParty, placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** A route has a destination for each port of its service: without one, Envoy would answer 503 there. */
export const receivingPorts = defineRule<{ service: string; owner: string; port: string; protocol: string }>(
  {
    code: 'MESH3123',
    severity: 'error',
    summary: 'A service that gets requests of another one has a port for each port of that service',
    reads: ['services.*.ports', 'services.*.port'],
    message: p =>
      `\`${p.service}\` has no port that takes requests for the port \`${p.port}\` of \`${p.owner}\``,
    help: p => `declare a port \`${p.port}\` that speaks ${p.protocol}, or one port of its kind only`,
  },
  function* (_, report, { sharing }) {
    for (const service of sharing) {
      const seen = new Set<unknown>()
      const last = service.routes.at(-1)
      for (const route of service.routes)
        for (const share of [...route.shares, ...route.mirror]) {
          const receiver = share.service
          if (receiver === undefined || share.origin === undefined || seen.has(share.origin)) continue
          seen.add(share.origin)
          // Connections have no conditions and no copies: only the shares of the last route hold for them.
          const isForAll = route === last && route.shares.includes(share) && sharesConnections(service)
          for (const port of service.ports) {
            if (!isHttp(port) && !isForAll) continue
            if (findReceivingPort(receiver, port) !== undefined) continue
            const params = {
              service: receiver.key,
              owner: service.key,
              port: port.key,
              protocol: port.protocol.value,
            }
            yield report(placeAtKey(share.origin), params, [
              makeKeyParty(port.origin, `this port speaks ${port.protocol.value}`),
            ])
          }
        }
    }
  },
)
