import type { External } from '../mesh/mesh.ts'
import { from } from '../mesh/sourced.ts'
import type { Views } from './view.ts'
import { trafficPolicyFields, viewAllow, viewPolicy } from './view-parts.ts'

/** The types of an external system and of its parts. */
export const externalTypes = {
  External: {
    key: 'string',
    name: 'string',
    namespace: 'string',
    hosts: 'list<string>',
    protocol: 'string',
    port: 'int',
    tls: 'string',
    through: 'string',
    clientCertificate: 'ClientCertificate',
    addresses: 'list<string>',
    resolution: 'string',
    endpoints: 'list<Endpoint>',
    ...trafficPolicyFields,
    allow: 'list<Allow>',
  },
  ClientCertificate: { secret: 'string', certificate: 'string', key: 'string', ca: 'string' },
  Endpoint: { address: 'string', weight: 'int', port: 'int', locality: 'string' },
} as const

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
