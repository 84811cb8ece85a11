import { findLookup } from '../../../mesh/external-lookup.ts'
import { placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A proxy that does not look the host up sends on to the port that its caller took: the plain one, which speaks no TLS. */
export const originatedAddresses = defineRule<{ name: string; field: 'addresses' | 'resolution' }>(
  {
    code: 'MESH3508',
    severity: 'error',
    summary: 'The mesh finds the address of an external system with `tls: originate`',
    message: p =>
      `\`${p.name}\` cannot have \`${p.field}\`: with \`tls: originate\`, the mesh looks up the host itself`,
    help: p =>
      p.field === 'addresses'
        ? 'remove the `addresses`, add `resolution: dns` or `endpoints`, or set `tls: passthrough`'
        : `remove the \`${p.field}\`, or set \`tls: passthrough\``,
  },
  function* ({ externals }, report) {
    for (const external of externals) {
      const { key: name, tls, addresses, resolution, origin } = external
      if (tls.value !== 'originate' || findLookup(external).value !== 'none') continue
      const related = makeParty(tls, 'the mesh speaks TLS')
      if (addresses.length > 0)
        yield report(placeAtKey(origin.at('addresses')), { name, field: 'addresses' }, related)
      if (resolution !== undefined)
        yield report(placeAtKey(findWrittenPlace(resolution)!), { name, field: 'resolution' }, related)
    }
  },
)
