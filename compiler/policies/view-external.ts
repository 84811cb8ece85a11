import type { External } from '../mesh/mesh.ts'
import { from } from '../mesh/sourced.ts'
import type { Views } from './view.ts'
import { viewAllow, viewPolicy } from './view-parts.ts'

/** An external system as expressions read it. */
export function viewExternal(views: Views, external: External): object {
  const { make, list } = views
  const { origin, clientCertificate } = external
  return make('External', origin, {
    key: from(origin, external.key),
    name: external.name,
    namespace: external.namespace,
    hosts: list(external.hosts),
    protocol: external.port.protocol,
    port: external.port.number,
    tls: external.tls,
    through: external.through?.word,
    clientCertificate:
      clientCertificate &&
      make('ClientCertificate', clientCertificate.origin, {
        secret: clientCertificate.secret,
        certificate: clientCertificate.certificate,
        key: clientCertificate.key,
        ca: clientCertificate.ca,
      }),
    addresses: list(external.addresses),
    resolution: external.resolution,
    endpoints: () =>
      external.endpoints.map(({ origin, address, weight, port, locality }) =>
        make('Endpoint', origin, { address, weight, port, locality }),
      ),
    ...viewPolicy(views, origin, external.policy),
    allow: () => external.allow.map(rule => make('Allow', rule.origin, viewAllow(views, rule))),
  })
}
