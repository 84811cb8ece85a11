import type { GatewaySpec, Server } from '../../../schema/generated/gateway.ts'
import { listServedHosts } from '../../mesh/gateway-hosts.ts'
import type { Certificate, Gateway, Mesh } from '../../mesh/mesh.ts'
import { because, type Sourced } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'

/** The servers of an entrance: HTTPS if it has a certificate, and plain HTTP as the spec says. */
export function emitGateway(mesh: Mesh, gateway: Gateway): Manifest {
  // `./` keeps VirtualServices of other namespaces from taking these hosts.
  const hosts = listServedHosts(gateway).map(host => host.map(name => `./${name}`))
  const spec: Sourceable<GatewaySpec> = {
    selector: labelRecord(gateway.selector),
    servers: [...https(gateway, gateway.certificate, hosts), ...http(gateway, hosts)],
  }
  return makeManifest(
    mesh,
    'Gateway',
    { name: gateway.name, namespace: gateway.namespace, policy: 'policy:gateway-server' },
    spec,
  )
}

function https(
  { ports, minimumTls }: Gateway,
  certificate: Certificate | undefined,
  hosts: readonly Sourced<string>[],
): readonly Sourceable<Server>[] {
  if (certificate === undefined) return []
  const server: Sourceable<Server> = {
    port: { number: ports.https, name: 'https', protocol: 'HTTPS' },
    hosts,
    tls: {
      mode: 'SIMPLE',
      credentialName: certificate.secret,
      minProtocolVersion: minimumTls.map(version => (version === 1.3 ? 'TLSV1_3' : 'TLSV1_2')),
    },
  }
  return [server]
}

function http({ http, ports }: Gateway, hosts: readonly Sourced<string>[]): readonly Sourceable<Server>[] {
  if (http.value === 'off') return []
  const server: Sourceable<Server> = {
    port: { number: ports.http, name: 'http', protocol: 'HTTP' },
    hosts,
    ...(http.value === 'redirect' && { tls: { httpsRedirect: true } }),
  }
  return [because(server, http)]
}
