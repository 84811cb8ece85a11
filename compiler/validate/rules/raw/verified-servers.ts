import type { SpecNode } from '../../../mesh/sourced.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { type Fields, readEntries, readFields } from '../../raw-fields.ts'
import { defineRule } from '../../rule.ts'

/** Without a CA, Envoy accepts any certificate of a server, so an attacker on the network path can answer. */
export const verifiedServers = defineRule<{ mode: string; host: string }>(
  {
    code: 'MESH4014',
    severity: 'warning',
    summary: 'A raw DestinationRule that starts TLS names the CA of the server',
    covers: ['IST0128', 'IST0129'],
    message: p => `TLS to \`${p.host}\` is \`${p.mode}\` and checks no certificate: no CA is named`,
    help: () => 'add `caCertificates: system` for a public CA, or name the file or secret of your own',
  },
  function* ({ raw }, report) {
    for (const { apiVersion, kind, object, origin } of raw) {
      if (kind !== 'DestinationRule' || !apiVersion.startsWith('networking.istio.io/')) continue
      const spec = readFields(object['spec'])
      for (const { tls, node } of listTls(spec, origin.at('spec'))) {
        const { mode, caCertificates, credentialName, clientCertificate } = tls
        // Istio refuses MUTUAL without a certificate of the client anyway.
        const isStarted = mode === 'SIMPLE' || (mode === 'MUTUAL' && clientCertificate !== undefined)
        // The secret may hold the CA.
        if (!isStarted || caCertificates !== undefined || credentialName !== undefined) continue
        yield report(placeAt(node.at('mode')), { mode, host: String(spec['host']) })
      }
    }
  },
)

interface TlsSettings {
  readonly tls: Fields
  readonly node: SpecNode
}

/** Yields the TLS settings of a DestinationRule: for the host, for its ports, and for each subset. */
function* listTls(spec: Fields, node: SpecNode): Iterable<TlsSettings> {
  yield* listTlsOfPolicy(spec, node)
  for (const [index, subset] of readEntries(spec['subsets']).entries())
    yield* listTlsOfPolicy(readFields(subset), node.at('subsets').at(index))
}

function* listTlsOfPolicy(holder: Fields, node: SpecNode): Iterable<TlsSettings> {
  const policy = readFields(holder['trafficPolicy'])
  const place = node.at('trafficPolicy')
  yield { tls: readFields(policy['tls']), node: place.at('tls') }
  for (const [index, port] of readEntries(policy['portLevelSettings']).entries())
    yield {
      tls: readFields(readFields(port)['tls']),
      node: place.at('portLevelSettings').at(index).at('tls'),
    }
}
