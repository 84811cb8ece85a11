import { findWrittenPlace, makeParty, placeAt } from '../../places.ts'
import { defineRule } from '../../rule.ts'

export const externalTls = defineRule<{ tls: string; protocol: string }>(
  {
    code: 'MESH3503',
    severity: 'error',
    summary: 'The mesh speaks TLS where HTTPS is spoken, and passes TLS through where TLS is spoken',
    message: p => `\`tls: ${p.tls}\` does not fit a port that speaks ${p.protocol}`,
    help: p =>
      p.tls === 'originate'
        ? 'the mesh can speak TLS for callers that speak HTTP: to a port `https`'
        : 'TLS passes through to a port `https` or `tls`',
  },
  function* ({ externals }, report) {
    for (const { tls, port } of externals) {
      const protocol = port.protocol.value
      const fits =
        tls.value === 'originate'
          ? protocol === 'https'
          : tls.value !== 'passthrough' || /^(https|tls)$/.test(protocol)
      if (fits) continue
      yield report(
        placeAt(findWrittenPlace(tls)!),
        { tls: tls.value, protocol },
        makeParty(port.protocol, 'what it speaks'),
      )
    }
  },
)
