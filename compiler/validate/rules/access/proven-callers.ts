import { nameCaller } from '../../../mesh/caller.ts'
import { findDirectReason } from '../../../mesh/direct-ports.ts'
import type { Port } from '../../../mesh/mesh.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** mTLS proves identities: on a port with plain text, a policy knows no caller. */
export const provenCallers = defineRule<{ service: string; caller: string }>(
  {
    code: 'MESH3409',
    severity: 'error',
    summary: 'A rule that names a caller covers a port with mTLS',
    covers: ['KIA0105'],
    message: p => `a proxy cannot identify \`${p.caller}\`: mTLS is off on every port that it may call`,
    help: () =>
      'set `mtls: permissive` in place of `off`, which identifies callers with a sidecar, or `from: anyone`',
  },
  function* (_, report, { plain }) {
    for (const called of plain) {
      const { key: service, ports, allow } = called
      const findReason = (port: Port) =>
        port.mtls?.value === 'off' ? port.mtls : findDirectReason(called, port)
      for (const { from, ports: named } of allow) {
        const reached = named.length > 0 ? named.map(({ port }) => port) : ports
        if (from.kind === 'anyone' || reached.some(port => findReason(port) === undefined)) continue
        const related = reached.flatMap(port => makeParty(findReason(port), `mTLS is off on \`${port.key}\``))
        yield report(placeAt(from.origin), { service, caller: nameCaller(from) }, related)
      }
    }
  },
)
