import { findLookup } from '../../../mesh/external-lookup.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/**
 * DNS has no wildcards. Either the caller resolves an address, and the proxy forwards to it; or the proxy resolves the host of each
 * request; or the system has endpoints.
 */
export const externalWildcards = defineRule<{ host: string; why: string }>(
  {
    code: 'MESH3504',
    severity: 'error',
    summary: 'A wildcard host has `tls: passthrough` and no addresses, or `endpoints`',
    message: p => `\`${p.host}\` cannot be a wildcard: ${p.why}`,
    help: () =>
      'list the hosts, add `endpoints`, or set `tls: passthrough` on a port `https` or `tls`, without `addresses`',
  },
  function* ({ externals }, report) {
    for (const external of externals) {
      const { hosts, tls, port, addresses, endpoints, resolution } = external
      // Another rule checks this value.
      if (resolution?.value === 'dynamic-dns') continue
      for (const host of hosts) {
        if (!host.value.startsWith('*')) continue
        const place = placeAt(findWrittenPlace(host)!)
        if (endpoints.length > 0 && port.protocol.value !== 'tcp') continue
        if (/^dns/.test(findLookup(external).value)) {
          const related = makeParty(resolution, 'the way to look it up')
          yield report(place, { host: host.value, why: 'DNS has no such name' }, related)
        } else if (tls.value !== 'passthrough') {
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
