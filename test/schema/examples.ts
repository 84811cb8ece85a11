import type { TargetKind } from '../../schema/conform.ts'

/** Bodies that conform, and changes to the first body with the message of each. A path is a list of keys. */
interface Example {
  readonly good: readonly [unknown, ...unknown[]]
  readonly bad: readonly [path: readonly (string | number)[], value: unknown, message: string][]
}

const cart = { host: 'cart.shop.svc.cluster.local', port: { number: 8080 } }
const pods = { matchLabels: { app: 'cart' } }
const resources = { requests: { cpu: '500m', memory: '512Mi' }, limits: { cpu: '2', memory: '2Gi' } }
const meshConfig = {
  accessLogFile: '',
  enableTracing: true,
  rootNamespace: 'istio-system',
  outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
  pathNormalization: { normalization: 'MERGE_SLASHES' },
  defaultConfig: {
    holdApplicationUntilProxyStarts: true,
    terminationDrainDuration: '30s',
    tracing: { sampling: 1 },
  },
  extensionProviders: [
    {
      name: 'jaeger',
      opentelemetry: { service: 'jaeger-collector.observability.svc.cluster.local', port: 4317 },
    },
    { name: 'json', envoyFileAccessLog: { path: '/dev/stdout', logFormat: { labels: {} } } },
  ],
  defaultProviders: { tracing: ['jaeger'], accessLogging: ['json'], metrics: ['prometheus'] },
  meshMTLS: { minProtocolVersion: 'TLSV1_2' },
}

const syncPolicy = {
  automated: { prune: true, selfHeal: true },
  syncOptions: ['ServerSideApply=true'],
  retry: { limit: 5, refresh: true, backoff: { duration: '10s', factor: 2, maxDuration: '3m' } },
}

const chartApplication = (chart: string, releaseName: string, valuesObject: object) => ({
  project: 'shop-prod-control-plane',
  source: {
    repoURL: 'https://charts.example.com',
    targetRevision: '1.31.4',
    chart,
    helm: { releaseName, valuesObject },
  },
  destination: { name: 'shop-eu', namespace: 'istio-system' },
  syncPolicy,
})

const share = { default_value: { numerator: 100, denominator: 'HUNDRED' } }
const tokens = { max_tokens: 200, tokens_per_fill: 100, fill_interval: '1s' }
const rateLimits = [
  {
    actions: [
      { generic_key: { descriptor_key: 'service', descriptor_value: 'shop/cart' } },
      { request_headers: { header_name: 'x-user', descriptor_key: 'x-user' } },
    ],
  },
]

const localRateLimit = {
  '@type': 'type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit',
  stat_prefix: 'rate_limit',
  token_bucket: tokens,
  filter_enabled: share,
  filter_enforced: share,
  max_dynamic_descriptors: 10000,
  rate_limits: [{ actions: [{ request_headers: { header_name: 'x-user', descriptor_key: 'x-user' } }] }],
  descriptors: [{ entries: [{ key: 'x-user' }], token_bucket: tokens }],
}

/** The examples of each kind. */
export const examples: Readonly<Record<TargetKind, Example>> = {
  AppProject: {
    good: [
      {
        description: 'The mesh shop in prod',
        sourceRepos: ['https://git.example.com/platform/mesh.git'],
        destinations: [{ server: 'https://kubernetes.default.svc', namespace: 'shop' }],
        clusterResourceWhitelist: [{ group: '', kind: 'Namespace', name: 'shop' }],
        namespaceResourceWhitelist: [{ group: 'networking.istio.io', kind: 'VirtualService' }],
        syncWindows: [
          {
            kind: 'allow',
            schedule: '0 9 * * 1-4',
            duration: '6h',
            applications: ['*'],
            manualSync: false,
            timeZone: 'Europe/Berlin',
          },
        ],
      },
      {
        sourceRepos: ['git@git.example.com:platform/mesh.git'],
        destinations: [{ name: 'shop-eu', namespace: 'shop' }],
        clusterResourceWhitelist: [],
        namespaceResourceWhitelist: [{ group: '', kind: 'ConfigMap' }],
      },
    ],
    bad: [
      [['sourceRepos'], ['*'], 'AppProject/sourceRepos/0: must match'],
      [
        ['destinations', 0, 'name'],
        'shop-eu',
        'AppProject/destinations/0/name: must not stand beside `server`',
      ],
      [['destinations', 0, 'namespace'], '*', 'AppProject/destinations/0/namespace: must match'],
      [['namespaceResourceWhitelist'], undefined, 'AppProject: must have `namespaceResourceWhitelist`'],
      [['syncWindows', 0, 'schedule'], 'daily', 'AppProject/syncWindows/0/schedule: must match'],
    ],
  },
  Application: {
    good: [
      {
        project: 'shop-prod',
        source: {
          repoURL: 'https://git.example.com/platform/mesh.git',
          targetRevision: 'main',
          path: 'out/prod/manifests',
          directory: { recurse: true, include: '{my-api/my-api.yaml}' },
        },
        destination: { server: 'https://kubernetes.default.svc', namespace: 'istio-system' },
        syncPolicy,
      },
      chartApplication('base', 'istio-base', { defaultRevision: 'default' }),
      chartApplication('istiod', 'istiod', { autoscaleEnabled: true }),
      chartApplication('cni', 'istio-cni', { global: { tag: '1.31.4' } }),
      chartApplication('gateway', 'istio-public', { name: 'istio-public' }),
    ],
    bad: [
      [
        ['source'],
        chartApplication('istiod', 'istiod', { autoscaleMinimum: 2 }).source,
        'Application/source/helm/valuesObject: unknown field `autoscaleMinimum`',
      ],
      [['source', 'chart'], 'base', 'Application/source/path: must not stand beside `chart`'],
      [['source', 'directory'], undefined, 'Application/source: must have `directory`'],
      [
        ['syncPolicy', 'automated', 'enable'],
        true,
        'Application/syncPolicy/automated: unknown field `enable`',
      ],
      [
        ['syncPolicy', 'syncOptions', 0],
        'Replace=true',
        'Application/syncPolicy/syncOptions/0: must be `ServerSideApply=true`',
      ],
    ],
  },
  AuthorizationPolicy: {
    good: [
      {
        selector: pods,
        action: 'ALLOW',
        rules: [
          {
            from: [
              {
                source: {
                  principals: ['cluster.local/ns/shop/sa/checkout'],
                  requestPrincipals: ['https://login.example.com/*'],
                },
              },
            ],
            to: [
              { operation: { ports: ['8080'], methods: ['GET'], paths: ['/api/*', '/users/{*}/orders'] } },
            ],
            when: [{ key: 'request.auth.claims[role]', values: ['buyer'] }],
          },
        ],
      },
      {
        selector: pods,
        action: 'CUSTOM',
        provider: { name: 'opa' },
        rules: [{ to: [{ operation: { paths: ['/admin*'] } }] }],
      },
    ],
    bad: [
      [
        ['rules', 0, 'to', 0, 'operation', 'paths'],
        ['/a*b'],
        'AuthorizationPolicy/rules/0/to/0/operation/paths/0: must match',
      ],
      [['rules', 0, 'from'], [], 'AuthorizationPolicy/rules/0/from: must have at least 1 entry'],
      [['provider'], { name: 'opa' }, 'AuthorizationPolicy/action: must be `CUSTOM`'],
      [['action'], 'CUSTOM', 'AuthorizationPolicy: must have `provider`'],
      [
        ['selector', 'matchLabels'],
        {},
        'AuthorizationPolicy/selector/matchLabels: must have at least 1 field',
      ],
    ],
  },
  Certificate: {
    good: [
      {
        secretName: 'public-tls',
        dnsNames: ['api.example.com', '*.shop.example.com'],
        issuerRef: { name: 'letsencrypt-prod', kind: 'ClusterIssuer', group: 'cert-manager.io' },
        duration: '2160h',
        renewBefore: '720h0m0s',
        privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
      },
      {
        secretName: 'public-tls',
        dnsNames: ['api.example.com'],
        issuerRef: { name: 'internal-ca', kind: 'Issuer' },
        privateKey: { algorithm: 'RSA', size: 2048 },
      },
    ],
    bad: [
      [['duration'], '90d', 'Certificate/duration: must match'],
      [['privateKey', 'size'], 2048, 'Certificate/privateKey/size: must be `256`'],
      [['dnsNames'], ['*'], 'Certificate/dnsNames/0: must match'],
    ],
  },
  ConfigMap: {
    good: [{ data: { 'dashboard.json': '{}' } }],
    bad: [
      [['data', 'dashboard json'], '{}', 'ConfigMap/data: the name `dashboard json` must match'],
      [['data', 'dashboard.json'], 1, 'ConfigMap/data/dashboard.json: must be a string'],
    ],
  },
  DestinationRule: {
    good: [
      {
        host: cart.host,
        trafficPolicy: {
          connectionPool: { tcp: { maxConnections: 100 }, http: { http1MaxPendingRequests: 100 } },
          outlierDetection: {
            consecutive5xxErrors: 5,
            interval: '30s',
            baseEjectionTime: '30s',
            maxEjectionPercent: 50,
          },
          loadBalancer: { consistentHash: { httpHeaderName: 'x-user' } },
        },
        subsets: [{ name: 'v1', labels: { version: 'v1' } }],
        exportTo: ['*'],
      },
      {
        host: 'api.stripe.com',
        trafficPolicy: {
          tls: {
            mode: 'SIMPLE',
            sni: 'api.stripe.com',
            caCertificates: 'system',
            subjectAltNames: ['api.stripe.com'],
          },
        },
      },
      {
        host: 'api.bank.example',
        trafficPolicy: {
          tls: {
            mode: 'MUTUAL',
            clientCertificate: '/etc/bank/tls.crt',
            privateKey: '/etc/bank/tls.key',
            caCertificates: 'system',
          },
        },
        exportTo: ['.'],
        workloadSelector: { matchLabels: { app: 'cart' } },
      },
      {
        host: 'api.partner.com',
        trafficPolicy: {
          tls: { mode: 'MUTUAL', credentialName: 'partner' },
          outlierDetection: { splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 5 },
        },
      },
      {
        host: cart.host,
        trafficPolicy: {
          outlierDetection: { consecutive5xxErrors: 5 },
          loadBalancer: {
            simple: 'ROUND_ROBIN',
            localityLbSetting: {
              distribute: [
                { from: 'eu', to: { eu: 99, us: 1 } },
                { from: 'us', to: { us: 100 } },
              ],
            },
          },
        },
      },
      {
        host: cart.host,
        trafficPolicy: {
          outlierDetection: { consecutive5xxErrors: 5 },
          loadBalancer: {
            simple: 'ROUND_ROBIN',
            localityLbSetting: { failover: [{ from: 'eu', to: 'us' }] },
          },
        },
      },
    ],
    bad: [
      [
        ['trafficPolicy', 'loadBalancer', 'simple'],
        'RANDOM',
        'DestinationRule/trafficPolicy/loadBalancer/consistentHash: must not stand beside `simple`',
      ],
      [
        ['trafficPolicy', 'tls'],
        { mode: 'SIMPLE', sni: 'api.stripe.com' },
        'DestinationRule/trafficPolicy/tls: must have `caCertificates` or `credentialName`',
      ],
      [
        ['trafficPolicy', 'tls'],
        { mode: 'MUTUAL', clientCertificate: '/etc/bank/tls.crt', caCertificates: 'system' },
        'DestinationRule/trafficPolicy/tls: must have `credentialName` or `privateKey`',
      ],
      [
        ['trafficPolicy', 'outlierDetection', 'interval'],
        '1m',
        'DestinationRule/trafficPolicy/outlierDetection/interval: must match `^[1-9][0-9]*(ms|s)$`',
      ],
      [
        ['trafficPolicy', 'conectionPool'],
        {},
        'DestinationRule/trafficPolicy: unknown field `conectionPool`',
      ],
      [['exportTo'], ['*', 'shop'], 'DestinationRule/exportTo: must have at most 1 entry'],
      [
        ['subsets', 0, 'labels'],
        { 'a b': 'c' },
        'DestinationRule/subsets/0/labels: the name `a b` must match',
      ],
    ],
  },
  EnvoyFilter: {
    good: [
      {
        workloadSelector: { labels: { app: 'cart' } },
        priority: 10,
        configPatches: [
          {
            applyTo: 'HTTP_FILTER',
            match: {
              context: 'SIDECAR_INBOUND',
              listener: {
                filterChain: {
                  filter: {
                    name: 'envoy.filters.network.http_connection_manager',
                    subFilter: { name: 'envoy.filters.http.router' },
                  },
                },
              },
            },
            patch: {
              operation: 'INSERT_BEFORE',
              value: { name: 'envoy.filters.http.local_ratelimit', typed_config: localRateLimit },
            },
          },
        ],
      },
      {
        workloadSelector: { labels: { istio: 'public' } },
        priority: 10,
        configPatches: [
          {
            applyTo: 'HTTP_ROUTE',
            match: {
              context: 'GATEWAY',
              routeConfiguration: { vhost: { name: 'shop.example.com:443', route: { name: 'search' } } },
            },
            patch: {
              operation: 'MERGE',
              value: { typed_per_filter_config: { 'envoy.filters.http.local_ratelimit': localRateLimit } },
            },
          },
        ],
      },
      {
        workloadSelector: { labels: { app: 'cart' } },
        priority: 10,
        configPatches: [
          {
            applyTo: 'VIRTUAL_HOST',
            match: { context: 'SIDECAR_INBOUND' },
            patch: { operation: 'MERGE', value: { rate_limits: rateLimits } },
          },
        ],
      },
      {
        workloadSelector: { labels: { istio: 'public' } },
        priority: 10,
        configPatches: [
          {
            applyTo: 'HTTP_ROUTE',
            match: {
              context: 'GATEWAY',
              routeConfiguration: { vhost: { name: 'shop.example.com:443', route: { name: 'search' } } },
            },
            patch: { operation: 'MERGE', value: { route: { rate_limits: rateLimits } } },
          },
        ],
      },
      {
        workloadSelector: { labels: { app: 'cart' } },
        priority: 10,
        configPatches: [
          {
            applyTo: 'HTTP_FILTER',
            match: {
              context: 'SIDECAR_INBOUND',
              listener: {
                filterChain: {
                  filter: {
                    name: 'envoy.filters.network.http_connection_manager',
                    subFilter: { name: 'envoy.filters.http.router' },
                  },
                },
              },
            },
            patch: {
              operation: 'INSERT_BEFORE',
              value: {
                name: 'envoy.filters.http.ratelimit',
                typed_config: {
                  '@type': 'type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit',
                  domain: 'shop',
                  failure_mode_deny: false,
                  timeout: '0.1s',
                  rate_limit_service: {
                    grpc_service: {
                      envoy_grpc: {
                        cluster_name: 'outbound|8081||ratelimit.limits.svc.cluster.local',
                        authority: 'ratelimit.limits.svc.cluster.local',
                      },
                    },
                    transport_api_version: 'V3',
                  },
                },
              },
            },
          },
        ],
      },
    ],
    bad: [
      [['priority'], 0, 'EnvoyFilter/priority: must be at least 1'],
      [['configPatches', 0, 'applyTo'], 'CLUSTER', 'EnvoyFilter/configPatches/0/applyTo: must be'],
      [
        ['configPatches', 0, 'match', 'proxy'],
        {},
        'EnvoyFilter/configPatches/0/match: unknown field `proxy`',
      ],
    ],
  },
  Gateway: {
    good: [
      {
        selector: { istio: 'public' },
        servers: [
          {
            port: { number: 80, name: 'http', protocol: 'HTTP' },
            hosts: ['shop/api.example.com'],
            tls: { httpsRedirect: true },
          },
          {
            port: { number: 443, name: 'https', protocol: 'HTTPS' },
            hosts: ['shop/api.example.com'],
            tls: { mode: 'SIMPLE', credentialName: 'public-tls', minProtocolVersion: 'TLSV1_2' },
          },
        ],
      },
      {
        selector: { istio: 'egress' },
        servers: [
          { port: { number: 6379, name: 'redis', protocol: 'TCP' }, hosts: ['db.example.com'] },
          {
            port: { number: 443, name: 'tls', protocol: 'TLS' },
            hosts: ['db.example.com'],
            tls: { mode: 'PASSTHROUGH' },
          },
        ],
      },
    ],
    bad: [
      [['servers', 1, 'tls'], undefined, 'Gateway/servers/1: must have `tls`'],
      [
        ['servers', 1, 'tls', 'credentialName'],
        undefined,
        'Gateway/servers/1/tls: must have `credentialName`',
      ],
      [['servers', 0, 'port', 'protocol'], 'TCP', 'Gateway/servers/0/tls: must not stand here'],
      [
        ['servers', 1, 'tls', 'minProtocolVersion'],
        'TLSV1_1',
        'Gateway/servers/1/tls/minProtocolVersion: must be `TLSV1_2` or `TLSV1_3`',
      ],
    ],
  },
  HelmBaseValues: {
    good: [
      {
        defaultRevision: 'default',
        global: { istioNamespace: 'istio-system' },
        base: { validationFailurePolicy: 'Fail' },
      },
    ],
    bad: [
      [
        ['base', 'validationFailurePolicy'],
        'fail',
        'HelmBaseValues/base/validationFailurePolicy: must be `Fail` or `Ignore`',
      ],
    ],
  },
  HelmCniValues: {
    good: [
      {
        global: {
          hub: 'registry.example.com/istio',
          tag: '1.31.4',
          imagePullSecrets: ['registry-credentials'],
        },
      },
    ],
    bad: [
      [
        ['global', 'imagePullSecrets'],
        [],
        'HelmCniValues/global/imagePullSecrets: must have at least 1 entry',
      ],
    ],
  },
  HelmGatewayValues: {
    good: [
      {
        name: 'istio-public',
        labels: { istio: 'public' },
        service: {
          type: 'LoadBalancer',
          ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 8443 }],
        },
        autoscaling: { enabled: true, minReplicas: 2, maxReplicas: 5 },
        resources,
      },
    ],
    bad: [
      [['autoscaling', 'minReplicas'], 0, 'HelmGatewayValues/autoscaling/minReplicas: must be at least 1'],
      [
        ['service', 'ports', 0, 'protocol'],
        undefined,
        'HelmGatewayValues/service/ports/0: must have `protocol`',
      ],
    ],
  },
  HelmIstiodValues: {
    good: [
      {
        autoscaleEnabled: true,
        autoscaleMin: 2,
        autoscaleMax: 5,
        resources,
        meshConfig,
        global: { istioNamespace: 'istio-system' },
      },
      { autoscaleEnabled: false, replicaCount: 1 },
    ],
    bad: [
      [['autoscaleEnabled'], false, 'HelmIstiodValues/autoscaleEnabled: must be `true`'],
      [['resources', 'limits', 'memory'], '2GB', 'HelmIstiodValues/resources/limits/memory: must match'],
      [
        ['meshConfig', 'extensionProviders', 0, 'zipkin'],
        { service: 'zipkin', port: 9411 },
        'HelmIstiodValues/meshConfig/extensionProviders/0: must have at most 2 fields',
      ],
    ],
  },
  IstioOperator: {
    good: [
      {
        profile: 'default',
        tag: '1.31.4',
        meshConfig,
        components: {
          base: { enabled: true },
          pilot: { enabled: true, k8s: { resources, hpaSpec: { minReplicas: 2, maxReplicas: 5 } } },
          ingressGateways: [
            {
              name: 'istio-public',
              namespace: 'istio-ingress',
              enabled: true,
              label: { istio: 'public' },
              k8s: { resources },
            },
          ],
        },
        values: { global: { istioNamespace: 'istio-system', proxy: { resources } } },
      },
    ],
    bad: [
      [['profile'], 'production', 'IstioOperator/profile: must be `default`, `minimal`'],
      [
        ['meshConfig', 'outboundTrafficPolicy', 'mode'],
        'REGISTRY',
        'IstioOperator/meshConfig/outboundTrafficPolicy/mode: must be `REGISTRY_ONLY` or `ALLOW_ANY`',
      ],
      [
        ['meshConfig', 'defaultConfig', 'tracing', 'sampling'],
        101,
        'IstioOperator/meshConfig/defaultConfig/tracing/sampling: must be at most 100',
      ],
      [
        ['components', 'pilot', 'k8s', 'replicaCount'],
        2,
        'IstioOperator/components/pilot/k8s: unknown field `replicaCount`',
      ],
    ],
  },
  Kiali: {
    good: [
      {
        auth: {
          strategy: 'openid',
          openid: { client_id: 'kiali', issuer_uri: 'https://login.example.com', scopes: ['openid'] },
        },
        deployment: {
          cluster_wide_access: false,
          discovery_selectors: {
            default: [
              { matchLabels: { mesh: 'shop' } },
              { matchExpressions: [{ key: 'mesh', operator: 'NotIn', values: ['bank'] }] },
            ],
          },
          view_only_mode: true,
        },
        external_services: {
          prometheus: { url: 'http://prometheus.monitoring:9090' },
          tracing: {
            enabled: true,
            provider: 'jaeger',
            internal_url: 'http://jaeger:16686',
            use_grpc: false,
          },
          grafana: { enabled: false },
        },
      },
    ],
    bad: [
      [['istio_namespace'], 'istio-system', 'Kiali: unknown field `istio_namespace`'],
      [
        ['deployment', 'accessible_namespaces'],
        ['shop'],
        'Kiali/deployment: unknown field `accessible_namespaces`',
      ],
      [
        ['external_services', 'grafana', 'url'],
        'http://grafana:3000',
        'Kiali/external_services/grafana: unknown field `url`',
      ],
      [['auth', 'strategy'], 'none', 'Kiali/auth/strategy: must be `anonymous`, `token`'],
    ],
  },
  Kustomization: {
    good: [
      {
        sortOptions: { order: 'fifo' },
        resources: ['manifests/shop/cart.yaml', 'manifests/istio-system/mesh.yaml'],
      },
    ],
    bad: [
      [['resources', 0], '../base', 'Kustomization/resources/0: must match'],
      [['sortOptions', 'order'], 'legacy', 'Kustomization/sortOptions/order: must be `fifo`'],
    ],
  },
  Namespace: { good: [{}], bad: [[['spec'], {}, 'Namespace: unknown field `spec`']] },
  PeerAuthentication: {
    good: [{ selector: pods, mtls: { mode: 'STRICT' }, portLevelMtls: { 9102: { mode: 'PERMISSIVE' } } }],
    bad: [
      [['selector'], undefined, 'PeerAuthentication: must have `selector` beside `portLevelMtls`'],
      [
        ['mtls', 'mode'],
        'UNSET',
        'PeerAuthentication/mtls/mode: must be `DISABLE`, `PERMISSIVE` or `STRICT`',
      ],
      [
        ['portLevelMtls', 'metrics'],
        { mode: 'STRICT' },
        'PeerAuthentication/portLevelMtls: the name `metrics` must match',
      ],
    ],
  },
  PodMonitor: {
    good: [
      {
        selector: { matchExpressions: [{ key: 'istio-prometheus-ignore', operator: 'DoesNotExist' }] },
        namespaceSelector: { matchNames: ['shop'] },
        jobLabel: 'envoy-stats',
        podMetricsEndpoints: [{ port: 'http-envoy-prom', path: '/stats/prometheus', interval: '15s' }],
      },
      {
        selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['cart', 'checkout'] }] },
        podMetricsEndpoints: [{ portNumber: 15090 }],
      },
    ],
    bad: [
      [
        ['podMetricsEndpoints', 0, 'portNumber'],
        15090,
        'PodMonitor/podMetricsEndpoints/0/portNumber: must not stand beside `port`',
      ],
      [
        ['selector', 'matchExpressions', 0, 'operator'],
        'In',
        'PodMonitor/selector/matchExpressions/0: must have `values`',
      ],
      [
        ['podMetricsEndpoints', 0, 'interval'],
        '0.5s',
        'PodMonitor/podMetricsEndpoints/0/interval: must match',
      ],
    ],
  },
  PrometheusRule: {
    good: [
      {
        groups: [
          {
            name: 'control-plane',
            rules: [
              { record: 'mesh:requests:rate5m', expr: 'sum(rate(istio_requests_total[5m]))' },
              {
                alert: 'IstiodDown',
                expr: 'absent(up{job="pilot"} == 1)',
                for: '5m',
                labels: { severity: 'critical' },
                annotations: { summary: 'no istiod answers' },
              },
            ],
          },
        ],
      },
    ],
    bad: [
      [['groups', 0, 'rules', 1, 'expr'], undefined, 'PrometheusRule/groups/0/rules/1: must have `expr`'],
      [
        ['groups', 0, 'rules', 0, 'record'],
        undefined,
        'PrometheusRule/groups/0/rules/0: must have `alert` or `record`',
      ],
      [
        ['groups', 0, 'rules', 0, 'alert'],
        'IstiodDown',
        'PrometheusRule/groups/0/rules/0/alert: must not stand beside `record`',
      ],
      [['groups', 0, 'rules', 1, 'for'], '5 minutes', 'PrometheusRule/groups/0/rules/1/for: must match'],
    ],
  },
  RequestAuthentication: {
    good: [
      {
        selector: pods,
        jwtRules: [
          {
            issuer: 'https://login.example.com',
            jwksUri: 'https://login.example.com/.well-known/jwks.json',
            audiences: ['cart'],
            forwardOriginalToken: true,
          },
        ],
      },
    ],
    bad: [
      [
        ['jwtRules', 0, 'jwks'],
        '{"keys":[]}',
        'RequestAuthentication/jwtRules/0/jwksUri: must not stand beside `jwks`',
      ],
      [['jwtRules', 0, 'issuer'], undefined, 'RequestAuthentication/jwtRules/0: must have `issuer`'],
    ],
  },
  ServiceEntry: {
    good: [
      {
        hosts: ['api.stripe.com'],
        ports: [{ number: 80, name: 'http', protocol: 'HTTP', targetPort: 443 }],
        location: 'MESH_EXTERNAL',
        resolution: 'DNS',
        exportTo: ['shop', 'istio-system'],
      },
      {
        hosts: ['*.example.com'],
        ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
        location: 'MESH_EXTERNAL',
        resolution: 'DYNAMIC_DNS',
      },
      {
        hosts: ['db.example.com'],
        addresses: ['10.0.0.0/24', 'fd00::/64'],
        ports: [{ number: 5432, name: 'tcp', protocol: 'TCP' }],
        location: 'MESH_EXTERNAL',
        resolution: 'STATIC',
        endpoints: [{ address: '10.0.0.7', ports: { tcp: 5432 }, locality: 'eu/a' }],
      },
    ],
    bad: [
      [['hosts'], ['*'], 'ServiceEntry/hosts/0: must match'],
      [['ports', 0, 'number'], 70000, 'ServiceEntry/ports/0/number: must be at most 65535'],
      [['addresses'], ['10.0.0.0/33'], 'ServiceEntry/addresses/0: must match'],
    ],
  },
  ServiceMonitor: {
    good: [
      {
        selector: { matchLabels: { istio: 'pilot' } },
        namespaceSelector: { any: true },
        endpoints: [
          {
            port: 'http-monitoring',
            interval: '15s',
            relabelings: [{ action: 'keep', sourceLabels: ['__meta_kubernetes_pod_name'] }],
          },
        ],
      },
      {
        selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['cart', 'checkout'] }] },
        endpoints: [{ port: 'metrics' }],
      },
    ],
    bad: [
      [['endpoints', 0, 'prot'], 'http', 'ServiceMonitor/endpoints/0: unknown field `prot`'],
      [
        ['endpoints', 0, 'relabelings', 0, 'action'],
        'Keep',
        'ServiceMonitor/endpoints/0/relabelings/0/action: must be `replace`, `keep`',
      ],
      [
        ['namespaceSelector', 'matchNames'],
        ['shop'],
        'ServiceMonitor/namespaceSelector: must have at most 1 field',
      ],
    ],
  },
  Service: {
    good: [
      {
        selector: { app: 'ledger' },
        ports: [{ name: 'http', port: 80, targetPort: 8080, appProtocol: 'http' }],
      },
    ],
    bad: [
      [['ports', 0, 'targetPort'], 'http', 'Service/ports/0/targetPort: must be a whole number'],
      [['selector'], undefined, 'Service: must have `selector`'],
    ],
  },
  WorkloadEntry: {
    good: [
      {
        address: '10.3.0.11',
        labels: { app: 'ledger' },
        serviceAccount: 'ledger',
        locality: 'eu-west-1/a',
        weight: 3,
      },
    ],
    bad: [
      [['address'], 'ledger.example.com', 'WorkloadEntry/address: must match'],
      [['labels'], {}, 'WorkloadEntry/labels: must'],
    ],
  },
  WorkloadGroup: {
    good: [{ metadata: { labels: { app: 'ledger' } }, template: { serviceAccount: 'ledger' } }],
    bad: [[['template', 'serviceAccount'], undefined, 'WorkloadGroup/template: must have `serviceAccount`']],
  },
  Sidecar: {
    good: [
      {
        workloadSelector: { labels: { app: 'cart' } },
        egress: [{ hosts: ['istio-system/*', 'shop/cart-db.shop.svc.cluster.local'] }],
      },
    ],
    bad: [
      [['egress', 0, 'hosts', 0], 'cart', 'Sidecar/egress/0/hosts/0: must match'],
      [['egress'], undefined, 'Sidecar: must have `egress` or `outboundTrafficPolicy`'],
    ],
  },
  Telemetry: {
    good: [
      {
        accessLogging: [{ providers: [{ name: 'json' }], filter: { expression: 'response.code >= 400' } }],
        tracing: [{ providers: [{ name: 'jaeger' }], randomSamplingPercentage: 1 }],
        metrics: [
          {
            providers: [{ name: 'prometheus' }],
            overrides: [{ match: { metric: 'REQUEST_SIZE' }, disabled: true }],
          },
        ],
      },
    ],
    bad: [
      [
        ['tracing', 0, 'randomSamplingPercentage'],
        '1%',
        'Telemetry/tracing/0/randomSamplingPercentage: must be a number',
      ],
      [
        ['metrics', 0, 'overrides', 0, 'tagOverrides'],
        { code: { operation: 'UPSERT' } },
        'Telemetry/metrics/0/overrides/0/tagOverrides/code: must have `value`',
      ],
    ],
  },
  VirtualService: {
    good: [
      {
        hosts: [cart.host],
        http: [
          {
            name: 'testers',
            match: [{ headers: { 'end-user': { exact: 'jason' }, 'x-canary': {} }, uri: { prefix: '/v1/' } }],
            route: [{ destination: { ...cart, subset: 'v2' }, weight: 100 }],
            timeout: '5s',
            retries: { attempts: 2, perTryTimeout: '2s', retryOn: 'connect-failure,refused-stream,503' },
            fault: { delay: { fixedDelay: '7s', percentage: { value: 10 } } },
            mirrors: [{ destination: { ...cart, subset: 'v3' }, percentage: { value: 5 } }],
            headers: { response: { set: { 'x-served-by': '%HOSTNAME%' }, remove: ['server'] } },
          },
          { match: [{ uri: { prefix: '/old' } }], redirect: { uri: '/new', redirectCode: 308 } },
          {
            route: [
              { destination: { ...cart, subset: 'v1' }, weight: 80 },
              { destination: { ...cart, subset: 'v3' }, weight: 20 },
            ],
          },
        ],
      },
      {
        hosts: ['db.example.com'],
        gateways: ['istio-ingress/public'],
        tls: [{ match: [{ port: 443, sniHosts: ['db.example.com'] }], route: [{ destination: cart }] }],
        tcp: [{ match: [{ port: 6379 }], route: [{ destination: cart }] }],
      },
    ],
    bad: [
      [['http', 0, 'rout'], [], 'VirtualService/http/0: unknown field `rout`'],
      [
        ['http', 2, 'route'],
        undefined,
        'VirtualService/http/2: must have `route`, `redirect` or `directResponse`',
      ],
      [
        ['http', 1, 'route'],
        [{ destination: cart }],
        'VirtualService/http/1/route: must not stand beside `redirect`',
      ],
      [['http', 0, 'timeout'], '0s', 'VirtualService/http/0/timeout: must match'],
      [['http', 0, 'retries', 'attempts'], 0, 'VirtualService/http/0/retries/retryOn: must not stand here'],
      [['http', 0, 'retries', 'retryOn'], '5xx, reset', 'VirtualService/http/0/retries/retryOn: must match'],
      [
        ['http', 0, 'match', 0, 'uri', 'exact'],
        '/v1',
        'VirtualService/http/0/match/0/uri: must have at most 1 field',
      ],
      [
        ['http', 0, 'fault', 'delay', 'percentage'],
        undefined,
        'VirtualService/http/0/fault/delay: must have `percentage`',
      ],
      [
        ['http', 0, 'headers', 'response', 'set', 'x-served-by'],
        '100%',
        'VirtualService/http/0/headers/response/set/x-served-by: must match',
      ],
      [
        ['http', 1, 'redirect', 'redirectCode'],
        304,
        'VirtualService/http/1/redirect/redirectCode: must be `301`, `302`',
      ],
      [
        ['http', 2, 'route', 0, 'destination', 'port'],
        undefined,
        'VirtualService/http/2/route/0/destination: must have `port`',
      ],
      [['hosts'], [cart.host, cart.host], 'VirtualService/hosts: must not say the same twice, in 0 and 1'],
    ],
  },
}
