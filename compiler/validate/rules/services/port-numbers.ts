import { listListeners } from '../../../mesh/gateway-listeners.ts'
import { findWrittenPlace, keyPlace, makeKeyParty, makeParty, placeAt } from '../../places.ts'
import { findRepeated } from '../../repeated.ts'
import { defineRule } from '../../rule.ts'

/** Kubernetes refuses a Service with two ports of one number, and Envoy a second listener. */
export const portNumbers = defineRule<{ owner: string; port: string; otherName: string; number: number }>(
  {
    code: 'MESH3010',
    severity: 'error',
    summary: 'The ports of a service or gateway have different numbers',
    message: p =>
      `the ports \`${p.otherName}\` and \`${p.port}\` of ${p.owner} have the same number, ${p.number}`,
    help: () => 'give each port a number of its own',
  },
  function* ({ gateways }, report, { ported }) {
    for (const gateway of gateways) {
      const owner = `the gateway \`${gateway.name.value}\``
      for (const [listener, namesake] of findRepeated(listListeners(gateway), ({ number }) => number.value)) {
        const params = {
          owner,
          port: listener.scheme,
          otherName: namesake.scheme,
          number: listener.number.value,
        }
        const [later, earlier] =
          findWrittenPlace(listener.number) === undefined
            ? [namesake.number, listener.number]
            : [listener.number, namesake.number]
        yield report(placeAt(findWrittenPlace(later)!), params, makeParty(earlier, 'the other one'))
      }
    }
    for (const { key, ports } of ported) {
      for (const [port, otherPort] of findRepeated(ports, ({ number }) => number.value)) {
        const params = {
          owner: `\`${key}\``,
          port: port.key,
          otherName: otherPort.key,
          number: port.number.value,
        }
        yield report(keyPlace(port.origin), params, [makeKeyParty(otherPort.origin, 'the other one')])
      }
    }
  },
)
