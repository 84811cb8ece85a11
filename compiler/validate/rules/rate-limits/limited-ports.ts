import { isHttp } from '../../../mesh/port.ts'
import { makeKeyParty, placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** Envoy counts requests: a limit has no effect on the bytes of a TCP connection. */
export const limitedPorts = defineRule<{ service: string }>(
  {
    code: 'MESH3451',
    severity: 'error',
    summary: 'A service with a rate limit speaks HTTP on a port',
    reads: ['services.*.port', 'services.*.ports'],
    message: p => `nothing is limited: no port of \`${p.service}\` speaks HTTP`,
    help: () => 'remove `rateLimit`, or limit connections with `connections`',
  },
  function* (_, report, { limited }) {
    for (const { service, rateLimit } of limited)
      if (!service.ports.some(isHttp))
        yield report(placeAtKey(rateLimit.origin), { service: service.key }, [
          makeKeyParty(service.origin, 'its ports see connections only'),
        ])
  },
)
