import type { GatewaySpec, Server } from '../../../schema/generated/gateway.ts'
import { groupBy } from '../../basics/group-by.ts'
import { eastWestPort } from '../../mesh/clusters.ts'
import { listPassing } from '../../mesh/exit.ts'
import { listServedHosts, withoutCovered } from '../../mesh/gateway-hosts.ts'
import type { Certificate, Gateway, Mesh } from '../../mesh/mesh.ts'
import { because, type Sourced } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'
import { makeDoorServers } from './egress.ts'

/** The servers of a gateway: HTTPS for each certificate, plain HTTP by the setting of the spec, and TLS passthrough and TCP. */
export function emitGateway(mesh: Mesh, gateway: Gateway): readonly Manifest[] {
  if (gateway.isEastWest.value) return [emitEastWestGateway(mesh, gateway)]
  const passing = listPassing(mesh, gateway)
  // A Gateway has at least one server, and an egress gateway that no system names has no traffic.
  if (gateway.isEgress.value && passing.length === 0) return []
  const reasons = passing.map(({ through }) => through.word)
  const hosts = listServedHosts(gateway)
  const hostsByCertificate = groupHosts(gateway.certificates, hosts)
  const spec: Sourceable<GatewaySpec> = {
    selector: labelRecord(gateway.selector),
    servers: [
      ...gateway.certificates.flatMap(certificate =>
        https(gateway, certificate, hostsByCertificate.get(certificate) ?? []),
      ),
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

/**
 * Emits the way between networks. Its proxies pass mutual TLS of the mesh on, unopened, by the name that a caller asks for: no policy
 * applies there, and plain text does not get through. See https://istio.io/latest/docs/setup/install/multicluster/
 */
function emitEastWestGateway(mesh: Mesh, { name, namespace, selector, isEastWest }: Gateway): Manifest {
  const spec: Sourceable<GatewaySpec> = {
    selector: labelRecord(selector),
    servers: [
      {
        port: { number: eastWestPort, name: 'tls', protocol: 'TLS' },
        hosts: ['*.local'],
        tls: { mode: 'AUTO_PASSTHROUGH' },
      },
    ],
  }
  const identity = { name, namespace, policy: 'policy:east-west', reasons: [isEastWest] } as const
  return makeManifest(mesh, 'Gateway', identity, because(spec, isEastWest))
}

// `./` keeps VirtualServices of other namespaces from taking these hosts.
const ofNamespace = (hosts: readonly Sourced<string>[]) => hosts.map(host => host.map(name => `./${name}`))

/** Groups the served hosts by their certificates. */
function groupHosts(
  certificates: readonly Certificate[],
  served: readonly Sourced<string>[],
): ReadonlyMap<Certificate, readonly Sourced<string>[]> {
  const certified = certificates.flatMap(certificate =>
    certificate.hosts.map(host => ({ host, certificate })),
  )
  const byHost = groupBy(certified, ({ host }) => [host.value])
  return groupBy(served, ({ value }) => byHost.get(value)?.map(({ certificate }) => certificate) ?? [])
}

function https(
  { ports, minimumTls }: Gateway,
  certificate: Certificate,
  hosts: readonly Sourced<string>[],
): readonly Sourceable<Server>[] {
  const { key, secret, clients } = certificate
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
