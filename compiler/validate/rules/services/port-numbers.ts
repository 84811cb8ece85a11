import { listListenedPorts } from '../../../mesh/gateway-listeners.ts'
import { makeKeyParty, placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { findRepeated } from '../../repeated.ts'
import { defineRule } from '../../rule.ts'

/** Kubernetes refuses a Service with two ports of one number, and Envoy a second listener. */
export const portNumbers = defineRule<{
  owner: string
  port: string
  otherName: string
  number: number
  isTarget?: boolean
}>(
  {
    code: 'MESH3010',
    severity: 'error',
    summary: 'The ports of a service or gateway have different numbers',
    message: p =>
      `the ports \`${p.otherName}\` and \`${p.port}\` of ${p.owner} have the same ${p.isTarget ? 'port of the pods' : 'number'}, ${p.number}`,
    help: p => (p.isTarget ? 'set another `target` for one of them' : 'give each port a number of its own'),
  },
  function* ({ gateways }, report, { ported }) {
    for (const gateway of gateways) {
      const owner = `the gateway \`${gateway.name.value}\``
      const listened = listListenedPorts(gateway)
      const pairs = [
        ...findRepeated(listened, ({ number }) => number.value).map(pair => ({
          pair,
          field: 'number' as const,
        })),
        // If meshc does not install the pods, their ports belong to their owner.
        ...(gateway.installation === undefined
          ? []
          : findRepeated(listened, ({ target }) => target.value)
              .filter(([a, b]) => a.number.value !== b.number.value)
              .map(pair => ({ pair, field: 'target' as const }))),
      ]
      for (const { pair, field } of pairs) {
        const [listener, namesake] = pair
        const params = {
          owner,
          port: listener.name,
          otherName: namesake.name,
          number: listener[field].value,
          isTarget: field === 'target',
        }
        const [later, earlier] =
          findWrittenPlace(listener[field]) === undefined
            ? [namesake[field], listener[field]]
            : [listener[field], namesake[field]]
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
        yield report(placeAtKey(port.origin), params, [makeKeyParty(otherPort.origin, 'the other one')])
      }
    }
  },
)
