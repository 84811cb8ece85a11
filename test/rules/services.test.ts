import { suite } from 'uvu'
import type { DiagnosticCode } from '../../compiler/diagnostics/diagnostic.ts'
import { openServices, routedService } from '../support/amplified.ts'
import { plantedFault, soundSpec } from '../support/planted-fault.ts'

/** Names, pods, identities, namespaces and ports of services. */
const test = suite('rules of services')

const fault = (code: DiagnosticCode, what: string, spec: string, message: string) =>
  test(`${code}: ${what}`, () => plantedFault(code, spec, message))

const sound = (what: string, spec: string) => test(`nothing wrong: ${what}`, () => soundSpec(spec))

fault(
  'MESH3001',
  'two services of a namespace have one name',
  `
services:
  api:
    namespace: shop
    port: { http: 8080 }
    workload: { labels: { app: api-v1 }, serviceAccount: api-v1 }
    name: ‹orders›
  «orders»:
    namespace: shop
    port: { http: 8080 }
`,
  'two Services of the namespace `shop` are called `orders`',
)

fault(
  'MESH3001',
  'a service is called like the Service of a gateway',
  `
gateways:
  ‹public›: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  «istio-public»:
    namespace: istio-ingress
    port: { http: 8080 }
    workload: { labels: { app: pages } }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'two Services of the namespace `istio-ingress` are called `istio-public`',
)

sound(
  'services of different namespaces share a name',
  `
services:
  api: { namespace: shop, name: orders, port: { http: 8080 } }
  orders: { namespace: store, port: { http: 8080 } }
`,
)

fault(
  'MESH3029',
  'two services have one virtual machine',
  `
services:
  archive: { namespace: shop, workload: { machines: { ‹10.3.0.11›: {} } }, port: { http: 8080 }, allow: [] }
  ledger: { namespace: shop, workload: { machines: { «10.3.0.11»: {} } }, port: { http: 8080 }, allow: [] }
`,
  '`ledger` and `archive` both have the virtual machine 10.3.0.11',
)

sound(
  'two services of the same machines, and machines that register themselves',
  `
services:
  ledger: { namespace: shop, workload: { machines: { 10.3.0.11: {} } }, port: { http: 8080 }, allow: [] }
  ledger-admin:
    namespace: shop
    workload: { labels: { app: ledger }, serviceAccount: ledger, machines: { 10.3.0.11: {} } }
    port: { http: 9090 }
    allow: []
  archive: { namespace: shop, workload: { machines: registered }, port: { http: 8080 }, allow: [] }
`,
)

fault(
  'MESH3030',
  'versions of virtual machines',
  `
services:
  ledger:
    namespace: shop
    workload: { machines: registered }
    port: { http: 8080 }
    «versions»: { v1: {}, v2: {} }
    active: v1
    allow: []
`,
  '`ledger` runs on virtual machines, and `versions` needs pods',
)

fault(
  'MESH3030',
  'virtual machines behind a headless Service',
  `
services:
  ledger:
    namespace: shop
    headless: «true»
    workload: { machines: registered }
    port: { http: 8080 }
    allow: []
`,
  '`ledger` runs on virtual machines, and `headless` needs pods',
)

fault(
  'MESH3030',
  'a port that the sidecar of a virtual machine leaves alone',
  `
services:
  ledger:
    namespace: shop
    workload: { machines: registered }
    ports: { http: 8080, metrics: { http: 9102, sidecar: «off» } }
    allow: [{ from: anyone, because: tests }]
`,
  '`ledger` runs on virtual machines, and `sidecar: off` needs pods',
)

fault(
  'MESH3031',
  'virtual machines without a sidecar that register themselves',
  `
services:
  ledger:
    namespace: shop
    workload: { machines: «registered», sidecar: ‹off› }
    port: { http: 8080 }
    allow: [{ from: anyone, because: tests }]
`,
  'the virtual machines of `ledger` have no sidecar that could register them',
)

fault(
  'MESH3021',
  'services of the same machines that name different ones',
  `
services:
  ledger: { namespace: shop, workload: { ‹machines›: { 10.3.0.11: {} } }, port: { http: 8080 }, allow: [] }
  ledger-admin:
    namespace: shop
    workload: { labels: { app: ledger }, serviceAccount: ledger, «machines»: registered }
    port: { http: 9090 }
    allow: []
`,
  '`ledger-admin` and `ledger` select the same pods, but run on different machines',
)

fault(
  'MESH3002',
  'a service selects the pods of another one',
  `
services:
  api:
    namespace: shop
    port: { http: 8080 }
    workload: { labels: «{ app: orders }» }
  jobs:
    namespace: shop
    port: { http: 9090 }
    workload: { labels: ‹{ app: orders, role: jobs }› }
`,
  '`api` selects the pods of `jobs` too',
)

fault(
  'MESH3002',
  'a service selects the pods of a gateway',
  `
gateways:
  ‹public›: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  entrance:
    namespace: istio-ingress
    port: { http: 8080 }
    workload: { labels: «{ istio: public }» }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  '`entrance` and `gateway/public` select the same pods',
)

sound(
  'labels that overlap need not select the same pods',
  `
services:
  api: { namespace: shop, port: { http: 8080 }, workload: { labels: { team: orders, app: api } } }
  jobs: { namespace: shop, port: { http: 8080 }, workload: { labels: { team: orders, app: jobs } } }
  store: { namespace: store, port: { http: 8080 }, workload: { labels: { team: orders } } }
`,
)

fault(
  'MESH3005',
  'two services have one service account, and one of them is allowed',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: «web» }]
  ‹batch›:
    namespace: shop
    workload: { serviceAccount: web }
  web:
    namespace: shop
`,
  'this lets `batch` call `cart` too: it has the service account of `web`',
)

fault(
  'MESH3005',
  'many services have one service account, and one of them is allowed',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: «web» }]
  ‹batch›: { namespace: shop, workload: { serviceAccount: web } }
  ‹legacy›: { namespace: shop, workload: { serviceAccount: web } }
  ‹mails›: { namespace: shop, workload: { serviceAccount: web } }
  reports: { namespace: shop, workload: { serviceAccount: web } }
  search: { namespace: shop, workload: { serviceAccount: web } }
  web: { namespace: shop }
`,
  'this lets `batch`, `legacy`, `mails` and 2 others call `cart` too: they have the service account of `web`',
)

sound(
  'both of two services with one account may call, by name or with their namespace',
  `
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }, { from: batch }] }
  orders: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }, { from: namespace/shop }] }
  batch: { namespace: shop, workload: { serviceAccount: web } }
  web: { namespace: shop }
`,
)

fault(
  'MESH3006',
  'a service runs in the root namespace',
  `
istio: { namespace: ‹istio-system› }
services:
  cart: { namespace: «istio-system», port: { http: 8080 } }
`,
  'the service `cart` runs in the root namespace `istio-system`',
)

fault(
  'MESH3006',
  'a service without a namespace runs in the root namespace, the only one',
  `
istio: { namespace: ‹istio-system› }
namespaces: { istio-system: {} }
services:
  «cart»: { port: { http: 8080 } }
`,
  'the service `cart` runs in the root namespace `istio-system`',
)

fault(
  'MESH3006',
  'a gateway runs in the root namespace',
  `
gateways:
  public:
    namespace: «istio-system»
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'the gateway `public` runs in the root namespace `istio-system`',
)

fault(
  'MESH3007',
  'a service runs in a namespace of Kubernetes',
  `
services:
  dns: { namespace: «kube-system», port: { tcp: 53 } }
`,
  '`kube-system` belongs to Kubernetes: no pod there gets a sidecar',
)

fault(
  'MESH3007',
  'a namespace of Kubernetes is listed',
  `
namespaces:
  «kube-public»: {}
`,
  '`kube-public` belongs to Kubernetes: no pod there gets a sidecar',
)

fault(
  'MESH3008',
  'a spec sets the injection label by hand',
  `
namespaces:
  shop: { labels: { «istio-injection»: disabled } }
services:
  cart: { namespace: shop, port: { http: 8080 } }
`,
  'the label `istio-injection` of the namespace `shop` is reserved',
)

fault(
  'MESH3008',
  'a spec sets the ambient label by hand',
  `
namespaces:
  shop: { labels: { «istio.io/dataplane-mode»: ambient } }
services:
  cart: { namespace: shop, port: { http: 8080 } }
`,
  'the label `istio.io/dataplane-mode` of the namespace `shop` is reserved',
)

fault(
  'MESH3008',
  'pods are called like the control plane',
  `
services:
  cart: { namespace: shop, port: { http: 8080 }, workload: { labels: { «app»: istiod } } }
`,
  '`cart` has the label `app: istiod`, which identifies the control plane',
)

fault(
  'MESH3008',
  'a service is called like the control plane',
  `
services:
  «istiod»: { namespace: shop, port: { http: 8080 } }
`,
  '`istiod` has the label `app: istiod`, which identifies the control plane',
)

fault(
  'MESH3008',
  'a gateway gets another selector',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    labels: { «istio»: ingressgateway }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'the label `istio` of the gateway `public` is reserved',
)

for (const label of [
  'sidecar.istio.io/inject: "false"',
  'security.istio.io/tlsMode: disabled',
  'istio.io/dataplane-mode: ambient',
  'istio.io/rev: canary',
]) {
  const [key = ''] = label.split(':')
  fault(
    'MESH3008',
    `pods that leave the mesh by \`${label}\``,
    `
services:
  cart: { namespace: shop, port: { http: 8080 }, workload: { labels: { app: cart, ${label.replace(key, `«${key}»`)} } } }
`,
    `the label \`${key}\` of the pods of \`cart\` is reserved`,
  )
}

fault(
  'MESH3008',
  'a version that leaves the mesh',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions: { stable: {}, old: { labels: { version: v0, «sidecar.istio.io/inject»: "false" } } }
    active: stable
`,
  'the label `sidecar.istio.io/inject` of the version `old` of `cart` is reserved',
)

sound(
  'labels of Istio that leave pods in the mesh',
  `
istio: { revision: blue }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    workload:
      labels:
        sidecar.istio.io/inject: "true"
        security.istio.io/tlsMode: istio
        service.istio.io/canonical-name: cart
        istio.io/rev: blue
        istio.io/dataplane-mode: none
`,
)

sound(
  "labels of one's own, and the one that names a network",
  `
namespaces:
  shop: { labels: { team: shop, topology.istio.io/network: west, pod-security.kubernetes.io/enforce: baseline } }
services:
  cart: { namespace: shop, port: { http: 8080 } }
`,
)

fault(
  'MESH3009',
  'the name of a gateway is too long for its release',
  `
gateways:
  «a-name-that-someone-has-made-by-describing-what-it-is-for-too»: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: a-name-that-someone-has-made-by-describing-what-it-is-for-too, host: api.example.com }]
    allow: [{ from: gateway/a-name-that-someone-has-made-by-describing-what-it-is-for-too }]
`,
  '`istio-a-name-that-someone-has-made-by-describing-what-it-is-for-too` would have 67 characters, but Helm allows 53 for a release',
)

fault(
  'MESH3009',
  'the name of a revision is too long for its istiod',
  `
istio:
  revision: «a-revision-with-a-name-that-says-much-more-than-it-should-yes»
`,
  '`istiod-a-revision-with-a-name-that-says-much-more-than-it-should-yes` would have 68 characters, but Helm allows 53 for a release',
)

fault(
  'MESH3010',
  'two ports have one number',
  `
services:
  cart:
    namespace: shop
    ports:
      ‹http›: { http: 8080, target: 8081 }
      «metrics»: { tcp: 8080, target: 9102 }
`,
  'the ports `http` and `metrics` of `cart` have the same number, 8080',
)

fault(
  'MESH3011',
  'two ports lead to one port of the container',
  `
services:
  cart:
    namespace: shop
    ports:
      ‹grpc›: { grpc: 9090, target: 8080 }
      «http»: { http: 8080 }
`,
  'the ports `grpc` and `http` of `cart` have the same target, 8080',
)

fault(
  'MESH3012',
  'a container listens where the sidecar does',
  `
services:
  cart: { namespace: shop, port: { http: 80, target: «15001» } }
`,
  'the port 15001 of the pods of `cart` is taken by the sidecar',
)

fault(
  'MESH3012',
  'a port leads to the same number, which the sidecar has',
  `
services:
  metrics: { namespace: shop, port: { tcp: «15090» } }
`,
  'the port 15090 of the pods of `metrics` is taken by the sidecar',
)

fault(
  'MESH3012',
  'requests go to ports on which sidecars listen',
  `
services:
  cart: { namespace: shop, port: { http: «15001», target: 8080 } }
`,
  'no sidecar sends requests to the port 15001 of `cart`: it listens there itself',
)

fault(
  'MESH3012',
  'an external system answers where sidecars listen',
  `
services:
  cart: { namespace: shop }
external:
  books: { hosts: [books.example.com], port: { https: «15006» }, allow: [{ from: cart }] }
`,
  'no sidecar sends requests to the port 15006 of `books`: it listens there itself',
)

sound(
  'a Service has a port that the sidecar listens on for itself only, or one of TCP with an address of its own',
  `
services:
  cart: { namespace: shop, port: { http: 15020, target: 8080 } }
  cache: { namespace: shop, port: { redis: 15001, target: 6379 } }
external:
  books: { hosts: [books.example.com], port: { tcp: 15001 }, addresses: [203.0.113.7], allow: [{ from: cart }] }
`,
)

fault(
  'MESH3013',
  'a timeout for a service that speaks TCP',
  `
services:
  cache:
    namespace: shop
    ‹port›: { redis: 6379 }
    «timeout»: 1s
`,
  '`timeout` has no effect: no port of `cache` speaks HTTP',
)

fault(
  'MESH3013',
  'an objective for TCP',
  `
services:
  cache:
    namespace: shop
    ‹port›: { redis: 6379 }
    «objective»: { availability: 99.9% }
`,
  '`objective` has no effect: no port of `cache` speaks HTTP',
)

fault(
  'MESH3013',
  'retries for TCP',
  `
services:
  cache:
    namespace: shop
    ‹port›: { redis: 6379 }
    «retries»: { attempts: 1 }
`,
  '`retries` has no effect: no port of `cache` speaks HTTP',
)

fault(
  'MESH3013',
  'a fault for TCP',
  `
faults: allowed
services:
  cache:
    namespace: shop
    ‹port›: { redis: 6379 }
    «fault»: { delay: 1s }
`,
  '`fault` has no effect: no port of `cache` speaks HTTP',
)

fault(
  'MESH3013',
  'tokens for TCP',
  `
services:
  cache:
    namespace: shop
    ‹port›: { redis: 6379 }
    «jwt»: { issuer: https://login.example.com, jwks: https://login.example.com/keys, audiences: [cache] }
`,
  '`jwt` has no effect: no port of `cache` speaks HTTP',
)

fault(
  'MESH3013',
  'copies of connections',
  `
services:
  cache:
    namespace: shop
    ‹port›: { redis: 6379 }
    versions: { v1: {}, v2: {} }
    traffic: { v1: 100% }
    «mirror»: { v2: 10% }
`,
  '`mirror` has no effect: no port of `cache` speaks HTTP',
)

sound(
  'connections are shared between versions, and requests of one port among several are counted',
  `
services:
  cache: { namespace: shop, port: { redis: 6379 }, versions: { v1: {}, v2: {} }, traffic: { v1: 90%, v2: 10% } }
  cart: { namespace: shop, ports: { http: 8080, metrics: { tcp: 9102 } }, timeout: 5s, objective: { availability: 99.9% } }
`,
)

fault(
  'MESH3014',
  'an availability that nothing can keep',
  `
services:
  cart: { namespace: shop, port: { http: 8080 }, objective: { availability: «100%» } }
`,
  'the availability of `cart` leaves no room for an error',
)

fault(
  'MESH3015',
  'a latency between two bounds of the histogram',
  `
services:
  cart: { namespace: shop, port: { http: 8080 }, objective: { latency: { p50: «30ms» } } }
`,
  'no proxy counts the requests that take at most `30ms`',
)

fault(
  'MESH3015',
  'a latency beyond the last bound',
  `
services:
  report: { namespace: shop, port: { http: 8080 }, objective: { availability: 99%, latency: { p95: 1h, p99: «2h» } } }
`,
  'no proxy counts the requests that take at most `2h`',
)

fault(
  'MESH3016',
  'services that anyone may call, each in the Sidecar of all',
  openServices(1100).replace('anyone', '«anyone»'),
  '1100 services see 1100 hosts that anyone may call: their Sidecars list more than 1000000 entries',
)

fault(
  'MESH3016',
  'a namespace whose services may all call each other',
  openServices(1100).replaceAll('anyone', 'namespace/shop').replace('s827:', '«s827»:'),
  'the Sidecars of 1100 services list more than 1000000 hosts that these may call',
)

fault(
  'MESH3017',
  'a page of routes, versions and exposures, of which each is written for all others',
  routedService(200, 100, 100).replace('  cart:', '  «cart»:'),
  'the 200 routes of `cart`, each for 101 ports and exposures, bring the mesh to more than 1000000 entries',
)

sound('services, routes and exposures as many as a mesh has', openServices(900))
sound('a service with many routes, versions and exposures', routedService(50, 10, 10))

sound(
  'latencies that are bounds, whatever their unit',
  `
services:
  cart: { namespace: shop, port: { grpc: 8080 }, objective: { latency: { p50: 1ms, p90: 2500ms, p95: 10s, p99: 5m } } }
`,
)

fault(
  'MESH3018',
  'half of the requests are slower than nearly all',
  `
services:
  cart: { namespace: shop, port: { http: 8080 }, objective: { latency: { p50: «500ms», p99: ‹250ms› } } }
`,
  '`p50` is slower than `p99`, so it promises nothing',
)

sound(
  'as many requests as one likes have one bound',
  `
services:
  cart: { namespace: shop, port: { http: 8080 }, objective: { latency: { p50: 250ms, p95: 250ms, p99: 500ms } } }
`,
)

fault(
  'MESH3019',
  'a collector in the mesh that does not allow every sidecar',
  `
observability: { tracing: { collector: «jaeger.tracing:9411», provider: zipkin } }
services:
  web: { namespace: shop }
  cart: { namespace: shop }
  ‹jaeger›: { namespace: tracing, port: { http: 9411 }, allow: [{ from: web }] }
`,
  '`jaeger` gets no traces from `cart`, which may not call it',
)

fault(
  'MESH3019',
  'a collector that allows callers on another port',
  `
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
observability: { tracing: { collector: «jaeger.tracing:9411», provider: zipkin } }
services:
  a: { namespace: shop, port: { http: 8080 }, expose: [{ gateway: public, host: api.example.com }], allow: [{ from: gateway/public }] }
  b: { namespace: shop }
  c: { namespace: shop }
  ‹jaeger›:
    namespace: tracing
    ports: { http: 9411, http-ui: 16686 }
    allow: [{ from: anyone, ports: [http-ui], because: people look at it }]
`,
  '`jaeger` gets no traces from `a`, `b` and 2 others, which may not call it',
)

fault(
  'MESH3019',
  'a collector in a namespace of the mesh that the spec does not declare',
  `
namespaces: { tracing: {} }
observability: { tracing: { collector: «jaeger.tracing:9411», provider: zipkin } }
services:
  cart: { namespace: shop, port: { http: 8080 } }
`,
  '`jaeger.tracing.svc.cluster.local` gets no traces: its namespace is in the mesh, but no service of the spec allows calls to it',
)

sound(
  'a collector in a namespace of which no pod has a sidecar',
  `
namespaces: { tracing: { injection: off } }
observability: { tracing: { collector: jaeger.tracing:9411, provider: zipkin } }
services:
  cart: { namespace: shop, port: { http: 8080 } }
`,
)

sound(
  'a service in a namespace without sidecars, which allows `anyone`',
  `
namespaces: { monitoring: { injection: off } }
services:
  grafana: { port: { http: 3000 }, allow: [{ from: anyone, because: no sidecar guards it }] }
`,
)

fault(
  'MESH3020',
  'a gateway in a namespace without injection',
  `
namespaces: { istio-ingress: { injection: ‹off› } }
gateways:
  «public»: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'no pod of the gateway `public` gets a proxy: injection is off in `istio-ingress`',
)

sound(
  'services beside a namespace without sidecars, and injection that is on',
  `
namespaces: { monitoring: { injection: off }, shop: { injection: on } }
services:
  cart: { namespace: shop, port: { http: 8080 } }
`,
)

sound(
  'collectors that every sidecar reaches',
  `
observability: { tracing: { collector: jaeger.tracing:9411, provider: zipkin } }
services:
  web: { namespace: shop }
  cart: { namespace: shop }
  jaeger: { namespace: tracing, port: { http: 9411 }, allow: [{ from: namespace/shop }] }
`,
)

sound(
  'a collector outside the mesh',
  `
observability: { tracing: { collector: jaeger.tracing:9411, provider: zipkin } }
services:
  cart: { namespace: shop, port: { http: 8080 } }
`,
)

const callers = `
services:
  web: { namespace: shop }
  jobs: { namespace: shop }
`

fault(
  'MESH3021',
  'two Services of the same pods, one of them without a sidecar',
  `
services:
  ‹cart›: { namespace: shop, port: { http: 8080 }, workload: { labels: { app: cart }, serviceAccount: cart }, allow: [{ from: anyone, because: everybody may look }] }
  cart-admin:
    namespace: shop
    port: { http: 9090 }
    workload: { labels: { app: cart }, serviceAccount: cart, sidecar: «off» }
    allow: [{ from: anyone, because: no sidecar guards it }]
`,
  '`cart-admin` and `cart` select the same pods, but only one of them gives these pods a sidecar',
)

fault(
  'MESH3021',
  'two services select the same pods under two service accounts',
  `
services:
  ‹api›:
    namespace: shop
    port: { http: 8080 }
    workload: { labels: { app: orders } }
  «jobs»:
    namespace: shop
    port: { http: 9090 }
    workload: { labels: { app: orders } }
`,
  '`jobs` and `api` select the same pods, which cannot run as `jobs` and as `api`',
)

fault(
  'MESH3021',
  'a Service allows a caller that another Service of its pods does not',
  `${callers}
  api: { namespace: shop, ‹port›: { http: 8080 }, allow: [‹{ from: web }›] }
  internal:
    namespace: shop
    workload: { labels: { app: api }, serviceAccount: api }
    ports: { «http»: 8080 }
    allow: [{ from: jobs }]
`,
  '`internal` and `api` select the same pods, and lead to their port 8080, where `api` allows `web` something that `internal` does not',
)

fault(
  'MESH3021',
  'a caller may do more by one Service than by another one',
  `${callers}
  api: { namespace: shop, ‹port›: { http: 8080 }, allow: [‹{ from: web, methods: [GET, PUT] }›] }
  internal:
    namespace: shop
    workload: { labels: { app: api }, serviceAccount: api }
    ports: { «http»: 8080 }
    allow: [{ from: web, methods: [GET] }]
`,
  '`internal` and `api` select the same pods, and lead to their port 8080, where `api` allows `web` something that `internal` does not',
)

fault(
  'MESH3021',
  'two Services lead to one port of their pods by two protocols',
  `${callers}
  api: { namespace: shop, ports: { ‹http›: 8080 }, allow: [{ from: web }] }
  internal:
    namespace: shop
    workload: { labels: { app: api }, serviceAccount: api }
    ports: { «grpc»: 8080 }
    allow: [{ from: web }]
`,
  '`internal` and `api` select the same pods, and lead to their port 8080 as `grpc` and as `http`',
)

fault(
  'MESH3021',
  'two Services lead to one port of their pods by two numbers',
  `${callers}
  api: { namespace: shop, ports: { ‹http›: 8080 }, allow: [{ from: web }] }
  internal:
    namespace: shop
    workload: { labels: { app: api }, serviceAccount: api }
    ports: { «http»: { http: 80, target: 8080 } }
    allow: [{ from: web }]
`,
  '`internal` and `api` select the same pods, and lead to their port 8080 by two numbers, 80 and 8080',
)

fault(
  'MESH3021',
  'two Services differ in the mTLS of one port of their pods',
  `${callers}
  api: { namespace: shop, ports: { ‹http›: 8080 }, allow: [{ from: web }] }
  internal:
    namespace: shop
    workload: { labels: { app: api }, serviceAccount: api }
    ports: { «http»: { http: 8080, mtls: permissive } }
    allow: [{ from: web }]
`,
  '`internal` and `api` select the same pods, and lead to their port 8080 with `mtls: permissive` and with no `mtls`',
)

fault(
  'MESH3021',
  'two Services differ in the tokens that their pods understand',
  `${callers}
  api:
    namespace: shop
    port: { http: 8080 }
    ‹jwt›: { issuer: https://login.example.com, jwks: https://login.example.com/keys, audiences: [api] }
    allow: [{ from: web, jwt: required }]
  «internal»:
    namespace: shop
    workload: { labels: { app: api }, serviceAccount: api }
    port: { http: 9090 }
    allow: [{ from: jobs }]
`,
  '`internal` and `api` select the same pods, but declare different tokens for them',
)

fault(
  'MESH3021',
  'two Services tell versions of their pods apart by other labels',
  `${callers}
  api:
    namespace: shop
    port: { http: 8080 }
    ‹versions›: { v1: { version: v1 }, v2: { version: v2 } }
    active: v1
    allow: [{ from: web }]
  internal:
    namespace: shop
    workload: { labels: { app: api }, serviceAccount: api }
    port: { http: 9090 }
    «versions»: { blue: { labels: { color: blue } }, v1: { version: v1 } }
    active: blue
    allow: [{ from: jobs }]
`,
  '`internal` and `api` select the same pods, but give their versions different labels',
)

sound(
  'Services of the same pods, for callers of their own on ports of their own',
  `${callers}
  api:
    namespace: shop
    port: { http: 8080 }
    versions: { v1: { version: v1 }, v2: { version: v2 } }
    active: v1
    jwt: { issuer: https://login.example.com, jwks: https://login.example.com/keys, audiences: [api] }
    allow: [{ from: web, jwt: required }]
  metrics:
    namespace: shop
    workload: { labels: { app: api }, serviceAccount: api }
    port: { http: 9090, mtls: permissive }
    jwt: { issuer: https://login.example.com, jwks: https://login.example.com/keys, audiences: [api] }
    allow: [{ from: jobs }]
`,
)

sound(
  'Services of the same pods and port, of which a gateway serves one and a caller is known by either name',
  `
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  db: { namespace: shop, port: { http: 5000 }, allow: [{ from: internal }] }
  log: { namespace: shop, port: { http: 5001 }, allow: [{ from: api }] }
  jobs: { namespace: shop }
  api:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }, { from: jobs, methods: [PUT, GET] }]
  internal:
    namespace: shop
    workload: { labels: { app: api }, serviceAccount: api }
    port: { http: 8080 }
    allow: [{ from: jobs, methods: [GET, PUT] }, { from: gateway/public }]
`,
)

fault(
  'MESH3027',
  'a port of a headless service that leads to another port of the container',
  `
services:
  kafka: { namespace: shop, headless: true, ports: { tcp: 9092, http: { http: 8080, target: «80» } }, allow: [] }
`,
  'callers of the headless service `kafka` connect to port 8080 of a pod, but `http` listens on 80',
)

fault(
  'MESH3028',
  'versions of a headless service',
  `
services:
  search:
    namespace: shop
    headless: true
    port: { http: 9200 }
    «versions»: { v1: {}, v2: {} }
    active: v1
    allow: []
`,
  '`search` is headless: its callers choose a pod, and `versions` cannot choose another',
)

sound(
  'a headless Service and one with an address and versions, of the same pods',
  `
services:
  search:
    namespace: shop
    port: { http: 9200 }
    versions: { v1: {}, v2: {} }
    traffic: { v1: 90%, v2: 10% }
    allow: []
  search-pods:
    namespace: shop
    headless: true
    workload: { labels: { app: search }, serviceAccount: search }
    port: { http: 9200 }
    allow: []
`,
)

test.run()
