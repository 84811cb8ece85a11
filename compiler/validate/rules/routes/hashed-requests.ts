import { isHttp } from '../../../mesh/port.ts'
import { placeAtKey } from '../../../mesh/spec-place.ts'
import { isWrittenIn, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/**
 * A connection has no headers and no cookies: Envoy then chooses any instance, as with `random`. The rule `httpPorts` checks the
 * settings of the service itself.
 */
export const hashedRequests = defineRule<{ service: string; hashed: string }>(
  {
    code: 'MESH3121',
    severity: 'warning',
    summary: 'A default that hashes a header or cookie is for services with an HTTP port',
    message: p => `\`defaults\` hash a ${p.hashed}, but no port of \`${p.service}\` speaks HTTP`,
    help: () =>
      'set its own `loadBalancing`: `{ policy: consistent-hash, sourceAddress: true }`, or another policy',
  },
  function* (_, report, { opaque }) {
    for (const { key: service, origin, ports, policy } of opaque) {
      if (ports.length === 0 || ports.some(isHttp)) continue
      const { header, cookie } = policy.loadBalancing
      const value = header ?? cookie
      if (policy.loadBalancing.policy.value !== 'consistent-hash' || value === undefined) continue
      if (isWrittenIn(value, origin)) continue
      const params = { service, hashed: header === undefined ? 'cookie' : 'header' }
      yield report(placeAtKey(origin), params, makeParty(value, 'what is hashed'))
    }
  },
)
