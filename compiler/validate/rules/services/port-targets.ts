import { makeKeyParty, placeAtKey } from '../../../mesh/spec-place.ts'
import { findRepeated } from '../../repeated.ts'
import { defineRule } from '../../rule.ts'

/** A sidecar knows a port of its container once: with two protocols, or two rules, it obeys one of them. */
export const portTargets = defineRule<{ service: string; port: string; otherName: string; target: number }>(
  {
    code: 'MESH3011',
    severity: 'error',
    summary: 'No two ports of a service have the same target port',
    covers: ['IST0137'],
    message: p =>
      `the ports \`${p.otherName}\` and \`${p.port}\` of \`${p.service}\` have the same target, ${p.target}`,
    help: () => 'keep one of the two, or let the container listen on two ports',
  },
  function* (_, report, { ported }) {
    for (const { key: service, ports } of ported) {
      for (const [port, otherPort] of findRepeated(ports, ({ target }) => target.value)) {
        // Another rule reports equal numbers.
        if (port.number.value === otherPort.number.value) continue
        const params = { service, port: port.key, otherName: otherPort.key, target: port.target.value }
        yield report(placeAtKey(port.origin), params, [makeKeyParty(otherPort.origin, 'the other one')])
      }
    }
  },
)
