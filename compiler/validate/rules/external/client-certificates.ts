import { placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** See validateTLS in pkg/config/validation/validation.go of istio/istio. */
export const clientCertificates = defineRule<{ name: string; isSecond: boolean }>(
  {
    code: 'MESH3513',
    severity: 'error',
    summary: 'A client certificate has one source, and an external system with `tls: originate`',
    message: p =>
      p.isSecond
        ? `the client certificate of \`${p.name}\` comes from a secret and from files`
        : `the mesh cannot show a client certificate to \`${p.name}\`: its callers speak to it themselves`,
    help: p =>
      p.isSecond
        ? 'keep `secret`, or `certificate`, `key` and `ca`'
        : 'set `tls: originate` on a port `https`, or remove the `clientCertificate`',
  },
  function* ({ externals }, report) {
    for (const { key: name, tls, port, clientCertificate } of externals) {
      if (clientCertificate === undefined) continue
      const { origin, secret, certificate, key, ca } = clientCertificate
      if (tls.value !== 'originate') {
        const spoken = findWrittenPlace(tls) === undefined ? port.protocol : tls
        yield report(placeAtKey(origin), { name, isSecond: false }, makeParty(spoken, 'what it speaks'))
      }
      const file = certificate ?? key ?? ca
      if (secret !== undefined && file !== undefined)
        yield report(
          placeAtKey(findWrittenPlace(file)!),
          { name, isSecond: true },
          makeParty(secret, 'the secret'),
        )
    }
  },
)
