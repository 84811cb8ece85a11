import type { GatewaySpec, Server } from '../../../schema/generated/gateway.ts'
import { listPassing } from '../../mesh/exit.ts'
import { listServedHosts, withoutCovered } from '../../mesh/gateway-hosts.ts'
import type { Certificate, Gateway, Mesh } from '../../mesh/mesh.ts'
import { because, type Sourced } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'
import { makeDoorServers } from './egress.ts'

/**
 * The servers of an entrance: HTTPS for each certificate, plain HTTP as the spec says, and those whose connections go on
 * unopened.
 */
export function emitGateway(mesh: Mesh, gateway: Gateway): readonly Manifest[] {
  const passing = listPassing(mesh, gateway)
  // A Gateway has at least one server, and nothing goes through an egress gateway that no system names.
  if (gateway.isEgress.value && passing.length === 0) return []
  const reasons = passing.map(({ through }) => through.word)
  const hosts = listServedHosts(gateway)
  const spec: Sourceable<GatewaySpec> = {
    selector: labelRecord(gateway.selector),
    servers: [
      ...gateway.certificates.flatMap(certificate => https(gateway, certificate, hosts)),
      ...http(gateway, hosts),
      ...passthrough(gateway),
      ...tcp(gateway),
      ...makeDoorServers(mesh, gateway),
    ],
  }
  return [
    makeManifest(
      mesh,
      'Gateway',
      { name: gateway.name, namespace: gateway.namespace, policy: 'policy:gateway-server', reasons },
      because(spec, ...reasons),
    ),
  ]
}

// `./` keeps VirtualServices of other namespaces from taking these hosts.
const ofNamespace = (hosts: readonly Sourced<string>[]) => hosts.map(host => host.map(name => `./${name}`))

function https(
  { ports, minimumTls }: Gateway,
  certificate: Certificate,
  served: readonly Sourced<string>[],
): readonly Sourceable<Server>[] {
  const { key, secret, clients } = certificate
  const hosts = served.filter(({ value }) => certificate.hosts.some(host => host.value === value))
  if (hosts.length === 0) return []
  const server: Sourceable<Server> = {
    // istiod keeps the routes of each server by the name of its port.
    port: {
      number: ports.https,
      name: key === undefined ? 'https' : key.map(name => `https-${name}`),
      protocol: 'HTTPS',
    },
    hosts: ofNamespace(hosts),
    tls: {
      mode:
        clients === undefined
          ? 'SIMPLE'
          : because(
              clients.required.map(required =>
                required ? ('MUTUAL' as const) : ('OPTIONAL_MUTUAL' as const),
              ),
              clients.ca,
            ),
      credentialName: secret,
      caCertCredentialName: clients?.ca,
      subjectAltNames: clients === undefined || clients.names.length === 0 ? undefined : clients.names,
      minProtocolVersion: minimumTls.map(version => (version === 1.3 ? 'TLSV1_3' : 'TLSV1_2')),
    },
  }
  return key === undefined ? [server] : [because(server, ...certificate.hosts)]
}

function http({ http, ports }: Gateway, served: readonly Sourced<string>[]): readonly Sourceable<Server>[] {
  if (http.value === 'off' || served.length === 0) return []
  const server: Sourceable<Server> = {
    port: { number: ports.http, name: 'http', protocol: 'HTTP' },
    hosts: ofNamespace(served),
    ...(http.value === 'redirect' && { tls: { httpsRedirect: true } }),
  }
  return [because(server, http)]
}

function passthrough({ passthrough, ports }: Gateway): readonly Sourceable<Server>[] {
  if (passthrough.length === 0) return []
  const server: Sourceable<Server> = {
    port: { number: ports.passthrough, name: 'tls', protocol: 'TLS' },
    hosts: ofNamespace(withoutCovered(passthrough)),
    tls: { mode: 'PASSTHROUGH' },
  }
  return [because(server, ...passthrough)]
}

const tcp = ({ tcp }: Gateway): readonly Sourceable<Server>[] =>
  tcp.map(({ key, number }) => ({
    port: { number, name: key.map(name => `tcp-${name}`), protocol: 'TCP' },
    hosts: ['./*'],
  }))
