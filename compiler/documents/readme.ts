import { compare } from '../diagnostics/compare.ts'
import { isArgocdShared } from '../emit/argocd/destination.ts'
import { istiodRelease } from '../emit/argocd/names.ts'
import { nameCaller, nameDestination } from '../mesh/caller.ts'
import { networkLabel } from '../mesh/clusters.ts'
import { findNewestVersion, findRevisionWord, followRevision, getFileSuffix } from '../mesh/control-planes.ts'
import { findBypass, listBypassedPorts } from '../mesh/direct-ports.ts'
import { listListenedPorts } from '../mesh/gateway-listeners.ts'
import { listInstalledGateways } from '../mesh/installed-gateways.ts'
import type { Caller, Expectation, External, Gateway, Mesh, Service, TrafficPolicy } from '../mesh/mesh.ts'
import { isHttp } from '../mesh/port.ts'
import { isTimed } from '../mesh/routed.ts'
import { isFirstOfPods } from '../mesh/same-pods.ts'
import { from, type Sourced } from '../mesh/sourced.ts'
import { printMatch } from '../mesh/string-match.ts'
import type { Built } from './built.ts'
import { listEdges } from './edge.ts'
import type { Environment } from './environment.ts'
import { findKnock } from './knock.ts'
import { code, codes, joinParts, listProse, type Prose, quoteShellWord } from './markdown.ts'
import { describeReason } from './reason.ts'
import { printSelector } from './selector.ts'
import { describeTraffic } from './shares.ts'

/** The view of the README of an environment. */
export type ReadmeView = ReturnType<typeof makeReadmeView>

export function makeReadmeView(environment: Environment, { applications }: Built) {
  const { mesh } = environment
  const edges = listEdges(mesh)
  const gateways = listInstalledGateways(mesh)
  return {
    ...environment,
    version: findNewestVersion(mesh.istio).value,
    isInstalled: mesh.istio.install.value === 'charts',
    root: mesh.istio.namespace.value,
    istiods: mesh.istio.controlPlanes.map(plane => ({
      release: istiodRelease(plane).value,
      version: plane.version.value,
      suffix: getFileSuffix(plane),
    })),
    gateways: gateways.map(gateway => ({
      ...gateway,
      version: findVersionOf(mesh, gateway.namespace.value),
    })),
    gatewayNamespaces: [...new Set(gateways.map(({ namespace }) => namespace.value))].filter(
      name => name !== mesh.istio.namespace.value,
    ),
    joined: describeJoining(mesh),
    hasArgocd: applications.length > 0,
    isArgocdShared: isArgocdShared(mesh),
    charts: makeCharts(mesh),
    hasChart: mesh.delivery.outputs.chart !== undefined,
    hasMap: mesh.delivery.outputs.map !== undefined,
    facts: listFacts(mesh),
    issued: listCertificates(mesh).flatMap(({ issuer, ...rest }) =>
      issuer === undefined ? [] : [{ ...rest, issuer }],
    ),
    provided: listCertificates(mesh).filter(({ issuer }) => issuer === undefined),
    running: mesh.gateways
      .filter(({ installation }) => installation === undefined)
      .map(gateway => ({
        ...gateway,
        selector: printSelector(gateway.selector),
        ports: printPorts(gateway),
      })),
    bare: mesh.services.filter(
      ({ sidecar, machines }) => sidecar.place?.key === 'sidecar' && machines === undefined,
    ),
    onMachines: mesh.services.filter(
      service => service.machines !== undefined && service.sidecar.value === 'on' && isFirstOfPods(service),
    ),
    bypassing: mesh.services
      .filter(service => service.sidecar.value === 'on' && isFirstOfPods(service))
      .map(service => ({ service, ports: listBypassedPorts(service) }))
      .filter(({ ports }) => ports.length > 0),
    gatewayRows: mesh.gateways.map(gatewayRow),
    knock: findKnock(mesh),
    services: groupByNamespace(mesh.services.map(serviceRow)),
    externals: mesh.externals.map(externalRow),
    edges: groupByNamespace(edges),
    uncalled: mesh.services.filter(isUncalled).map(({ key }) => key),
    isOpen: mesh.access.value === 'open',
    isPermissive: mesh.mtls.value === 'permissive',
    open: [
      ...mesh.services.filter(({ isOpen, ports }) => isOpen && ports.length > 0).map(({ key }) => key),
      ...mesh.externals.filter(({ isOpen }) => isOpen).map(({ key }) => `external/${key}`),
    ],
    // They come from several files, which have no order.
    expectations: mesh.expectations
      .flatMap(expectationRows)
      .toSorted((a, b) => compare(`${a.must.text} ${a.because}`, `${b.must.text} ${b.because}`)),
    exceptions: listExceptions(mesh),
    traceHeaders: listTraceHeaders(mesh),
  }
}

/** Describes how the cluster becomes part of a mesh over several; undefined for a mesh of one cluster. */
function describeJoining({ cluster, clusters }: Mesh) {
  if (cluster?.network === undefined) return undefined
  return {
    cluster: cluster.name.value,
    label: `${networkLabel}=${cluster.network.value}`,
    others: clusters.filter(each => each !== cluster).map(({ name }) => name.value),
  }
}

/** Lists the certificates of gateways, each with the namespace of its secret. */
const listCertificates = ({ gateways }: Mesh) =>
  gateways.flatMap(({ name, workloadNamespace: namespace, certificates }) =>
    certificates.map(certificate => ({ ...certificate, name, namespace })),
  )

function gatewayRow(gateway: Gateway) {
  const { name, workloadNamespace, workload, selector, hosts, http, ...rest } = gateway
  const { certificates, minimumTls, installation } = rest
  return {
    name: name.value,
    runsAs:
      installation === undefined
        ? joinParts([code(printSelector(selector)), 'in', code(workloadNamespace.value)], ' ')
        : code(`${workloadNamespace.value}/${workload.value}`),
    hosts: describeHosts(gateway),
    http: hosts.length === 0 ? 'off' : http.value,
    tls: certificates.length === 0 ? 'none' : `${minimumTls.value.toFixed(1)} or better`,
    certificate: certificates.length === 0 ? 'none' : codes(certificates.map(({ secret }) => secret.value)),
    replicas:
      installation === undefined
        ? 'set by their owner'
        : `${installation.replicas.min.value} to ${installation.replicas.max.value}`,
  }
}

function describeHosts({ isEgress, isEastWest, hosts, passthrough, tcp }: Gateway): Prose | string {
  if (isEgress.value) return 'an egress gateway'
  if (isEastWest.value) return 'an east-west gateway'
  return codes([
    ...[...hosts, ...passthrough].map(({ value }) => value),
    ...tcp.map(({ number }) => `*:${number.value}`),
  ])
}

/** `the port 80`, `the ports 443 and 80`. */
function printPorts(gateway: Gateway): Prose {
  const numbers = listListenedPorts(gateway).map(({ number }) => String(number.value))
  return joinParts([numbers.length === 1 ? 'the port' : 'the ports', listProse(numbers)], ' ')
}

/** The headers that a service must copy from its requests into its own calls, so that a trace continues; empty without tracing. */
const listTraceHeaders = ({ observability: { tracing } }: Mesh): readonly string[] => [
  ...(tracing === undefined ? [] : ['x-request-id', 'traceparent', 'tracestate']),
  ...(tracing?.provider.value === 'zipkin'
    ? ['x-b3-traceid', 'x-b3-spanid', 'x-b3-parentspanid', 'x-b3-sampled', 'x-b3-flags']
    : []),
]

/** Makes the words for the location of Istio's charts: a registry, or a repository. */
function makeCharts({ istio }: Mesh) {
  const charts = istio.charts.value
  return (chart: string) =>
    charts.startsWith('oci://')
      ? quoteShellWord(`${charts}/${chart}`)
      : joinParts([chart, '--repo', quoteShellWord(charts)], ' ')
}

const describePlane = (version: Sourced<string>, tags: readonly Sourced<string>[]): Prose =>
  tags.length === 0
    ? `Istio ${version.value}`
    : joinParts([`Istio ${version.value}, also called`, codes(tags.map(({ value }) => value))], ' ')

const findVersionOf = (mesh: Mesh, namespace: string): string =>
  (followRevision(mesh.istio, findRevisionWord(mesh, namespace)) ?? mesh.istio).version.value

/** Lists the facts about the whole mesh, with the settings that decide them. */
function listFacts({ istio, observability, delivery, ...mesh }: Mesh) {
  const { tracing, prometheus } = observability
  const fact = (what: Prose, value: Sourced<unknown>, shown: Prose = String(value.value)) => ({
    what,
    value: shown,
    said: describeReason(value),
  })
  return [
    ...(istio.controlPlanes[0]?.origin === undefined ? [fact('Istio', istio.version)] : []),
    ...istio.controlPlanes.flatMap(({ origin, revision, version, tags }) =>
      origin === undefined || revision === undefined
        ? []
        : [
            fact(
              joinParts(['control plane', code(revision.value)], ' '),
              version,
              describePlane(version, tags),
            ),
          ],
    ),
    ...(istio.revision === undefined ? [] : [fact('revision', istio.revision)]),
    ...(istio.hub === undefined ? [] : [fact('images', istio.hub, code(istio.hub.value))]),
    ...(istio.cni.value === 'on' ? [fact('traffic of pods', istio.cni, 'redirected by the CNI plugin')] : []),
    ...[istio.meshConfig, istio.values].flatMap(passed =>
      passed === undefined || Object.keys(passed.value).length === 0
        ? []
        : [
            fact(
              passed === istio.meshConfig ? 'further fields of MeshConfig' : 'further values of the chart',
              from(passed.origin, passed.value),
              code(Object.keys(passed.value).sort().join(', ')),
            ),
          ],
    ),
    ...(mesh.cluster === undefined
      ? []
      : [fact('cluster', mesh.cluster.name, code(mesh.cluster.name.value))]),
    ...(mesh.cluster?.network === undefined
      ? []
      : [fact('network', mesh.cluster.network, code(mesh.cluster.network.value))]),
    fact('root namespace', istio.namespace, code(istio.namespace.value)),
    fact('trust domain', istio.trustDomain, code(istio.trustDomain.value)),
    fact('istiod', istio.replicas.min, `${istio.replicas.min.value} to ${istio.replicas.max.value} replicas`),
    fact(
      'mTLS',
      mesh.mtls,
      mesh.mtls.value === 'strict'
        ? 'strict: plain text is refused'
        : 'permissive: plain text is accepted, too',
    ),
    fact(
      'calls to the outside',
      mesh.egress,
      mesh.egress.value === 'registry-only' ? 'declared external hosts only' : 'any host',
    ),
    fact(
      'calls inside the mesh',
      mesh.access,
      mesh.access.value === 'declared'
        ? 'declared callers only'
        : joinParts(['anyone, if a service has no', code('allow')], ' '),
    ),
    fact(
      'scope of a sidecar',
      mesh.sidecarScope,
      mesh.sidecarScope.value === 'declared'
        ? 'the destinations that its services may call'
        : 'the whole mesh',
    ),
    fact('injected faults', mesh.faults),
    fact('access log', observability.accessLog),
    tracing === undefined
      ? fact('tracing', observability.traced, 'none')
      : fact(
          'tracing',
          tracing.sampling,
          joinParts(
            [`${tracing.sampling.value}% to`, code(`${tracing.host.value}:${tracing.port.value}`)],
            ' ',
          ),
        ),
    prometheus.hasOperator.value
      ? fact('metrics', prometheus.interval, `scraped every ${prometheus.interval.value}`)
      : fact('metrics', prometheus.hasOperator, 'no object makes Prometheus scrape them'),
    fact(
      'delivery',
      delivery.sync,
      delivery.sync.value === 'manual' ? 'a person syncs' : 'Argo CD syncs by itself',
    ),
  ]
}

function serviceRow({ key, namespace, owner, ports, routes, policy, exposures, passages }: Service) {
  return {
    key,
    namespace: namespace.value,
    owner: owner?.value ?? '',
    ports:
      ports.length === 0
        ? 'none: the service only calls others'
        : joinParts(ports.map(({ number, protocol }) => `${number.value} ${protocol.value}`)),
    traffic: ports.length > 0 ? describeTraffic(routes) : '',
    timeout: ports.some(isHttp) ? policy.timeout.value : '',
    retries: ports.some(isHttp) ? describeRetryPolicy(policy) : '',
    outside: joinParts([
      ...exposures.map(({ gateway, host }) => joinParts([code(host.value), 'at', gateway.name.value], ' ')),
      ...passages.map(({ gateway, by }) =>
        joinParts(
          by.kind === 'host'
            ? ['TLS of', code(by.host.value), 'at', gateway.name.value]
            : [`TCP on ${by.listener.number.value} at`, gateway.name.value],
          ' ',
        ),
      ),
    ]),
  }
}

const describeRetryPolicy = ({ retries }: TrafficPolicy) =>
  retries.isIstioDefault
    ? 'the default of Istio'
    : retries.attempts.value === 0
      ? 'none'
      : `${retries.attempts.value}${retries.perTryTimeout === undefined ? '' : ` of ${retries.perTryTimeout.value}`}`

function externalRow(external: External) {
  const { key, hosts, port, tls, policy, allow } = external
  return {
    key,
    hosts: codes(hosts.map(({ value }) => value)),
    port: `${port.number.value} ${port.protocol.value}`,
    tls: { originate: 'by the mesh: call it over http', passthrough: 'by the caller', none: 'none' }[
      tls.value
    ],
    timeout: isTimed(external) ? policy.timeout.value : '',
    callers: codes(allow.map(({ from }) => nameCaller(from))),
  }
}

const isUncalled = ({ allow, ports }: Service) => allow.length === 0 && ports.length > 0

function expectationRows(expectation: Expectation) {
  const { only, never, from, to, method, path, headers, jwtMissing, issuers, claims, reason } = expectation
  const target = to === undefined ? 'any service' : code(nameDestination(to))
  const request = [
    ...(method === undefined ? [] : [code(method.value)]),
    ...(path === undefined ? [] : [code(printMatch(path.value))]),
    ...headers.map(([name, { value }]) => code(`${name}: ${printMatch(value)}`)),
  ]
  const whose = issuers.length === 0 ? [] : ['of', listCodedValues(issuers.map(({ name }) => name))]
  const has = claims.map(([names, values]) =>
    joinParts([code(names.join('.')), 'is', listCodedValues(values)], ' '),
  )
  const token = [
    ...(issuers.length + claims.length === 0 ? [] : ['a token', ...whose]),
    ...(has.length === 0 ? [] : ['in which', joinParts(has, ' and ')]),
  ]
  const parts = [
    ...(request.length === 0 ? [] : [joinParts(request, ' ')]),
    ...(token.length === 0 ? [] : [joinParts(token, ' ')]),
  ]
  const asked = [
    ...(parts.length === 0 ? [] : ['with', joinParts(parts, ' and ')]),
    ...(jwtMissing === undefined ? [] : ['without a valid token']),
  ]
  const named = (callers: readonly Caller[]) => listProse(callers.map(caller => code(nameCaller(caller))))
  const forms = [
    ...(only === undefined ? [] : [['only', named(only)]]),
    ...(never === undefined ? [] : [['none of', named(never)]]),
    ...(from === undefined ? [] : [[code(nameCaller(from))]]),
  ]
  return forms.map(who => ({
    must: joinParts([...who, 'may call', target, ...asked], ' '),
    because: reason?.value ?? '',
  }))
}

const listCodedValues = (values: readonly Sourced<string>[]) =>
  listProse(
    values.map(({ value }) => code(value)),
    'or',
  )

/** Lists the parts that differ from the rest of the mesh on purpose. */
function listExceptions(mesh: Mesh): readonly { readonly what: Prose; readonly because: string }[] {
  return [
    ...mesh.namespaces
      .filter(({ mtls }) => mtls.value !== mesh.mtls.value)
      .map(({ name, mtls }) => ({
        what: joinParts([`mTLS is ${mtls.value} in`, code(name.value)], ' '),
        because: '',
      })),
    ...mesh.namespaces
      .filter(({ injection }) => injection.value === 'off')
      .map(({ name }) => ({
        what: joinParts(['no pod gets a sidecar in', code(name.value)], ' '),
        because: '',
      })),
    ...mesh.services.flatMap(({ key, ports, fault, sidecar, machines }) => [
      ...(sidecar.place?.key === 'sidecar'
        ? [
            {
              what: joinParts(
                [
                  machines === undefined ? 'the pods of' : 'the virtual machines of',
                  code(key),
                  'have no sidecar',
                ],
                ' ',
              ),
              because: '',
            },
          ]
        : []),
      ...ports.flatMap(port =>
        findBypass({ sidecar }, port) === undefined
          ? []
          : [
              {
                what: joinParts(
                  ['connections to port', code(port.key), 'of', code(key), 'bypass the sidecar'],
                  ' ',
                ),
                because: '',
              },
            ],
      ),
      ...ports.flatMap(({ key: port, mtls }) =>
        mtls === undefined
          ? []
          : [
              {
                what: joinParts([`mTLS is ${mtls.value} at port`, code(port), 'of', code(key)], ' '),
                because: '',
              },
            ],
      ),
      ...(fault === undefined
        ? []
        : [
            {
              what: joinParts(
                [
                  `${fault.share.value}% of the requests of`,
                  code(key),
                  'that match its fault fail or are delayed on purpose',
                ],
                ' ',
              ),
              because: '',
            },
          ]),
    ]),
    ...mesh.patches.map(({ kind, namespace, name, reason }) => ({
      what: joinParts(['a patch changes', code(`${kind} ${namespace}/${name}`)], ' '),
      because: reason?.value ?? '',
    })),
    ...mesh.raw.map(({ kind, namespace, name }) => ({
      what: joinParts(
        [
          'the spec has a raw object:',
          code(`${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`),
        ],
        ' ',
      ),
      because: '',
    })),
  ]
}

/** Rows under the namespace of each, namespaces in the order of their first row by name. */
export function groupByNamespace<Row extends { readonly namespace: string }>(
  rows: readonly Row[],
): readonly (readonly [string, readonly Row[]])[] {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const group = groups.get(row.namespace)
    if (group === undefined) groups.set(row.namespace, [row])
    else group.push(row)
  }
  return [...groups].sort(([a], [b]) => compare(a, b))
}
