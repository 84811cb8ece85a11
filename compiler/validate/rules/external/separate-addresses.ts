import type { External } from '../../../mesh/mesh.ts'
import type { Sourced } from '../../../mesh/sourced.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

export const separateAddresses = defineRule<{ address: string; port: number; otherName: string }>(
  {
    code: 'MESH3507',
    severity: 'error',
    summary: 'A TCP address or range with its port belongs to only one external system',
    message: p => `${p.address}:${p.port} belongs to \`${p.otherName}\` already`,
    help: () => 'keep the address in one external system, and allow the callers of both there',
  },
  function* ({ externals }, report) {
    const first = new Map<string, { readonly external: External; readonly address: Sourced<string> }>()
    for (const external of externals) {
      const { port, addresses } = external
      if (port.protocol.value !== 'tcp') continue
      for (const address of addresses) {
        const key = `${getNetwork(address.value)}:${port.number.value}`
        const earlier = first.get(key)
        if (earlier === undefined) first.set(key, { external, address })
        // Another rule reports a repetition in one list.
        else if (earlier.external !== external) {
          const params = { address: address.value, port: port.number.value, otherName: earlier.external.key }
          yield report(
            placeAt(findWrittenPlace(address)!),
            params,
            makeParty(earlier.address, `an address of \`${params.otherName}\``),
          )
        }
      }
    }
  },
)

/** The bits that a range fixes, as a text: `10.1.2.3/8` is `10.0.0.0/8`. */
function getNetwork(range: string): string {
  const [address = '', bits = '32'] = range.split('/')
  const number = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)
  return `${Math.floor(number / 2 ** (32 - Number(bits)))}/${bits}`
}
