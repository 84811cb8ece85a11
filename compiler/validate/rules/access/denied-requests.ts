import { isHttp } from '../../../mesh/port.ts'
import { listRequestConditions } from '../../../mesh/request-conditions.ts'
import { makeKeyParty, placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/**
 * On a port where Envoy sees no requests, Istio leaves out the conditions on requests of a DENY rule: it would refuse every
 * connection.
 */
export const deniedRequests = defineRule<{ condition: string; port: string | undefined; service: string }>(
  {
    code: 'MESH3421',
    severity: 'error',
    summary: 'A denial with a condition on requests is for HTTP ports only',
    covers: ['IST0133'],
    message: p =>
      p.port === undefined
        ? `\`${p.condition}\` refuses nothing: no port of \`${p.service}\` speaks HTTP`
        : `\`${p.condition}\` refuses nothing on \`${p.port}\`, which does not speak HTTP`,
    help: p => `remove \`${p.condition}\`, or the port: on such a port, a denial can check only the caller`,
  },
  function* (_, report, { denying }) {
    for (const { key: service, ports, deny, origin } of denying) {
      for (const denial of deny) {
        const condition = listRequestConditions(denial)[0]?.origin
        if (condition === undefined) continue
        const name = String(condition.key)
        if (ports.length > 0 && !ports.some(isHttp))
          yield report(placeAtKey(condition), { condition: name, port: undefined, service }, [
            makeKeyParty(origin, 'it has no port that speaks HTTP'),
          ])
        else
          for (const { origin: named, port } of denial.ports)
            if (!isHttp(port))
              yield report(placeAt(named), { condition: name, port: port.key, service }, [
                makeKeyParty(condition, 'this is a condition on requests'),
                makeKeyParty(port.origin, `\`${port.key}\` speaks ${port.protocol.value}`),
              ])
      }
    }
  },
)
