import { findWrittenPlace, makeParty, placeAt } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/**
 * A wildcard has no address to look up: the caller has found one, and the proxy sends on to where the caller would have
 * gone.
 */
export const externalWildcards = defineRule<{ host: string; why: string }>(
  {
    code: 'MESH3504',
    severity: 'error',
    summary: 'A wildcard host has `tls: passthrough` and no addresses',
    message: p => `\`${p.host}\` cannot be a wildcard: ${p.why}`,
    help: () => 'list the hosts, or set `tls: passthrough` on a port `https` or `tls`, without `addresses`',
  },
  function* ({ externals }, report) {
    for (const { hosts, tls, port, addresses } of externals) {
      for (const host of hosts) {
        if (!host.value.startsWith('*')) continue
        const place = placeAt(findWrittenPlace(host)!)
        if (tls.value !== 'passthrough') {
          const why =
            tls.value === 'originate' ? 'the mesh speaks TLS to it' : `it speaks ${port.protocol.value}`
          const related = makeParty(tls.value === 'originate' ? tls : port.protocol, 'here')
          yield report(place, { host: host.value, why }, related)
        } else if (addresses.length > 0) {
          const related = makeParty(addresses[0], 'its addresses')
          yield report(place, { host: host.value, why: 'its addresses are fixed' }, related)
        }
      }
    }
  },
)
