import { keyPlace, makeKeyParty } from '../../places.ts'
import { findRepeated } from '../../repeated.ts'
import { defineRule } from '../../rule.ts'

/** Kubernetes refuses a Service with two ports of one number. */
export const portNumbers = defineRule<{ service: string; port: string; otherName: string; number: number }>(
  {
    code: 'MESH3010',
    severity: 'error',
    summary: 'The ports of a service have different numbers',
    message: p =>
      `the ports \`${p.otherName}\` and \`${p.port}\` of \`${p.service}\` have the same number, ${p.number}`,
    help: () => 'give each port a number of its own',
  },
  function* (_, report, { ported }) {
    for (const { key: service, ports } of ported) {
      for (const [port, otherPort] of findRepeated(ports, ({ number }) => number.value)) {
        const params = { service, port: port.key, otherName: otherPort.key, number: port.number.value }
        yield report(keyPlace(port.origin), params, [makeKeyParty(otherPort.origin, 'the other one')])
      }
    }
  },
)
