import type { External } from '../../../mesh/mesh.ts'
import type { Sourced } from '../../../mesh/sourced.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A host has one ServiceEntry and one DestinationRule: of two, Istio takes parts of both. */
export const externalHosts = defineRule<{ host: string; otherName: string }>(
  {
    code: 'MESH3501',
    severity: 'error',
    summary: 'A host belongs to one external system',
    covers: ['IST0109', 'IST0177', 'KIA0201', 'KIA1106', 'KIA1211', 'KIA1212'],
    message: p => `\`${p.host}\` is a host of \`${p.otherName}\` already`,
    help: () => 'keep the host in one external system, and allow the callers of both there',
  },
  function* ({ externals }, report) {
    const first = new Map<string, { readonly external: External; readonly host: Sourced<string> }>()
    for (const external of externals) {
      for (const host of external.hosts) {
        const earlier = first.get(host.value)
        if (earlier === undefined) first.set(host.value, { external, host })
        // Another rule reports a repetition in one list.
        else if (earlier.external !== external) {
          const params = { host: host.value, otherName: earlier.external.key }
          yield report(
            placeAt(findWrittenPlace(host)!),
            params,
            makeParty(earlier.host, `a host of \`${earlier.external.key}\``),
          )
        }
      }
    }
  },
)
