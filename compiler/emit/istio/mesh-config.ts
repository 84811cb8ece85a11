import type { ExtensionProvider, MeshConfig } from '../../../schema/generated/mesh-config.ts'
import { accessLogProvider } from '../../mesh/access-log-provider.ts'
import { printIstioDuration } from '../../mesh/duration.ts'
import type { Authorizer, Mesh } from '../../mesh/mesh.ts'
import { because, decided } from '../../mesh/sourced.ts'
import type { Sourceable } from '../sourceable.ts'
import { addMeshConfig } from './passed-settings.ts'

/** The mesh config, the same for istioctl and for Helm. See https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/ */
export function makeMeshConfig(mesh: Mesh): Sourceable<MeshConfig> {
  const { istio, egress } = mesh
  return addMeshConfig(mesh, {
    rootNamespace: istio.namespace,
    trustDomain: istio.trustDomain,
    enableAutoMtls: true,
    enableTracing: true,
    // The Telemetry sets the destination of the access log; this older switch would add a second one.
    accessLogFile: '',
    outboundTrafficPolicy: {
      mode: egress.map(word =>
        word === 'registry-only' ? ('REGISTRY_ONLY' as const) : ('ALLOW_ANY' as const),
      ),
    },
    // A policy must see the same path as the service: most services read `//admin` as `/admin`.
    pathNormalization: { normalization: 'MERGE_SLASHES' },
    meshMTLS: { minProtocolVersion: 'TLSV1_2' },
    defaultConfig: {
      holdApplicationUntilProxyStarts: istio.proxy.holdApplication.map(word => word === 'on'),
      concurrency: istio.proxy.concurrency,
      image: istio.proxy.image && { imageType: istio.proxy.image },
      terminationDrainDuration: istio.proxy.drain.map(printIstioDuration),
    },
    extensionProviders: extensionProviders(mesh),
    defaultProviders: { metrics: ['prometheus'] },
  })
}

/** Lists the targets of the access log and traces, and the authorizers; an empty list has its reasons too. */
function extensionProviders(mesh: Mesh): Sourceable<readonly ExtensionProvider[]> {
  const { accessLog: log, traced } = mesh.observability
  const providers = [...accessLog(mesh), ...tracing(mesh), ...mesh.authorizers.map(makeAuthorizationProvider)]
  return providers.length > 0 ? providers : because(providers, log, traced)
}

/** The fields of a line of the access log, each an Envoy command. The last three tie a line to its trace. */
const accessLogFields = {
  start_time: '%START_TIME%',
  method: '%REQ(:METHOD)%',
  path: '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%',
  protocol: '%PROTOCOL%',
  response_code: '%RESPONSE_CODE%',
  response_flags: '%RESPONSE_FLAGS%',
  response_code_details: '%RESPONSE_CODE_DETAILS%',
  connection_termination_details: '%CONNECTION_TERMINATION_DETAILS%',
  upstream_transport_failure_reason: '%UPSTREAM_TRANSPORT_FAILURE_REASON%',
  bytes_received: '%BYTES_RECEIVED%',
  bytes_sent: '%BYTES_SENT%',
  duration: '%DURATION%',
  upstream_service_time: '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%',
  x_forwarded_for: '%REQ(X-FORWARDED-FOR)%',
  user_agent: '%REQ(USER-AGENT)%',
  authority: '%REQ(:AUTHORITY)%',
  upstream_host: '%UPSTREAM_HOST%',
  upstream_cluster: '%UPSTREAM_CLUSTER%',
  upstream_local_address: '%UPSTREAM_LOCAL_ADDRESS%',
  downstream_local_address: '%DOWNSTREAM_LOCAL_ADDRESS%',
  downstream_remote_address: '%DOWNSTREAM_REMOTE_ADDRESS%',
  requested_server_name: '%REQUESTED_SERVER_NAME%',
  route_name: '%ROUTE_NAME%',
  peer_identity: '%DOWNSTREAM_PEER_URI_SAN%',
  request_id: '%REQ(X-REQUEST-ID)%',
  traceparent: '%REQ(TRACEPARENT)%',
  b3_trace_id: '%REQ(X-B3-TRACEID)%',
} as const

function accessLog({ observability: { accessLog } }: Mesh): readonly Sourceable<ExtensionProvider>[] {
  if (accessLog.value === 'off') return []
  const provider: Sourceable<ExtensionProvider> = {
    name: accessLogProvider,
    envoyFileAccessLog: {
      path: '/dev/stdout',
      ...(accessLog.value === 'json' && { logFormat: { labels: accessLogFields } }),
    },
  }
  return [because(provider, accessLog)]
}

function tracing({ observability: { traced, tracing } }: Mesh): readonly Sourceable<ExtensionProvider>[] {
  if (tracing === undefined) return []
  const { provider, host, port } = tracing
  const collector = { service: host, port }
  // Services that forward W3C headers and services that forward B3 stay in one trace.
  const both = decided('policy:telemetry', 'USE_B3_WITH_W3C_PROPAGATION' as const)
  const sourceable: Sourceable<ExtensionProvider> =
    provider.value === 'zipkin'
      ? { name: provider, zipkin: { ...collector, enable64bitTraceId: false, traceContextOption: both } }
      : { name: provider, opentelemetry: collector }
  return [because(sourceable, provider, traced)]
}

/** Makes the provider of an authorizer. Without a timeout, Istio would let a request wait for ten minutes. */
function makeAuthorizationProvider(authorizer: Authorizer): Sourceable<ExtensionProvider> {
  const { name, protocol, host: service, port, failOpen, statusOnError, path } = authorizer
  const { sendHeaders, forwardHeaders, refusalHeaders, responseHeaders } = authorizer
  const common = {
    service,
    port,
    timeout: authorizer.timeout.map(printIstioDuration),
    failOpen,
    statusOnError: statusOnError?.map(String),
  }
  if (protocol.value === 'grpc') return { name, envoyExtAuthzGrpc: because(common, protocol) }
  const listNames = (names: Authorizer['sendHeaders']) => (names.length > 0 ? names : undefined)
  const http = {
    ...common,
    pathPrefix: path,
    includeRequestHeadersInCheck: listNames(sendHeaders),
    headersToUpstreamOnAllow: listNames(forwardHeaders),
    headersToDownstreamOnDeny: listNames(refusalHeaders),
    headersToDownstreamOnAllow: listNames(responseHeaders),
  }
  return { name, envoyExtAuthzHttp: because(http, protocol) }
}
