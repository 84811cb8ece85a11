import type { MeshSpec } from '../../schema/spec/mesh.ts'
import { gatewayReplicas, proxyResources } from '../mesh/default-sizes.ts'
import { parseDuration } from '../mesh/duration.ts'
import { nameGatewayWorkload } from '../mesh/gateway-workload-name.ts'
import type {
  Certificate,
  ClientCertificates,
  Gateway,
  GatewayInstallation,
  Labels,
  TcpListener,
} from '../mesh/mesh.ts'
import { because, decided, from, type Sourced, SpecNode, text } from '../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../mesh/spec-place.ts'
import { type KnownAuthorizers, resolveGatewayAuthorize } from './authorizers.ts'
import { resolveGatewayDeny } from './deny.ts'
import { exclusiveFields, requiredField, unknownGatewayHost } from './diagnostics.ts'
import {
  dropUndefined,
  emptyList,
  listSourcedEntries,
  type Report,
  readField,
  readFieldOr,
  readLabels,
  sortKeys,
} from './fields.ts'
import { type KnownIssuers, resolveJwt } from './jwt.ts'
import { resolvePathOwners } from './path-owners.ts'
import { resolveReplicas, resolveResources } from './range.ts'
import type { KnownLimiters } from './rate-limiters.ts'
import { resolveRateLimit } from './rate-limits.ts'
import type { GatewaySpec } from './spec-sections.ts'

/** The entrances to the mesh, sorted by name. */
export function resolveGateways(
  spec: MeshSpec['gateways'],
  trustDomain: Sourced<string>,
  issuers: KnownIssuers,
  authorizers: KnownAuthorizers,
  limiters: KnownLimiters,
  report: Report,
): readonly Gateway[] {
  const node = new SpecNode(undefined, 'gateways')
  return sortKeys(spec ?? {}).map(key =>
    resolveGateway(spec![key]!, node.at(key), key, trustDomain, issuers, authorizers, limiters, report),
  )
}

function resolveGateway(
  spec: GatewaySpec,
  node: SpecNode,
  key: string,
  trustDomain: Sourced<string>,
  issuers: KnownIssuers,
  authorizers: KnownAuthorizers,
  limiters: KnownLimiters,
  report: Report,
): Gateway {
  const name = from(node, key)
  const isEgress = readFieldOr(spec, node, 'egress', 'default:gateway-egress', false)
  const isEastWest = readFieldOr(spec, node, 'eastWest', 'default:gateway-east-west', false)
  const namespace = readField(spec, node, 'namespace') ?? decideNamespace(isEgress, isEastWest)
  const owner = `the gateway \`${key}\``
  const hasNoHosts = isEgress.value || isEastWest.value
  if (hasNoHosts) refuseEntrance(spec, node, owner, report)
  else if (spec.hosts === undefined && spec.passthrough === undefined && spec.tcp === undefined) {
    report(
      requiredField(placeAtKey(node), { owner, field: 'its `hosts`', example: 'hosts: [api.example.com]' }),
    )
  }
  const proxies =
    spec.workload === undefined
      ? getInstalledProxies(spec, node, name, namespace, report)
      : getRunningProxies(spec, node, owner, namespace, report)
  const { workloadNamespace, serviceAccount } = proxies
  if (spec.http === 'off' && spec.ports?.http !== undefined) {
    const help = 'remove `ports.http`: nothing listens there'
    const related = { at: placeAtKey(node.at('http')), message: 'its `http`' }
    const params = { owner, first: 'http: off', second: 'ports.http', help }
    report(exclusiveFields(placeAtKey(node.at('ports').at('http')), params, [related]))
  }
  const hosts = listSourcedEntries(spec.hosts, node, 'hosts')
  const https = readFieldOr(spec.ports, node.at('ports'), 'https', 'default:gateway-ports', 443)
  return {
    origin: node,
    name,
    namespace,
    ...proxies,
    principal: text`${trustDomain}/ns/${workloadNamespace}/sa/${serviceAccount}`,
    isEgress,
    isEastWest,
    hosts,
    owners: resolvePathOwners(spec.owners, node, key, spec.hosts ?? [], report),
    // An egress gateway uses the mesh certificate, and an east-west gateway uses none.
    certificates: hasNoHosts ? emptyList : resolveCertificates(spec, node, key, hosts, report),
    passthrough: listSourcedEntries(spec.passthrough, node, 'passthrough'),
    tcp: resolveTcp(spec, node, owner, report),
    http: readFieldOr(spec, node, 'http', 'default:gateway-http', 'redirect'),
    ports: {
      http: readFieldOr(spec.ports, node.at('ports'), 'http', 'default:gateway-ports', 80),
      https,
      passthrough: readField(spec.ports, node.at('ports'), 'passthrough') ?? https,
    },
    // A quoted version means the same, since a version is no number.
    minimumTls: readFieldOr(spec, node, 'tls', 'default:gateway-tls', 1.2).map(version =>
      Number(version) === 1.3 ? 1.3 : 1.2,
    ),
    deny: resolveGatewayDeny(spec.deny, node.at('deny')),
    jwt: resolveJwt(spec.jwt, node.at('jwt'), owner, issuers, report),
    rateLimit: resolveRateLimit(spec.rateLimit, node.at('rateLimit'), owner, limiters, report),
    authorize: resolveGatewayAuthorize(spec.authorize, node.at('authorize'), owner, authorizers, report),
  }
}

function decideNamespace(isEgress: Sourced<boolean>, isEastWest: Sourced<boolean>): Sourced<string> {
  if (isEastWest.value) return because('istio-eastwest', isEastWest, 'default:east-west-namespace')
  return isEgress.value
    ? because('istio-egress', isEgress, 'default:egress-namespace')
    : decided('default:gateway-namespace', 'istio-ingress')
}

/** The settings of a way in, which a way out does not have. */
const settingsOfEntrances = [
  'hosts',
  'owners',
  'certificate',
  'certificates',
  'clientCertificates',
  'forwardClientCertificate',
  'trustedProxies',
  'proxyProtocol',
  'passthrough',
  'tcp',
  'http',
  'tls',
  'jwt',
  'deny',
  'authorize',
  'rateLimit',
] as const

/** Reports the settings of a way in at a gateway that is a way out, or between networks. */
function refuseEntrance(spec: GatewaySpec, gateway: SpecNode, owner: string, report: Report): void {
  const ports = gateway.at('ports')
  const first = spec.eastWest === true ? 'eastWest' : 'egress'
  const passes =
    first === 'egress'
      ? 'external systems with `through` say what passes an egress gateway'
      : 'the services of the mesh are what passes an east-west gateway'
  const written = [
    ...settingsOfEntrances.flatMap(field => (spec[field] === undefined ? [] : [gateway.at(field)])),
    ...(first === 'egress'
      ? (['http', 'passthrough'] as const).flatMap(field =>
          spec.ports?.[field] === undefined ? [] : [ports.at(field)],
        )
      : (['egress', 'ports'] as const).flatMap(field =>
          spec[field] === undefined ? [] : [gateway.at(field)],
        )),
  ]
  for (const place of written) {
    const second = place.parent?.key === 'ports' ? `ports.${place.key}` : String(place.key)
    const help = `remove \`${second}\`: ${passes}`
    const related = { at: placeAtKey(gateway.at(first)), message: `its \`${first}\`` }
    report(exclusiveFields(placeAtKey(place), { owner, first, second, help }, [related]))
  }
}

type Proxies = Pick<
  Gateway,
  'workload' | 'workloadNamespace' | 'serviceAccount' | 'selector' | 'installation'
>

/** The proxies that meshc installs, named after the gateway. */
function getInstalledProxies(
  spec: GatewaySpec,
  node: SpecNode,
  name: Sourced<string>,
  namespace: Sourced<string>,
  report: Report,
): Proxies {
  const workload = because(`istio-${name.value}`, name, 'policy:gateway-workload')
  return {
    workload,
    workloadNamespace: namespace,
    serviceAccount: workload.map(workload => `${workload}-service-account`),
    selector: [['istio', because(name.value, name, 'policy:gateway-workload')]],
    installation: resolveInstallation(spec, node, report),
  }
}

function resolveInstallation(spec: GatewaySpec, node: SpecNode, report: Report): GatewayInstallation {
  return {
    replicas: resolveReplicas(
      spec.replicas,
      node.at('replicas'),
      'default:gateway-replicas',
      gatewayReplicas,
    ),
    resources: resolveResources(
      spec.resources,
      node.at('resources'),
      'default:gateway-resources',
      proxyResources,
    ),
    serviceType:
      readField(spec.service, node.at('service'), 'type') ??
      (spec.egress === true
        ? because('ClusterIP', node.at('egress'), 'default:egress-service')
        : decided('default:gateway-service', 'LoadBalancer')),
    serviceAnnotations: readLabels(spec.service?.annotations, node.at('service'), 'annotations'),
    internal: readField(spec.service, node.at('service'), 'internal'),
    externalTrafficPolicy: readField(spec.service, node.at('service'), 'externalTrafficPolicy'),
    sourceRanges: listSourcedEntries(spec.service?.sourceRanges, node.at('service'), 'sourceRanges'),
    spread: readField(spec, node, 'spread'),
    disruptions: resolveDisruptions(spec, node, report),
    topology: {
      trustedProxies: readField(spec, node, 'trustedProxies'),
      proxyProtocol: readField(spec, node, 'proxyProtocol'),
      forwardClientCertificate: readField(spec, node, 'forwardClientCertificate'),
    },
    labels: readLabels(spec.labels, node, 'labels'),
    values: spec.values && { origin: node.at('values'), value: spec.values },
  }
}

function resolveDisruptions(
  { disruptions: spec }: GatewaySpec,
  gateway: SpecNode,
  report: Report,
): GatewayInstallation['disruptions'] {
  const node = gateway.at('disruptions')
  const maxUnavailable = readField(spec, node, 'maxUnavailable')
  const minAvailable = readField(spec, node, 'minAvailable')
  if (maxUnavailable !== undefined && minAvailable !== undefined) {
    const help = 'a budget says how many pods a drain takes, or how many it leaves: keep one'
    const related = { at: placeAtKey(node.at('maxUnavailable')), message: 'its `maxUnavailable`' }
    const owner = `the gateway \`${String(gateway.key)}\``
    const params = { owner, first: 'maxUnavailable', second: 'minAvailable', help }
    report(exclusiveFields(placeAtKey(node.at('minAvailable')), params, [related]))
  }
  return { maxUnavailable, minAvailable }
}

/** The settings of the proxies, which their owner makes. */
const settingsOfProxies = [
  'replicas',
  'resources',
  'service',
  'labels',
  'values',
  'spread',
  'disruptions',
  'trustedProxies',
  'proxyProtocol',
  'forwardClientCertificate',
] as const

/**
 * The proxies of another owner. Their service account has no default: Istio's chart `gateway` uses the name of the release, and
 * istioctl appends `-service-account`.
 */
function getRunningProxies(
  spec: GatewaySpec,
  gateway: SpecNode,
  owner: string,
  namespace: Sourced<string>,
  report: Report,
): Proxies {
  const node = gateway.at('workload')
  for (const field of settingsOfProxies) {
    if (spec[field] === undefined) continue
    const help = `remove \`${field}\`, which the owner of the proxies sets, or \`workload\`: meshc then installs proxies`
    const related = { at: placeAtKey(node), message: 'its `workload`' }
    const params = { owner, first: 'workload', second: field, help }
    report(exclusiveFields(placeAtKey(gateway.at(field)), params, [related]))
  }
  const selector = readLabels(spec.workload?.labels, node, 'labels')
  const serviceAccount = readField(spec.workload, node, 'serviceAccount')
  const requires = (field: string, example: string) =>
    report(requiredField(placeAtKey(node), { owner, field: `the \`${field}\` of its \`workload\``, example }))
  if (selector.length === 0) requires('labels', 'labels: { istio: ingressgateway }')
  if (serviceAccount === undefined)
    requires('serviceAccount', 'serviceAccount: istio-ingressgateway-service-account')
  const workload = because(
    nameGatewayWorkload(getPlainLabels(selector)),
    node,
    ...selector.map(([, value]) => value),
  )
  return {
    workload,
    workloadNamespace: readField(spec.workload, node, 'namespace') ?? namespace,
    serviceAccount: serviceAccount ?? workload,
    selector,
    installation: undefined,
  }
}

const getPlainLabels = (labels: Labels) => Object.fromEntries(labels.map(([key, { value }]) => [key, value]))

/** Resolves the ports for connections of TCP, sorted by key. */
function resolveTcp(
  { tcp }: GatewaySpec,
  gateway: SpecNode,
  owner: string,
  report: Report,
): readonly TcpListener[] {
  if (tcp === undefined) return emptyList
  const node = gateway.at('tcp')
  return dropUndefined(
    sortKeys(tcp).map(key => {
      const origin = node.at(key)
      const number = readField(tcp[key], origin, 'port')
      if (number === undefined) {
        const field = `the \`port\` of \`${key}\``
        report(requiredField(placeAtKey(origin), { owner, field, example: `${key}: { port: 5432 }` }))
        return undefined
      }
      return {
        origin,
        key: from(origin, key),
        number,
        target: readField(tcp[key], origin, 'target') ?? number,
      }
    }),
  )
}

/** Resolves the certificates: first the one of all hosts without their own, then the others, sorted by key. */
function resolveCertificates(
  spec: GatewaySpec,
  node: SpecNode,
  gateway: string,
  hosts: readonly Sourced<string>[],
  report: Report,
): readonly Certificate[] {
  const place = node.at('certificates')
  const further = sortKeys(spec.certificates ?? {}).map(key => {
    const origin = place.at(key)
    const { hosts: names, clientCertificates, ...fields } = spec.certificates![key]!
    const owner = `the certificate \`${key}\` of the gateway \`${gateway}\``
    if (names === undefined)
      report(
        requiredField(placeAtKey(origin), {
          owner,
          field: 'its `hosts`',
          example: 'hosts: [shop.example.com]',
        }),
      )
    const shown = listSourcedEntries(names, origin, 'hosts')
    const legal = hosts.map(({ value }) => value)
    for (const host of shown)
      if (legal.length > 0 && !legal.includes(host.value))
        report(unknownGatewayHost(placeAt(host.place!), { gateway, host: host.value, legal }))
    const source = readSource(fields, origin, owner, report)
    const every = shown.find(({ value }) => value === '*')
    const example = `secret: ${gateway}-${key}-tls`
    if (every !== undefined) requireSecret(source, origin, owner, every.place!, example, report)
    const secret = source.secret ?? because(`${gateway}-${key}-tls`, origin, 'default:certificate-secret')
    const clients = resolveClients(clientCertificates, origin.at('clientCertificates'), owner, report)
    const parts = { key: from(origin, key), hosts: shown, secret, clients }
    return makeCertificate(fields, origin, parts, source.issuer)
  })
  const taken = new Set(further.flatMap(({ hosts }) => hosts.map(({ value }) => value)))
  const rest = further.length === 0 ? hosts : hosts.filter(({ value }) => !taken.has(value))
  const main = findCertificate(spec, node, gateway, rest, further.length > 0, report)
  if (main === undefined && spec.clientCertificates !== undefined && rest.length > 0) {
    const owner = `the gateway \`${gateway}\``
    const field = 'which `certificate` it shows to clients that show it theirs'
    const example = 'certificate: { issuer: letsencrypt-prod }'
    report(requiredField(placeAtKey(node.at('clientCertificates')), { owner, field, example }))
  }
  return main === undefined ? further : [main, ...further]
}

/** Finds the certificate of the hosts without their own. */
function findCertificate(
  { certificate: spec, hosts, http, tls, ports, passthrough, tcp, ...others }: GatewaySpec,
  gatewayNode: SpecNode,
  gateway: string,
  rest: readonly Sourced<string>[],
  hasFurther: boolean,
  report: Report,
): Certificate | undefined {
  const isUnneeded = http === 'serve' && (hasFurther || (tls === undefined && ports?.https === undefined))
  if (spec === undefined && (isUnneeded || (rest.length === 0 && (hosts !== undefined || hasFurther))))
    return undefined
  const { certificates, clientCertificates } = others
  // A gateway that only passes connections on has nothing to show.
  if (spec === undefined && hosts === undefined && (passthrough ?? tcp) !== undefined) return undefined
  const node = gatewayNode.at('certificate')
  const owner = `the gateway \`${gateway}\``
  if (spec === undefined && hasFurther) {
    // A certificate without `hosts` may be for these hosts.
    if (Object.values(certificates ?? {}).some(({ hosts }) => hosts === undefined)) return undefined
    const [host] = rest
    const field = `where the certificate of \`${host!.value}\` comes from`
    const alternative = 'or add the host to one of its `certificates`'
    const example = 'certificate: { issuer: letsencrypt-prod }'
    report(requiredField(placeAt(host!.place!), { owner, field, example, alternative }))
    return undefined
  }
  const source = readSource(spec ?? {}, node, owner, report, spec === undefined ? gatewayNode : node, http)
  const every = hosts?.indexOf('*') ?? -1
  if (every !== -1 && rest.some(({ value }) => value === '*')) {
    const example = `certificate: { secret: ${gateway}-tls }`
    requireSecret(source, node, owner, gatewayNode.at('hosts').at(every), example, report)
  }
  const secret = source.secret ?? because(`${gateway}-tls`, gatewayNode, 'default:certificate-secret')
  const clients = resolveClients(clientCertificates, gatewayNode.at('clientCertificates'), owner, report)
  const parts = { key: undefined, hosts: rest, secret, clients }
  return makeCertificate(spec ?? {}, node, parts, source.issuer)
}

/** Resolves the authorities that sign the certificates of clients. */
function resolveClients(
  spec: GatewaySpec['clientCertificates'],
  origin: SpecNode,
  owner: string,
  report: Report,
): ClientCertificates | undefined {
  if (spec === undefined) return undefined
  const ca = readField(spec, origin, 'ca')
  if (ca === undefined) {
    const field = 'which `ca` signs the certificates of clients'
    report(requiredField(placeAtKey(origin), { owner, field, example: 'ca: partners-ca' }))
    return undefined
  }
  return {
    origin,
    ca,
    required: readFieldOr(spec, origin, 'required', 'default:client-certificates', true),
    names: listSourcedEntries(spec.names, origin, 'names'),
  }
}

type CertificateSpec = NonNullable<GatewaySpec['certificate']>

interface CertificateSource {
  readonly issuer: Sourced<string> | undefined
  readonly secret: Sourced<string> | undefined
}

/** Reads the source of a certificate, which is one of two. */
function readSource(
  spec: CertificateSpec,
  node: SpecNode,
  owner: string,
  report: Report,
  place = node,
  http?: GatewaySpec['http'],
): CertificateSource {
  const issuer = readField(spec, node, 'issuer')
  const secret = readField(spec, node, 'secret')
  if (issuer !== undefined && secret !== undefined) {
    const help = 'an `issuer` makes the certificate, a `secret` exists already: keep one'
    const related = { at: placeAtKey(node.at('secret')), message: 'its `secret`' }
    const params = { owner, first: 'issuer', second: 'secret', help }
    report(exclusiveFields(placeAtKey(node.at('issuer')), params, [related]))
  }
  if (issuer === undefined && secret === undefined) {
    const isMain = node.key === 'certificate'
    const example = isMain ? 'certificate: { issuer: letsencrypt-prod }' : 'issuer: letsencrypt-prod'
    const alternative =
      http === 'serve'
        ? 'for plain HTTP only, remove `certificate`, `tls` and `ports.https`'
        : 'for plain HTTP only, set `http: serve`'
    const field = isMain ? 'where its certificate comes from' : 'where it comes from'
    report(requiredField(placeAtKey(place), { owner, field, example, ...(isMain && { alternative }) }))
  }
  return { issuer, secret }
}

/** Reports an issuer that would sign a certificate of every host. */
function requireSecret(
  { issuer, secret }: CertificateSource,
  node: SpecNode,
  owner: string,
  host: SpecNode,
  example: string,
  report: Report,
): void {
  if (issuer === undefined || secret !== undefined) return
  const field = 'which `secret` has its certificate for `*`'
  const params = { owner, field, example }
  const related = { at: { path: host.path }, message: 'no issuer signs a certificate for every host' }
  report(requiredField(placeAtKey(node.at('issuer')), params, [related]))
}

function makeCertificate(
  spec: CertificateSpec,
  origin: SpecNode,
  parts: Pick<Certificate, 'key' | 'hosts' | 'secret' | 'clients'>,
  issuer: Sourced<string> | undefined,
): Certificate {
  const duration = readFieldOr(spec, origin, 'duration', 'default:certificate-duration', '2160h')
  return {
    origin,
    ...parts,
    issuer: issuer && {
      name: issuer,
      kind: readFieldOr(spec, origin, 'issuerKind', 'default:certificate-issuer-kind', 'ClusterIssuer'),
    },
    duration,
    renewBefore: readField(spec, origin, 'renewBefore') ?? getRenewal(duration),
  }
}

/** 30 days, or a third of a certificate that is valid for less than three times that. */
function getRenewal(duration: Sourced<string>): Sourced<string> {
  const decision = 'default:certificate-renewal'
  const third = Math.floor(parseDuration(duration.value) / 3 / 60_000)
  if (!duration.origins.some(origin => origin instanceof SpecNode)) return decided(decision, '720h')
  return because(third >= 720 * 60 ? '720h' : `${Math.max(third, 1)}m`, decision, duration)
}
