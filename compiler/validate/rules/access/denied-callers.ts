import { nameCaller } from '../../../mesh/caller.ts'
import { isDirect } from '../../../mesh/direct-ports.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** A caller that is denied by its identity can hide it: where plain text is accepted, it calls without one. */
export const deniedCallers = defineRule<{ caller: string; port: string }>(
  {
    code: 'MESH3424',
    severity: 'warning',
    summary: 'A denied caller cannot hide its identity',
    reads: ['mtls', 'namespaces.*.mtls'],
    message: p =>
      `\`${p.caller}\` is denied by its identity, but can hide it: \`${p.port}\` accepts plain text`,
    help: p => `set \`mtls: strict\` where \`${p.port}\` is, or deny by a path as well`,
  },
  function* ({ mtls, namespaces }, report, { denying }) {
    for (const service of denying) {
      const { namespace, ports, deny } = service
      const home = namespaces.find(({ name }) => name.value === namespace.value)
      const mode = home?.mtls ?? mtls
      for (const { from, ports: named } of deny) {
        if (from === undefined) continue
        const reached = named.length > 0 ? named.map(({ port }) => port) : ports
        const open = reached.find(
          port => !isDirect(service, port) && (port.mtls !== undefined || mode.value === 'permissive'),
        )
        if (open === undefined) continue
        const place = open.mtls?.place ?? mode.place
        const related = place === undefined ? [] : [{ at: placeAt(place), message: 'plain text is accepted' }]
        yield report(placeAt(from.origin), { caller: nameCaller(from), port: open.key }, related)
      }
    }
  },
)
