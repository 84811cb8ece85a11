import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { evaluate } from '../../compiler/behavior/evaluate/evaluate.ts'
import { readModel } from '../../compiler/behavior/read/read-model.ts'
import { getModel, listObjects } from '../support/model-of.ts'

const reading = suite('manifests read into a model')

const policy = (name: string, creationTimestamp?: unknown) => ({
  apiVersion: 'security.istio.io/v1',
  kind: 'PeerAuthentication',
  metadata: { name, namespace: 'shop', creationTimestamp },
  spec: { mtls: { mode: 'STRICT' } },
})

reading('an object without a creation time is younger than all objects with one', () => {
  const { peerAuthentications } = getModel([
    policy('b-unborn'),
    policy('a-unborn', null),
    policy('c-late', '2025-06-01T08:00:00Z'),
    policy('e-early', '2025-06-01T09:00:00+02:00'),
    policy('d-late', '2025-06-01T08:00:00Z'),
  ])
  assert.equal(
    peerAuthentications.map(({ name }) => name),
    ['e-early', 'c-late', 'd-late', 'a-unborn', 'b-unborn'],
  )
})

reading('a creation time in another form than that of an API server is refused', () => {
  for (const time of ['yesterday', '2025-06-01', '2025-13-01T08:00:00Z', 5]) {
    const { refused, peerAuthentications } = getModel([policy('strict', time)])
    assert.equal(peerAuthentications, [])
    assert.equal(
      refused.map(({ path, reason }) => [path, reason]),
      [[['metadata', 'creationTimestamp'], 'this is not a time']],
    )
  }
})

reading('a Sidecar with a listener that Istio does not accept is refused', () => {
  const port = { number: 8080, protocol: 'HTTP', name: 'http' }
  const listRefusals = (ingress: readonly object[]) =>
    getModel([
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'Sidecar',
        metadata: { name: 'cart', namespace: 'shop' },
        spec: { ingress },
      },
    ]).refused.map(({ reason }) => reason)
  for (const defaultEndpoint of [
    '127.0.0.1:80',
    '0.0.0.0:80',
    ':80',
    '[::1]:80',
    '[::]:80',
    'unix:///a.sock',
  ])
    assert.equal(listRefusals([{ port, defaultEndpoint }]), [])
  const refusedListeners = [
    [{ port, defaultEndpoint: '10.0.0.1:80' }],
    [{ port }, { port }],
    [{ port: { ...port, protocol: 'SMTP' } }],
    [{ port, tls: { mode: 'SIMPLE' } }],
    [{ port: { ...port, protocol: 'HTTPS' }, tls: { mode: 'SIMPLE', credentialName: 'cart' } }],
  ]
  for (const ingress of refusedListeners) assert.is(listRefusals(ingress).length, 1, JSON.stringify(ingress))
})

/** Lists the settings of a MeshConfig that meshc does not model. */
const listUnmodelled = (meshConfig: object) =>
  getModel([], meshConfig).settings.unmodelled.map(({ path, reason }) => `${path.join('.')}: ${reason?.code}`)

reading('the model does not report settings of a mesh that affect no request', () => {
  const meshConfig = {
    proxyListenPort: 15001,
    proxyInboundListenPort: 15006,
    proxyHttpPort: 15080,
    hboneIdleTimeout: '1h',
    enableEnvoyAccessLogService: true,
    disableEnvoyListenerLog: true,
    inboundTrafficPolicy: { mode: 'LOCALHOST' },
    zoneAwareLbSetting: { enabled: true },
    discoverySelectors: [{ matchLabels: { mesh: 'ours' } }],
    serviceSettings: [{ hosts: ['*.shop.svc.cluster.local'], settings: { clusterLocal: true } }],
    serviceScopeConfigs: [{ scope: 'GLOBAL' }],
    serviceEntryVisibility: { defaultVisibility: 'NAMESPACE' },
    defaultConfig: {
      gatewayTopology: { numTrustedProxies: 1, forwardClientCertDetails: 'SANITIZE', proxyProtocol: {} },
      runtimeValues: { 'overload.global_downstream_max_connections': '5000' },
      interceptionMode: 'TPROXY',
      connectionSettings: { httpIdleTimeout: '1h' },
      configPath: '/etc/istio/proxy',
      binaryPath: '/usr/local/bin/envoy',
      serviceCluster: 'istio-proxy',
      tracingServiceName: 'APP_LABEL_AND_NAMESPACE',
      discoveryRefreshDelay: '10s',
      zipkinAddress: 'zipkin:9411',
      statsdUdpAddress: 'statsd:9125',
      envoyMetricsServiceAddress: 'metrics:15000',
      envoyMetricsService: { address: 'metrics:15000' },
      envoyAccessLogService: { address: 'logs:15000' },
      proxyAdminPort: 15000,
      availabilityZone: 'a',
      controlPlaneAuthPolicy: 'MUTUAL_TLS',
      sds: {},
      statusPort: 15020,
      caCertificatesPem: [],
      privateKeyProvider: {},
      fileFlushInterval: '1s',
      fileFlushMinSizeKb: 64,
      statsCompression: true,
    },
  }
  assert.equal(listUnmodelled(meshConfig), [])
})

reading('the model reports settings of a mesh that may affect requests', () => {
  const defaultConfig = {
    runtimeValues: { 'envoy.reloadable_features.no_extension_lookup_by_name': 'false' },
    interceptionMode: 'NONE',
    connectionSettings: { profile: 'EDGE', httpMergeSlashes: true },
    customConfigFile: '/etc/envoy.yaml',
  }
  const outboundTrafficPolicy = { mode: 'ALLOW_ANY_DYNAMIC_DNS' }
  const serviceEntryVisibility = { applyToSidecars: true }
  assert.equal(
    listUnmodelled({ defaultConfig, outboundTrafficPolicy, serviceEntryVisibility, sidecars: [] }),
    [
      'defaultConfig.runtimeValues.envoy.reloadable_features.no_extension_lookup_by_name: runtime-flag',
      'defaultConfig.connectionSettings.httpMergeSlashes: path-and-header-hardening',
      'defaultConfig.customConfigFile: custom-bootstrap',
      'sidecars: unknown-field',
      'outboundTrafficPolicy.mode: dynamic-dns-of-unknown-hosts',
      'serviceEntryVisibility.applyToSidecars: service-entry-visibility',
      'defaultConfig.interceptionMode: traffic-capture-none',
      'defaultConfig.connectionSettings.profile: path-and-header-hardening',
    ],
  )
})

/** Labels of a namespace and of a pod, and a boolean: a webhook of Istio's chart selects the pod. */
const injections: readonly (readonly [
  namespace: Readonly<Record<string, string>>,
  pod: Readonly<Record<string, string>>,
  isInjected: boolean,
])[] = [
  [{}, {}, false],
  [{}, { 'sidecar.istio.io/inject': 'true' }, true],
  [{}, { 'istio.io/rev': 'default' }, true],
  [{ 'istio.io/rev': 'default' }, {}, true],
  [{ 'istio.io/rev': 'default' }, { 'sidecar.istio.io/inject': 'false' }, false],
  [{ 'istio-injection': 'enabled' }, {}, true],
  [{ 'istio-injection': 'enabled' }, { 'sidecar.istio.io/inject': 'false' }, false],
  [{ 'istio-injection': 'disabled' }, {}, false],
  [{ 'istio-injection': 'disabled' }, { 'sidecar.istio.io/inject': 'true' }, false],
  [{ 'istio-injection': 'disabled' }, { 'istio.io/rev': 'default' }, false],
  [{ 'istio-injection': 'disabled', 'istio.io/rev': 'default' }, {}, false],
]

reading('a pod has a sidecar if a webhook selects it, in manifests and as a caller', () => {
  for (const [namespaceLabels, podLabels, isInjected] of injections) {
    const labels = { app: 'cart', ...podLabels }
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop', labels: namespaceLabels },
    }
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'cart', namespace: 'shop' },
      spec: { template: { metadata: { labels }, spec: { containers: [{ name: 'app' }] } } },
    }
    const words = JSON.stringify([namespaceLabels, podLabels])
    const mode = isInjected ? 'sidecar' : 'none'
    const { workloads } = getModel([namespace, deployment])
    assert.equal(
      workloads.map(({ proxy }) => proxy),
      [mode],
      words,
    )
    const request = { from: { namespace: 'shop', labels }, to: { host: 'example.com', port: 80 } }
    assert.is(evaluate(getModel([namespace]), request).mode, mode, words)
  }
})

/** Asks about a mesh with these control planes, in which a policy of a revision denies all calls of cart. */
function askUnderRevisions(label: string, revisions: readonly (string | undefined)[]) {
  const model = getModel([
    ...revisions.map((revision, index) => ({
      apiVersion: 'install.istio.io/v1alpha1',
      kind: 'IstioOperator',
      metadata: { name: `istio-${index}`, namespace: 'istio-system' },
      spec: { revision },
    })),
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { 'istio.io/rev': 'stable' } } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'cart', namespace: 'shop' },
      spec: { selector: { app: 'cart' }, ports: [{ name: 'http', port: 80 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'cart', namespace: 'shop' },
      spec: { template: { metadata: { labels: { app: 'cart' } }, spec: { serviceAccountName: 'cart' } } },
    },
    {
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: { name: 'none', namespace: 'shop', labels: { 'istio.io/rev': label } },
      spec: {},
    },
  ])
  const { verdict, unknown } = evaluate(model, {
    from: { namespace: 'shop', serviceAccount: 'cart' },
    to: { host: 'cart.shop.svc.cluster.local', port: 80 },
  })
  return [verdict, ...unknown.map(({ object, reason }) => `${object.kind} ${object.name}: ${reason?.code}`)]
}

reading(
  'an object of another revision is read by no control plane, and one of the only revision by all',
  () => {
    assert.equal(askUnderRevisions('stable', ['stable']), ['DENY'])
    assert.equal(askUnderRevisions('canary', ['stable']), ['ALLOW'])
    // istiod compares the label with its revision. A tag is not a revision.
    assert.equal(askUnderRevisions('prod', ['stable', 'canary']), ['ALLOW'])
  },
)

reading(
  'an object that some control planes read, or whose revision no control plane has, leaves requests UNKNOWN',
  () => {
    const unknown = ['UNKNOWN', 'AuthorizationPolicy none: object-of-one-control-plane']
    assert.equal(askUnderRevisions('stable', ['stable', 'canary']), unknown)
    assert.equal(askUnderRevisions('stable', []), unknown)
    assert.equal(askUnderRevisions('stable', [undefined]), unknown)
  },
)

reading('several control planes with different settings leave requests UNKNOWN', () => {
  const operators = ['stable', 'canary'].map(revision => ({
    apiVersion: 'install.istio.io/v1alpha1',
    kind: 'IstioOperator',
    metadata: { name: revision, namespace: 'istio-system' },
    spec: { revision, meshConfig: { trustDomain: `${revision}.example.com` } },
  }))
  assert.equal(
    readModel(listObjects(operators)).settings.unmodelled.map(({ reason }) => reason?.code),
    ['different-control-planes'],
  )
  assert.equal(readModel(listObjects(operators.slice(0, 1))).settings.unmodelled, [])
})

reading.run()
