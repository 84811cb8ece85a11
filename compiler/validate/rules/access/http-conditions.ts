import type { Allow } from '../../../mesh/mesh.ts'
import { isHttp } from '../../../mesh/port.ts'
import type { SpecNode } from '../../../mesh/sourced.ts'
import { makeKeyParty, placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** On a port where Envoy sees no requests, Istio drops an ALLOW rule with a condition on requests: it allows no caller. */
export const httpConditions = defineRule<{
  condition: string
  port: string | undefined
  http: readonly string[]
}>(
  {
    code: 'MESH3403',
    severity: 'error',
    summary: 'A rule with a condition on requests is for HTTP ports only',
    covers: ['IST0133'],
    message: p =>
      p.port === undefined
        ? `\`${p.condition}\` would match no caller on the ports that do not speak HTTP`
        : `\`${p.condition}\` matches no caller on \`${p.port}\`, which does not speak HTTP`,
    help: p =>
      p.http.length === 0
        ? `remove \`${p.condition}\`: on such a port, a rule can check only the caller`
        : `set \`ports: [${p.http.join(', ')}]\`, and allow the other ports in a separate rule`,
  },
  function* (_, report, { opaque }) {
    for (const { ports, allow } of opaque) {
      const otherPorts = ports.filter(port => !isHttp(port))
      if (otherPorts.length === 0) continue
      const http = ports.filter(isHttp).map(({ key }) => key)
      for (const rule of allow) {
        const [condition] = listRuleConditions(rule)
        if (condition === undefined) continue
        const name = String(condition.key)
        if (rule.ports.length === 0) {
          const related = otherPorts.map(port =>
            makeKeyParty(port.origin, `\`${port.key}\` speaks ${port.protocol.value}`),
          )
          yield report(placeAtKey(condition), { condition: name, port: undefined, http }, related)
        }
        for (const { origin, port } of rule.ports) {
          if (isHttp(port)) continue
          const related = [
            makeKeyParty(condition, 'this is a condition on requests'),
            makeKeyParty(port.origin, `\`${port.key}\` speaks ${port.protocol.value}`),
          ]
          yield report(placeAt(origin), { condition: name, port: port.key, http }, related)
        }
      }
    }
  },
)

/** Lists the conditions of a rule on a request. */
function listRuleConditions({
  origin,
  methods,
  paths,
  jwtRequired,
  issuers,
  claims,
  headers,
}: Allow): readonly SpecNode[] {
  return [
    ...(methods.length > 0 ? [origin.at('methods')] : []),
    ...(paths.length > 0 ? [origin.at('paths')] : []),
    ...(jwtRequired !== undefined ? [origin.at('jwt')] : []),
    ...(issuers.length > 0 ? [origin.at('issuers')] : []),
    ...(claims.length > 0 ? [origin.at('claims')] : []),
    ...(headers.length > 0 ? [origin.at('headers')] : []),
  ]
}
