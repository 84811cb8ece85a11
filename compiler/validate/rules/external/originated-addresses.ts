import { findWrittenPlace, keyPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A proxy that does not look the host up sends on to the port that its caller took: the plain one, which speaks no TLS. */
export const originatedAddresses = defineRule<{ name: string; field: 'addresses' | 'resolution' }>(
  {
    code: 'MESH3508',
    severity: 'error',
    summary: 'An external system with `tls: originate` has no `addresses` and no `resolution`',
    message: p =>
      `\`${p.name}\` cannot have \`${p.field}\`: with \`tls: originate\`, the mesh looks up the host itself`,
    help: p => `remove the \`${p.field}\`, or set \`tls: passthrough\``,
  },
  function* ({ externals }, report) {
    for (const { key: name, tls, addresses, resolution } of externals) {
      if (tls.value !== 'originate') continue
      const related = makeParty(tls, 'the mesh speaks TLS')
      const [address] = addresses
      if (address !== undefined)
        yield report(keyPlace(findWrittenPlace(address)!.parent!), { name, field: 'addresses' }, related)
      if (resolution !== undefined)
        yield report(keyPlace(findWrittenPlace(resolution)!), { name, field: 'resolution' }, related)
    }
  },
)
