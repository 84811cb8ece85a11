import type { MeshSpec } from '../../schema/spec/mesh.ts'
import { gatewayReplicas, proxyResources } from '../mesh/default-sizes.ts'
import { parseDuration } from '../mesh/duration.ts'
import { nameGatewayWorkload } from '../mesh/gateway-workload-name.ts'
import type { Certificate, Gateway, GatewayInstallation, Labels } from '../mesh/mesh.ts'
import { because, decided, from, type Sourced, SpecNode, text } from '../mesh/sourced.ts'
import { resolveGatewayDeny } from './deny.ts'
import { exclusiveFields, requiredField } from './diagnostics.ts'
import { keyPlace, listEntries, type Report, readField, readFieldOr, readLabels, sortKeys } from './fields.ts'
import { type KnownIssuers, resolveJwt } from './jwt.ts'
import { resolveReplicas, resolveResources } from './range.ts'
import type { GatewaySpec } from './spec-sections.ts'

/** The entrances to the mesh, sorted by name. */
export function resolveGateways(
  spec: MeshSpec['gateways'],
  trustDomain: Sourced<string>,
  issuers: KnownIssuers,
  report: Report,
): readonly Gateway[] {
  const node = new SpecNode(undefined, 'gateways')
  return sortKeys(spec ?? {}).map(key =>
    resolveGateway(spec![key]!, node.at(key), key, trustDomain, issuers, report),
  )
}

function resolveGateway(
  spec: GatewaySpec,
  node: SpecNode,
  key: string,
  trustDomain: Sourced<string>,
  issuers: KnownIssuers,
  report: Report,
): Gateway {
  const name = from(node, key)
  const namespace = readFieldOr(spec, node, 'namespace', 'default:gateway-namespace', 'istio-ingress')
  const owner = `the gateway \`${key}\``
  if (spec.hosts === undefined) {
    report(
      requiredField(keyPlace(node), { owner, field: 'its `hosts`', example: 'hosts: [api.example.com]' }),
    )
  }
  const proxies =
    spec.workload === undefined
      ? getInstalledProxies(spec, node, name, namespace)
      : getRunningProxies(spec, node, owner, namespace, report)
  const { workloadNamespace, serviceAccount } = proxies
  if (spec.http === 'off' && spec.ports?.http !== undefined) {
    const help = 'remove `ports.http`: nothing listens there'
    const related = { at: keyPlace(node.at('http')), message: 'its `http`' }
    const params = { owner, first: 'http: off', second: 'ports.http', help }
    report(exclusiveFields(keyPlace(node.at('ports').at('http')), params, [related]))
  }
  return {
    origin: node,
    name,
    namespace,
    ...proxies,
    principal: text`${trustDomain}/ns/${workloadNamespace}/sa/${serviceAccount}`,
    hosts: listEntries(spec.hosts, node, 'hosts'),
    certificate: findCertificate(spec, node, key, report),
    http: readFieldOr(spec, node, 'http', 'default:gateway-http', 'redirect'),
    ports: {
      http: readFieldOr(spec.ports, node.at('ports'), 'http', 'default:gateway-ports', 80),
      https: readFieldOr(spec.ports, node.at('ports'), 'https', 'default:gateway-ports', 443),
    },
    // A quoted version means the same, since a version is no number.
    minimumTls: readFieldOr(spec, node, 'tls', 'default:gateway-tls', 1.2).map(version =>
      Number(version) === 1.3 ? 1.3 : 1.2,
    ),
    deny: resolveGatewayDeny(spec.deny, node.at('deny')),
    jwt: resolveJwt(spec.jwt, node.at('jwt'), owner, issuers, report),
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
): Proxies {
  const workload = because(`istio-${name.value}`, name, 'policy:gateway-workload')
  return {
    workload,
    workloadNamespace: namespace,
    serviceAccount: workload.map(workload => `${workload}-service-account`),
    selector: [['istio', because(name.value, name, 'policy:gateway-workload')]],
    installation: resolveInstallation(spec, node),
  }
}

function resolveInstallation(spec: GatewaySpec, node: SpecNode): GatewayInstallation {
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
    serviceType: readFieldOr(
      spec.service,
      node.at('service'),
      'type',
      'default:gateway-service',
      'LoadBalancer',
    ),
    serviceAnnotations: readLabels(spec.service?.annotations, node.at('service'), 'annotations'),
    labels: readLabels(spec.labels, node, 'labels'),
  }
}

/**
 * The proxies of another owner. Their service account has no default: Istio's chart `gateway` gives it the name of the release,
 * and istioctl appends `-service-account`.
 */
function getRunningProxies(
  spec: GatewaySpec,
  gateway: SpecNode,
  owner: string,
  namespace: Sourced<string>,
  report: Report,
): Proxies {
  const node = gateway.at('workload')
  for (const field of ['replicas', 'resources', 'service', 'labels'] as const) {
    if (spec[field] === undefined) continue
    const help = `remove \`${field}\`, which the owner of the proxies sets, or \`workload\`: meshc then installs proxies`
    const related = { at: keyPlace(node), message: 'its `workload`' }
    const params = { owner, first: 'workload', second: field, help }
    report(exclusiveFields(keyPlace(gateway.at(field)), params, [related]))
  }
  const selector = readLabels(spec.workload?.labels, node, 'labels')
  const serviceAccount = readField(spec.workload, node, 'serviceAccount')
  const requires = (field: string, example: string) =>
    report(requiredField(keyPlace(node), { owner, field: `the \`${field}\` of its \`workload\``, example }))
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

function findCertificate(
  { certificate: spec, hosts, http, tls, ports }: GatewaySpec,
  gatewayNode: SpecNode,
  gateway: string,
  report: Report,
): Certificate | undefined {
  const isPlain = http === 'serve' && tls === undefined && ports?.https === undefined
  if (spec === undefined && isPlain) return undefined
  const node = gatewayNode.at('certificate')
  const issuer = readField(spec, node, 'issuer')
  const secret = readField(spec, node, 'secret')
  const owner = `the gateway \`${gateway}\``
  if (issuer !== undefined && secret !== undefined) {
    const help = 'an `issuer` makes the certificate, a `secret` exists already: keep one'
    const related = { at: keyPlace(node.at('secret')), message: 'its `secret`' }
    const params = { owner, first: 'issuer', second: 'secret', help }
    report(exclusiveFields(keyPlace(node.at('issuer')), params, [related]))
  }
  if (issuer === undefined && secret === undefined) {
    const example = 'certificate: { issuer: letsencrypt-prod }'
    const place = spec === undefined ? gatewayNode : node
    const alternative =
      http === 'serve'
        ? 'for plain HTTP only, remove `certificate`, `tls` and `ports.https`'
        : 'for plain HTTP only, set `http: serve`'
    const field = 'where its certificate comes from'
    report(requiredField(keyPlace(place), { owner, field, example, alternative }))
  }
  const every = hosts?.indexOf('*') ?? -1
  if (issuer !== undefined && secret === undefined && every !== -1) {
    const field = 'which `secret` has its certificate for `*`'
    const params = { owner, field, example: `certificate: { secret: ${gateway}-tls }` }
    const at = gatewayNode.at('hosts').at(every)
    const related = { at: { path: at.path }, message: 'no issuer signs a certificate for every host' }
    report(requiredField(keyPlace(node.at('issuer')), params, [related]))
  }
  const duration = readFieldOr(spec, node, 'duration', 'default:certificate-duration', '2160h')
  return {
    secret: secret ?? because(`${gateway}-tls`, gatewayNode, 'default:certificate-secret'),
    issuer: issuer && {
      name: issuer,
      kind: readFieldOr(spec, node, 'issuerKind', 'default:certificate-issuer-kind', 'ClusterIssuer'),
    },
    duration,
    renewBefore: readField(spec, node, 'renewBefore') ?? getRenewal(duration),
  }
}

/** 30 days, or a third of a certificate that is valid for less than three times that. */
function getRenewal(duration: Sourced<string>): Sourced<string> {
  const decision = 'default:certificate-renewal'
  const third = Math.floor(parseDuration(duration.value) / 3 / 60_000)
  if (!duration.origins.some(origin => origin instanceof SpecNode)) return decided(decision, '720h')
  return because(third >= 720 * 60 ? '720h' : `${Math.max(third, 1)}m`, decision, duration)
}
