import type { PassedSettings } from '../../schema/istio-settings.ts'
import { isRecord } from '../../schema/json-schema.ts'
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { listInstalledGateways } from './installed-gateways.ts'
import type { Mesh, PassedTree } from './mesh.ts'
import { proxyConfigAnnotation } from './proxy-config.ts'

/** A map of settings that pass through, and the field of the spec that has it. */
export interface Passed extends PassedTree {
  readonly settings: PassedSettings
  readonly field: string
}

/** Lists the maps of settings that a spec passes through. */
export function* listPassed(mesh: Mesh): Iterable<Passed> {
  const { meshConfig, values } = mesh.istio
  if (meshConfig !== undefined) yield { settings: 'meshConfig', field: 'istio.meshConfig', ...meshConfig }
  if (values !== undefined) yield { settings: 'values', field: 'istio.values', ...values }
  for (const { name, installation } of listInstalledGateways(mesh))
    if (installation.values !== undefined)
      yield { settings: 'gatewayValues', field: `gateways.${name.value}.values`, ...installation.values }
}

/** The reason why a spec cannot pass a setting through: a field of the spec sets it, or meshc has to know of it. */
type Ruling = { readonly setBy: string } | { readonly why: string }

/** A setting that cannot pass through, with its path from the map on. */
interface RuledSetting {
  readonly path: SpecPath
  readonly ruling: Ruling
}

/** Lists the settings of a map that cannot pass through. */
export function* listRuled({ settings, value }: Pick<Passed, 'settings' | 'value'>): Iterable<RuledSetting> {
  yield* listRuledBelow(rulings[settings], value, [])
  const named = {
    meshConfig: [],
    values: [['env', ruleVariable]],
    gatewayValues: [
      ['env', ruleGatewayVariable],
      ['podAnnotations', ruleAnnotation],
    ],
  } as const
  for (const [field, rule] of named[settings]) {
    const map = value[field]
    if (!isRecord(map)) continue
    for (const name of Object.keys(map)) {
      const ruling = rule(name)
      if (ruling !== undefined) yield { path: [field, name], ruling }
    }
  }
}

/** Tells whether a setting, or one around it, cannot pass through. */
export function isRuled(settings: PassedSettings, path: readonly string[]): boolean {
  const value = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), '')
  // The path has a key at least.
  return [...listRuled({ settings, value: value as PassedTree['value'] })].length > 0
}

/** The settings of a map that can pass through; undefined if there are none. */
export function keepPassable(
  settings: PassedSettings,
  value: PassedTree['value'],
): PassedTree['value'] | undefined {
  const ruled = [...listRuled({ settings, value })].map(({ path }) => path.join('.'))
  return keepOthers(value, new Set(ruled), '')
}

function keepOthers(
  value: PassedTree['value'],
  dropped: ReadonlySet<string>,
  around: string,
): PassedTree['value'] | undefined {
  const entries = Object.entries(value).flatMap(([key, entry]): readonly (readonly [string, unknown])[] => {
    const path = `${around}${key}`
    if (dropped.has(path)) return []
    if (!isRecord(entry) || Object.keys(entry).length === 0) return [[key, entry]]
    const rest = keepOthers(entry, dropped, `${path}.`)
    return rest === undefined ? [] : [[key, rest]]
  })
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

function* listRuledBelow(
  table: Readonly<Record<string, Ruling>>,
  value: object,
  around: readonly string[],
): Iterable<RuledSetting> {
  for (const [key, entry] of Object.entries(value)) {
    const path = [...around, key]
    const name = path.join('.')
    if (Object.hasOwn(table, name)) yield { path, ruling: table[name]! }
    else if (isRecord(entry)) yield* listRuledBelow(table, entry, path)
  }
}

const setBy = (field: string): Ruling => ({ setBy: field })
const makeRuling = (why: string): Ruling => ({ why })

const injection = makeRuling(
  'it decides which pods have a sidecar, which meshc reads from `injection` and `sidecar`',
)
const captured = makeRuling(
  'it decides which connections a sidecar takes, which meshc reads from the ports of services',
)
const otherProxy = makeRuling('it makes another proxy of the pods, which meshc does not follow')
const templates = makeRuling('it changes what a sidecar is, which meshc does not follow')
const installed = setBy('istio.install')
const replicas = setBy('istio.controlPlane.replicas')
const gatewayReplicasField = setBy('gateways.<name>.replicas')
const unreachable = makeRuling(
  'an IstioOperator cannot set it, and Helm and istioctl install the same gateway',
)
const accountRuling = makeRuling('policies know the proxies by their service account')

const rulings: Readonly<Record<PassedSettings, Readonly<Record<string, Ruling>>>> = {
  meshConfig: {
    rootNamespace: setBy('istio.namespace'),
    trustDomain: setBy('istio.trustDomain'),
    outboundTrafficPolicy: setBy('egress'),
    enableAutoMtls: setBy('mtls'),
    accessLogFile: setBy('observability.accessLog'),
    accessLogFormat: setBy('observability.accessLog'),
    accessLogEncoding: setBy('observability.accessLog'),
    enableTracing: setBy('observability.tracing'),
    extensionProviders: makeRuling('meshc writes the list from `authorizers` and `observability`'),
    defaultProviders: makeRuling('meshc names the providers of telemetry from `observability`'),
    pathNormalization: makeRuling('a policy on a path must see the path that the service sees'),
    connectTimeout: setBy('defaults.connections.connectTimeout'),
    tcpKeepalive: setBy('defaults.connections.keepalive'),
    localityLbSetting: setBy('defaults.loadBalancing.locality'),
    defaultHttpRetryPolicy: setBy('defaults.retries'),
    'defaultConfig.holdApplicationUntilProxyStarts': setBy('istio.proxy.holdApplication'),
    'defaultConfig.concurrency': setBy('istio.proxy.concurrency'),
    'defaultConfig.image': setBy('istio.proxy.image'),
    'defaultConfig.terminationDrainDuration': setBy('istio.proxy.drain'),
    'defaultConfig.tracing': setBy('observability.tracing'),
    'defaultConfig.gatewayTopology.numTrustedProxies': setBy('gateways.<name>.trustedProxies'),
    'defaultConfig.gatewayTopology.proxyProtocol': setBy('gateways.<name>.proxyProtocol'),
    'defaultConfig.gatewayTopology.forwardClientCertDetails': setBy(
      'gateways.<name>.forwardClientCertificate',
    ),
  },
  values: {
    autoscaleEnabled: replicas,
    autoscaleMin: replicas,
    autoscaleMax: replicas,
    replicaCount: replicas,
    cpu: replicas,
    resources: setBy('istio.controlPlane.resources'),
    meshConfig: setBy('istio.meshConfig'),
    revision: setBy('istio.revision'),
    revisionTags: setBy('istio.revision'),
    defaultRevision: setBy('istio.revision'),
    'global.revision': setBy('istio.revision'),
    hub: setBy('istio.hub'),
    'global.hub': setBy('istio.hub'),
    tag: setBy('istio.version'),
    'global.tag': setBy('istio.version'),
    'global.imagePullSecrets': setBy('istio.pullSecrets'),
    'global.istioNamespace': setBy('istio.namespace'),
    cni: setBy('istio.cni'),
    gateways: setBy('gateways'),
    traceSampling: setBy('observability.tracing.sampling'),
    'global.tracer': setBy('observability.tracing'),
    'global.proxy.tracer': setBy('observability.tracing'),
    telemetry: setBy('observability'),
    'global.proxy.resources': setBy('istio.proxy.resources'),
    'global.proxy.holdApplicationUntilProxyStarts': setBy('istio.proxy.holdApplication'),
    enabled: installed,
    istiodRemote: installed,
    'global.externalIstiod': installed,
    'global.configCluster': installed,
    'global.remotePilotAddress': installed,
    'global.istiod': makeRuling('meshc turns the analysis of istiod on'),
    base: makeRuling('meshc installs the chart `base` with values of its own'),
    profile: makeRuling('a profile changes settings that meshc takes to be those of Istio'),
    compatibilityVersion: makeRuling('an older behavior of Istio is none that meshc follows'),
    configMap: makeRuling('without the ConfigMap, istiod does not read the settings of the mesh'),
    envVarFrom: makeRuling('meshc cannot see the variables'),
    extraContainerArgs: makeRuling('meshc cannot see what the arguments change'),
    'global.proxy.clusterDomain': makeRuling('the hosts of services end in `cluster.local`'),
    'global.omitSidecarInjectorConfigMap': injection,
    'global.proxy.autoInject': injection,
    'sidecarInjectorWebhook.enableNamespacesByDefault': injection,
    'sidecarInjectorWebhook.neverInjectSelector': injection,
    'sidecarInjectorWebhook.alwaysInjectSelector': injection,
    'sidecarInjectorWebhook.injectedAnnotations': captured,
    'sidecarInjectorWebhook.templates': templates,
    'sidecarInjectorWebhook.defaultTemplates': templates,
    'sidecarInjectorWebhook.injectionURL': installed,
    'global.proxy.includeIPRanges': captured,
    'global.proxy.excludeIPRanges': captured,
    'global.proxy.includeInboundPorts': captured,
    'global.proxy.excludeInboundPorts': captured,
    'global.proxy.includeOutboundPorts': captured,
    'global.proxy.excludeOutboundPorts': captured,
  },
  gatewayValues: {
    name: setBy('gateways'),
    revision: setBy('namespaces.<name>.revision'),
    labels: setBy('gateways.<name>.labels'),
    replicaCount: gatewayReplicasField,
    autoscaling: gatewayReplicasField,
    kind: gatewayReplicasField,
    resources: setBy('gateways.<name>.resources'),
    topologySpreadConstraints: setBy('gateways.<name>.spread'),
    podDisruptionBudget: setBy('gateways.<name>.disruptions'),
    networkGateway: setBy('gateways.<name>.eastWest'),
    networkGatewayPorts: setBy('gateways.<name>.eastWest'),
    imagePullSecrets: setBy('istio.pullSecrets'),
    'service.type': setBy('gateways.<name>.service.type'),
    'service.annotations': setBy('gateways.<name>.service.annotations'),
    'service.externalTrafficPolicy': setBy('gateways.<name>.service.externalTrafficPolicy'),
    'service.loadBalancerSourceRanges': setBy('gateways.<name>.service.sourceRanges'),
    'service.ports': setBy('gateways.<name>.ports'),
    'service.clusterIP': makeRuling('callers in the cluster find the gateway by its address'),
    'service.selectorLabels': makeRuling('the Service leads to all proxies that the Gateway selects'),
    'serviceAccount.create': accountRuling,
    'serviceAccount.name': accountRuling,
    rbac: makeRuling('the proxies read the secrets of their certificates'),
    compatibilityVersion: makeRuling('an older behavior of Istio is none that meshc follows'),
    profile: makeRuling('a profile changes settings that meshc takes to be those of Istio'),
    platform: makeRuling('a platform changes settings that meshc takes to be those of Istio'),
    additionalContainers: unreachable,
    annotations: unreachable,
    containerSecurityContext: unreachable,
    dnsConfig: unreachable,
    dnsPolicy: unreachable,
    envVarFrom: unreachable,
    global: unreachable,
    initContainers: unreachable,
    volumeMounts: unreachable,
    volumes: unreachable,
  },
}

/** Variables of the agent beside a proxy, none of which a request shows. See istio pilot/cmd/pilot-agent/options */
const ofAgentAlone =
  /^(GO(GC|DEBUG|MAXPROCS|MEMLIMIT)|EXIT_ON_ZERO_ACTIVE_CONNECTIONS|MINIMUM_DRAIN_DURATION|XDS_AUTH_PROVIDER)$/

const ruleGatewayVariable = (name: string): Ruling | undefined =>
  ofAgentAlone.test(name) ? undefined : unfollowed

/** Decides about an annotation of the pods of a gateway: with Istio's annotations, the injector makes the pod's proxy. */
function ruleAnnotation(name: string): Ruling | undefined {
  if (name === proxyConfigAnnotation) return setBy('gateways.<name>.trustedProxies')
  return /(^|\.)istio\.io\//.test(name) ? otherProxy : undefined
}

/** Variables for istiod's own work, none of which a request shows. See istio pilot/pkg/features */
const ofIstiodAlone =
  /^(GO(GC|DEBUG|MAXPROCS|MEMLIMIT)|CITADEL_\w+|(DEFAULT|MAX)_WORKLOAD_CERT_TTL|ENABLE_(DEBUG_ENDPOINT_AUTH|DEBUG_ON_HTTP|LAZY_SIDECAR_EVALUATION|LEADER_ELECTION|VTPROTOBUF)|ISTIO_(DELTA_XDS|ENABLE_CONTROLLER_QUEUE_METRICS|GPRC_\w+|KUBE_CLIENT_CONTENT_TYPE)|MUTEX_PROFILE_FRACTION|PILOT_(ANALYSIS_INTERVAL|CONVERT_SIDECAR_SCOPE_CONCURRENCY|DEBOUNCE_(AFTER|MAX)|ENABLE_(CDS_CACHE|EDS_DEBOUNCE|RDS_CACHE|XDS_CACHE)|ENVOY_FILTER_STATS|JWT_PUB_KEY_REFRESH_INTERVAL|MAX_REQUESTS_PER_SECOND|PUSH_THROTTLE|STATUS_MAX_WORKERS|XDS_CACHE_\w+)|UNSAFE_ENABLE_ADMIN_ENDPOINTS)$/

function ruleVariable(name: string): Ruling | undefined {
  if (name === 'ENABLE_NATIVE_SIDECARS') return setBy('istio.proxy.native')
  if (name === 'PILOT_JWT_ENABLE_REMOTE_JWKS') return setBy('jwt')
  if (name === 'PILOT_TRACE_SAMPLING') return setBy('observability.tracing.sampling')
  if (ofIstiodAlone.test(name)) return undefined
  return unfollowed
}

const unfollowed = makeRuling('it may change what requests do, which meshc does not follow')
