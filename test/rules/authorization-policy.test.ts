import { suite } from 'uvu'
import type { DiagnosticCode } from '../../compiler/diagnostics/diagnostic.ts'
import { plantedFault, soundSpec } from '../support/planted-fault.ts'

/** The rules for an AuthorizationPolicy or a RequestAuthentication: the allowed callers and their tokens. */
const test = suite('rules of an AuthorizationPolicy')

const fault = (code: DiagnosticCode, what: string, spec: string, message: string) =>
  test(`${code}: ${what}`, () => plantedFault(code, spec, message))

const sound = (what: string, spec: string) => test(`nothing wrong: ${what}`, () => soundSpec(spec))

fault(
  'MESH3401',
  'an exposed service lets nobody call',
  `
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose:
      - «gateway: public»
        host: api.example.com
`,
  '`cart` is exposed, but does not allow `gateway/public`',
)

fault(
  'MESH3401',
  'an exposed service lets others call',
  `
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose:
      - «gateway: public»
        host: api.example.com
    ‹allow›: [{ from: web }]
  web: { namespace: shop }
`,
  '`cart` is exposed, but does not allow `gateway/public`',
)

fault(
  'MESH3401',
  'the gateway may call on other paths',
  `
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose:
      - «gateway: public»
        host: api.example.com
        paths: [/cart/*]
    allow:
      - ‹from: gateway/public›
        paths: [/api/*]
`,
  '`cart` is exposed on a port or path on which it does not allow `gateway/public`',
)

fault(
  'MESH3401',
  'the gateway may call on another port',
  `
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    ports: { http: 8080, http-admin: 8081 }
    expose:
      - «gateway: public»
        host: api.example.com
        port: http
    allow:
      - ‹from: gateway/public›
        ports: [http-admin]
`,
  '`cart` is exposed on a port or path on which it does not allow `gateway/public`',
)

sound(
  'the gateway is let in by name, with its namespace, or with anyone, on the path that is rewritten',
  `
gateways:
  public: { hosts: [api.example.com, b.example.com, c.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com, paths: [/cart/*], rewrite: { path: / } }]
    allow: [{ from: gateway/public, paths: [/orders/*] }]
  web: { namespace: shop, port: { http: 8080 }, expose: [{ gateway: public, host: b.example.com }], allow: [{ from: namespace/istio-ingress }] }
  status:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: c.example.com }]
    allow: [{ from: anyone, because: it shows no secret }]
`,
)

fault(
  'MESH3402',
  'a gateway may call what it does not lead to',
  `
gateways:
  ‹public›: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: «gateway/public» }]
  web:
    namespace: shop
    port: { http: 3000 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  '`gateway/public` may call `cart`, but no host of the gateway leads there',
)

fault(
  'MESH3403',
  'a condition on methods for a TCP port',
  `
services:
  cart:
    namespace: shop
    ports: { http: 8080, ‹redis›: 6379 }
    allow:
      - from: web
        ports: [«redis»]
        ‹methods›: [GET]
  web: { namespace: shop }
`,
  '`methods` matches no caller on `redis`, which does not speak HTTP',
)

fault(
  'MESH3403',
  'a condition on paths for every port, one of which speaks TCP',
  `
services:
  cart:
    namespace: shop
    ports: { http: 8080, ‹redis›: 6379 }
    allow:
      - from: web
        «paths»: [/api/*]
  web: { namespace: shop }
`,
  '`paths` would match no caller on the ports that do not speak HTTP',
)

fault(
  'MESH3403',
  'a condition on paths for a service that speaks TCP',
  `
services:
  cache:
    namespace: shop
    ‹port›: { redis: 6379 }
    allow: [{ from: web, «paths»: [/api/*] }]
  web: { namespace: shop }
`,
  '`paths` would match no caller on the ports that do not speak HTTP',
)

sound(
  'conditions on requests for HTTP ports, and whole connections for the others',
  `
services:
  cart:
    namespace: shop
    ports: { http: 8080, redis: 6379 }
    allow: [{ from: web, ports: [http], methods: [GET] }, { from: web, ports: [redis] }]
  web: { namespace: shop }
`,
)

fault(
  'MESH3404',
  'gRPC may be called with GET',
  `
services:
  cart:
    namespace: shop
    port: { grpc: ‹7070› }
    allow: [{ from: web, methods: [«GET»] }]
  web: { namespace: shop }
`,
  'this allows no call: every request of gRPC is a POST',
)

fault(
  'MESH3405',
  'a rule requires a token of a service without `jwt`',
  `
services:
  ‹cart›:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web, «jwt»: required }]
  web: { namespace: shop }
`,
  '`jwt` requires a token, but `cart` declares no issuer of tokens',
)

fault(
  'MESH3405',
  'a condition on a claim without an issuer',
  `
services:
  ‹cart›:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web, «claims»: { role: [admin] } }]
  web: { namespace: shop }
`,
  '`claims` requires a token, but `cart` declares no issuer of tokens',
)

const issuers = `
issuers:
  corp: { issuer: https://login.example.com, jwks: https://login.example.com/keys, audiences: [cart] }
  partner: { issuer: https://partner.example.net, jwks: https://partner.example.net/keys, audiences: [cart] }`

fault(
  'MESH3405',
  'a condition on an issuer that the service does not accept',
  `${issuers}
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    ‹jwt›: { issuers: [corp] }
    allow: [{ from: web, issuers: [corp, «partner»] }]
  web: { namespace: shop, port: { http: 80 }, jwt: { issuers: [partner] }, allow: [{ from: cart, issuers: [partner] }] }
`,
  '`issuers` requires a token of `partner`, which `cart` does not accept',
)

fault(
  'MESH3405',
  'a condition on an issuer for a service that reads no tokens',
  `${issuers}
services:
  ‹cart›: { namespace: shop, port: { http: 8080 }, allow: [{ from: web, «issuers»: [corp] }] }
  web: { namespace: shop, port: { http: 80 }, jwt: { issuers: [corp, partner] }, allow: [{ from: cart, jwt: required }] }
`,
  '`issuers` requires a token, but `cart` declares no issuer of tokens',
)

fault(
  'MESH2027',
  'a service accepts tokens of an undeclared issuer',
  `${issuers}
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    jwt: { issuers: [corp, partner, «patner»] }
    allow: [{ from: web, jwt: required }]
  web: { namespace: shop }
`,
  'the spec declares no issuer `patner`',
)

fault(
  'MESH3418',
  'two issuers of a service have one name in tokens',
  `${issuers}
  old-corp: { issuer: https://login.example.com, jwks: https://old.example.com/keys, audiences: [cart] }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    jwt: { issuers: [‹corp›, partner, «old-corp»] }
    allow: [{ from: web, jwt: required }]
  web: { namespace: shop }
`,
  '`cart` accepts tokens of `https://login.example.com` twice',
)

fault(
  'MESH3418',
  'two issuers of a gateway have one name in tokens',
  `${issuers}
  old-corp: { issuer: https://login.example.com, jwks: https://old.example.com/keys, audiences: [cart] }
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    jwt: { issuers: [‹corp›, partner, «old-corp»] }
services:
  cart: { namespace: shop, port: { http: 8080 }, expose: [{ gateway: public, host: api.example.com }], allow: [{ from: gateway/public }] }
`,
  'the gateway `public` accepts tokens of `https://login.example.com` twice',
)

fault(
  'MESH3419',
  'an issuer whose tokens nobody accepts',
  `
issuers:
  corp: { issuer: https://login.example.com, jwks: https://login.example.com/keys, audiences: [cart] }
  «partner»: { issuer: https://partner.example.net, jwks: https://partner.example.net/keys }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    jwt: { issuers: [corp] }
    allow: [{ from: web, jwt: required }]
  web: { namespace: shop }
`,
  'no service and no gateway accepts tokens of `partner`',
)

fault(
  'MESH3420',
  'a gateway removes the token that the service behind it requires',
  `${issuers}
gateways:
  ‹public›:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    jwt: { issuers: [corp, partner], ‹forward›: false }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    jwt: { issuers: [corp, partner] }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [«{ from: gateway/public, issuers: [partner] }», { from: web, jwt: required }]
  web: { namespace: shop }
`,
  '`public` removes the tokens of `partner`, which `cart` requires of it',
)

sound(
  'several issuers at a gateway and a service, claims and headers as conditions, and a token that the gateway keeps for itself',
  `${issuers}
  staff: { issuer: https://staff.example.com, jwks: https://staff.example.com/keys, audiences: [edge], forward: false }
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    jwt: { issuers: [corp, partner, staff] }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    jwt: { issuers: [corp, partner], header: x-token, prefix: 'Token ', parameter: token, claimHeaders: { x-user: sub } }
    expose: [{ gateway: public, host: api.example.com }]
    allow:
      - { from: gateway/public, issuers: [partner], claims: { realm_access: { roles: [buyer, admin] } } }
      - { from: gateway/public, issuers: [corp], claims: { group: staff }, headers: { x-team: [cart, web-*] } }
  web: { namespace: shop }
`,
)

fault(
  'MESH3403',
  'a condition on a header for a TCP port',
  `
services:
  cart:
    namespace: shop
    ports: { http: 8080, ‹tcp›: 7000 }
    allow: [{ from: web, «headers»: { x-team: cart } }]
  web: { namespace: shop }
`,
  '`headers` would match no caller on the ports that do not speak HTTP',
)

fault(
  'MESH3113',
  'a rule asks for a header that is none',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web, headers: { «host»: cart.shop } }]
  web: { namespace: shop }
`,
  '`host` is not a header for a proxy: it is the authority of the request',
)

fault(
  'MESH3410',
  'a rule asks for more claims and headers than another one',
  `${issuers}
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    jwt: { issuers: [corp, partner] }
    allow:
      - ‹{ from: web, issuers: [corp, partner], claims: { group: [a, b] }, headers: { x-team: [a, b] } }›
      - «{ from: web, issuers: [corp], claims: { group: a, role: x }, headers: { x-team: a } }»
  web: { namespace: shop }
`,
  'another rule of `cart` allows `web` all that this rule allows',
)

fault(
  'MESH3421',
  'a path is denied on a port of connections',
  `
services:
  cart:
    namespace: shop
    ports: { http: 8080, ‹redis›: 6379 }
    allow: [{ from: web }]
    deny: [{ from: web, ports: [http, «redis»], ‹methods›: [DELETE] }]
  web: { namespace: shop }
`,
  '`methods` refuses nothing on `redis`, which does not speak HTTP',
)

fault(
  'MESH3421',
  'a path is denied of a service that sees connections only',
  `
services:
  ‹cart›: { namespace: shop, port: { redis: 6379 }, allow: [{ from: web }], deny: [{ «paths»: [/x] }] }
  web: { namespace: shop }
`,
  '`paths` refuses nothing: no port of `cart` speaks HTTP',
)

fault(
  'MESH3422',
  'a denial of everything',
  `
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], deny: [«{ from: anyone }»] }
  web: { namespace: shop }
`,
  'this denial has no condition: `cart` would refuse every request',
)

fault(
  'MESH3422',
  'a denial of everything at a gateway',
  `
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod }, deny: [{ paths: [/x] }, «{ because: closed }»] }
services:
  cart: { namespace: shop, port: { http: 8080 }, expose: [{ gateway: public, host: api.example.com }], allow: [{ from: gateway/public }] }
`,
  'this denial has no condition: the gateway `public` would refuse every request',
)

fault(
  'MESH3423',
  'a token is missed where nobody reads tokens',
  `
services:
  ‹cart›: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], deny: [{ «jwt»: missing, paths: [/x] }] }
  web: { namespace: shop }
`,
  '`cart` reads no tokens: every request is one without a valid token',
)

fault(
  'MESH3423',
  'claims are denied at a gateway where nobody reads tokens',
  `
gateways:
  ‹public›: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod }, deny: [{ «claims»: { group: guests } }] }
services:
  cart: { namespace: shop, port: { http: 8080 }, expose: [{ gateway: public, host: api.example.com }], allow: [{ from: gateway/public }] }
`,
  'the gateway `public` reads no tokens: no request has claims',
)

fault(
  'MESH3424',
  'a denied caller can call in plain text',
  `
services:
  cart:
    namespace: shop
    ports: { http: 8080, grpc: { grpc: 9090, mtls: ‹permissive› } }
    allow: [{ from: anyone, because: the old shop has no sidecars }]
    deny: [{ from: «web» }, { from: web, ports: [http] }]
  web: { namespace: shop }
`,
  '`web` is denied by its identity, but can hide it: `grpc` accepts plain text',
)

fault(
  'MESH3105',
  'an address is denied twice',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    deny: [{ clientAddresses: [‹203.0.113.0/24›, 10.0.0.0/8, «203.0.113.0/24»], headers: { x-bot: '*' } }]
services:
  cart: { namespace: shop, port: { http: 8080 }, expose: [{ gateway: public, host: api.example.com }], allow: [{ from: gateway/public }] }
`,
  '`203.0.113.0/24` is in this list twice',
)

fault(
  'MESH3021',
  'two services of the same pods deny different requests on one port',
  `
services:
  cart: { namespace: shop, ‹port›: { http: 8080 }, allow: [{ from: web }], deny: [{ paths: [/admin/*] }] }
  cart-too:
    namespace: shop
    workload: { labels: { app: cart }, serviceAccount: cart }
    «port»: { http: 8080 }
    allow: [{ from: web }]
    deny: [{ paths: [/admin] }]
  web: { namespace: shop }
`,
  '`cart-too` and `cart` select the same pods, and lead to their port 8080, where they deny different requests',
)

sound(
  'denials by caller, path, header, token and address, at a service with requests and connections, and at a gateway',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    deny: [{ paths: [/admin/*], exceptClientAddresses: [198.51.100.0/24] }, { headers: { x-bot: ['*'] } }, { peerAddresses: [10.7.0.0/16] }]
services:
  cart:
    namespace: shop
    ports: { http: 8080, redis: 6379 }
    jwt: { issuer: https://login.example.com, jwks: https://login.example.com/keys, audiences: [cart] }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public, ports: [http], jwt: required }, { from: web }]
    deny:
      - { from: web, methods: [DELETE] }
      - { from: external-caller/old.example.com/ns/a/sa/b, ports: [redis] }
      - { claims: { group: guests }, paths: [/orders/*] }
      - { jwt: missing, paths: [/orders/*] }
  web: { namespace: shop }
`,
)

fault(
  'MESH3406',
  'tokens are understood and never asked for',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    «jwt»: { issuer: https://login.example.com, jwks: https://login.example.com/keys, audiences: [cart] }
    ‹allow›: [{ from: web }]
  web: { namespace: shop }
`,
  '`cart` accepts tokens but requires none: requests without a token pass',
)

fault(
  'MESH3407',
  'tokens for any application are taken',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    «jwt»: { issuer: https://login.example.com, jwks: https://login.example.com/keys }
    allow: [{ from: web, jwt: required }]
  web: { namespace: shop }
`,
  '`cart` accepts tokens that were issued for any other application',
)

fault(
  'MESH3105',
  'a duplicate audience',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    jwt: { issuer: https://login.example.com, jwks: https://login.example.com/keys, audiences: [‹cart›, «cart»] }
    allow: [{ from: web, jwt: required }]
  web: { namespace: shop }
`,
  '`cart` is in this list twice',
)

sound(
  'a condition on tokens',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    jwt: { issuer: https://login.example.com, jwks: https://login.example.com/keys, audiences: [cart] }
    allow: [{ from: web, jwt: required, methods: [GET] }, { from: web, claims: { role: [admin, 'ops-*'] } }]
  web: { namespace: shop }
`,
)

fault(
  'MESH3416',
  'a rule for a namespace whose pods have no sidecar',
  `
namespaces: { monitoring: { injection: ‹off› } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: «namespace/monitoring», methods: [GET], paths: [/metrics] }]
`,
  'this rule lets no pod of `monitoring` call `cart`: a pod without a sidecar proves no identity',
)

fault(
  'MESH3416',
  'a rule for a service whose pods have no sidecar',
  `
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: «batch» }] }
  batch: { namespace: shop, workload: { sidecar: ‹off› } }
`,
  'this rule lets no pod of `batch` call `cart`: a pod without a sidecar proves no identity',
)

fault(
  'MESH3440',
  'a port that the sidecar leaves alone, and rules that do not let anyone call it',
  `
services:
  cart:
    namespace: shop
    ports: { http: 8080, metrics: { http: 9102, sidecar: «off» } }
    allow: [{ from: web, ports: [http] }, { from: anyone, ports: [http], paths: [/healthz], because: probes }]
  web: { namespace: shop }
`,
  '`allow` of `cart` does not let anyone call `metrics`, but no sidecar there can refuse a call',
)

fault(
  'MESH3440',
  'pods without a sidecar, and no rule',
  `
services:
  db: { namespace: shop, workload: { sidecar: «off» }, port: { tcp: 5432 }, allow: [] }
`,
  '`allow` of `db` does not let anyone call `tcp`, but no sidecar there can refuse a call',
)

fault(
  'MESH3440',
  'a service in a namespace without sidecars',
  `
namespaces: { monitoring: { injection: ‹off› } }
services:
  «grafana»: { namespace: monitoring, port: { http: 3000 }, allow: [] }
`,
  '`allow` of `grafana` does not let anyone call `http`, but no sidecar there can refuse a call',
)

fault(
  'MESH3441',
  'a denial at a port that the sidecar leaves alone',
  `
services:
  cart:
    namespace: shop
    ports: { http: 8080, metrics: { http: 9102, sidecar: ‹off› } }
    allow: [{ from: anyone, because: everybody may look }]
    deny: [{ paths: [/debug], «ports»: [metrics] }, { paths: [/admin] }]
`,
  '`ports` has no effect at `cart`: no sidecar takes what arrives there',
)

fault(
  'MESH3441',
  'a mode of mutual TLS for pods without a sidecar',
  `
services:
  cart:
    namespace: shop
    workload: { sidecar: ‹off› }
    port: { http: 8080, «mtls»: permissive }
    allow: [{ from: anyone, because: no sidecar guards it }]
`,
  '`mtls` has no effect at `cart`: no sidecar takes what arrives there',
)

sound(
  'ports and pods without a sidecar that anyone may call, where access is declared and where it is open',
  `
services:
  cart:
    namespace: shop
    ports: { http: 8080, metrics: { http: 9102, sidecar: off } }
    allow: [{ from: web }, { from: anyone, ports: [metrics], because: Prometheus runs outside of the mesh }]
    deny: [{ paths: [/admin] }]
  web: { namespace: shop }
  db: { namespace: shop, workload: { sidecar: off }, port: { tcp: 5432 }, allow: [{ from: anyone, because: no sidecar guards it }] }
`,
)

fault(
  'MESH3417',
  'scopes of sidecars where no spec says who calls',
  `
access: ‹open›
sidecarScope: «declared»
services:
  cart: { namespace: shop, port: { http: 8080 } }
  web: { namespace: shop }
`,
  'the scope of a sidecar is made of `allow`, and where access is `open` services are called without it',
)

fault(
  'MESH3406',
  'tokens that an open service does not require',
  `
‹access›: open
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    «jwt»: { issuer: https://login.example.com, jwks: https://login.example.com/keys, audiences: [cart] }
`,
  '`cart` accepts tokens but requires none: requests without a token pass',
)

fault(
  'MESH3021',
  'an open service leads to a port whose other service names its callers',
  `
access: open
services:
  cart: { namespace: shop, ‹port›: { http: 8080 }, allow: [‹{ from: web }›] }
  cart-too:
    namespace: shop
    «port»: { http: 8080 }
    workload: { labels: { app: cart }, serviceAccount: cart }
  web: { namespace: shop }
`,
  '`cart-too` and `cart` select the same pods, and lead to their port 8080, where `cart` allows `web` something that `cart-too` does not',
)

sound(
  'an open mesh needs no reason for anyone, exposes its services to gateways and sends traces to its collector',
  `
access: open
observability: { tracing: { collector: jaeger.shop:4317 } }
gateways:
  public: { hosts: [shop.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart: { namespace: shop, port: { http: 8080 }, expose: [{ gateway: public, host: shop.example.com }] }
  web: { namespace: shop }
external:
  books: { hosts: [books.example.com], port: { https: 443 } }
`,
)

fault(
  'MESH3408',
  'anyone may call where mTLS is strict',
  `
mtls: ‹strict›
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: «anyone», paths: [/healthz] }]
`,
  'anyone may call `cart`, in an environment where mTLS is strict',
)

fault(
  'MESH3408',
  'anyone may call an external system where mTLS is strict by default',
  `
external:
  books: { hosts: [books.example.com], port: { https: 443 }, allow: [{ from: «anyone» }] }
`,
  'anyone may call `books`, in an environment where mTLS is strict',
)

sound(
  'anyone may call where somebody says why, or where mTLS is not strict',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: anyone, paths: [/healthz], because: the load balancer probes it }]
`,
)

sound(
  'anyone may call where mTLS is permissive',
  `
mtls: permissive
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: anyone }]
`,
)

fault(
  'MESH3409',
  'a caller is named on a port without mTLS',
  `
services:
  cart:
    namespace: shop
    ports: { http: 8080, metrics: { tcp: 9102, mtls: ‹off› } }
    allow:
      - { from: web }
      - { from: «namespace/monitoring», ports: [metrics] }
  web: { namespace: shop }
namespaces: { monitoring: {} }
`,
  'a proxy cannot identify `namespace/monitoring`: mTLS is off on every port that it may call',
)

sound(
  'a caller is named where mTLS proves it if it can, and anyone where it cannot',
  `
services:
  cart:
    namespace: shop
    ports: { http: 8080, metrics: { tcp: 9102, mtls: permissive }, health: { tcp: 9103, mtls: off } }
    allow:
      - { from: web }
      - { from: namespace/monitoring, ports: [metrics] }
      - { from: anyone, ports: [health], because: the load balancer has no sidecar }
  web: { namespace: shop }
namespaces: { monitoring: {} }
`,
)

fault(
  'MESH3410',
  'a rule reads as a limit and is none',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow:
      - ‹from: web›
      - «from: web»
        methods: [GET]
  web: { namespace: shop }
`,
  'another rule of `cart` allows `web` all that this rule allows',
)

fault(
  'MESH3410',
  'a rule is there twice',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow:
      - ‹{ from: web, paths: [/api/*], methods: [GET] }›
      - «{ from: web, paths: [/api/orders], methods: [GET] }»
  web: { namespace: shop }
`,
  'another rule of `cart` allows `web` all that this rule allows',
)

sound(
  'rules for one caller differ',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow:
      - { from: web, paths: [/api/*], methods: [GET] }
      - { from: web, paths: [/api/orders], methods: [POST] }
      - { from: namespace/shop, paths: [/healthz] }
  web: { namespace: shop }
`,
)

fault(
  'MESH3411',
  'a path ends in the middle of a word',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web, paths: [«/admin*»] }]
  web: { namespace: shop }
`,
  '`/admin*` allows `/admin-other` too',
)

sound(
  'the methods of a gRPC service share a beginning',
  `
services:
  cart: { namespace: shop, port: { grpc: 7070 }, allow: [{ from: web, paths: [/shop.Cart/Get*] }] }
  web: { namespace: shop }
`,
)

fault(
  'MESH3412',
  'a route leads to a path without allowed callers',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: old, when: { paths: [/v1/*] }, rewrite: { path: «/v2/» } }
      - { name: everyone }
    allow: [{ from: web, paths: [‹/v1/*›] }]
  web: { namespace: shop }
`,
  'the route `old` rewrites to `/v2/`, where no caller may call `cart`',
)

sound(
  'a route leads to a path that somebody may call',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: old, when: { paths: [/v1/*] }, rewrite: { path: /v2/ } }
      - { name: everyone }
    allow: [{ from: web, paths: [/v2/orders, /v3/*] }]
  web: { namespace: shop }
`,
)

fault(
  'MESH3105',
  'a claim has one value twice',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    jwt: { issuer: https://login.example.com, jwks: https://login.example.com/keys, audiences: [cart] }
    allow: [{ from: web, claims: { role: [‹admin›, «admin»] } }]
  web: { namespace: shop }
`,
  '`admin` is in this list twice',
)

fault(
  'MESH3105',
  'a duplicate port',
  `
services:
  cart:
    namespace: shop
    ports: { http: 8080, redis: 6379 }
    allow: [{ from: web, ports: [‹redis›, «redis»] }]
  web: { namespace: shop }
`,
  '`redis` is in this list twice',
)

fault(
  'MESH3413',
  'a service of gRPC is named without a method',
  `
services:
  cart:
    namespace: shop
    port: { grpc: ‹7070› }
    allow: [{ from: web, paths: [«/shop.Cart», /shop.Stock/Get, /shop.Orders*] }]
  web: { namespace: shop }
`,
  'no call of gRPC has the path `/shop.Cart`: it names no method',
)

fault(
  'MESH3413',
  'a route asks for a service of gRPC without a method',
  `
services:
  cart:
    namespace: shop
    port: { grpc: ‹7070› }
    routes: [{ name: old, when: { paths: [«/shop.Cart/»] }, timeout: 5s }, { name: everyone }]
`,
  'no call of gRPC has the path `/shop.Cart/`: it names no method',
)

sound(
  'a port beside the one of gRPC has paths of its own',
  `
services:
  cart:
    namespace: shop
    ports: { grpc: 7070, http: 8080 }
    allow: [{ from: web, paths: [/healthz] }]
  web: { namespace: shop }
`,
)

fault(
  'MESH3414',
  'a claim within another',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    jwt: { issuer: https://login.example.com, jwks: https://login.example.com/keys, audiences: [cart] }
    allow: [{ from: web, claims: { «realm_access.roles»: [admin], https://example.com/roles: [admin] } }]
  web: { namespace: shop }
`,
  '`realm_access.roles` is the name of one claim, dots included, not the path of a nested claim',
)

fault(
  'MESH3415',
  'a service without allowed callers, and another one with callers',
  `
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }] }
  «web»: { namespace: shop, port: { http: 3000 }, allow: [] }
  worker: { namespace: shop }
`,
  'no caller may call `web`: every request gets a 403',
)

sound(
  'no service says yet who may call it',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
  web: { namespace: shop, port: { http: 3000 } }
`,
)

test.run()
