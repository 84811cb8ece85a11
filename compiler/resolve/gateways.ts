import type { MeshSpec } from '../../schema/spec/mesh.ts'
import { gatewayReplicas } from '../mesh/default-replicas.ts'
import { parseDuration } from '../mesh/duration.ts'
import type { Certificate, Gateway } from '../mesh/mesh.ts'
import { because, decided, from, type Sourced, SpecNode, text } from '../mesh/sourced.ts'
import { exclusiveFields, requiredField } from './diagnostics.ts'
import { keyPlace, listEntries, type Report, readField, readFieldOr, readLabels, sortKeys } from './fields.ts'
import { proxyResources } from './istio.ts'
import { resolveReplicas, resolveResources } from './range.ts'
import type { GatewaySpec } from './spec-sections.ts'

/** The entrances to the mesh, sorted by name. */
export function resolveGateways(
  spec: MeshSpec['gateways'],
  trustDomain: Sourced<string>,
  report: Report,
): readonly Gateway[] {
  const node = new SpecNode(undefined, 'gateways')
  return sortKeys(spec ?? {}).map(key => resolveGateway(spec![key]!, node.at(key), key, trustDomain, report))
}

function resolveGateway(
  spec: GatewaySpec,
  node: SpecNode,
  key: string,
  trustDomain: Sourced<string>,
  report: Report,
): Gateway {
  const name = from(node, key)
  const namespace = readFieldOr(spec, node, 'namespace', 'default:gateway-namespace', 'istio-ingress')
  const workload = because(`istio-${key}`, name, 'policy:gateway-workload')
  const serviceAccount = workload.map(workload => `${workload}-service-account`)
  if (spec.hosts === undefined) {
    const owner = `the gateway \`${key}\``
    report(
      requiredField(keyPlace(node), { owner, field: 'its `hosts`', example: 'hosts: [api.example.com]' }),
    )
  }
  return {
    origin: node,
    name,
    namespace,
    workload,
    serviceAccount,
    principal: text`${trustDomain}/ns/${namespace}/sa/${serviceAccount}`,
    selector: [['istio', because(key, name, 'policy:gateway-workload')]],
    hosts: listEntries(spec.hosts, node, 'hosts'),
    certificate: getCertificate(spec.certificate, node.at('certificate'), key, report),
    http: readFieldOr(spec, node, 'http', 'default:gateway-http', 'redirect'),
    // A quoted version means the same, since a version is no number.
    minimumTls: readFieldOr(spec, node, 'tls', 'default:gateway-tls', 1.2).map(version =>
      Number(version) === 1.3 ? 1.3 : 1.2,
    ),
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

function getCertificate(
  spec: GatewaySpec['certificate'],
  node: SpecNode,
  gateway: string,
  report: Report,
): Certificate {
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
    const place = spec === undefined ? node.parent! : node
    report(requiredField(keyPlace(place), { owner, field: 'where its certificate comes from', example }))
  }
  const duration = readFieldOr(spec, node, 'duration', 'default:certificate-duration', '2160h')
  return {
    secret: secret ?? because(`${gateway}-tls`, node.parent!, 'default:certificate-secret'),
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
