import { suite } from 'uvu'
import type { DiagnosticCode } from '../../compiler/diagnostics/diagnostic.ts'
import { plantedFault, soundSpec } from '../support/planted-fault.ts'

/** The rules for authorizers, and for the requests that they check. */
const test = suite('rules of authorizers')

const fault = (code: DiagnosticCode, what: string, spec: string, message: string) =>
  test(`${code}: ${what}`, () => plantedFault(code, spec, message))

const sound = (what: string, spec: string) => test(`nothing wrong: ${what}`, () => soundSpec(spec))

fault(
  'MESH2028',
  'a service names an undeclared authorizer',
  `
authorizers:
  opa: { grpc: opa.policy:9191 }
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], authorize: { by: «oap» } }
  web: { namespace: shop, port: { http: 8080 }, allow: [{ from: cart }], authorize: { by: opa } }
`,
  'the spec declares no authorizer `oap`',
)

fault(
  'MESH2021',
  'the address of an authorizer has no namespace',
  `
authorizers:
  opa: { grpc: «opa:9191» }
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], authorize: { by: opa } }
  web: { namespace: shop }
`,
  '`opa` does not name the namespace of the authorizer',
)

fault(
  'MESH2021',
  'an authorizer is outside of the cluster',
  `
authorizers:
  opa: { http: «opa.example.com.net:80» }
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], authorize: { by: opa } }
  web: { namespace: shop }
`,
  '`opa.example.com.net` is not a Service of the cluster, and proxies ask no other host',
)

fault(
  'MESH2001',
  'an authorizer does not say where it answers',
  `
authorizers:
  «opa»: { timeout: 1s }
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], authorize: { by: opa } }
  web: { namespace: shop }
`,
  'the authorizer `opa` does not say where it answers: `grpc` or `http`',
)

fault(
  'MESH2001',
  'a service does not say which authorizer it asks',
  `
authorizers:
  opa: { grpc: opa.policy:9191 }
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], «authorize»: { requests: [{ paths: [/admin] }] } }
  web: { namespace: shop, port: { http: 8080 }, allow: [{ from: cart }], authorize: { by: opa } }
`,
  '`authorize` of `cart` does not say the authorizer',
)

fault(
  'MESH2002',
  'an authorizer with gRPC names the headers that it gets',
  `
authorizers:
  opa: { ‹grpc›: opa.policy:9191, «sendHeaders»: [cookie] }
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], authorize: { by: opa } }
  web: { namespace: shop }
`,
  'the authorizer `opa` sets both `grpc` and `sendHeaders`',
)

fault(
  'MESH3425',
  'an unused authorizer',
  `
authorizers:
  opa: { grpc: opa.policy:9191 }
  «login»: { http: login.auth:80 }
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], authorize: { by: opa } }
  web: { namespace: shop }
`,
  'no service and no gateway asks `login`',
)

fault(
  'MESH3426',
  'an authorizer checks a TCP port',
  `
authorizers:
  opa: { grpc: opa.policy:9191 }
services:
  cart:
    namespace: shop
    ports: { http: 8080, ‹tcp›: 7000 }
    allow: [{ from: web }]
    authorize: { by: opa, requests: [{ ports: [http, «tcp»] }] }
  web: { namespace: shop }
`,
  '`opa` cannot check requests to `tcp`, which does not speak HTTP',
)

fault(
  'MESH3426',
  'a service without HTTP has an authorizer',
  `
authorizers:
  opa: { grpc: opa.policy:9191 }
services:
  ‹redis›: { namespace: shop, port: { tcp: 6379 }, allow: [{ from: web }], «authorize»: { by: opa } }
  web: { namespace: shop }
`,
  '`opa` checks no request: no port of `redis` speaks HTTP',
)

fault(
  'MESH3427',
  'the service of an authorizer does not allow a service that asks',
  `
authorizers:
  ‹opa›: { grpc: opa.policy:9191 }
services:
  ‹opa›: { namespace: policy, port: { grpc: 9191 }, allow: [{ from: web }] }
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], authorize: { by: «opa» } }
  web: { namespace: shop }
`,
  '`cart` asks `opa`, but its service `opa` does not allow that',
)

fault(
  'MESH3427',
  'the service of an authorizer does not allow a gateway that asks',
  `
authorizers:
  ‹login›: { http: login.auth:4180 }
gateways:
  public: { hosts: [shop.example.com], certificate: { issuer: letsencrypt-prod }, authorize: { by: «login» } }
services:
  ‹login›: { namespace: auth, ports: { http: 4180, http-metrics: 9090 }, allow: [{ from: gateway/public, ports: [http-metrics] }] }
  cart: { namespace: shop, port: { http: 8080 }, expose: [{ gateway: public, host: shop.example.com }], allow: [{ from: gateway/public }] }
`,
  '`gateway/public` asks `login`, but its service `login` does not allow that',
)

fault(
  'MESH3427',
  'an authorizer runs in the mesh, and no service of the spec is it',
  `
authorizers:
  ‹opa›: { grpc: opa.shop:9191 }
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], authorize: { by: «opa» } }
  web: { namespace: shop }
`,
  '`cart` cannot ask `opa`: its namespace is in the mesh, but no service of the spec allows calls to it',
)

fault(
  'MESH3428',
  'an authorizer has a port that its service lacks',
  `
authorizers:
  opa: { grpc: «opa.policy:9090» }
services:
  ‹opa›: { namespace: policy, port: { grpc: 9191 }, allow: [{ from: cart }] }
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], authorize: { by: opa } }
  web: { namespace: shop }
`,
  '`opa` has no port 9090, where `opa` should answer',
)

fault(
  'MESH3428',
  'an authorizer has gRPC at an HTTP port',
  `
authorizers:
  opa: { grpc: «opa.policy:8181» }
services:
  opa: { namespace: policy, ‹port›: { http: 8181 }, allow: [{ from: cart }] }
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], authorize: { by: opa } }
  web: { namespace: shop }
`,
  '`opa` is called with gRPC, but port 8181 of `opa` speaks http',
)

fault(
  'MESH3429',
  'the service of an authorizer asks it about its own requests',
  `
authorizers:
  ‹opa›: { grpc: opa.policy:9191 }
services:
  opa: { namespace: policy, port: { grpc: 9191 }, allow: [{ from: opa, because: health }, { from: web }], authorize: { by: «opa» } }
  web: { namespace: shop }
`,
  '`opa` is the service of `opa`, and asks it about its own requests',
)

fault(
  'MESH3430',
  'two gateways with the same proxies ask two authorizers',
  `
authorizers:
  login: { http: login.auth:4180 }
  opa: { grpc: opa.policy:9191 }
gateways:
  partners:
    workload: { labels: { istio: ingressgateway }, serviceAccount: ingress, namespace: istio-system }
    hosts: [b2b.example.com]
    certificate: { secret: b2b-tls }
    ‹authorize›: { by: opa }
  public:
    workload: { labels: { istio: ingressgateway }, serviceAccount: ingress, namespace: istio-system }
    hosts: [api.example.com]
    certificate: { secret: api-tls }
    authorize: { by: «login» }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }, { gateway: partners, host: b2b.example.com }]
    allow: [{ from: gateway/public }]
`,
  'the gateway `public` asks `login`, and the gateway `partners` asks `opa` for the same proxies: Istio refuses all these requests',
)

fault(
  'MESH3430',
  'a raw policy asks another authorizer',
  `
authorizers:
  login: { http: login.auth:4180 }
  opa: { grpc: opa.policy:9191 }
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], authorize: { by: «login» } }
  web: { namespace: shop }
raw:
  - apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: { name: ask, namespace: shop }
    spec: { action: CUSTOM, provider: { name: ‹opa› }, rules: [{}] }
`,
  '`cart` asks `login`, and the raw policy `ask` asks `opa` for the same proxies: Istio refuses all these requests',
)

fault(
  'MESH3021',
  'two services of the same pods ask two authorizers',
  `
authorizers:
  login: { http: login.auth:4180 }
  opa: { grpc: opa.policy:9191 }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    workload: { labels: { app: cart }, serviceAccount: cart }
    allow: [{ from: web }]
    ‹authorize›: { by: login }
  cart-admin:
    namespace: shop
    port: { http: 9090 }
    workload: { labels: { app: cart }, serviceAccount: cart }
    allow: [{ from: web }]
    authorize: { by: «opa» }
  web: { namespace: shop }
`,
  '`cart-admin` and `cart` select the same pods, but ask different authorizers',
)

fault(
  'MESH3609',
  'an authorizer has the name of a provider of Istio',
  `
authorizers:
  «envoy»: { grpc: opa.policy:9191 }
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], authorize: { by: envoy } }
  web: { namespace: shop }
`,
  '`envoy` is the name of the provider of access logs that Istio has, which the authorizer would replace',
)

fault(
  'MESH3105',
  'a duplicate path of an authorizer',
  `
authorizers:
  opa: { grpc: opa.policy:9191 }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web }]
    authorize: { by: opa, requests: [{ paths: [‹/admin/*›, «/admin/*»] }] }
  web: { namespace: shop }
`,
  '`/admin/*` is in this list twice',
)

fault(
  'MESH4009',
  'a raw policy misspells an authorizer',
  `
authorizers:
  login: { http: login.auth:4180 }
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], authorize: { by: login } }
  web: { namespace: shop, port: { http: 8080 }, allow: [{ from: cart }] }
raw:
  - apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: { name: ask, namespace: shop }
    spec: { selector: { matchLabels: { app: web } }, action: CUSTOM, provider: { name: «logn» }, rules: [{}] }
`,
  'meshc configures no provider `logn`: this policy refuses every request',
)

sound(
  'a gateway and services ask authorizers within and outside of the spec',
  `
authorizers:
  login: { http: oauth2-proxy.auth:4180, path: /oauth2/auth, sendHeaders: [cookie, x-forwarded-*], forwardHeaders: [x-user], refusalHeaders: [location], responseHeaders: [set-cookie] }
  opa: { grpc: opa.policy:9191, timeout: 500ms, failOpen: true, statusOnError: 503 }
gateways:
  public:
    hosts: [shop.example.com]
    certificate: { issuer: letsencrypt-prod }
    authorize: { by: login, requests: [{ exceptPaths: [/oauth2/*], exceptMethods: [OPTIONS] }] }
services:
  opa: { namespace: policy, port: { grpc: 9191 }, allow: [{ from: cart }] }
  cart:
    namespace: shop
    ports: { http: 8080, tcp: 7000 }
    expose: [{ gateway: public, host: shop.example.com, port: http }]
    allow: [{ from: gateway/public, ports: [http] }, { from: web }]
    authorize: { by: opa, requests: [{ paths: [/admin/*] }, { ports: [http], methods: [DELETE], headers: { x-tenant: '*' } }] }
  web: { namespace: shop }
`,
)

test.run()
