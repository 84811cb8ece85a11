import { findWrittenPlace, keyPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A proxy with given addresses sends on to the port that its caller took: the plain one, which speaks no TLS. */
export const originatedAddresses = defineRule<{ name: string }>(
  {
    code: 'MESH3508',
    severity: 'error',
    summary: 'Where the mesh speaks TLS, it looks the host up itself',
    message: p => `\`${p.name}\` cannot have \`addresses\`: the mesh speaks TLS to the host that it looks up`,
    help: () => 'remove the `addresses`, or say `tls: passthrough`',
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
