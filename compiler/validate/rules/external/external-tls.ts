import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

export const externalTls = defineRule<{ tls: string; protocol: string }>(
  {
    code: 'MESH3503',
    severity: 'error',
    summary: '`originate` is for a port that speaks HTTPS, `passthrough` for one that speaks HTTPS or TLS',
    message: p => `\`tls: ${p.tls}\` does not fit a port that speaks ${p.protocol}`,
    help: p =>
      p.tls === 'originate'
        ? 'use `originate` with a port `https`: callers speak HTTP, and the mesh speaks TLS'
        : 'use `passthrough` with a port `https` or `tls`',
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
