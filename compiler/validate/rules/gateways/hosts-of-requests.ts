import type { Gateway } from '../../../mesh/mesh.ts'
import { listRequestConditions } from '../../../mesh/request-conditions.ts'
import type { SpecNode } from '../../../mesh/sourced.ts'
import { makeKeyParty, placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

export const hostsOfRequests = defineRule<{ gateway: string; field: string }>(
  {
    code: 'MESH3314',
    severity: 'error',
    summary: 'A gateway with settings of requests has hosts',
    message: p =>
      `\`${p.field}\` of the gateway \`${p.gateway}\` has no effect: it only passes connections on`,
    help: p => `remove \`${p.field}\`, or add \`hosts\``,
  },
  function* ({ gateways }, report) {
    for (const gateway of gateways) {
      // Another diagnostic reports a gateway without hosts, TLS passthrough and TCP.
      if (gateway.hosts.length > 0 || gateway.passthrough.length + gateway.tcp.length === 0) continue
      for (const node of listRequestSettings(gateway)) {
        const params = { gateway: gateway.name.value, field: String(node.key) }
        yield report(placeAtKey(node), params, [makeKeyParty(gateway.origin, 'it has no `hosts`')])
      }
    }
  },
)

/** Lists the settings that only requests have. */
function listRequestSettings(gateway: Gateway): readonly SpecNode[] {
  const { certificates, http, minimumTls, jwt, authorize, deny } = gateway
  return [
    ...certificates.map(({ origin }) => origin),
    ...[http, minimumTls].flatMap(value => findWrittenPlace(value) ?? []),
    ...[jwt, authorize].flatMap(setting => setting?.origin ?? []),
    ...deny.flatMap(denial => listRequestConditions(denial).slice(0, 1)).map(({ origin }) => origin),
  ]
}
