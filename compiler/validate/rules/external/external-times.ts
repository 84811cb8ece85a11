import { placeAtKey } from '../../../mesh/spec-place.ts'
import { makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'
import { listWrittenTimes } from '../../times.ts'

export const externalTimes = defineRule<{ name: string; field: string; protocol: string }>(
  {
    code: 'MESH3509',
    severity: 'error',
    summary: 'An external system has timeouts and retries only if the mesh sees its requests',
    message: p =>
      `\`${p.field}\` has no effect: callers of \`${p.name}\` speak ${p.protocol}, which the mesh passes through`,
    help: p => (p.protocol === 'TLS' ? 'set `tls: originate`, or remove it' : 'remove it'),
  },
  function* ({ externals }, report) {
    for (const external of externals) {
      const { key: name, tls, port } = external
      if (tls.value === 'originate' || port.protocol.value === 'http') continue
      const protocol = port.protocol.value === 'tcp' ? 'TCP' : 'TLS'
      for (const node of listWrittenTimes(external.policy, external.origin)) {
        yield report(
          placeAtKey(node),
          { name, field: String(node.key), protocol },
          makeParty(port.protocol, 'what it speaks'),
        )
      }
    }
  },
)
