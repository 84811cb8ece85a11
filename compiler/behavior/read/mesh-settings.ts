import type { ManifestObject } from '../manifest-object.ts'
import type { ExtensionProvider, MeshSettings, ModelObject } from '../model.ts'
import type { Unmodelled } from '../result.ts'
import { readSelectors } from './discovery.ts'
import {
  type FieldRule,
  fields,
  findMisfit,
  flag,
  listOf,
  listUnmodelledFields,
  mapOf,
  oneOf,
  read,
  text,
  textMap,
  texts,
  unmodelled,
  wholeNumber,
  withoutEffect,
} from './fields.ts'
import { certificates, load, telemetry } from './harmless-fields.ts'
import { retries } from './kinds.ts'
import type { Finding } from './read-object.ts'
import { isMap, listAt, mapAt, numberAt, readText, readTexts } from './values.ts'
import { readRetries } from './virtual-services.ts'

/** The mesh settings that istiod gets, and their position; undefined: Istio's defaults. */
export interface MeshConfig {
  readonly value: unknown
  readonly source?: ManifestObject
}

/** The settings of a mesh. `meshConfig` is Istio's field of that name, in an IstioOperator or in Helm values. */
export function readMeshSettings(meshConfig: MeshConfig = { value: undefined }): MeshSettings {
  const { value, source } = meshConfig
  const object: ModelObject = {
    kind: 'MeshConfig',
    namespace: readText(value, 'rootNamespace') ?? 'istio-system',
    name: 'istio',
    source,
    unmodelled: [],
  }
  const normalization = readText(mapAt(value, 'pathNormalization'), 'normalization')
  const misfit = findMisfit(value, meshConfigFields)
  const all = [
    ...(misfit === undefined ? [] : [misfit]),
    ...listUnmodelledFields(value, meshConfigFields, []),
    ...valuesUnmodelled.filter(({ path, values }) => values.includes(readTextIn(value, path) ?? '')),
  ]
  const unmodelledParts: readonly Unmodelled[] = all.map(({ path, reason }) => ({ object, path, reason }))
  return {
    rootNamespace: object.namespace,
    trustDomain: readText(value, 'trustDomain') ?? 'cluster.local',
    trustDomainAliases: readTexts(value, 'trustDomainAliases'),
    outbound:
      readText(mapAt(value, 'outboundTrafficPolicy'), 'mode') === 'REGISTRY_ONLY'
        ? 'REGISTRY_ONLY'
        : 'ALLOW_ANY',
    enableAutoMtls: !(isMap(value) && value['enableAutoMtls'] === false),
    pathNormalization:
      normalization === 'NONE' ||
      normalization === 'MERGE_SLASHES' ||
      normalization === 'DECODE_AND_MERGE_SLASHES'
        ? normalization
        : 'BASE',
    defaultServiceExportTo: orEverywhere(readTexts(value, 'defaultServiceExportTo')),
    defaultVirtualServiceExportTo: orEverywhere(readTexts(value, 'defaultVirtualServiceExportTo')),
    defaultDestinationRuleExportTo: orEverywhere(readTexts(value, 'defaultDestinationRuleExportTo')),
    extensionProviders: listAt(value, 'extensionProviders').map(getProvider),
    defaultHttpRetryPolicy: readRetries(mapAt(value, 'defaultHttpRetryPolicy')),
    discoverySelectors: readSelectors(value, 'discoverySelectors'),
    trustedProxies:
      numberAt(mapAt(mapAt(value, 'defaultConfig'), 'gatewayTopology'), 'numTrustedProxies') ?? 0,
    hasProxyProtocol:
      mapAt(mapAt(mapAt(value, 'defaultConfig'), 'gatewayTopology'), 'proxyProtocol') !== undefined,
    unmodelled: unmodelledParts,
    object,
  }
}

/** The unmodelled values of fields that are otherwise modelled. */
const valuesUnmodelled: readonly (Finding & {
  readonly values: readonly string[]
  readonly path: readonly string[]
})[] = [
  {
    path: ['outboundTrafficPolicy', 'mode'],
    values: ['ALLOW_ANY_DYNAMIC_DNS'],
    reason: { code: 'dynamic-dns-of-unknown-hosts' },
  },
  {
    path: ['serviceEntryVisibility', 'applyToSidecars'],
    values: ['true'],
    reason: { code: 'service-entry-visibility' },
  },
  {
    path: ['defaultConfig', 'interceptionMode'],
    values: ['NONE'],
    reason: { code: 'traffic-capture-none' },
  },
  {
    path: ['defaultConfig', 'connectionSettings', 'profile'],
    values: ['EDGE'],
    reason: { code: 'path-and-header-hardening' },
  },
]

function readTextIn(value: unknown, path: readonly string[]): string | undefined {
  const last = path.at(-1)
  const holder = path.slice(0, -1).reduce<unknown>((outer, key) => mapAt(outer, key), value)
  return last === undefined ? undefined : readText(holder, last)
}

const orEverywhere = (names: readonly string[]) => (names.length > 0 ? names : ['*'])

function getProvider(provider: unknown): ExtensionProvider {
  const name = readText(provider, 'name') ?? ''
  const http = mapAt(provider, 'envoyExtAuthzHttp')
  const grpc = mapAt(provider, 'envoyExtAuthzGrpc')
  const authorizes = http !== undefined ? 'http' : grpc !== undefined ? 'grpc' : undefined
  return {
    name,
    authorizes,
    authorizer: authorizes === undefined ? name : nameAuthorizer(authorizes, http ?? grpc),
    failsOpen: readBoolean(http ?? grpc, 'failOpen'),
    forwardedHeaders: readTexts(http, 'headersToUpstreamOnAllow'),
  }
}

const readBoolean = (value: unknown, field: string): boolean => isMap(value) && value[field] === true

/** Names an authorizer by its address and by the parts of a request that it receives, since both can affect its answer. */
function nameAuthorizer(protocol: 'http' | 'grpc', settings: unknown): string {
  const service = (readText(settings, 'service') ?? '').replace(/\.svc\.cluster\.local$/, '')
  const headers = [
    ...readTexts(settings, 'includeRequestHeadersInCheck'),
    ...readTexts(settings, 'includeHeadersInCheck'),
  ]
  const added = mapAt(settings, 'includeAdditionalHeadersInCheck')
  return [
    `${protocol}://${service.slice(service.indexOf('/') + 1)}:${numberAt(settings, 'port') ?? ''}${readText(settings, 'pathPrefix') ?? ''}`,
    ...(headers.length > 0 ? [`told ${headers.toSorted().join(', ')}`] : []),
    ...(isMap(added) ? Object.entries(added).map(([name, value]) => `told ${name}: ${String(value)}`) : []),
    ...(mapAt(settings, 'includeRequestBodyInCheck') === undefined ? [] : ['told the body']),
  ].join(', ')
}

/** The one fact about a provider is its kind. */
const provider = mapOf(read)
const operation = withoutEffect('it is about how proxies run')

const versions = withoutEffect('both sides of the mesh speak every version of TLS that it may name')
const bootstrap = unmodelled({ code: 'custom-bootstrap' })
const checked = unmodelled({ code: 'path-and-header-hardening' })

/** Flags of Envoy for limits and for tracing do not affect the answers of the engine. Other flags may. */
const runtimeValues = mapOf(unmodelled({ code: 'runtime-flag' }), key =>
  /^(?:overload|upstream|circuit_breakers|outlier_detection|health_check|tracing)\./.test(key)
    ? load
    : undefined,
)

/**
 * The rules of `defaultConfig`, the configuration of each proxy. See
 * https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig
 */
const proxyConfigFields: FieldRule = fields({
  gatewayTopology: fields({
    numTrustedProxies: wholeNumber(0, 4_294_967_295),
    forwardClientCertDetails: withoutEffect('a rule about x-forwarded-client-cert is UNKNOWN in any case'),
    proxyProtocol: read,
  }),
  runtimeValues,
  interceptionMode: oneOf('REDIRECT', 'TPROXY', 'NONE'),
  connectionSettings: fields({
    profile: oneOf('SIDECAR', 'EDGE'),
    httpHeadersWithUnderscoresAction: checked,
    httpMergeSlashes: checked,
    httpPathWithEscapedSlashesAction: checked,
    listenerPerConnectionBufferLimitBytes: load,
    clusterPerConnectionBufferLimitBytes: load,
    httpIdleTimeout: load,
    httpMaxConnectionDuration: load,
    httpDrainTimeout: load,
    httpRequestTimeout: load,
    httpRequestHeadersTimeout: load,
    httpStreamIdleTimeout: load,
    httpMaxStreamDuration: load,
    httpMaxConcurrentStreams: load,
    http2InitialStreamWindowSize: load,
    http2InitialConnectionWindowSize: load,
    listenerConnectionLimit: load,
    globalDownstreamConnectionLimit: load,
  }),
  customConfigFile: bootstrap,
  proxyBootstrapTemplatePath: bootstrap,
  configPath: operation,
  binaryPath: operation,
  serviceCluster: operation,
  tracingServiceName: telemetry,
  drainDuration: operation,
  discoveryAddress: operation,
  discoveryRefreshDelay: operation,
  zipkinAddress: telemetry,
  statsdUdpAddress: telemetry,
  envoyMetricsServiceAddress: telemetry,
  envoyMetricsService: telemetry,
  envoyAccessLogService: telemetry,
  proxyAdminPort: operation,
  availabilityZone: withoutEffect('it chooses among endpoints that are alike'),
  controlPlaneAuthPolicy: operation,
  statNameLength: telemetry,
  concurrency: operation,
  tracing: telemetry,
  sds: certificates,
  proxyMetadata: operation,
  statusPort: operation,
  extraStatTags: telemetry,
  terminationDrainDuration: operation,
  meshId: telemetry,
  readinessProbe: operation,
  proxyStatsMatcher: telemetry,
  holdApplicationUntilProxyStarts: operation,
  caCertificatesPem: certificates,
  image: operation,
  privateKeyProvider: certificates,
  proxyHeaders: withoutEffect('headers that it sets are none that a rule compares'),
  fileFlushInterval: telemetry,
  fileFlushMinSizeKb: telemetry,
  statsCompression: telemetry,
})

/** The rules of MeshConfig. See https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig */
const meshConfigFields: FieldRule = fields({
  rootNamespace: text,
  trustDomain: text,
  trustDomainAliases: texts,
  outboundTrafficPolicy: fields({
    mode: oneOf('REGISTRY_ONLY', 'ALLOW_ANY', 'ALLOW_ANY_DYNAMIC_DNS'),
    tls: withoutEffect('Istio goes by it where it looks up the names of unknown hosts'),
  }),
  enableAutoMtls: flag,
  pathNormalization: fields({
    normalization: oneOf('DEFAULT', 'NONE', 'BASE', 'MERGE_SLASHES', 'DECODE_AND_MERGE_SLASHES'),
  }),
  defaultServiceExportTo: texts,
  defaultVirtualServiceExportTo: texts,
  defaultDestinationRuleExportTo: texts,
  extensionProviders: listOf(mapOf(provider, key => (key === 'name' ? text : undefined))),
  defaultHttpRetryPolicy: retries,
  defaultProviders: telemetry,
  accessLogFile: telemetry,
  accessLogFormat: telemetry,
  accessLogEncoding: telemetry,
  enableEnvoyAccessLogService: telemetry,
  disableEnvoyListenerLog: telemetry,
  enableTracing: telemetry,
  enablePrometheusMerge: telemetry,
  outboundClusterStatName: telemetry,
  inboundClusterStatName: telemetry,
  meshMTLS: versions,
  tlsDefaults: versions,
  proxyListenPort: operation,
  proxyInboundListenPort: operation,
  proxyHttpPort: withoutEffect(
    'an application that knows it gets to it, and a request that is sent to a host does not',
  ),
  connectTimeout: operation,
  hboneIdleTimeout: operation,
  tcpKeepalive: operation,
  protocolDetectionTimeout: operation,
  dnsRefreshRate: operation,
  localityLbSetting: operation,
  zoneAwareLbSetting: operation,
  h2UpgradePolicy: operation,
  configSources: operation,
  ingressClass: operation,
  ingressService: operation,
  ingressSelector: operation,
  ingressControllerMode: operation,
  defaultTrafficPolicy: load,
  inboundTrafficPolicy: withoutEffect('the application answers, at whatever address it listens'),
  defaultConfig: proxyConfigFields,
  serviceSettings: withoutEffect('all manifests are of one cluster'),
  serviceScopeConfigs: withoutEffect('all manifests are of one cluster'),
  discoverySelectors: listOf(
    fields({
      matchLabels: textMap,
      matchExpressions: listOf(
        fields({ key: text, operator: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist'), values: texts }),
      ),
    }),
  ),
  serviceEntryVisibility: fields({
    applyToSidecars: flag,
    defaultVisibility: withoutEffect('sidecars go by `exportTo`'),
    policies: withoutEffect('sidecars go by `exportTo`'),
  }),
  caCertificates: certificates,
  certificates,
  ca: certificates,
  verifyCertificateAtClient: withoutEffect('Istio verifies them in any case'),
})
