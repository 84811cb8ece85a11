import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { DiagnosticCode } from '../../compiler/diagnostics/diagnostic.ts'
import { at } from '../support/at.ts'
import { compileText } from '../support/compile-text.ts'
import { plantedFault, soundSpec } from '../support/planted-fault.ts'

/** A spec that manages a part of a mesh, beside manifests that other teams write. */
const test = suite('rules of a part of a mesh')

const file = 'clusters/prod/all.yaml'

const fault = (code: DiagnosticCode, what: string, spec: string, message: string, manifests?: string) =>
  test(`${code}: ${what}`, () =>
    plantedFault(code, spec, message, manifests === undefined ? {} : { [file]: manifests }))

const sound = (what: string, spec: string, manifests?: string) =>
  test(`nothing wrong: ${what}`, () => soundSpec(spec, manifests === undefined ? {} : { [file]: manifests }))

const legacy = `apiVersion: apps/v1
kind: Deployment
metadata: { name: batch, namespace: legacy }
spec:
  template:
    metadata: { labels: { app: batch, istio: edge } }
    spec: { serviceAccountName: runner }
`

const part = `
manages: { namespaces: [shop] }
surroundings: [clusters/prod]
`

const cart = `
services:
  cart: { namespace: shop, port: { http: 8080 } }
`

fault(
  'MESH2024',
  'a caller that the surroundings do not have',
  `${part}
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow:
      - { from: «legacy/bach» }
`,
  'the surroundings have no workload `legacy/bach`',
  legacy,
)

sound(
  'a caller is a workload, or a service account, of the surroundings',
  `${part}
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow:
      - { from: legacy/batch, methods: [GET] }
      - { from: legacy/robot, methods: [POST] }
expect:
  - { from: legacy/batch, to: cart, method: GET }
  - { from: legacy/robot, to: cart, method: POST }
  - { only: [legacy/batch, legacy/robot], to: cart }
`,
  `${legacy}---
apiVersion: v1
kind: ServiceAccount
metadata: { name: robot, namespace: legacy }
`,
)

const ledger = `${legacy}---
apiVersion: v1
kind: Service
metadata: { name: ledger, namespace: legacy }
spec: { selector: { app: ledger }, ports: [{ name: http, port: 80 }] }
---
apiVersion: v1
kind: Namespace
metadata: { name: legacy, labels: { istio-injection: enabled } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: legacy }
spec:
  template:
    metadata: { labels: { app: ledger } }
    spec: { serviceAccountName: ledger }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: legacy }
spec:
  selector: { matchLabels: { app: ledger } }
  rules:
    - from: [{ source: { principals: [cluster.local/ns/shop/sa/cart] } }]
      to: [{ operation: { methods: [GET] } }]
`

sound(
  'an expectation is about a Service of the surroundings',
  `${part}${cart}
expect:
  - { from: cart, to: legacy/ledger, method: GET }
  - { only: [cart], to: legacy/ledger }
  - { never: [cart], to: legacy/ledger, method: POST }
`,
  ledger,
)

fault(
  'MESH3802',
  'a policy of the surroundings refuses an expected caller',
  `${part}${cart}
expect:
  - { from: «cart», to: legacy/ledger, method: POST }
`,
  '`cart` is expected to reach `legacy/ledger` with POST, but does not: `shop/cart → POST http://ledger.legacy/` ends with DENY 403',
  ledger,
)

fault(
  'MESH3801',
  'a policy of the surroundings lets in a caller that is expected never to get in',
  `${part}${cart}
expect:
  - { never: «[cart]», to: legacy/ledger }
`,
  '`cart` is expected never to reach `legacy/ledger`, and `shop/cart` can: `shop/cart → GET http://ledger.legacy/`',
  ledger,
)

fault(
  'MESH2020',
  'a Service that the surroundings do not have',
  `${part}${cart}
expect:
  - { from: cart, to: «legacy/legder» }
`,
  'the surroundings have no service `legacy/legder`',
  ledger,
)

fault(
  'MESH2025',
  'a folder without manifests',
  `
surroundings: [clusters/prod, «clusters/eu»]
${cart}`,
  'no YAML file below `clusters/eu` has a Kubernetes object',
  legacy,
)

fault(
  'MESH2026',
  'a manifest that is no YAML',
  `
surroundings: [«clusters/prod»]
${cart}`,
  '`clusters/prod/all.yaml` cannot be read: line 2: this is no YAML: deficient indentation',
  'kind: [Deployment\nmetadata: x\n',
)

sound(
  'values, kustomizations, templates and charts are passed over',
  `
manages: mesh
surroundings: [clusters/prod]
${cart}`,
  `${legacy}---
replicas: 3
---
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
metadata: { name: all }
`,
)

fault(
  'MESH3022',
  'a service in a namespace of others',
  `
manages: { namespaces: [‹web›] }
services:
  cart:
    namespace: «shop»
    port: { http: 8080 }
`,
  'the service `cart` is in the namespace `shop`, which `manages` does not list',
)

fault(
  'MESH3022',
  'settings for a namespace of others',
  `
manages: { namespaces: [‹shop›] }
namespaces: { «legacy»: { mtls: permissive } }
${cart}`,
  'this entry is in the namespace `legacy`, which `manages` does not list',
)

fault(
  'MESH3022',
  'a raw object in a namespace of others',
  `
manages: { namespaces: [‹shop›] }
raw:
  - «apiVersion: networking.istio.io/v1»
    kind: WorkloadEntry
    metadata: { name: vm-1, namespace: legacy }
    spec: { address: 10.0.0.7, labels: { app: vm } }
${cart}`,
  'this WorkloadEntry is in the namespace `legacy`, which `manages` does not list',
)

fault(
  'MESH3023',
  'a route of others for a service of the spec',
  `${part}
services:
  «cart»: { namespace: shop, port: { http: 8080 } }
`,
  'a VirtualService of the surroundings is about `cart` as well: shop/old in clusters/prod/all.yaml:1',
  `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: old, namespace: shop }
spec:
  hosts: [cart]
  http: [{ route: [{ destination: { host: cart } }] }]
`,
)

sound(
  'a route of others at a gateway, and a route for another host',
  `${part}${cart}`,
  `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: old, namespace: legacy }
spec:
  hosts: [cart.shop.svc.cluster.local]
  gateways: [edge]
  http: [{ route: [{ destination: { host: batch } }] }]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: old, namespace: legacy }
spec: { host: cart }
`,
)

fault(
  'MESH3024',
  'a namespace that others declare without its label',
  `
manages: { namespaces: [«shop»] }
surroundings: [clusters/prod]
${cart}`,
  'the namespace `shop` has no label `istio-injection: enabled`, so its pods get no sidecar: clusters/prod/all.yaml:1',
  `apiVersion: v1
kind: Namespace
metadata: { name: shop }
`,
)

fault(
  'MESH3025',
  'a gateway whose label the pods of others carry',
  `
manages: { namespaces: [edge] }
surroundings: [clusters/prod]
gateways:
  «edge»:
    namespace: edge
    hosts: [shop.example.com]
    certificate: { issuer: letsencrypt }
services:
  web:
    namespace: edge
    port: { http: 8080 }
    expose: [{ gateway: edge, host: shop.example.com }]
    allow: [{ from: gateway/edge }]
`,
  'the gateway `edge` selects the pods of `legacy/batch` in the surroundings as well',
  legacy,
)

sound(
  'a gateway whose own pods its owner deploys from the surroundings',
  `
manages: { namespaces: [legacy] }
surroundings: [clusters/prod]
gateways:
  edge:
    namespace: legacy
    hosts: [shop.example.com]
    certificate: { issuer: letsencrypt }
services:
  web:
    namespace: legacy
    port: { http: 8080 }
    expose: [{ gateway: edge, host: shop.example.com }]
    allow: [{ from: gateway/edge }]
`,
  legacy,
)

fault(
  'MESH3026',
  'a default Sidecar that closes egress',
  `
manages: { namespaces: [shop] }
surroundings: «[clusters/prod]»
${cart}`,
  'the default Sidecar of `istio-system` sets `outboundTrafficPolicy`, which would end for the pods of the spec: clusters/prod/all.yaml:1',
  `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: istio-system }
spec:
  outboundTrafficPolicy: { mode: REGISTRY_ONLY }
  egress: [{ hosts: [./*] }]
`,
)

fault(
  'MESH3606',
  'the owner of a part installs the control plane',
  `
manages: { namespaces: [‹shop›] }
istio: { install: «charts» }
${cart}`,
  'this spec manages some namespaces, and installs the control plane of all',
)

fault(
  'MESH3607',
  'a setting of sidecars of another owner',
  `
manages: { namespaces: [shop] }
istio: { proxy: { drain: «60s» } }
${cart}`,
  '`istio.proxy.drain` has no effect: meshc does not install the control plane',
)

const config = (text: string) => `apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
${text.replace(/^/gm, '    ')}
`

fault(
  'MESH3608',
  'egress that the control plane does not close',
  `${part}
egress: «registry-only»
${cart}`,
  '`egress` is `registry-only`, and the control plane has `outboundTrafficPolicy.mode: ALLOW_ANY`: clusters/prod/all.yaml:8',
  config('trustDomain: cluster.local\noutboundTrafficPolicy:\n  mode: ALLOW_ANY'),
)

fault(
  'MESH3608',
  'the default of egress, where the control plane says nothing',
  `
manages: { namespaces: [shop] }
surroundings: «[clusters/prod]»
${cart}`,
  'by default `egress` is `registry-only`, and the control plane has `outboundTrafficPolicy.mode: ALLOW_ANY`: clusters/prod/all.yaml:5',
  config('trustDomain: cluster.local'),
)

fault(
  'MESH3608',
  'another trust domain',
  `${part}
egress: allow-any
istio: { trustDomain: «prod.example.com» }
${cart}`,
  '`istio.trustDomain` is `prod.example.com`, and the control plane has `example.com`: clusters/prod/all.yaml:6',
  config('trustDomain: example.com'),
)

fault(
  'MESH3608',
  'an undeclared tracing provider',
  `${part}
egress: allow-any
observability: { tracing: { provider: «jaeger», collector: jaeger-collector.istio-system:4317 } }
${cart}`,
  '`observability.tracing.provider` is `jaeger`, and the control plane has no such provider in `extensionProviders`: clusters/prod/all.yaml:5',
  config('trustDomain: cluster.local'),
)

fault(
  'MESH3804',
  'an edge that a policy of the root namespace refuses',
  `${part}
services:
  web: { namespace: shop }
  cart:
    namespace: shop
    port: { http: 8080 }
    allow:
      - «{ from: web, methods: [POST] }»
      - { from: legacy/batch, methods: [GET] }
`,
  '`cart` allows `web`, and AuthorizationPolicy `istio-system/read-only` of the surroundings refuses it: clusters/prod/all.yaml:9',
  `${legacy}---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: read-only, namespace: istio-system }
spec:
  action: DENY
  rules: [{ to: [{ operation: { methods: [POST] } }] }]
`,
)

fault(
  'MESH4013',
  'an object that others have already',
  `${part}
services:
  cart: «{ namespace: shop, port: { http: 8080 } }»
`,
  '`Sidecar shop/cart` is in the surroundings already: clusters/prod/all.yaml:1',
  `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: cart, namespace: shop }
spec: { egress: [{ hosts: [./*] }] }
`,
)

test('a Sidecar names no host beside the namespace that it is in', () => {
  const compiled = compileText({
    'spec/prod/mesh.yaml': `meshc: v1\nmesh: shop\n${part}${cart}`,
    [file]: `apiVersion: v1
kind: Service
metadata: { name: zipkin, namespace: istio-system }
spec: { ports: [{ name: http, port: 9411 }] }
---
${legacy}`,
  })
  assert.ok(compiled.ok)
  const sidecar = [...compiled.value.manifests('for-cluster')].find(({ kind }) => kind === 'Sidecar')
  assert.equal(at(sidecar?.object, 'spec', 'egress', 0, 'hosts'), ['istio-system/*'])
})

test.run()
