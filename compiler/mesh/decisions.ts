/**
 * The definition of a decision that meshc makes where the spec says nothing. A default can be overridden at
 * the place that `set` names; a policy cannot, except by a patch.
 */
interface DecisionDefinition {
  readonly summary: string
  /** The field of the spec that overrides a default; absent for a policy. */
  readonly set?: string
}

const decisionDefinitions = {
  // Defaults
  'default:mtls': { summary: 'mTLS is strict', set: 'mtls' },
  'default:egress': { summary: 'services reach declared external hosts only', set: 'egress' },
  'default:access': {
    summary: 'a service may be called only by the callers that it allows',
    set: 'access',
  },
  'default:sidecar-scope': {
    summary: 'a sidecar knows only what its services may call, or everything where access is open',
    set: 'sidecarScope',
  },
  'default:faults': { summary: 'no faults are injected', set: 'faults' },
  'default:environment': { summary: 'the environment is named after its folder', set: 'environment' },
  'default:install': {
    summary:
      'meshc installs the control plane by Istio’s charts, unless the spec manages only some namespaces',
    set: 'istio.install',
  },
  'default:istio-version': { summary: 'Istio 1.31.4 is installed', set: 'istio.version' },
  'default:istio-charts': {
    summary: 'Istio’s charts come from its Helm repository',
    set: 'istio.charts',
  },
  'default:root-namespace': { summary: 'istiod runs in istio-system', set: 'istio.namespace' },
  'default:trust-domain': { summary: 'identities begin with cluster.local', set: 'istio.trustDomain' },
  'default:cni': { summary: 'an init container of each pod redirects its traffic', set: 'istio.cni' },
  'default:control-plane-replicas': {
    summary: 'one to three replicas of istiod',
    set: 'istio.controlPlane.replicas',
  },
  'default:control-plane-resources': {
    summary: 'istiod has 500m to 2000m of CPU and 512Mi to 2Gi of memory',
    set: 'istio.controlPlane.resources',
  },
  'default:proxy-resources': {
    summary: 'a sidecar has 100m to 2000m of CPU and 128Mi to 1Gi of memory',
    set: 'istio.proxy.resources',
  },
  'default:proxy-drain': { summary: 'a sidecar that stops serves for 30s more', set: 'istio.proxy.drain' },
  'default:hold-application': {
    summary: 'an application waits until its sidecar is ready',
    set: 'istio.proxy.holdApplication',
  },
  'default:access-log': { summary: 'the access log is JSON', set: 'observability.accessLog' },
  'default:sampling': { summary: '1% of the requests is traced', set: 'observability.tracing.sampling' },
  'default:tracing': {
    summary: 'nothing is traced where no collector is named',
    set: 'observability.tracing.collector',
  },
  'default:tracing-provider': {
    summary: 'traces go to Jaeger over OpenTelemetry',
    set: 'observability.tracing.provider',
  },
  'default:prometheus': {
    summary: 'a Prometheus operator scrapes the mesh and warns',
    set: 'observability.prometheus',
  },
  'default:grafana': {
    summary: 'Grafana shows a dashboard of the mesh',
    set: 'observability.grafana',
  },
  'default:scrape-interval': {
    summary: 'metrics are scraped every 15s',
    set: 'observability.prometheus.interval',
  },
  'default:dashboard-labels': {
    summary: "the dashboard has the label that Grafana's sidecar looks for",
    set: 'observability.grafana.labels',
  },
  'default:kiali-login': {
    summary: 'Kiali accepts a token of the cluster as its login',
    set: 'observability.kiali.login',
  },
  'default:delivery-revision': { summary: 'Argo CD follows main', set: 'delivery.revision' },
  'default:delivery-path': { summary: '`out/` lies at the root of the repository', set: 'delivery.path' },
  'default:delivery-cluster': {
    summary: 'Argo CD delivers to the cluster it runs in',
    set: 'delivery.cluster',
  },
  'default:cluster-destination': {
    summary: 'Argo CD knows a cluster by its name in `clusters`',
    set: 'clusters.<name>.destination',
  },
  'default:argocd-namespace': { summary: 'Argo CD runs in argocd', set: 'delivery.argocd.namespace' },
  'default:window-time-zone': {
    summary: 'the schedule of a sync window is in UTC',
    set: 'delivery.window.timeZone',
  },
  'default:slack-events': {
    summary: 'Slack hears what went wrong, and where a person syncs, what waits and what was deployed',
    set: 'delivery.slack.events',
  },
  'default:delivery-sync': { summary: 'Argo CD waits for a sync by hand', set: 'delivery.sync' },
  'default:delivery-outputs': {
    summary: 'Argo CD objects, a Helm chart and documents are built beside the manifests',
    set: 'delivery.outputs',
  },
  'default:timeout': { summary: 'a request takes 30s at most', set: 'defaults.timeout' },
  'default:retries': {
    summary: 'two more tries of 10s each, when no request was answered',
    set: 'defaults.retries',
  },
  'default:circuit-breaker': {
    summary: 'five server errors in a row eject an instance for 30s, half of the instances at most',
    set: 'defaults.circuitBreaker',
  },
  'default:connections': { summary: '100 connections and 100 waiting requests', set: 'defaults.connections' },
  'default:load-balancing': {
    summary: 'the instance with the fewest requests is chosen',
    set: 'defaults.loadBalancing',
  },
  'default:service-name': {
    summary: 'a Kubernetes Service is named after its key',
    set: 'services.<name>.name',
  },
  'default:only-namespace': { summary: 'the only namespace of the mesh', set: 'services.<name>.namespace' },
  'default:workload-labels': {
    summary: 'pods are selected by app: <name>',
    set: 'services.<name>.workload.labels',
  },
  'default:service-account': {
    summary: 'pods run as the service account <name>',
    set: 'services.<name>.workload.serviceAccount',
  },
  'default:target-port': {
    summary: 'the container listens on the number of the port',
    set: 'services.<name>.port.target',
  },
  'default:version-label': {
    summary: 'pods of a version carry version: <name>',
    set: 'services.<name>.versions.<version>',
  },
  'default:traffic': {
    summary: 'without routes, everything goes to the service',
    set: 'services.<name>.traffic',
  },
  'default:fault-share': { summary: 'a fault hits every request', set: 'services.<name>.fault.share' },
  'default:redirect-code': { summary: 'a redirect answers 301', set: 'services.<name>.routes' },
  'default:exposed-port': {
    summary: 'a gateway leads to the first port that speaks HTTP',
    set: 'services.<name>.expose',
  },
  'default:forward-token': { summary: 'the service sees the token', set: 'services.<name>.jwt.forward' },
  'default:injection': {
    summary: 'pods of a namespace get a sidecar',
    set: 'namespaces.<name>.injection',
  },
  'default:gateway-namespace': { summary: 'gateways run in istio-ingress', set: 'gateways.<name>.namespace' },
  'default:egress-namespace': {
    summary: 'egress gateways run in istio-egress',
    set: 'gateways.<name>.namespace',
  },
  'default:east-west-namespace': {
    summary: 'east-west gateways run in istio-eastwest',
    set: 'gateways.<name>.namespace',
  },
  'default:gateway-http': {
    summary: 'the port for plain HTTP answers with a redirect to HTTPS',
    set: 'gateways.<name>.http',
  },
  'default:gateway-ports': {
    summary: 'a gateway listens on 443 for HTTPS, and on 80 for plain HTTP',
    set: 'gateways.<name>.ports',
  },
  'default:gateway-tls': { summary: 'TLS 1.2 or better', set: 'gateways.<name>.tls' },
  'default:gateway-replicas': {
    summary: 'one to five replicas of a gateway',
    set: 'gateways.<name>.replicas',
  },
  'default:gateway-resources': {
    summary: 'a gateway has 100m to 2000m of CPU and 128Mi to 1Gi of memory',
    set: 'gateways.<name>.resources',
  },
  'default:gateway-egress': { summary: 'a gateway is a way in', set: 'gateways.<name>.egress' },
  'default:gateway-east-west': {
    summary: 'a gateway does not join networks',
    set: 'gateways.<name>.eastWest',
  },
  'default:gateway-service': { summary: 'a gateway has a load balancer', set: 'gateways.<name>.service' },
  'default:egress-service': {
    summary: 'an egress gateway is reached from inside the cluster only',
    set: 'gateways.<name>.service',
  },
  'default:client-certificates': {
    summary: 'a gateway with an authority for clients refuses a client without a certificate',
    set: 'gateways.<name>.clientCertificates.required',
  },
  'default:certificate-issuer-kind': {
    summary: 'the issuer is a ClusterIssuer',
    set: 'gateways.<name>.certificate.issuerKind',
  },
  'default:certificate-secret': {
    summary: 'the certificate is kept in <gateway>-tls',
    set: 'gateways.<name>.certificate.secret',
  },
  'default:certificate-duration': {
    summary: 'a certificate is valid for 90 days',
    set: 'gateways.<name>.certificate.duration',
  },
  'default:certificate-renewal': {
    summary: 'a certificate is renewed 30 days before its end',
    set: 'gateways.<name>.certificate.renewBefore',
  },
  'default:external-namespace': {
    summary: 'objects of external systems are in the root namespace, or in the first that the spec manages',
    set: 'external.<name>.namespace',
  },
  'default:external-tls': {
    summary: 'callers of an https port speak TLS themselves',
    set: 'external.<name>.tls',
  },
  'default:authorizer-timeout': {
    summary: 'a proxy waits 2s for the answer of an authorizer',
    set: 'authorizers.<name>.timeout',
  },
  'default:authorizer-failure': {
    summary: 'requests are refused while an authorizer does not answer',
    set: 'authorizers.<name>.failOpen',
  },
  'default:limiter-domain': {
    summary: 'the limits of a mesh are in the domain of its name',
    set: 'rateLimiters.<name>.domain',
  },
  'default:limiter-timeout': {
    summary: 'a proxy waits 100ms for the answer of a rate-limit service',
    set: 'rateLimiters.<name>.timeout',
  },
  'default:limiter-failure': {
    summary: 'requests pass while a rate-limit service does not answer',
    set: 'rateLimiters.<name>.failOpen',
  },
  // Policies
  'policy:object': { summary: 'the API version, kind and labels of an object' },
  'policy:sync-wave': { summary: 'Argo CD applies subsets before routes, and removes routes before subsets' },
  'policy:deny-by-default': { summary: 'undeclared calls are denied, unless access is open' },
  'policy:home-namespace': {
    summary: 'objects that belong to no service are in the first namespace that the spec manages',
  },
  'policy:machines': {
    summary:
      'machines of one service share the identity and labels of a WorkloadGroup, and have a Kubernetes Service',
  },
  'policy:clusters': {
    summary:
      'each cluster has its own control plane, and a service that runs elsewhere has a Kubernetes Service in each cluster',
  },
  'policy:east-west': {
    summary: 'an east-west gateway passes mutual TLS on, unopened, to the service that its name says',
  },
  'policy:cluster-domain': { summary: 'hosts end in svc.cluster.local' },
  'policy:gateway-server': {
    summary: 'a gateway serves HTTPS with a certificate, and plain HTTP only as declared',
  },
  'policy:egress-door': {
    summary: 'callers reach an egress gateway over mutual TLS, and the name of its handshake says the host',
  },
  'policy:internal-gateway': {
    summary: 'a load balancer with a private address has the annotation of its cloud',
  },
  'policy:gateway-workload': { summary: 'a gateway named x runs as istio-x and carries istio: x' },
  'policy:mtls-identity': { summary: 'callers are known by the SPIFFE identity that mTLS proves' },
  'policy:asked-requests': {
    summary: 'an authorizer checks HTTP requests, before every other policy',
  },
  'policy:rate-limit': {
    summary: 'a proxy counts requests after policies have decided about them, and each instance by itself',
  },
  'policy:limiter-configuration': {
    summary: 'a rate-limit service reads its limits from a ConfigMap in its namespace',
  },
  'policy:mesh-wide-mtls': { summary: 'one PeerAuthentication in the root namespace speaks for the mesh' },
  'policy:explicit-port': { summary: 'a destination names its port' },
  'policy:route-shape': { summary: 'a route is a VirtualService rule' },
  'policy:visibility': { summary: 'an object is visible only where it is needed' },
  'policy:verified-tls': { summary: 'TLS to the outside checks the certificate and the name' },
  'policy:service-entry': { summary: 'an external host is resolved by DNS, a wildcard by its caller' },
  'policy:sidecar-scope': {
    summary:
      'a sidecar with a scope knows what its service may call, the root namespace, the collector, its authorizer and its rate limiter',
  },
  'policy:metrics': { summary: 'metrics of istiod, sidecars and gateways are scraped' },
  'policy:alerts': {
    summary: 'Prometheus watches the control plane, the gateways, and what mTLS and egress forbid',
  },
  'policy:objectives': {
    summary: 'an objective has a budget of errors, and an alert where 30 days of it burn in less than 30',
  },
  'policy:dashboard': {
    summary: 'a mesh has a Grafana dashboard, unless `observability.grafana` is off',
  },
  'policy:kiali': { summary: 'Kiali shows the namespaces of the mesh, and changes nothing' },
  'policy:telemetry': { summary: 'one Telemetry in the root namespace speaks for the mesh' },
  'policy:injection': { summary: 'a namespace carries one injection label' },
  'policy:install': { summary: 'the control plane is installed from one intent, by istioctl or Helm' },
  'policy:revision-tags': {
    summary: 'Argo CD never prunes the webhook of a tag, so that a tag moves without a gap',
  },
  'policy:analysis': { summary: 'istiod says in the status of an object what is wrong with it' },
  'policy:key-fetching': {
    summary: 'istiod fetches the keys of tokens from no address of its own pod or node',
  },
  'policy:certificate': { summary: 'a private key is ECDSA 256 and rotates with its certificate' },
  'policy:app-project': {
    summary: 'Argo CD may write the kinds that are emitted, where they are emitted, and nothing else',
  },
  'policy:application': {
    summary: 'Argo CD installs istiod, then the gateways, then what is in manifests/',
  },
  'policy:sync': {
    summary:
      'Argo CD applies on the server, prunes and heals, tries again, and never prunes CRDs and namespaces',
  },
  'policy:sync-window': {
    summary:
      'outside of a sync window nothing changes, unless a person says so where Argo CD syncs by itself',
  },
  'policy:health': { summary: 'an Istio object is healthy unless istiod found an error in it' },
  'policy:notification': { summary: 'notifications name the application, its revision and what happened' },
  'policy:chart': {
    summary: 'a Helm chart is named after its mesh, and gets its version when it is published',
  },
  'policy:chart-switch': { summary: 'a switch of the chart takes all objects of a kind out of it' },
  'policy:kustomization': { summary: 'a kustomization lists every manifest' },
  'policy:mtls-exception': { summary: 'an exception to mTLS holds for one port of one workload' },
} as const satisfies Record<string, DecisionDefinition>

/** The name of a default or policy of meshc. */
export type Decision = keyof typeof decisionDefinitions

/** Every default and policy, by name. */
export const decisions: Readonly<Record<Decision, DecisionDefinition>> = decisionDefinitions
