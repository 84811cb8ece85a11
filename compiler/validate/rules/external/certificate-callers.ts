import { makeKeyParty, placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/**
 * A proxy gets the certificate of a secret only by a rule that selects its pods. See `buildUpstreamClusterTLSContext` in
 * pilot/pkg/networking/core/cluster_tls.go of istio/istio.
 */
export const certificateCallers = defineRule<{ name: string }>(
  {
    code: 'MESH3514',
    severity: 'error',
    summary: 'An external system with a client certificate of a secret names each caller',
    message: p =>
      `\`${p.name}\` has a client certificate of a secret, which only the pods of a service can get`,
    help: () =>
      'list services in `allow`, go `through` an egress gateway, or set `certificate` and `key` in place of the `secret`',
  },
  function* ({ externals }, report) {
    for (const { key: name, origin, allow, isOpen, clientCertificate, through } of externals) {
      const secret = clientCertificate?.secret
      // The proxies of a gateway get it themselves.
      if (secret === undefined || through !== undefined) continue
      if (isOpen)
        yield report(placeAtKey(origin), { name }, [
          makeKeyParty(clientCertificate!.origin, 'its client certificate'),
        ])
      for (const { from: caller } of isOpen ? [] : allow)
        if (caller.kind === 'namespace' || caller.kind === 'anyone')
          yield report(placeAt(caller.origin), { name }, makeParty(secret, 'the secret'))
    }
  },
)
