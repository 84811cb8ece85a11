import { suite } from 'uvu'
import type { DiagnosticCode } from '../../compiler/diagnostics/diagnostic.ts'
import { plantedFault, soundSpec } from '../support/planted-fault.ts'

/** The rules for the settings of istiod and of the proxies. */
const test = suite('rules of the control plane')

const fault = (code: DiagnosticCode, what: string, spec: string, message: string) =>
  test(`${code}: ${what}`, () => plantedFault(code, spec, message))

const sound = (what: string, spec: string) => test(`nothing wrong: ${what}`, () => soundSpec(spec))

fault(
  'MESH3601',
  'istiod has fewer replicas at most than at least',
  `
istio: { controlPlane: { replicas: { min: «3», max: ‹1› } } }
`,
  'istiod has at least 3 replicas and at most 1',
)

fault(
  'MESH3602',
  'istiod reserves more CPU than it may have',
  `
istio: { controlPlane: { resources: { requests: { cpu: «4000m» }, limits: { cpu: ‹2000m› } } } }
`,
  'istiod reserves 4000m of CPU, but its limit is 2000m',
)

fault(
  'MESH3602',
  'a sidecar reserves more memory than it may have',
  `
istio: { proxy: { resources: { requests: { memory: «2Gi» }, limits: { memory: ‹1Gi› } } } }
`,
  'a sidecar reserves 2Gi of memory, but its limit is 1Gi',
)

sound(
  'a bound that is not said fits the one that is',
  `
istio:
  controlPlane: { replicas: { min: 9 }, resources: { requests: { cpu: 8000m } } }
  proxy: { resources: { limits: { memory: 64Mi } } }
`,
)

fault(
  'MESH3603',
  'a revision is called after another version',
  `
istio: { version: ‹1.31.4›, revision: «1-31-2» }
`,
  'the revision `1-31-2` runs Istio 1.31.4',
)

sound(
  'a revision is called after its version, or a part of it',
  `
istio: { version: 1.31.4, revision: 1-31 }
`,
)

sound(
  'a revision is called after what it is for',
  `
istio: { version: 1.31.4, revision: canary-2 }
`,
)

fault(
  'MESH3604',
  'anyone looks at a strict mesh',
  `
mtls: ‹strict›
observability:
  prometheus: { url: "http://prometheus.monitoring:9090" }
  kiali: { login: «anonymous» }
`,
  'anyone may use Kiali without a login, though mTLS is strict here',
)

fault(
  'MESH3604',
  'a patch lets anyone look at a mesh that is strict by default',
  `
observability:
  prometheus: { url: "http://prometheus.monitoring:9090" }
  kiali: {}
patches:
  - { kind: Kiali, namespace: istio-system, name: kiali, spec: { auth: { strategy: «anonymous» } } }
`,
  'anyone may use Kiali without a login, though mTLS is strict here',
)

fault(
  'MESH3604',
  'a Kiali that passes through lets anyone look',
  `
raw:
  - apiVersion: kiali.io/v1alpha1
    kind: Kiali
    metadata: { name: kiali, namespace: istio-system }
    spec: { auth: { strategy: «anonymous» } }
`,
  'anyone may use Kiali without a login, though mTLS is strict here',
)

sound(
  'anyone looks at a mesh where laptops take part',
  `
mtls: permissive
observability:
  prometheus: { url: "http://prometheus.monitoring:9090" }
  kiali: { login: anonymous }
`,
)

fault(
  'MESH3605',
  'metrics are scraped every five minutes',
  `
observability: { prometheus: { interval: «5m» } }
`,
  'an interval of `5m` gives the alerts too few samples in five minutes',
)

sound(
  'metrics are scraped every two minutes',
  `
observability: { prometheus: { interval: 2m } }
`,
)

const gatewayValues = (values: string) => `
gateways:
  public:
    hosts: [shop.example.com]
    certificate: { secret: shop }
    values: ${values}
services:
  shop:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: shop.example.com }]
    allow: [{ from: gateway/public }]
`

fault(
  'MESH3470',
  'a setting of the mesh has a field',
  `
istio: { meshConfig: { «outboundTrafficPolicy»: { mode: ALLOW_ANY } } }
`,
  '`outboundTrafficPolicy` of `istio.meshConfig` is a setting that `egress` decides on',
)

fault(
  'MESH3470',
  'a value of the chart has a field',
  `
istio: { values: { global: { «hub»: registry.example.com/istio, logAsJson: true } } }
`,
  '`global.hub` of `istio.values` is a setting that `istio.hub` decides on',
)

fault(
  'MESH3470',
  'a variable of istiod has a field',
  `
istio: { values: { env: { «ENABLE_NATIVE_SIDECARS»: "true", GOMEMLIMIT: 1GiB } } }
`,
  '`env.ENABLE_NATIVE_SIDECARS` of `istio.values` is a setting that `istio.proxy.native` decides on',
)

fault(
  'MESH3470',
  'a value of the chart of a gateway has a field',
  gatewayValues('{ service: { «type»: NodePort } }'),
  '`service.type` of `gateways.public.values` is a setting that `gateways.<name>.service.type` decides on',
)

fault(
  'MESH3470',
  'an annotation of the pods of a gateway has a field',
  gatewayValues('{ podAnnotations: { «proxy.istio.io/config»: "{}" } }'),
  '`podAnnotations.proxy.istio.io/config` of `gateways.public.values` is a setting that `gateways.<name>.trustedProxies` decides on',
)

fault(
  'MESH3471',
  'an annotation makes another proxy of the pods of a gateway',
  gatewayValues('{ podAnnotations: { «inject.istio.io/templates»: sidecar } }'),
  '`podAnnotations.inject.istio.io/templates` of `gateways.public.values` cannot pass through: it makes another proxy of the pods, which meshc does not follow',
)

fault(
  'MESH3471',
  'istioctl cannot set a value of the chart of a gateway',
  gatewayValues('{ «volumes»: [{ name: ca, configMap: { name: ca } }] }'),
  '`volumes` of `gateways.public.values` cannot pass through: an IstioOperator cannot set it, and Helm and istioctl install the same gateway',
)

fault(
  'MESH4020',
  'a value of the chart of a gateway is misspelt',
  gatewayValues('{ service: { «loadBalancerClas»: example.com/edge } }'),
  '`service.loadBalancerClas` of `gateways.public.values` is no known field',
)

fault(
  'MESH4020',
  'a field of Kubernetes is misspelt in a value of the chart of a gateway',
  gatewayValues('{ tolerations: [{ key: edge, «oprator»: Exists }] }'),
  '`tolerations[0].oprator` of `gateways.public.values` is no known field',
)

fault(
  'MESH4020',
  'a word of Kubernetes is misspelt in a value of the chart of a gateway',
  gatewayValues('{ tolerations: [{ key: edge, operator: «Exist» }] }'),
  '`tolerations[0].operator` of `gateways.public.values` cannot be `Exist`',
)

sound(
  'values of the chart of a gateway pass through',
  gatewayValues(
    '{ env: { GOMEMLIMIT: 1GiB }, affinity: { nodeAffinity: {} }, tolerations: [{ effect: NoSchedule, operator: Exists }], strategy: { type: Recreate }, minReadySeconds: 5 }',
  ),
)

fault(
  'MESH3471',
  'a value takes connections from sidecars',
  `
istio: { values: { global: { proxy: { «excludeIPRanges»: 10.0.0.0/8 } } } }
`,
  '`global.proxy.excludeIPRanges` of `istio.values` cannot pass through: it decides which connections a sidecar takes, which meshc reads from the ports of services',
)

fault(
  'MESH3471',
  'a variable switches the behavior of istiod',
  `
istio: { values: { env: { «PILOT_HTTP10»: "1" } } }
`,
  '`env.PILOT_HTTP10` of `istio.values` cannot pass through: it may change what requests do, which meshc does not follow',
)

fault(
  'MESH4020',
  'a field of MeshConfig is misspelt',
  `
istio: { meshConfig: { defaultConfig: { «proxyMetdata»: { ISTIO_META_DNS_CAPTURE: "true" } } } }
`,
  '`defaultConfig.proxyMetdata` of `istio.meshConfig` is no known field',
)

fault(
  'MESH4020',
  'a field of MeshConfig has a value of another type',
  `
istio: { meshConfig: { serviceSettings: [{ hosts: [cart.example.com], settings: { clusterLocal: «"yes"» } }] } }
`,
  '`serviceSettings[0].settings.clusterLocal` of `istio.meshConfig` must be `true` or `false`',
)

fault(
  'MESH4020',
  'a field of MeshConfig has none of its words',
  `
istio: { meshConfig: { meshMTLS: { minProtocolVersion: «TLSV1_1» } } }
`,
  '`meshMTLS.minProtocolVersion` of `istio.meshConfig` cannot be `TLSV1_1`',
)

fault(
  'MESH4020',
  'an amount of time has no unit',
  `
istio: { meshConfig: { protocolDetectionTimeout: «5» } }
`,
  '`protocolDetectionTimeout` of `istio.meshConfig` must be text',
)

fault(
  'MESH4020',
  'a value of the chart is misspelt',
  `
istio: { values: { «podAnnotation»: { example.com/team: platform } } }
`,
  '`podAnnotation` of `istio.values` is no known field',
)

fault(
  'MESH3105',
  'a secret is there twice',
  `
istio: { pullSecrets: [‹registry›, «registry»] }
`,
  '`registry` is in this list twice',
)

sound(
  'settings without a field pass through',
  `
istio:
  hub: registry.example.com:5000/istio
  pullSecrets: [registry-credentials]
  cni: on
  meshConfig:
    protocolDetectionTimeout: 0s
    meshMTLS: { minProtocolVersion: TLSV1_3 }
    trustDomainAliases: [old.example.com]
    defaultConfig: { proxyMetadata: { ISTIO_META_DNS_CAPTURE: "true" } }
  values:
    podAnnotations: { example.com/team: platform }
    env: { GOMEMLIMIT: 1GiB }
    rollingMaxSurge: 50%
    global: { logAsJson: true, proxy: { logLevel: info } }
`,
)

const planes = (stable: string, canary: string, revision = 'stable') => `
istio:
  revisions:
    stable: ${stable}
    canary: ${canary}
  revision: ${revision}
namespaces:
  shop: { revision: canary }
`

fault(
  'MESH2045',
  'a namespace joins an undeclared revision',
  `
istio: { revisions: { stable: { version: 1.31.4 } }, revision: stable }
namespaces: { shop: { revision: «canary» } }
`,
  'the mesh has no control plane `canary`',
)

fault(
  'MESH2045',
  'a namespace joins another revision than the only one',
  `
istio: { revision: stable }
namespaces: { shop: { revision: «canary» } }
`,
  'the mesh has no control plane `canary`',
)

fault(
  'MESH2046',
  'no revision is that of all other namespaces',
  `
istio: { «revisions»: { canary: { version: 1.31.4 } } }
namespaces: { shop: { revision: canary } }
`,
  'no revision is that of the namespaces which name none',
)

fault(
  'MESH3472',
  'a tag is of two revisions',
  planes('{ tags: [«prod»] }', '{ tags: [‹prod›] }'),
  'the tag `prod` is of `canary`, too',
)

fault(
  'MESH3472',
  'a tag is the name of another revision',
  planes('{ tags: [«canary»] }', '{}').replace('canary: {}', '‹canary›: {}'),
  'the tag `canary` of `stable` is the name of a revision',
)

fault(
  'MESH3473',
  'a control plane waits for namespaces',
  planes('{}', '{}').replace('canary: {}', 'canary: {}\n    «next»: {}'),
  'no namespace joins the control plane `next`',
)

fault(
  'MESH3474',
  'a control plane is two minor versions older than another',
  planes('{ version: «1.31.4» }', '{ version: ‹1.33.0› }'),
  '`stable` runs Istio 1.31.4 beside Istio 1.33.0, which is more than one minor version newer',
)

fault(
  'MESH3485',
  'each control plane has a version of its own',
  planes('{ version: 1.31.4 }', '{ version: ‹1.32.0› }').replace('istio:', 'istio:\n  version: «1.31.5»'),
  'no control plane runs Istio 1.31.5: each of the `revisions` has another version',
)

sound(
  'a control plane has the version of the time before the others',
  planes('{ version: 1.31.4 }', '{ version: 1.32.0 }').replace('istio:', 'istio:\n  version: 1.31.4'),
)

sound(
  'a control plane has the version that the spec sets for all',
  planes('{ version: 1.31.4 }', '{}').replace('istio:', 'istio:\n  version: 1.32.0'),
)

fault(
  'MESH3475',
  'a namespace without sidecars joins a revision',
  `${planes('{}', '{}')}  jobs: { revision: «canary», injection: ‹off› }
`,
  'no pod of `jobs` joins the control plane `canary`: injection is off in this namespace',
)

fault(
  'MESH3603',
  'one of several revisions is called after another version',
  planes('{}', '{ version: ‹1.31.4› }').replaceAll('canary', '1-31-2').replace('1-31-2:', '«1-31-2»:'),
  'the revision `1-31-2` runs Istio 1.31.4',
)

fault(
  'MESH3009',
  'the release of one of several revisions would have too long a name',
  planes('{}', '{}')
    .replaceAll('canary', 'c'.repeat(47))
    .replace(`${'c'.repeat(47)}:`, `«${'c'.repeat(47)}»:`),
  `\`istiod-${'c'.repeat(47)}\` would have 54 characters, but Helm allows 53 for a release`,
)

sound(
  'a namespace joins a newer control plane, and the others follow a tag',
  planes('{ version: 1.31.4, tags: [prod] }', '{ version: 1.32.0, tags: [next] }', 'prod'),
)

test.run()
