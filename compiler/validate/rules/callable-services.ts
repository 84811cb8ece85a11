import { keyOf, keyParty } from '../places.ts'
import { defineRule } from '../rule.ts'

export const callableServices = defineRule<{ service: string; field: string }>(
  {
    code: 'MESH3413',
    severity: 'error',
    summary: 'A service that somebody may call has a port',
    message: p => `\`${p.field}\` has no effect: \`${p.service}\` has no port`,
    help: () => 'say its port: `port: { http: 8080 }`',
  },
  function* ({ services }, report) {
    for (const { key: service, origin, ports, allow } of services) {
      if (ports.length > 0 || allow.length === 0) continue
      yield report(keyOf(origin.at('allow')), { service, field: 'allow' }, [
        keyParty(origin, 'it has no port'),
      ])
    }
  },
)
