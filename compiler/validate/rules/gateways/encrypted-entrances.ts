import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

export const encryptedEntrances = defineRule<{ gateway: string; isPlain: boolean }>(
  {
    code: 'MESH3305',
    severity: 'warning',
    summary: 'Where mTLS is strict, no gateway serves plain text',
    message: p => `the gateway \`${p.gateway}\` serves plain text, though mTLS is strict behind it`,
    help: p =>
      `${p.isPlain ? 'set its `certificate` and ' : 'set '}\`http: redirect\`, which sends browsers to HTTPS`,
  },
  function* ({ mtls, gateways }, report) {
    if (mtls.value !== 'strict') return
    for (const { name, hosts, http, certificates } of gateways) {
      if (http.value !== 'serve' || hosts.length === 0) continue
      yield report(
        placeAt(findWrittenPlace(http)!),
        { gateway: name.value, isPlain: certificates.length === 0 },
        makeParty(mtls, 'mTLS is strict'),
      )
    }
  },
)
