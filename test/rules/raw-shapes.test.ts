import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compileText } from '../support/compile-text.ts'
import { plantedFault, soundSpec } from '../support/planted-fault.ts'

/** Checks of raw objects against the CRDs of their kinds. */
const test = suite('raw objects and their kinds')

const raw = (apiVersion: string, kind: string, more: string, metadata = '') => `
services:
  cart: { namespace: shop, port: { http: 8080 } }
raw:
  - apiVersion: ${apiVersion}
    kind: ${kind}
    metadata: { name: legacy, namespace: shop${metadata} }
    ${more}
`
const networking = 'networking.istio.io/v1'
const entry = (spec: string) => raw(networking, 'WorkloadEntry', `spec: ${spec}`)
const routes = (spec: string) =>
  raw(networking, 'VirtualService', `spec: { hosts: [old.example.com], ${spec} }`)

const faults: readonly (readonly [what: string, spec: string, message: string, help: string])[] = [
  [
    'a misspelt kind',
    raw(networking, '«VirtualServce»', 'spec: { hosts: [old.example.com] }'),
    '`networking.istio.io` has no kind `VirtualServce`',
    'did you mean `VirtualService`?',
  ],
  [
    'a kind of another group',
    raw('security.istio.io/v1', '«Sidecar»', 'spec: {}'),
    '`security.istio.io` has no kind `Sidecar`',
    'Sidecar is a kind of `networking.istio.io/v1`',
  ],
  [
    'a kind like nothing of its group',
    raw('security.istio.io/v1', '«Firewall»', 'spec: {}'),
    '`security.istio.io` has no kind `Firewall`',
    'there is `AuthorizationPolicy`, `PeerAuthentication` and `RequestAuthentication`',
  ],
  [
    'a misspelt kind of a group that others share',
    raw('argoproj.io/v1alpha1', '«Aplication»', 'spec: {}'),
    '`argoproj.io` has no kind `Aplication`',
    'did you mean `Application`?',
  ],
  [
    'a group that Istio had once',
    raw('«rbac.istio.io/v1alpha1»', 'ServiceRole', 'spec: {}'),
    'there is no API group `rbac.istio.io`',
    'Istio has `extensions.istio.io`, `networking.istio.io`, `security.istio.io` and `telemetry.istio.io`',
  ],
  [
    'a misspelt group',
    raw('«monitoring.coreos.co/v1»', 'ServiceMonitor', 'spec: {}'),
    'there is no API group `monitoring.coreos.co`',
    'did you mean `monitoring.coreos.com/v1`?',
  ],
  [
    'a version that there is not',
    raw('«networking.istio.io/v2»', 'Sidecar', 'spec: {}'),
    'the kind Sidecar of `networking.istio.io` has no version `v2`',
    'write `networking.istio.io/v1`, `networking.istio.io/v1alpha3` or `networking.istio.io/v1beta1`',
  ],
  [
    'a misspelt kind of Kubernetes',
    raw('apps/v1', '«Deploymnet»', 'spec: {}'),
    '`apps` has no kind `Deploymnet`',
    'did you mean `Deployment`?',
  ],
  [
    'a misspelt kind of the core of Kubernetes',
    raw('v1', '«ConfigMpa»', 'data: {}'),
    '`v1` has no kind `ConfigMpa`',
    'did you mean `ConfigMap`?',
  ],
  [
    'a misspelt kind of a group of Kubernetes with dots',
    raw('networking.k8s.io/v1', '«NetworkPolcy»', 'spec: {}'),
    '`networking.k8s.io` has no kind `NetworkPolcy`',
    'did you mean `NetworkPolicy`?',
  ],
  [
    'a misspelt field of a kind of Kubernetes',
    raw('v1', 'ConfigMap', '«dat»: { a: b }'),
    '`dat` of the ConfigMap `legacy` is no known field',
    'did you mean `data`?',
  ],
  [
    'a misspelt field deep in a kind of Kubernetes',
    raw(
      'networking.k8s.io/v1',
      'NetworkPolicy',
      'spec: { podSelector: {}, ingress: [{ from: [{ «namespaceSelectr»: {} }] }] }',
    ),
    '`spec.ingress[0].from[0].namespaceSelectr` of the NetworkPolicy `legacy` is no known field',
    'did you mean `namespaceSelector`?',
  ],
  [
    'text where Kubernetes has a number',
    raw('v1', 'Service', 'spec: { ports: [{ port: «"80"» }] }'),
    '`spec.ports[0].port` of the Service `legacy` must be a whole number',
    'write it without quotes: `80`',
  ],
  [
    'a misspelt kind of a beta version',
    raw('resource.k8s.io/v1beta1', '«ResourceClam»', 'spec: {}'),
    '`resource.k8s.io` has no kind `ResourceClam`',
    'did you mean `ResourceClaim`?',
  ],
  [
    'a kind of Kubernetes in the core group',
    raw('v1', '«Deployment»', 'spec: {}'),
    '`v1` has no kind `Deployment`',
    'Deployment is a kind of `apps/v1`',
  ],
  [
    'a kind of the core group in another',
    raw('apps/v1', '«ConfigMap»', 'data: {}'),
    '`apps` has no kind `ConfigMap`',
    'ConfigMap is a kind of `v1`',
  ],
  [
    'a misspelt group of Kubernetes',
    raw('«app/v1»', 'Deployment', 'spec: {}'),
    'there is no API group `app`',
    'did you mean `apps/v1`?',
  ],
  [
    'a misspelt group of Kubernetes with dots',
    raw('«rbac.authorisation.k8s.io/v1»', 'Role', 'rules: []'),
    'there is no API group `rbac.authorisation.k8s.io`',
    'did you mean `rbac.authorization.k8s.io/v1`?',
  ],
  [
    'a group that Kubernetes had once',
    raw('«extensions/v1beta1»', 'Ingress', 'spec: {}'),
    'there is no API group `extensions`',
    'Ingress is a kind of `networking.k8s.io/v1`',
  ],
  [
    'a group without a dot, and an unknown kind',
    raw('«shop/v1»', 'Basket', 'spec: {}'),
    'there is no API group `shop`',
    'Kubernetes has `apps`, `autoscaling`, `batch` and `policy`',
  ],
  [
    'a version that the core of Kubernetes has not',
    raw('«v2»', 'ConfigMap', 'data: {}'),
    'the kind ConfigMap has no version `v2`',
    'write `v1`',
  ],
  [
    'an IstioOperator',
    raw('install.istio.io/v1alpha1', '«IstioOperator»', 'spec: {}'),
    'a tool reads the IstioOperator: no cluster has such an object',
    'meshc writes the one of the mesh; what it shall say goes under `istio`',
  ],
  [
    'a misspelt field',
    routes('«htpp»: []'),
    '`spec.htpp` of the VirtualService `legacy` is no known field',
    'did you mean `http`?',
  ],
  [
    'a misspelt field that must be there, told once',
    routes('http: [{ route: [{ «destinaton»: { host: cart } }] }]'),
    '`spec.http[0].route[0].destinaton` of the VirtualService `legacy` is no known field',
    'did you mean `destination`?',
  ],
  [
    'a field like none that there is',
    raw(networking, 'DestinationRule', 'spec: { host: "*.example.com", trafficPolicy: { «retries»: 3 } }'),
    '`spec.trafficPolicy.retries` of the DestinationRule `legacy` is no known field',
    'there is `connectionPool`, `loadBalancer`, `outlierDetection`, `portLevelSettings`, `proxyProtocol`, `retryBudget`, `tls` and `tunnel`',
  ],
  [
    'a field that is not there',
    raw(networking, 'ServiceEntry', 'spec: { «hosts»: [old.example.com], ports: [{ number: 80 }] }').replace(
      /«hosts»: \[.*?\], ports: \[(.*?)\]/,
      'hosts: [old.example.com], ports: [«$1»]',
    ),
    '`spec.ports[0]` of the ServiceEntry `legacy` must have `name`',
    '`kubectl explain ServiceEntry.spec.ports` lists the fields',
  ],
  [
    'no spec',
    raw(`«apiVersion: ${networking}»`, 'WorkloadEntry', '').replace('apiVersion: «', '«'),
    'the WorkloadEntry `legacy` must have `spec`',
    '`kubectl explain WorkloadEntry` lists the fields',
  ],
  [
    'a number for a text',
    entry('{ address: 10.0.0.7, labels: { version: «1» } }'),
    '`spec.labels.version` of the WorkloadEntry `legacy` must be text',
    'put it in quotes: `"1"`',
  ],
  [
    'a text for a number',
    entry('{ address: 10.0.0.7, ports: { http: «"8080"» } }'),
    '`spec.ports.http` of the WorkloadEntry `legacy` must be a whole number',
    'write it without quotes: `8080`',
  ],
  [
    'a number for an amount of time',
    routes('http: [{ timeout: «5», redirect: { uri: / } }]'),
    '`spec.http[0].timeout` of the VirtualService `legacy` must be text',
    'write it with a unit: `5s`',
  ],
  [
    'an amount of time with no unit',
    routes('http: [{ timeout: «"5"», redirect: { uri: / } }]'),
    '`spec.http[0].timeout` of the VirtualService `legacy` must be an amount of time of 1ms or more, as `1.5s` or `1h30m`',
    '`kubectl explain VirtualService.spec.http.timeout` lists the fields',
  ],
  [
    'a map for a list',
    routes('http: «{ redirect: { uri: / } }»'),
    '`spec.http` of the VirtualService `legacy` must be a list',
    '`kubectl explain VirtualService.spec.http` lists the fields',
  ],
  [
    'a word of another case',
    raw('security.istio.io/v1', 'AuthorizationPolicy', 'spec: { action: «deny», rules: [{}] }'),
    '`spec.action` of the AuthorizationPolicy `legacy` cannot be `deny`',
    'did you mean `DENY`?',
  ],
  [
    'a number out of bounds',
    entry('{ address: 10.0.0.7, ports: { http: «80000» } }'),
    '`spec.ports.http` of the WorkloadEntry `legacy` must be 65535 or less',
    '`kubectl explain WorkloadEntry.spec.ports.http` lists the fields',
  ],
  [
    'too few entries',
    raw(networking, 'ServiceEntry', 'spec: { hosts: «[]» }'),
    '`spec.hosts` of the ServiceEntry `legacy` must have 1 entries or more',
    '`kubectl explain ServiceEntry.spec.hosts` lists the fields',
  ],
  [
    'two fields of which there is one',
    routes('http: [{ match: [{ uri: { exact: /a, «prefix»: /b } }], redirect: { uri: / } }]'),
    '`spec.http[0].match[0].uri.prefix` of the VirtualService `legacy` must not stand beside `exact`',
    'keep one of the two',
  ],
  [
    'two fields of which a rule of the CRD lets one',
    raw(
      networking,
      'ServiceEntry',
      'spec: { hosts: [old.example.com], workloadSelector: { labels: { app: a } }, «endpoints»: [{ address: 10.0.0.7 }] }',
    ),
    '`spec.endpoints` of the ServiceEntry `legacy` must not stand beside `workloadSelector`',
    'keep one of the two',
  ],
  [
    'a misspelt field of the metadata, whatever the kind',
    raw('example.com/v1', 'Anything', '', ', «label»: { app: a }'),
    '`metadata.label` of the Anything `legacy` is no known field',
    'did you mean `labels`?',
  ],
  [
    'an annotation that is no text, whatever the kind',
    raw('v1', 'ConfigMap', 'data: {}', ', annotations: { revision: «7» }'),
    '`metadata.annotations.revision` of the ConfigMap `legacy` must be text',
    'put it in quotes: `"7"`',
  ],
]

for (const [what, spec, message, help] of faults)
  test(`MESH4010: ${what}`, () => {
    plantedFault('MESH4010', spec, message)
    const { diagnostics } = compileText(`meshc: v1\nmesh: shop\n${spec.replaceAll(/[«»]/g, '')}`)
    assert.is(diagnostics[0]!.help, help)
  })

for (const [what, spec] of [
  ['a kind of an unknown group', raw('example.com/v1', 'VirtualServce', 'spec: { htpp: 1 }')],
  ['a kind of Argo Rollouts', raw('argoproj.io/v1alpha1', 'Rollout', 'spec: { replicas: 1 }')],
  ['a group beside those of Kubernetes', raw('gateway.networking.k8s.io/v1', 'HTTPRoute', 'spec: {}')],
  ['a kind that an API server has for itself', raw('metrics.k8s.io/v1beta1', 'PodMetrics', '')],
  ['a version of another release', raw('flowcontrol.apiserver.k8s.io/v1beta3', 'FlowSchema', 'spec: {}')],
  ['a kind of another release', raw('networking.k8s.io/v1alpha1', 'ClusterCIDR', 'spec: {}')],
  ['a list, which `kubectl` takes apart', raw('v1', 'ConfigMapList', 'items: []')],
  ['an older version', raw('networking.istio.io/v1beta1', 'WorkloadEntry', 'spec: { address: 10.0.0.7 }')],
  ['null, which `kubectl apply` drops', entry('{ address: 10.0.0.7, labels: null }')],
  ['an open part', raw('kiali.io/v1alpha1', 'Kiali', 'spec: { anything: { at: all } }')],
  [
    'a number or a text, as either is due',
    raw(
      'monitoring.coreos.com/v1',
      'ServiceMonitor',
      'spec: { selector: {}, endpoints: [{ targetPort: 80 }, { targetPort: http }] }',
    ),
  ],
] as const)
  test(`nothing wrong: ${what}`, () => soundSpec(spec))

test.run()
