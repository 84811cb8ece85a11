import type { ManifestObject } from '../manifest-object.ts'
import type { ExtensionProvider, MeshSettings, ModelObject } from '../model.ts'
import type { Unmodelled } from '../result.ts'
import {
  type FieldRule,
  fields,
  flag,
  listOf,
  mapOf,
  misfitIn,
  oneOf,
  read,
  text,
  texts,
  unmodelled,
  unmodelledIn,
  withoutEffect,
} from './fields.ts'
import { retries } from './kinds.ts'
import { isMap, listAt, mapAt, textAt, textsAt } from './values.ts'
import { retriesOf } from './virtual-services.ts'

/** What istiod is told of the mesh, and where that stands; nothing: its defaults. */
export interface MeshConfig {
  readonly value: unknown
  readonly source?: ManifestObject
}

/** The settings of a mesh. `meshConfig` is what Istio calls so: of an IstioOperator, or of Helm values. */
export function meshSettingsOf(meshConfig: MeshConfig = { value: undefined }): MeshSettings {
  const { value, source } = meshConfig
  const object: ModelObject = {
    kind: 'MeshConfig',
    namespace: textAt(value, 'rootNamespace') ?? 'istio-system',
    name: 'istio',
    source,
    unmodelled: [],
  }
  const normalization = textAt(mapAt(value, 'pathNormalization'), 'normalization')
  const misfit = misfitIn(value, meshConfigFields)
  const all = [...(misfit === undefined ? [] : [misfit]), ...unmodelledIn(value, meshConfigFields, [])]
  const found: readonly Unmodelled[] = all.map(({ path, reason }) => ({ object, path, reason }))
  return {
    rootNamespace: object.namespace,
    trustDomain: textAt(value, 'trustDomain') ?? 'cluster.local',
    trustDomainAliases: textsAt(value, 'trustDomainAliases'),
    outbound:
      textAt(mapAt(value, 'outboundTrafficPolicy'), 'mode') === 'REGISTRY_ONLY'
        ? 'REGISTRY_ONLY'
        : 'ALLOW_ANY',
    enableAutoMtls: !(isMap(value) && value['enableAutoMtls'] === false),
    pathNormalization:
      normalization === 'NONE' ||
      normalization === 'MERGE_SLASHES' ||
      normalization === 'DECODE_AND_MERGE_SLASHES'
        ? normalization
        : 'BASE',
    defaultServiceExportTo: orEverywhere(textsAt(value, 'defaultServiceExportTo')),
    defaultVirtualServiceExportTo: orEverywhere(textsAt(value, 'defaultVirtualServiceExportTo')),
    defaultDestinationRuleExportTo: orEverywhere(textsAt(value, 'defaultDestinationRuleExportTo')),
    extensionProviders: listAt(value, 'extensionProviders').map(providerOf),
    defaultHttpRetryPolicy: retriesOf(mapAt(value, 'defaultHttpRetryPolicy')),
    unmodelled: found,
    object,
  }
}

const orEverywhere = (names: readonly string[]) => (names.length > 0 ? names : ['*'])

const providerOf = (provider: unknown): ExtensionProvider => ({
  name: textAt(provider, 'name') ?? '',
  authorizes:
    mapAt(provider, 'envoyExtAuthzHttp') !== undefined
      ? 'http'
      : mapAt(provider, 'envoyExtAuthzGrpc') !== undefined
        ? 'grpc'
        : undefined,
})

/** What there is to say of it is what kind of provider it is. */
const provider = mapOf(read)
const telemetry = withoutEffect('it shows in telemetry only')
const operation = withoutEffect('it is about how proxies run')

/** What is known of MeshConfig. `defaultConfig`: only the topology of gateways tells who a client is. */
const meshConfigFields: FieldRule = fields({
  rootNamespace: text,
  trustDomain: text,
  trustDomainAliases: texts,
  outboundTrafficPolicy: fields({
    mode: oneOf('REGISTRY_ONLY', 'ALLOW_ANY'),
    tls: unmodelled('TLS towards hosts that are unknown'),
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
  enableTracing: telemetry,
  enablePrometheusMerge: telemetry,
  outboundClusterStatName: telemetry,
  inboundClusterStatName: telemetry,
  meshMTLS: withoutEffect('both sides of the mesh speak every version of TLS that it may name'),
  tlsDefaults: withoutEffect('both sides of the mesh speak every version of TLS that it may name'),
  connectTimeout: operation,
  tcpKeepalive: operation,
  protocolDetectionTimeout: operation,
  dnsRefreshRate: operation,
  localityLbSetting: operation,
  h2UpgradePolicy: operation,
  configSources: operation,
  ingressClass: operation,
  ingressService: operation,
  ingressSelector: operation,
  ingressControllerMode: operation,
  defaultTrafficPolicy: operation,
  defaultConfig: fields({
    gatewayTopology: unmodelled('proxies in front of gateways, which tell the address of a client'),
    proxyMetadata: operation,
    holdApplicationUntilProxyStarts: operation,
    terminationDrainDuration: operation,
    drainDuration: operation,
    discoveryAddress: operation,
    tracing: telemetry,
    concurrency: operation,
    image: operation,
    proxyStatsMatcher: telemetry,
    meshId: telemetry,
    statNameLength: telemetry,
    extraStatTags: telemetry,
    readinessProbe: operation,
    runtimeValues: unmodelled('runtime flags of Envoy'),
    proxyHeaders: withoutEffect('headers that it sets are none that a rule compares'),
  }),
  serviceSettings: unmodelled('services that belong to one cluster'),
  proxyHttpPort: unmodelled('a port of the proxy for HTTP'),
  discoverySelectors: unmodelled('namespaces that istiod does not see'),
  serviceScopeConfigs: unmodelled('services of several clusters'),
  serviceEntryVisibility: unmodelled('who sees a ServiceEntry'),
  caCertificates: withoutEffect('certificates are taken to be what the other side trusts'),
  certificates: withoutEffect('certificates are taken to be what the other side trusts'),
  ca: withoutEffect('certificates are taken to be what the other side trusts'),
  verifyCertificateAtClient: withoutEffect('Istio verifies them in any case'),
})
