import { findLookup } from '../../../mesh/external-lookup.ts'
import type { External } from '../../../mesh/mesh.ts'
import type { SpecNode } from '../../../mesh/sourced.ts'
import { makeKeyParty, placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** See ValidateServiceEntry in pkg/config/validation/validation.go of istio/istio. */
export const fittingLookup = defineRule<{ name: string; word: string; why: string }>(
  {
    code: 'MESH3512',
    severity: 'error',
    summary: 'The `resolution` of an external system fits its hosts, addresses and endpoints',
    message: p => `\`resolution: ${p.word}\` does not fit \`${p.name}\`: ${p.why}`,
    help: p =>
      helps[p.word] ??
      (p.why.startsWith('several')
        ? 'declare each host as an external system of its own, with its own `addresses`'
        : 'remove the `resolution`'),
  },
  function* ({ externals }, report) {
    for (const external of externals) {
      const { key: name, resolution, origin } = external
      const misfit = findMisfit(external)
      if (misfit === undefined) continue
      const { value: word } = findLookup(external)
      const place =
        resolution === undefined ? placeAtKey(origin.at('endpoints')) : placeAt(findWrittenPlace(resolution)!)
      yield report(place, { name, word, why: misfit.why }, [makeKeyParty(misfit.at, 'here')])
    }
  },
)

const helps: Readonly<Record<string, string>> = {
  'dns-round-robin': 'set `resolution: dns`, which takes several endpoints',
  'dynamic-dns':
    'remove the `resolution`, or list only wildcards, on a port `https` or `tls` with `tls: passthrough`',
}

/** Finds the first part that excludes the way to find an address, and why it does so. */
function findMisfit(external: External): { readonly at: SpecNode; readonly why: string } | undefined {
  const { origin, resolution, hosts, addresses, endpoints, port, tls } = external
  const hasAddresses = addresses.length > 0
  const protocol = port.protocol.value
  const isConnection = tls.value !== 'originate' && (protocol === 'https' || protocol === 'tls')
  const at = (field: string) => origin.at(field)
  switch (resolution?.value) {
    case 'none':
      return endpoints.length > 0 ? { at: at('endpoints'), why: 'it has `endpoints`' } : undefined
    case 'dynamic-dns': {
      if (hosts.some(({ value }) => !value.startsWith('*')))
        return { at: at('hosts'), why: 'not all of its hosts are wildcards' }
      if (hasAddresses) return { at: at('addresses'), why: 'it has `addresses`' }
      if (endpoints.length > 0) return { at: at('endpoints'), why: 'it has `endpoints`' }
      if (tls.value === 'originate') return { at: at('tls'), why: 'the mesh speaks TLS to it' }
      // All services of a port share one listener for HTTP, which looks up names of the first of them only.
      return isConnection ? undefined : { at: at('port'), why: `it speaks ${protocol}` }
    }
    case 'dns-round-robin':
      if (endpoints.length > 1) return { at: at('endpoints'), why: 'it has several endpoints' }
  }
  // A connection has an address, but no host. Another rule checks TCP with several hosts.
  return hasAddresses && hosts.length > 1 && isConnection && /^dns/.test(findLookup(external).value)
    ? { at: at('hosts'), why: 'several hosts share its `addresses`' }
    : undefined
}
