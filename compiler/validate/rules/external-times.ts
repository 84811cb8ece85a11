import type { External } from '../../mesh/mesh.ts'
import type { SpecNode } from '../../mesh/sourced.ts'
import { isWrittenIn, keyOf, party } from '../places.ts'
import { defineRule } from '../rule.ts'

export const externalTimes = defineRule<{ name: string; field: string; protocol: string }>(
  {
    code: 'MESH3509',
    severity: 'error',
    summary: 'Timeouts and retries are for external systems whose requests the mesh sees',
    message: p =>
      `\`${p.field}\` has no effect: callers of \`${p.name}\` speak ${p.protocol}, which the mesh passes through`,
    help: p => (p.protocol === 'TLS' ? 'say `tls: originate`, or remove it' : 'remove it'),
  },
  function* ({ externals }, report) {
    for (const external of externals) {
      const { key: name, tls, port } = external
      if (tls.value === 'originate' || port.protocol.value === 'http') continue
      const protocol = port.protocol.value === 'tcp' ? 'TCP' : 'TLS'
      for (const node of times(external)) {
        yield report(
          keyOf(node),
          { name, field: String(node.key), protocol },
          party(port.protocol, 'what it speaks'),
        )
      }
    }
  },
)

function* times({ origin, policy: { timeout, retries } }: External): Iterable<SpecNode> {
  if (isWrittenIn(timeout, origin)) yield origin.at('timeout')
  const { attempts, perTryTimeout, on } = retries
  const parts = perTryTimeout === undefined ? [attempts, on] : [attempts, perTryTimeout, on]
  if (parts.some(part => isWrittenIn(part, origin))) yield origin.at('retries')
}
