/**
 * The definition of a decision of meshc about a value that the spec omits. A default can be overridden at the place in `set`; a
 * policy cannot, except by a patch.
 */
interface DecisionDefinition {
  readonly summary: string
  /** The field of the spec that overrides a default; absent for a policy. */
  readonly set?: string
}

const decisionDefinitions = {
  // Defaults
  'default:mtls': { summary: 'mTLS is strict', set: 'mtls' },
  'default:egress': { summary: 'services reach only external hosts that the spec declares', set: 'egress' },
  'default:access': {
    summary: 'a service allows only the callers in its `allow`',
    set: 'access',
  },
  'default:sidecar-scope': {
    summary:
      'a sidecar knows only the hosts that its services may call, or every visible host if `access` is `open`',
    set: 'sidecarScope',
  },
  'default:faults': { summary: 'proxies inject no faults', set: 'faults' },
  'default:environment': { summary: 'an environment has the name of its folder', set: 'environment' },
  'default:install': {
    summary:
      'meshc installs the control plane with the charts of Istio, unless the spec manages only some namespaces',
    set: 'istio.install',
  },
  'default:istio-version': { summary: 'the version of Istio is 1.31.4', set: 'istio.version' },
  'default:istio-charts': {
    summary: 'the charts of Istio come from the Helm repository of Istio',
    set: 'istio.charts',
  },
  'default:root-namespace': { summary: 'istiod runs in istio-system', set: 'istio.namespace' },
  'default:trust-domain': { summary: 'the trust domain is cluster.local', set: 'istio.trustDomain' },
  'default:cni': {
    summary: 'an init container of each pod redirects the traffic of the pod to its sidecar',
    set: 'istio.cni',
  },
  'default:control-plane-replicas': {
    summary: 'istiod has one to three replicas',
    set: 'istio.controlPlane.replicas',
  },
  'default:control-plane-resources': {
    summary: 'istiod requests 500m of CPU and 512Mi of memory; its limits are 2000m and 2Gi',
    set: 'istio.controlPlane.resources',
  },
  'default:proxy-resources': {
    summary: 'a sidecar requests 100m of CPU and 128Mi of memory; its limits are 2000m and 1Gi',
    set: 'istio.proxy.resources',
  },
  'default:proxy-drain': {
    summary: 'a sidecar drains its connections for 30s before it stops',
    set: 'istio.proxy.drain',
  },
  'default:hold-application': {
    summary: 'an application starts after its sidecar is ready',
    set: 'istio.proxy.holdApplication',
  },
  'default:access-log': { summary: 'the format of the access log is JSON', set: 'observability.accessLog' },
  'default:sampling': { summary: 'proxies trace 1% of the requests', set: 'observability.tracing.sampling' },
  'default:tracing': {
    summary: 'proxies send no traces if the spec names no collector',
    set: 'observability.tracing.collector',
  },
  'default:tracing-provider': {
    summary: 'proxies send traces to Jaeger with OpenTelemetry',
    set: 'observability.tracing.provider',
  },
  'default:prometheus': {
    summary: 'a Prometheus operator scrapes the metrics of the mesh and evaluates its alerts',
    set: 'observability.prometheus',
  },
  'default:grafana': {
    summary: 'Grafana shows a dashboard of the mesh',
    set: 'observability.grafana',
  },
  'default:scrape-interval': {
    summary: 'Prometheus scrapes metrics every 15s',
    set: 'observability.prometheus.interval',
  },
  'default:dashboard-labels': {
    summary: 'the dashboard has the label by which the sidecar of Grafana finds it',
    set: 'observability.grafana.labels',
  },
  'default:kiali-login': {
    summary: 'Kiali requires a token of the cluster (login strategy `token`)',
    set: 'observability.kiali.login',
  },
  'default:delivery-revision': { summary: 'Argo CD follows the branch main', set: 'delivery.revision' },
  'default:delivery-path': { summary: '`out/` is at the root of the repository', set: 'delivery.path' },
  'default:delivery-cluster': {
    summary: 'Argo CD delivers to the cluster in which it runs',
    set: 'delivery.cluster',
  },
  'default:cluster-destination': {
    summary: 'the name of a cluster in Argo CD is its name in `clusters`',
    set: 'clusters.<name>.destination',
  },
  'default:argocd-namespace': { summary: 'Argo CD runs in argocd', set: 'delivery.argocd.namespace' },
  'default:window-time-zone': {
    summary: 'the time zone of a sync window is UTC',
    set: 'delivery.window.timeZone',
  },
  'default:slack-events': {
    summary: 'Argo CD notifies Slack of `failed` and `degraded`, or of all events if `sync` is `manual`',
    set: 'delivery.slack.events',
  },
  'default:delivery-sync': {
    summary: 'Argo CD syncs only when a person starts a sync',
    set: 'delivery.sync',
  },
  'default:delivery-outputs': {
    summary: 'meshc builds Argo CD objects, a Helm chart and documents in addition to the manifests',
    set: 'delivery.outputs',
  },
  'default:timeout': { summary: 'a request takes 30s at most', set: 'defaults.timeout' },
  'default:retries': {
    summary:
      'a proxy retries twice on `connect-failure`, `refused-stream` and `unavailable`; a try takes at most 10s',
    set: 'defaults.retries',
  },
  'default:circuit-breaker': {
    summary:
      'five server errors in a row eject an instance for 30s; at most half of the instances are ejected',
    set: 'defaults.circuitBreaker',
  },
  'default:connections': {
    summary: 'a proxy has at most 100 connections and 100 waiting requests to a service',
    set: 'defaults.connections',
  },
  'default:load-balancing': {
    summary: 'a proxy chooses the instance with the fewest requests',
    set: 'defaults.loadBalancing',
  },
  'default:service-name': {
    summary: 'a Kubernetes Service has the name of its key in `services`',
    set: 'services.<name>.name',
  },
  'default:only-namespace': {
    summary: 'a service is in the only namespace of the mesh',
    set: 'services.<name>.namespace',
  },
  'default:workload-labels': {
    summary: 'a service selects pods with the label app: <name>',
    set: 'services.<name>.workload.labels',
  },
  'default:service-account': {
    summary: 'pods use the service account <name>',
    set: 'services.<name>.workload.serviceAccount',
  },
  'default:target-port': {
    summary: 'the container listens on the port number of the service',
    set: 'services.<name>.port.target',
  },
  'default:version-label': {
    summary: 'pods of a version have the label version: <name>',
    set: 'services.<name>.versions.<version>',
  },
  'default:traffic': {
    summary: 'without routes, all requests go to the service',
    set: 'services.<name>.traffic',
  },
  'default:fault-share': { summary: 'a fault applies to every request', set: 'services.<name>.fault.share' },
  'default:redirect-code': { summary: 'the status code of a redirect is 301', set: 'services.<name>.routes' },
  'default:exposed-port': {
    summary: 'a gateway routes to the first HTTP port of the service',
    set: 'services.<name>.expose',
  },
  'default:forward-token': {
    summary: 'a proxy forwards the token to the service',
    set: 'services.<name>.jwt.forward',
  },
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
    summary: 'the HTTP port of a gateway redirects to HTTPS',
    set: 'gateways.<name>.http',
  },
  'default:gateway-ports': {
    summary: 'a gateway listens on port 443 for HTTPS and on port 80 for HTTP',
    set: 'gateways.<name>.ports',
  },
  'default:gateway-tls': {
    summary: 'the lowest TLS version of a gateway is 1.2',
    set: 'gateways.<name>.tls',
  },
  'default:gateway-replicas': {
    summary: 'a gateway has one to five replicas',
    set: 'gateways.<name>.replicas',
  },
  'default:gateway-resources': {
    summary: 'a gateway requests 100m of CPU and 128Mi of memory; its limits are 2000m and 1Gi',
    set: 'gateways.<name>.resources',
  },
  'default:gateway-egress': { summary: 'a gateway is an ingress gateway', set: 'gateways.<name>.egress' },
  'default:gateway-east-west': {
    summary: 'a gateway is not an east-west gateway',
    set: 'gateways.<name>.eastWest',
  },
  'default:gateway-service': {
    summary: 'the Service of a gateway has the type LoadBalancer',
    set: 'gateways.<name>.service',
  },
  'default:egress-service': {
    summary: 'the Service of an egress gateway has the type ClusterIP',
    set: 'gateways.<name>.service',
  },
  'default:client-certificates': {
    summary: 'a gateway with `clientCertificates` refuses a client without a certificate',
    set: 'gateways.<name>.clientCertificates.required',
  },
  'default:certificate-issuer-kind': {
    summary: 'the issuer of a certificate is a ClusterIssuer',
    set: 'gateways.<name>.certificate.issuerKind',
  },
  'default:certificate-secret': {
    summary: 'the certificate is in the Secret <gateway>-tls',
    set: 'gateways.<name>.certificate.secret',
  },
  'default:certificate-duration': {
    summary: 'a certificate is valid for 90 days',
    set: 'gateways.<name>.certificate.duration',
  },
  'default:certificate-renewal': {
    summary: 'cert-manager renews a certificate 30 days before it expires',
    set: 'gateways.<name>.certificate.renewBefore',
  },
  'default:external-namespace': {
    summary:
      'objects of external systems are in the root namespace, or in the first namespace that the spec manages',
    set: 'external.<name>.namespace',
  },
  'default:external-tls': {
    summary: 'callers of an `https` or `tls` port originate TLS themselves',
    set: 'external.<name>.tls',
  },
  'default:authorizer-timeout': {
    summary: 'a proxy waits 2s for the answer of an authorizer',
    set: 'authorizers.<name>.timeout',
  },
  'default:authorizer-failure': {
    summary: 'a proxy denies a request if the authorizer does not answer',
    set: 'authorizers.<name>.failOpen',
  },
  'default:limiter-domain': {
    summary: 'the domain of a rate limiter is the name of the mesh',
    set: 'rateLimiters.<name>.domain',
  },
  'default:limiter-timeout': {
    summary: 'a proxy waits 100ms for the answer of a rate-limit service',
    set: 'rateLimiters.<name>.timeout',
  },
  'default:limiter-failure': {
    summary: 'a proxy allows a request if the rate-limit service does not answer',
    set: 'rateLimiters.<name>.failOpen',
  },
  // Policies
  'policy:object': { summary: 'meshc sets the API version, kind and labels of an object' },
  'policy:sync-wave': { summary: 'Argo CD applies subsets before routes, and removes routes before subsets' },
  'policy:deny-by-default': {
    summary: 'the mesh denies requests that no `allow` declares, unless `access` is `open`',
  },
  'policy:home-namespace': {
    summary: 'objects that belong to no service are in the first namespace that the spec manages',
  },
  'policy:machines': {
    summary:
      'virtual machines of a service share the identity and labels of a WorkloadGroup, and have a Kubernetes Service',
  },
  'policy:clusters': {
    summary:
      'each cluster has its own control plane, and a Kubernetes Service for each service that runs in another cluster',
  },
  'policy:east-west': {
    summary: 'an east-west gateway passes mutual TLS through to the service of the server name (SNI)',
  },
  'policy:cluster-domain': { summary: 'hosts end in svc.cluster.local' },
  'policy:gateway-server': {
    summary: 'a gateway serves HTTPS with a certificate, and plain HTTP only as declared',
  },
  'policy:egress-door': {
    summary:
      'callers reach an egress gateway with mutual TLS, and the server name (SNI) is the external host',
  },
  'policy:internal-gateway': {
    summary: 'the Service of an internal load balancer has the annotation of its cloud provider',
  },
  'policy:gateway-workload': {
    summary: 'the workload of a gateway x is istio-x, and its pods have the label istio: x',
  },
  'policy:mtls-identity': { summary: 'policies identify a caller by its SPIFFE identity, which mTLS proves' },
  'policy:asked-requests': {
    summary: 'a proxy asks an authorizer about HTTP requests before it evaluates other policies',
  },
  'policy:rate-limit': {
    summary: 'each proxy counts requests separately, after its policies have decided about them',
  },
  'policy:limiter-configuration': {
    summary: 'a rate-limit service reads its limits from a ConfigMap in its namespace',
  },
  'policy:mesh-wide-mtls': {
    summary: 'one PeerAuthentication in the root namespace configures mTLS for the whole mesh',
  },
  'policy:explicit-port': { summary: 'each destination of a route names its port' },
  'policy:route-shape': { summary: 'a route is a VirtualService rule' },
  'policy:visibility': { summary: '`exportTo` makes an object visible only to the namespaces that need it' },
  'policy:verified-tls': { summary: 'a proxy verifies the certificate and the name of an external host' },
  'policy:service-entry': {
    summary: 'a proxy resolves an external host by DNS; the caller resolves a wildcard host',
  },
  'policy:sidecar-scope': {
    summary:
      'a Sidecar lists the hosts that its service may call, the root namespace, the collector, the authorizer and the rate limiter',
  },
  'policy:metrics': { summary: 'Prometheus scrapes metrics of istiod, sidecars and gateways' },
  'policy:alerts': {
    summary: 'Prometheus alerts cover the control plane, the gateways, and calls that mTLS or egress forbids',
  },
  'policy:objectives': {
    summary: 'an objective has an error budget for 30 days, and an alert if errors use it up faster',
  },
  'policy:dashboard': {
    summary: 'a mesh has a Grafana dashboard, unless `observability.grafana` is off',
  },
  'policy:kiali': { summary: 'Kiali shows the namespaces of the mesh in view-only mode' },
  'policy:telemetry': { summary: 'one Telemetry in the root namespace configures the whole mesh' },
  'policy:injection': { summary: 'a namespace has one injection label' },
  'policy:install': { summary: 'istioctl and Helm install the same control plane' },
  'policy:revision-tags': {
    summary:
      'Argo CD never prunes the webhook of a revision tag, so that injection continues while the tag moves',
  },
  'policy:analysis': { summary: 'istiod reports errors of an object in its status' },
  'policy:key-fetching': {
    summary: 'istiod fetches no token keys from loopback, link-local and cloud metadata addresses',
  },
  'policy:certificate': { summary: 'a private key is ECDSA 256 and rotates with its certificate' },
  'policy:app-project': {
    summary: 'Argo CD may write only the kinds that meshc emits, in the namespaces where meshc emits them',
  },
  'policy:application': {
    summary: 'Argo CD installs istiod, then the gateways, then the objects in manifests/',
  },
  'policy:sync': {
    summary:
      'Argo CD uses server-side apply and retries; with `sync: automatic` it prunes and self-heals, but it never prunes CRDs and namespaces',
  },
  'policy:sync-window': {
    summary: 'Argo CD syncs only in the sync window; if `sync` is `automatic`, a person can sync at any time',
  },
  'policy:health': { summary: 'an Istio object is healthy unless istiod reports an error in it' },
  'policy:notification': { summary: 'a notification names the application, its revision and the event' },
  'policy:chart': {
    summary: 'a Helm chart has the name of its mesh, and gets its version when it is published',
  },
  'policy:chart-switch': { summary: 'a switch in the values of the chart removes all objects of a kind' },
  'policy:kustomization': { summary: 'a kustomization lists every manifest' },
  'policy:mtls-exception': { summary: 'an exception to mTLS applies to one port of one workload' },
} as const satisfies Record<string, DecisionDefinition>

/** The name of a default or policy of meshc. */
export type Decision = keyof typeof decisionDefinitions

/** Every default and policy, by name. */
export const decisions: Readonly<Record<Decision, DecisionDefinition>> = decisionDefinitions
