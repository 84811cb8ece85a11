import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Two hosts behind one address look alike to a proxy that sees connections only. */
export const externalTcpHost = defineRule<{ name: string; host: string }>(
  {
    code: 'MESH3506',
    severity: 'error',
    summary: 'An external system that speaks TCP has one host',
    message: p => `\`${p.name}\` speaks TCP: a proxy cannot tell its hosts apart`,
    help: p => `declare \`${p.host}\` as an external system of its own, with its own addresses`,
  },
  function* ({ externals }, report) {
    for (const { key: name, port, hosts } of externals) {
      const [, second] = hosts
      if (port.protocol.value !== 'tcp' || second === undefined) continue
      yield report(placeAt(findWrittenPlace(second)!), { name, host: second.value }, [
        ...makeParty(hosts[0], 'its first host'),
        ...makeParty(port.protocol, 'what it speaks'),
      ])
    }
  },
)
