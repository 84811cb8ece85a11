/** The meshc names for fields of Istio and of Kubernetes. The first name that is legal at the place of the field is used. */
export const wordsOfIstio: Readonly<Record<string, readonly string[]>> = {
  allowedHeaders: ['sendHeaders'],
  attempts: ['retries'],
  authorizationPolicy: ['allow'],
  authorizationPolicies: ['allow'],
  claimToHeaders: ['claimHeaders'],
  connectionPool: ['connections'],
  corsPolicy: ['cors'],
  caCertificates: ['ca'],
  credentialName: ['certificate', 'clientCertificate', 'secret'],
  custom: ['authorize'],
  delays: ['fault'],
  destinationRules: ['services'],
  envoyExtAuthzGrpc: ['grpc'],
  envoyExtAuthzHttp: ['http'],
  exportTo: ['allow'],
  extAuthz: ['authorize', 'authorizers'],
  extensionProviders: ['authorizers'],
  forwardOriginalToken: ['forward'],
  fromHeaders: ['header'],
  fromParams: ['parameter'],
  headersToDownstreamOnAllow: ['responseHeaders'],
  headersToDownstreamOnDeny: ['refusalHeaders'],
  headersToUpstreamOnAllow: ['forwardHeaders'],
  http1MaxPendingRequests: ['pending'],
  ipBlocks: ['peerAddresses'],
  http2MaxRequests: ['requests'],
  includeRequestHeadersInCheck: ['sendHeaders'],
  jwksUri: ['jwks'],
  jwtRules: ['issuers', 'jwt'],
  loadBalancer: ['loadBalancing'],
  globalRateLimit: ['rateLimit', 'rateLimiters'],
  localRateLimit: ['rateLimit'],
  localityLb: ['locality', 'loadBalancing'],
  localityLbSetting: ['locality', 'loadBalancing'],
  match: ['when'],
  maxConnections: ['max'],
  maxEjectionPercent: ['maxEjected'],
  maxRequestsPerConnection: ['requestsPerConnection'],
  minHealthPercent: ['minHealthy'],
  baseEjectionTime: ['ejectFor'],
  consecutive5xxErrors: ['consecutiveErrors'],
  notMethods: ['exceptMethods'],
  notPaths: ['exceptPaths'],
  notRemoteIpBlocks: ['exceptClientAddresses'],
  outlierDetection: ['circuitBreaker'],
  outputClaimToHeaders: ['claimHeaders'],
  pathPrefix: ['path'],
  peerAuthentication: ['mtls'],
  portLevelSettings: ['ports'],
  principals: ['from'],
  privateKey: ['key'],
  provider: ['by'],
  rateLimitService: ['rateLimiters'],
  rateLimits: ['rateLimit'],
  ratelimit: ['rateLimit'],
  remoteIpBlocks: ['clientAddresses'],
  requestAuthentication: ['jwt'],
  requestPrincipals: ['issuers', 'jwt'],
  retryOn: ['on'],
  route: ['routes', 'traffic'],
  rules: ['allow'],
  selector: ['workload'],
  serviceAccountName: ['workload', 'serviceAccount'],
  serviceEntries: ['external'],
  slowStart: ['warmup', 'loadBalancing'],
  source: ['from'],
  subset: ['traffic'],
  subsets: ['versions'],
  tcpKeepalive: ['keepalive', 'connections'],
  trafficPolicy: ['circuitBreaker'],
  uri: ['paths', 'path'],
  virtualServices: ['services'],
  warmup: ['loadBalancing'],
  warmupDurationSecs: ['warmup', 'loadBalancing'],
  weight: ['traffic'],
  weights: ['traffic'],
}

/** The words of denials, which have no counterpart: a spec lists only allowed requests. */
const denyingFields = ['notPaths', 'notMethods', 'notPrincipals', 'notNamespaces', 'notPorts', 'action']

/** The help for an Istio field in a spec; undefined if the word is not an Istio field. */
export function translateFromIstio(field: string, legal: readonly string[]): string | undefined {
  if (
    denyingFields.includes(field) &&
    !legal.includes('exceptPaths') &&
    (legal.includes('allow') || legal.includes('methods'))
  )
    return 'what `allow` does not list is denied; `deny` of the service refuses some of the rest'
  if ((field === 'exact' || field === 'prefix') && legal.includes('regex'))
    return 'write the value itself in place of the map; `*` behind it stands for any end'
  if (!Object.hasOwn(wordsOfIstio, field)) return undefined
  const here = wordsOfIstio[field]!.find(word => legal.includes(word))
  return here === undefined ? undefined : `\`${field}\` of Istio is called \`${here}\` here`
}

/** Fields that users try and the language lacks, and the alternatives. */
const beyond: Readonly<Record<string, readonly string[]>> = {
  'meshc has no words for it: write the object of Istio under `raw`': [
    'envoyFilter',
    'envoyFilters',
    'lua',
    'proxyConfig',
    'proxyConfigs',
    'telemetry',
    'wasm',
    'wasmPlugin',
    'wasmPlugins',
    'workloadEntries',
    'workloadEntry',
    'workloadGroup',
    'workloadGroups',
  ],
  'meshc writes the Sidecar of a service from who allows it; `sidecarScope: all` writes none, and a patch under `patches` changes it':
    ['sidecar', 'sidecars'],
  'meshc writes the settings of the mesh from `istio`, `egress`, `mtls` and `observability`; `istio.meshConfig` and `istio.values` pass others through, and `values` of a gateway those of its chart':
    ['accessLogFile', 'defaultConfig', 'meshConfig', 'outboundTrafficPolicy', 'values'],
  'meshc does not write Deployments: it belongs to the workload': [
    'containers',
    'env',
    'image',
    'livenessProbe',
    'readinessProbe',
  ],
}

/** The help for a field that people look for and the language does not have; undefined for any other. */
export function explainMissingField(field: string): string | undefined {
  return Object.entries(beyond).find(([, fields]) => fields.includes(field))?.[0]
}
