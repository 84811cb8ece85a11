import { podTemplates } from '../pod-templates.ts'
import {
  duration,
  type FieldRule,
  fields,
  flag,
  listOf,
  mapOf,
  objectName,
  oneOf,
  optionalPort,
  percent,
  port,
  portOrName,
  text,
  textMap,
  texts,
  time,
  unmodelled,
  wholeNumber,
  withoutEffect,
} from './fields.ts'
import { certificates, load, telemetry } from './harmless-fields.ts'

const responses = withoutEffect('it changes responses, not what becomes of a request')
const locality = withoutEffect('it chooses among endpoints that are alike')

const comparisons = { exact: text, prefix: text, regex: text }
const pattern = fields(comparisons)
/** Istio makes no comparison of an empty one, and Envoy refuses all routes with it. */
const patternOfClaim = fields(comparisons, [], { code: 'presence-of-claim' })
const destination = fields({ host: text, subset: text, port: fields({ number: port }) }, ['host'])
const weight = wholeNumber(0, 2_147_483_647)
const headerChanges = fields({
  request: fields({ set: textMap, add: textMap, remove: texts }),
  response: responses,
})
const percentage = fields({ value: percent })
const wholePercent = wholeNumber(0, 100)

/**
 * The headers that proxies write or take away before a route is chosen. See
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers
 */
const proxyHeaderPattern =
  /^(?:x-envoy-.*|x-request-id|x-forwarded-(?:for|client-cert)|connection|proxy-connection|keep-alive|transfer-encoding|upgrade)$/
const headerOfProxies = unmodelled({ code: 'header-set-by-proxies' })
const patternsOfHeaders = mapOf(pattern, name =>
  name.startsWith('@')
    ? patternOfClaim
    : proxyHeaderPattern.test(name.toLowerCase())
      ? headerOfProxies
      : undefined,
)

/** A retry policy of a rule, or the default in MeshConfig for rules without their own. */
export const retries = fields({
  attempts: wholeNumber(0, 2_147_483_647),
  perTryTimeout: duration,
  retryOn: text,
  backoff: withoutEffect('how long it waits between tries is not told'),
  retryRemoteLocalities: locality,
  retryIgnorePreviousHosts: locality,
})

const httpRoute = fields({
  name: text,
  match: listOf(
    fields({
      name: text,
      uri: pattern,
      scheme: pattern,
      method: pattern,
      authority: pattern,
      headers: patternsOfHeaders,
      withoutHeaders: patternsOfHeaders,
      queryParams: mapOf(pattern),
      port: optionalPort,
      sourceLabels: textMap,
      sourceNamespace: text,
      gateways: texts,
      ignoreUriCase: flag,
      statPrefix: telemetry,
    }),
  ),
  route: listOf(fields({ destination, weight, headers: headerChanges }, ['destination'])),
  redirect: fields({
    uri: text,
    prefixRewrite: text,
    authority: text,
    port: optionalPort,
    derivePort: oneOf('FROM_PROTOCOL_DEFAULT', 'FROM_REQUEST_PORT'),
    scheme: text,
    redirectCode: wholeNumber(0, 399),
  }),
  directResponse: fields({ status: wholeNumber(200, 600), body: responses }, ['status']),
  delegate: fields({ name: text, namespace: text }),
  rewrite: fields({ uri: text, authority: text, uriRegexRewrite: fields({ match: text, rewrite: text }) }),
  timeout: duration,
  retries,
  fault: fields({
    delay: fields({
      fixedDelay: duration,
      percentage,
      percent: wholePercent,
      exponentialDelay: withoutEffect('Istio ignores it'),
    }),
    abort: fields({
      httpStatus: wholeNumber(200, 600),
      percentage,
      grpcStatus: unmodelled({ code: 'grpc-status' }),
      http2Error: withoutEffect('Istio ignores it'),
    }),
  }),
  mirror: destination,
  mirrors: listOf(fields({ destination, percentage }, ['destination'])),
  mirrorPercentage: percentage,
  mirrorPercent: wholePercent,
  mirror_percent: withoutEffect('Istio ignores it'),
  corsPolicy: fields({
    allowOrigins: listOf(pattern),
    allowOrigin: texts,
    unmatchedPreflights: oneOf('UNSPECIFIED', 'FORWARD', 'IGNORE'),
    allowMethods: responses,
    allowHeaders: responses,
    exposeHeaders: responses,
    maxAge: responses,
    allowCredentials: responses,
  }),
  headers: headerChanges,
})

const weightedRoute = listOf(fields({ destination, weight }, ['destination']))
const l4Match = {
  destinationSubnets: texts,
  port: optionalPort,
  sourceLabels: textMap,
  sourceNamespace: text,
  gateways: texts,
}

const clientTls = fields({
  mode: oneOf('DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL'),
  sni: text,
  subjectAltNames: texts,
  credentialName: text,
  clientCertificate: text,
  privateKey: text,
  insecureSkipVerify: flag,
  caCertificates: certificates,
  caCrl: certificates,
})
const loadBalancer = fields({
  simple: oneOf('UNSPECIFIED', 'LEAST_CONN', 'RANDOM', 'PASSTHROUGH', 'ROUND_ROBIN', 'LEAST_REQUEST'),
  consistentHash: load,
  localityLbSetting: locality,
  zoneAwareLbSetting: locality,
  warmup: load,
  warmupDurationSecs: load,
})
const portPolicy = {
  tls: clientTls,
  loadBalancer,
  connectionPool: load,
  outlierDetection: load,
}
const trafficPolicy = fields({
  ...portPolicy,
  portLevelSettings: listOf(
    fields({ port: fields({ number: wholeNumber(0, 4_294_967_295) }), ...portPolicy }),
  ),
  tunnel: unmodelled({ code: 'tunnel' }),
  proxyProtocol: unmodelled({ code: 'proxy-protocol' }),
  retryBudget: load,
})

const serverTls = fields({
  mode: oneOf('PASSTHROUGH', 'SIMPLE', 'MUTUAL', 'AUTO_PASSTHROUGH', 'ISTIO_MUTUAL', 'OPTIONAL_MUTUAL'),
  httpsRedirect: flag,
  credentialName: certificates,
  credentialNames: certificates,
  serverCertificate: certificates,
  privateKey: certificates,
  caCertificates: certificates,
  caCertCredentialName: certificates,
  caCrl: certificates,
  tlsCertificates: certificates,
  insecureSkipVerify: certificates,
  cipherSuites: certificates,
  minProtocolVersion: certificates,
  maxProtocolVersion: certificates,
  subjectAltNames: texts,
  verifyCertificateHash: unmodelled({ code: 'client-certificate-pinning' }),
  verifyCertificateSpki: unmodelled({ code: 'client-certificate-pinning' }),
})

const sidecarPort = fields({
  number: port,
  name: text,
  protocol: text,
  targetPort: withoutEffect('Istio ignores it'),
})

const targetRef = fields({ group: text, kind: text, name: text, namespace: text }, ['kind', 'name'])
const selector = fields({ matchLabels: textMap })
const mtls = fields({ mode: oneOf('UNSET', 'DISABLE', 'PERMISSIVE', 'STRICT') })

const workloadEntry = fields({
  address: text,
  ports: mapOf(port),
  labels: textMap,
  serviceAccount: text,
  network: unmodelled({ code: 'multi-network' }),
  locality,
  weight: load,
})

/** The rules of the `spec` of each kind of Istio's that is read. `test/oracle/` holds it against the CRDs. */
export const specFields: Readonly<Record<string, FieldRule>> = {
  VirtualService: fields({
    hosts: texts,
    gateways: texts,
    exportTo: texts,
    http: listOf(httpRoute),
    tls: listOf(
      fields({ match: listOf(fields({ ...l4Match, sniHosts: texts }, ['sniHosts'])), route: weightedRoute }, [
        'match',
      ]),
    ),
    tcp: listOf(
      fields({
        match: listOf(fields({ ...l4Match, sourceSubnet: withoutEffect('Istio ignores it') })),
        route: weightedRoute,
      }),
    ),
  }),
  DestinationRule: fields(
    {
      host: text,
      exportTo: texts,
      workloadSelector: selector,
      trafficPolicy,
      subsets: listOf(fields({ name: text, labels: textMap, trafficPolicy }, ['name'])),
    },
    ['host'],
  ),
  Gateway: fields({
    selector: textMap,
    servers: listOf(
      fields(
        {
          name: telemetry,
          port: fields(
            {
              number: optionalPort,
              name: text,
              protocol: text,
              targetPort: withoutEffect('Istio ignores it'),
            },
            ['number', 'protocol', 'name'],
          ),
          hosts: texts,
          bind: text,
          tls: serverTls,
          defaultEndpoint: withoutEffect('Istio ignores it'),
        },
        ['port', 'hosts'],
      ),
    ),
  }),
  ServiceEntry: fields({
    hosts: texts,
    addresses: texts,
    ports: listOf(
      fields({ number: port, name: text, protocol: text, targetPort: optionalPort }, ['number', 'name']),
    ),
    location: oneOf('MESH_EXTERNAL', 'MESH_INTERNAL'),
    resolution: oneOf('NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS'),
    endpoints: listOf(workloadEntry),
    workloadSelector: fields({ labels: textMap }),
    exportTo: texts,
    subjectAltNames: texts,
  }),
  WorkloadEntry: workloadEntry,
  WorkloadGroup: fields(
    {
      metadata: fields({
        labels: textMap,
        annotations: withoutEffect('it is of the WorkloadEntries that register'),
      }),
      template: workloadEntry,
      probe: load,
    },
    ['template'],
  ),
  Sidecar: fields({
    workloadSelector: fields({ labels: textMap }),
    egress: listOf(
      fields(
        {
          hosts: texts,
          port: fields({
            number: optionalPort,
            name: text,
            protocol: text,
            targetPort: withoutEffect('Istio ignores it'),
          }),
          bind: text,
          captureMode: unmodelled({ code: 'bound-listener' }),
        },
        ['hosts'],
      ),
    ),
    ingress: listOf(
      fields(
        {
          port: sidecarPort,
          bind: withoutEffect('what is redirected to the proxy is taken whatever address it is for'),
          captureMode: oneOf('DEFAULT', 'IPTABLES', 'NONE'),
          defaultEndpoint: withoutEffect('the application answers, at whatever address it listens'),
          tls: withoutEffect('Istio ignores it'),
          connectionPool: load,
        },
        ['port'],
      ),
    ),
    outboundTrafficPolicy: fields({
      mode: oneOf('REGISTRY_ONLY', 'ALLOW_ANY'),
      egressProxy: unmodelled({ code: 'egress-proxy' }),
    }),
    inboundConnectionPool: load,
  }),
  PeerAuthentication: fields({
    selector,
    mtls,
    portLevelMtls: mapOf(mtls),
  }),
  RequestAuthentication: fields({
    selector,
    targetRef,
    targetRefs: listOf(targetRef),
    jwtRules: listOf(
      fields({
        issuer: text,
        audiences: texts,
        jwks: certificates,
        jwksUri: certificates,
        jwks_uri: certificates,
        fromHeaders: listOf(fields({ name: text, prefix: text }, ['name'])),
        fromParams: texts,
        fromCookies: texts,
        forwardOriginalToken: flag,
        outputClaimToHeaders: listOf(fields({ header: text, claim: text }, ['header', 'claim'])),
        outputPayloadToHeader: text,
        spaceDelimitedClaims: texts,
        timeout: certificates,
      }),
    ),
  }),
  AuthorizationPolicy: fields({
    selector,
    targetRef,
    targetRefs: listOf(targetRef),
    action: oneOf('ALLOW', 'DENY', 'AUDIT', 'CUSTOM'),
    provider: fields({ name: text }),
    rules: listOf(
      fields({
        from: listOf(
          fields({
            source: fields({
              principals: texts,
              notPrincipals: texts,
              requestPrincipals: texts,
              notRequestPrincipals: texts,
              namespaces: texts,
              notNamespaces: texts,
              serviceAccounts: texts,
              notServiceAccounts: texts,
              trustDomains: texts,
              notTrustDomains: texts,
              ipBlocks: texts,
              notIpBlocks: texts,
              remoteIpBlocks: texts,
              notRemoteIpBlocks: texts,
            }),
          }),
        ),
        to: listOf(
          fields({
            operation: fields({
              hosts: texts,
              notHosts: texts,
              ports: texts,
              notPorts: texts,
              methods: texts,
              notMethods: texts,
              paths: texts,
              notPaths: texts,
            }),
          }),
        ),
        when: listOf(fields({ key: text, values: texts, notValues: texts }, ['key'])),
      }),
    ),
  }),
}

/** The fields that meshc reads of every object outside `spec`. */
export const metadataFields = fields(
  { name: objectName, namespace: objectName, creationTimestamp: time, labels: textMap, annotations: textMap },
  ['name'],
)

const podFields = fields({
  metadata: fields({ labels: textMap, annotations: textMap }),
  spec: fields({
    serviceAccountName: text,
    containers: listOf(
      fields({ ports: listOf(fields({ name: text, containerPort: port }, ['containerPort'])) }),
    ),
  }),
})

/** The fields that meshc reads of Kubernetes objects; these may have other fields. */
export const kubernetesFields: ReadonlyMap<string, FieldRule> = new Map([
  ...[...podTemplates].map(
    ([kind, path]) =>
      [kind, path.reduceRight<FieldRule>((inner, key) => fields({ [key]: inner }), podFields)] as const,
  ),
  [
    'Service',
    fields({
      spec: fields({
        ports: listOf(
          fields(
            {
              port,
              name: text,
              protocol: oneOf('TCP', 'UDP', 'SCTP'),
              appProtocol: text,
              targetPort: portOrName,
            },
            ['port'],
          ),
        ),
        selector: textMap,
        clusterIP: text,
        clusterIPs: texts,
        type: oneOf('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'),
        externalName: text,
        internalTrafficPolicy: oneOf('Cluster', 'Local'),
      }),
    }),
  ],
])
