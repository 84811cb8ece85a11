import { makeKeyParty, placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A connection without a host name is known by its address: without one, the entry takes every connection to its port. */
export const externalAddresses = defineRule<{ name: string }>(
  {
    code: 'MESH3505',
    severity: 'error',
    summary: 'An external system that speaks TCP has `addresses`',
    covers: ['IST0134'],
    message: p =>
      `\`${p.name}\` speaks TCP and has no \`addresses\`: it would match every connection to its port`,
    help: () =>
      'set `addresses`, or `addresses: any` if every connection to the port is meant; for TLS, set `port: { tls: … }`',
  },
  function* ({ externals }, report) {
    for (const { key: name, port, addresses, origin } of externals) {
      if (port.protocol.value !== 'tcp' || addresses.length > 0) continue
      yield report(placeAtKey(findWrittenPlace(port.protocol)!), { name }, [
        makeKeyParty(origin, 'it has no `addresses`'),
      ])
    }
  },
)
