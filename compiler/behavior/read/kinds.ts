import { isOfProxies, ofProxies } from '../proxy-headers.ts'
import { type FieldRule, fields, mapOf, read, unmodelled, withoutEffect } from './fields.ts'

const load = withoutEffect(
  'it limits connections and spreads load; results are of a mesh that is not overloaded',
)
const certificates = withoutEffect('certificates are taken to be what the other side trusts')
const telemetry = withoutEffect('it shows in telemetry only')
const responses = withoutEffect('it changes responses, not what becomes of a request')
const locality = withoutEffect('it chooses among endpoints that are alike')

const pattern = fields({ exact: read, prefix: read, regex: read })
const destination = fields({ host: read, subset: read, port: fields({ number: read }) })
const headerChanges = fields({ request: fields({ set: read, add: read, remove: read }), response: responses })
const percentage = fields({ value: read })

const headerOfProxies = unmodelled(ofProxies)
const patternsOfHeaders = mapOf(pattern, name =>
  isOfProxies(name.toLowerCase()) ? headerOfProxies : undefined,
)

const httpRoute = fields({
  name: read,
  match: fields({
    name: read,
    uri: pattern,
    scheme: pattern,
    method: pattern,
    authority: pattern,
    headers: patternsOfHeaders,
    withoutHeaders: patternsOfHeaders,
    queryParams: mapOf(pattern),
    port: read,
    sourceLabels: read,
    sourceNamespace: read,
    gateways: read,
    ignoreUriCase: read,
    statPrefix: telemetry,
  }),
  route: fields({ destination, weight: read, headers: headerChanges }),
  redirect: fields({
    uri: read,
    prefixRewrite: read,
    authority: read,
    port: read,
    derivePort: read,
    scheme: read,
    redirectCode: read,
  }),
  directResponse: fields({ status: read, body: responses }),
  delegate: fields({ name: read, namespace: read }),
  rewrite: fields({ uri: read, authority: read, uriRegexRewrite: fields({ match: read, rewrite: read }) }),
  timeout: read,
  retries: fields({
    attempts: read,
    perTryTimeout: read,
    retryOn: read,
    backoff: withoutEffect('how long it waits between tries is not told'),
    retryRemoteLocalities: locality,
    retryIgnorePreviousHosts: locality,
  }),
  fault: fields({
    delay: fields({
      fixedDelay: read,
      percentage,
      percent: read,
      exponentialDelay: withoutEffect('Istio ignores it'),
    }),
    abort: fields({
      httpStatus: read,
      percentage,
      grpcStatus: unmodelled('a gRPC status'),
      http2Error: withoutEffect('Istio ignores it'),
    }),
  }),
  mirror: destination,
  mirrors: fields({ destination, percentage }),
  mirrorPercentage: percentage,
  mirrorPercent: read,
  mirror_percent: withoutEffect('Istio ignores it'),
  corsPolicy: fields({
    allowOrigins: pattern,
    allowOrigin: read,
    unmatchedPreflights: read,
    allowMethods: responses,
    allowHeaders: responses,
    exposeHeaders: responses,
    maxAge: responses,
    allowCredentials: responses,
  }),
  headers: headerChanges,
})

const weightedRoute = fields({ destination, weight: read })
const l4Match = {
  destinationSubnets: read,
  port: read,
  sourceLabels: read,
  sourceNamespace: read,
  gateways: read,
}

const clientTls = fields({
  mode: read,
  sni: read,
  subjectAltNames: read,
  credentialName: read,
  clientCertificate: read,
  privateKey: read,
  insecureSkipVerify: read,
  caCertificates: certificates,
  caCrl: certificates,
})
const loadBalancer = fields({
  simple: read,
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
  portLevelSettings: fields({ port: fields({ number: read }), ...portPolicy }),
  tunnel: unmodelled('a tunnel through another proxy'),
  proxyProtocol: unmodelled('the PROXY protocol towards a destination'),
  retryBudget: load,
})

const serverTls = fields({
  mode: read,
  httpsRedirect: read,
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
  subjectAltNames: unmodelled('names that the certificate of a client must have'),
  verifyCertificateHash: unmodelled('the certificates that a client may have'),
  verifyCertificateSpki: unmodelled('the certificates that a client may have'),
})

const targetRefs = read

/** What is known of `spec` of each kind of Istio's that is read. `test/oracle/` holds it against the CRDs. */
export const specFields: Readonly<Record<string, FieldRule>> = {
  VirtualService: fields({
    hosts: read,
    gateways: read,
    exportTo: read,
    http: httpRoute,
    tls: fields({ match: fields({ ...l4Match, sniHosts: read }), route: weightedRoute }),
    tcp: fields({
      match: fields({ ...l4Match, sourceSubnet: withoutEffect('Istio ignores it') }),
      route: weightedRoute,
    }),
  }),
  DestinationRule: fields({
    host: read,
    exportTo: read,
    workloadSelector: fields({ matchLabels: read }),
    trafficPolicy,
    subsets: fields({ name: read, labels: read, trafficPolicy }),
  }),
  Gateway: fields({
    selector: read,
    servers: fields({
      name: telemetry,
      port: fields({
        number: read,
        name: read,
        protocol: read,
        targetPort: withoutEffect('Istio ignores it'),
      }),
      hosts: read,
      bind: read,
      tls: serverTls,
      defaultEndpoint: withoutEffect('Istio ignores it'),
    }),
  }),
  ServiceEntry: fields({
    hosts: read,
    addresses: read,
    ports: read,
    location: read,
    resolution: read,
    endpoints: fields({
      address: read,
      ports: read,
      labels: read,
      serviceAccount: read,
      network: unmodelled('networks that only gateways connect'),
      locality,
      weight: load,
    }),
    workloadSelector: fields({ labels: read }),
    exportTo: read,
    subjectAltNames: read,
  }),
  WorkloadEntry: fields({
    address: read,
    ports: read,
    labels: read,
    serviceAccount: read,
    network: unmodelled('networks that only gateways connect'),
    locality,
    weight: load,
  }),
  Sidecar: fields({
    workloadSelector: fields({ labels: read }),
    egress: fields({
      hosts: read,
      port: fields({
        number: read,
        name: read,
        protocol: read,
        targetPort: withoutEffect('Istio ignores it'),
      }),
      bind: read,
      captureMode: unmodelled('a listener that is bound to a port of its own'),
    }),
    ingress: unmodelled('listeners that replace those of the Services'),
    outboundTrafficPolicy: fields({
      mode: read,
      egressProxy: unmodelled('a proxy for hosts that are unknown'),
    }),
    inboundConnectionPool: load,
  }),
  PeerAuthentication: fields({
    selector: fields({ matchLabels: read }),
    mtls: fields({ mode: read }),
    portLevelMtls: mapOf(fields({ mode: read })),
  }),
  RequestAuthentication: fields({
    selector: fields({ matchLabels: read }),
    targetRef: targetRefs,
    targetRefs,
    jwtRules: fields({
      issuer: read,
      audiences: read,
      jwks: certificates,
      jwksUri: certificates,
      jwks_uri: certificates,
      fromHeaders: fields({ name: read, prefix: read }),
      fromParams: read,
      fromCookies: read,
      forwardOriginalToken: read,
      outputClaimToHeaders: fields({ header: read, claim: read }),
      outputPayloadToHeader: read,
      spaceDelimitedClaims: read,
      timeout: certificates,
    }),
  }),
  AuthorizationPolicy: fields({
    selector: fields({ matchLabels: read }),
    targetRef: targetRefs,
    targetRefs,
    action: read,
    provider: fields({ name: read }),
    rules: fields({
      from: fields({
        source: fields({
          principals: read,
          notPrincipals: read,
          requestPrincipals: read,
          notRequestPrincipals: read,
          namespaces: read,
          notNamespaces: read,
          serviceAccounts: read,
          notServiceAccounts: read,
          trustDomains: read,
          notTrustDomains: read,
          ipBlocks: read,
          notIpBlocks: read,
          remoteIpBlocks: read,
          notRemoteIpBlocks: read,
        }),
      }),
      to: fields({
        operation: fields({
          hosts: read,
          notHosts: read,
          ports: read,
          notPorts: read,
          methods: read,
          notMethods: read,
          paths: read,
          notPaths: read,
        }),
      }),
      when: fields({ key: read, values: read, notValues: read }),
    }),
  }),
}
