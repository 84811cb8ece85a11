import { findWrittenPlace, keyPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A proxy with given addresses sends on to the port that its caller took: the plain one, which speaks no TLS. */
export const originatedAddresses = defineRule<{ name: string }>(
  {
    code: 'MESH3508',
    severity: 'error',
    summary: 'An external system with `tls: originate` has no `addresses`',
    message: p =>
      `\`${p.name}\` cannot have \`addresses\`: with \`tls: originate\`, the mesh looks up the host itself`,
    help: () => 'remove the `addresses`, or set `tls: passthrough`',
  },
  function* ({ externals }, report) {
    for (const { key: name, tls, addresses } of externals) {
      const [address] = addresses
      if (tls.value !== 'originate' || address === undefined) continue
      yield report(
        keyPlace(findWrittenPlace(address)!.parent!),
        { name },
        makeParty(tls, 'the mesh speaks TLS'),
      )
    }
  },
)
