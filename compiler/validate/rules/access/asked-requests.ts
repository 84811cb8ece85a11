import { isHttp } from '../../../mesh/port.ts'
import { makeKeyParty, placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/**
 * On a port where Envoy sees no requests, Istio asks an authorizer with HTTP about nothing, and one with gRPC about every
 * connection.
 */
export const askedRequests = defineRule<{ port: string | undefined; service: string; authorizer: string }>(
  {
    code: 'MESH3426',
    severity: 'error',
    summary: 'An authorizer checks only requests to HTTP ports',
    covers: ['IST0133'],
    message: p =>
      p.port === undefined
        ? `\`${p.authorizer}\` checks no request: no port of \`${p.service}\` speaks HTTP`
        : `\`${p.authorizer}\` cannot check requests to \`${p.port}\`, which does not speak HTTP`,
    help: p =>
      p.port === undefined
        ? 'remove `authorize`: `allow` and `deny` decide about connections'
        : `remove \`${p.port}\`: \`allow\` and \`deny\` decide about connections`,
  },
  function* (_, report, { asking }) {
    for (const { service, authorize } of asking) {
      const { key, ports, origin } = service
      const params = { service: key, authorizer: authorize.by.value }
      if (!ports.some(isHttp)) {
        const related = makeKeyParty(origin, 'it has no port that speaks HTTP')
        yield report(placeAtKey(authorize.origin), { ...params, port: undefined }, [related])
        continue
      }
      for (const requests of authorize.requests)
        for (const { origin: named, port } of requests.ports)
          if (!isHttp(port))
            yield report(placeAt(named), { ...params, port: port.key }, [
              makeKeyParty(port.origin, `\`${port.key}\` speaks ${port.protocol.value}`),
            ])
    }
  },
)
