import type { Certificate, ClientCertificates, Gateway } from '../mesh/mesh.ts'
import { from } from '../mesh/sourced.ts'
import { printMatch } from '../mesh/string-match.ts'
import type { Views } from './view.ts'
import {
  viewAuthorize,
  viewDeny,
  viewIssuer,
  viewRateLimit,
  viewReplicas,
  viewResources,
} from './view-parts.ts'

/** The types of a gateway and of its parts. */
export const gatewayTypes = {
  Gateway: {
    name: 'string',
    namespace: 'string',
    egress: 'bool',
    eastWest: 'bool',
    hosts: 'list<string>',
    owners: 'list<PathOwner>',
    certificate: 'Certificate',
    certificates: 'map<string, Certificate>',
    clientCertificates: 'ClientCertificates',
    forwardClientCertificate: 'string',
    trustedProxies: 'int',
    proxyProtocol: 'bool',
    passthrough: 'list<string>',
    tcp: 'map<string, TcpPort>',
    http: 'string',
    ports: 'map<string, int>',
    tls: 'double',
    jwt: 'list<Issuer>',
    deny: 'list<Deny>',
    authorize: 'Authorize',
    rateLimit: 'RateLimit',
    workload: 'GatewayWorkload',
    replicas: 'Replicas',
    spread: 'string',
    disruptions: 'Disruptions',
    resources: 'Resources',
    service: 'GatewayService',
    labels: 'map<string, string>',
    values: 'map<string, dyn>',
  },
  Certificate: {
    hosts: 'list<string>',
    secret: 'string',
    issuer: 'string',
    issuerKind: 'string',
    duration: 'string',
    renewBefore: 'string',
    clientCertificates: 'ClientCertificates',
  },
  ClientCertificates: { ca: 'string', required: 'bool', names: 'list<string>' },
  Disruptions: { maxUnavailable: 'int', minAvailable: 'int' },
  TcpPort: { port: 'int', target: 'int' },
  PathOwner: { host: 'string', path: 'string', team: 'string' },
  GatewayWorkload: { labels: 'map<string, string>', serviceAccount: 'string', namespace: 'string' },
  GatewayService: {
    type: 'string',
    internal: 'string',
    externalTrafficPolicy: 'string',
    sourceRanges: 'list<string>',
    annotations: 'map<string, string>',
  },
} as const

/** A gateway for expressions. The fields about its proxies are absent if they have another owner. */
export function viewGateway(views: Views, gateway: Gateway): object {
  const { make, list, record, tree } = views
  const { origin, certificates, installation } = gateway
  const main = certificates.find(({ key }) => key === undefined)
  const further = certificates.filter(({ key }) => key !== undefined)
  return make('Gateway', origin, {
    name: gateway.name,
    namespace: gateway.namespace,
    egress: gateway.isEgress,
    eastWest: gateway.isEastWest,
    hosts: list(gateway.hosts),
    owners: () =>
      gateway.owners.map(({ origin, host, path, team }) =>
        make('PathOwner', origin, {
          host: from(origin.parent!, host),
          path: from(origin, printMatch(path)),
          team,
        }),
      ),
    certificate: main && viewCertificate(views, main),
    certificates: () =>
      record(
        further.map(certificate => [certificate.key!.value, viewCertificate(views, certificate)] as const),
      ),
    clientCertificates: () => viewClients(views, main?.clients),
    forwardClientCertificate: installation?.topology.forwardClientCertificate,
    trustedProxies: installation?.topology.trustedProxies,
    proxyProtocol: installation?.topology.proxyProtocol,
    passthrough: list(gateway.passthrough),
    tcp: () =>
      record(
        gateway.tcp.map(
          ({ key, origin, number, target }) =>
            [key.value, make('TcpPort', origin, { port: number, target })] as const,
        ),
      ),
    http: gateway.http,
    ports: record(Object.entries(gateway.ports), 'int'),
    tls: gateway.minimumTls,
    jwt: () => (gateway.jwt?.issuers ?? []).map(issuer => viewIssuer(views, issuer)),
    deny: () => gateway.deny.map(rule => viewDeny(views, rule)),
    authorize: () => viewAuthorize(views, gateway.authorize),
    rateLimit: () => viewRateLimit(views, gateway.rateLimit),
    workload: () =>
      make('GatewayWorkload', origin, {
        labels: record(gateway.selector),
        serviceAccount: gateway.serviceAccount,
        namespace: gateway.workloadNamespace,
      }),
    replicas: installation && viewReplicas(views, origin, installation.replicas),
    spread: installation?.spread,
    disruptions: installation && make('Disruptions', origin, installation.disruptions),
    resources: () => installation && viewResources(views, origin, installation.resources),
    service:
      installation &&
      make('GatewayService', origin, {
        type: installation.serviceType,
        internal: installation.internal,
        externalTrafficPolicy: installation.externalTrafficPolicy,
        sourceRanges: list(installation.sourceRanges),
        annotations: record(installation.serviceAnnotations),
      }),
    labels: record(installation?.labels ?? []),
    values: () => {
      const passed = installation?.values
      return passed && (tree(passed.value, passed.origin) as object)
    },
  })
}

function viewCertificate(views: Views, certificate: Certificate): object {
  const { make, list } = views
  const { origin, hosts, secret, issuer, duration, renewBefore, clients } = certificate
  return make('Certificate', origin, {
    hosts: list(hosts),
    secret,
    issuer: issuer?.name,
    issuerKind: issuer?.kind,
    duration,
    renewBefore,
    clientCertificates: () => viewClients(views, clients),
  })
}

function viewClients({ make, list }: Views, clients: ClientCertificates | undefined): object | undefined {
  if (clients === undefined) return undefined
  const { origin, ca, required, names } = clients
  return make('ClientCertificates', origin, { ca, required, names: list(names) })
}
