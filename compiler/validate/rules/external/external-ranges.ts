import { anyAddress, findLookup } from '../../../mesh/external-lookup.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** See ValidateServiceEntry in pkg/config/validation/validation.go of istio/istio. */
export const externalRanges = defineRule<{ name: string; range: string }>(
  {
    code: 'MESH3511',
    severity: 'error',
    summary: 'An external system with a range of addresses is not looked up by name',
    message: p => `${p.range} is a range, and the mesh looks the hosts of \`${p.name}\` up`,
    help: () => 'list single addresses, or remove the `resolution` and host names of `endpoints`',
  },
  function* ({ externals }, report) {
    for (const external of externals) {
      const { key: name, addresses, resolution, endpoints } = external
      if (!/^dns/.test(findLookup(external).value)) continue
      const range = addresses.find(({ value }) => value.includes('/'))
      if (range === undefined) continue
      const named = endpoints.find(({ address }) => /[a-z]/.test(address.value))
      yield report(
        placeAt(findWrittenPlace(range)!),
        { name, range: range.value === anyAddress ? '`any`' : `\`${range.value}\`` },
        makeParty(resolution ?? named?.origin, 'the way to look them up'),
      )
    }
  },
)
