import { suite } from 'uvu'
import type { DiagnosticCode } from '../../compiler/diagnostics/diagnostic.ts'
import { plantedFault, soundSpec } from '../support/planted-fault.ts'

/** The rules for rate limits of services, of gateways and of routes. */
const test = suite('rules of rate limits')

const fault = (code: DiagnosticCode, what: string, spec: string, message: string) =>
  test(`${code}: ${what}`, () => plantedFault(code, spec, message))

const sound = (what: string, spec: string) => test(`nothing wrong: ${what}`, () => soundSpec(spec))

fault(
  'MESH2001',
  'a limit says only its burst',
  `
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], «rateLimit»: { burst: 200 } }
  web: { namespace: shop }
`,
  '`rateLimit` of `cart` does not say how many `requests`',
)

fault(
  'MESH2001',
  'a limit of a header says only its burst',
  `
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], rateLimit: { perHeader: { «x-user»: { burst: 200 } } } }
  web: { namespace: shop }
`,
  '`x-user` in `rateLimit` of `cart` does not say how many `requests`',
)

fault(
  'MESH1013',
  'a rate of no known unit',
  `
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], rateLimit: «100/day» }
  web: { namespace: shop }
`,
  '`100/day` is not a number of requests a second, minute or hour',
)

fault(
  'MESH3451',
  'a service of connections has a limit of requests',
  `
services:
  ‹redis›: { namespace: shop, port: { tcp: 6379 }, allow: [{ from: web }], «rateLimit»: 100/s }
  web: { namespace: shop }
`,
  'nothing is limited: no port of `redis` speaks HTTP',
)

fault(
  'MESH3452',
  'a burst is below the rate',
  `
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], rateLimit: { requests: ‹100/s›, burst: «20» } }
  web: { namespace: shop }
`,
  '`burst: 20` lets fewer requests pass than `100/s`',
)

fault(
  'MESH3452',
  'a burst of a header of a gateway is below the rate',
  `
gateways:
  public:
    hosts: [shop.example.com]
    certificate: { issuer: letsencrypt-prod }
    rateLimit: { perHeader: { x-key: { requests: ‹60/m›, burst: «59» } } }
services:
  cart: { namespace: shop, port: { http: 8080 }, expose: [{ gateway: public, host: shop.example.com }], allow: [{ from: gateway/public }] }
`,
  '`burst: 59` lets fewer requests pass than `60/m`',
)

fault(
  'MESH3453',
  'a header has the limit of all requests',
  `
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], ‹rateLimit›: { requests: 60/m, perHeader: { «x-user»: 60/s } } }
  web: { namespace: shop }
`,
  'the limit of `x-user` refuses nothing: that of all requests is not above it',
)

fault(
  'MESH3454',
  'a route that no gateway has is limited',
  `
services:
  ‹cart›:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web }]
    routes: [{ name: search, when: { paths: [/search/*] }, «rateLimit»: 20/s }]
  web: { namespace: shop }
`,
  'no proxy counts the requests of the route `search`: `cart` is exposed at no gateway',
)

fault(
  'MESH3454',
  'a limited route is for other paths than those that are exposed',
  `
gateways:
  public: { hosts: [shop.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    ‹expose›: [{ gateway: public, host: shop.example.com, paths: [/cart/*] }]
    allow: [{ from: gateway/public }]
    routes: [{ name: search, when: { paths: [/search/*] }, «rateLimit»: 20/s }]
`,
  'no proxy counts the requests of the route `search`: no exposed path of `cart` leads to it',
)

fault(
  'MESH3455',
  'two services on a host have a route of one name',
  `
gateways:
  public: { hosts: [shop.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  books:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: shop.example.com, paths: [/books/*] }]
    allow: [{ from: gateway/public }]
    routes: [{ name: ‹search›, when: { methods: [GET] }, timeout: 20s }]
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: shop.example.com, paths: [/cart/*] }]
    allow: [{ from: gateway/public }]
    routes: [{ name: «search», when: { methods: [GET] }, rateLimit: 20/s }]
`,
  'the rate limit of the route `search` of `cart` would hold for a route of `books`, too: both are on shop.example.com',
)

fault(
  'MESH3456',
  'two gateways with the same proxies have limits',
  `
gateways:
  partners:
    workload: { labels: { istio: ingressgateway }, serviceAccount: ingress, namespace: istio-system }
    hosts: [b2b.example.com]
    certificate: { secret: b2b-tls }
    ‹rateLimit›: 100/s
  public:
    workload: { labels: { istio: ingressgateway }, serviceAccount: ingress, namespace: istio-system }
    hosts: [api.example.com]
    certificate: { secret: api-tls }
    «rateLimit»: 1000/s
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }, { gateway: partners, host: b2b.example.com }]
    allow: [{ from: gateway/public }]
`,
  'the gateways `partners` and `public` have the same proxies, and both limit all requests of these',
)

fault(
  'MESH3021',
  'two services of the same pods have two limits',
  `
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    workload: { labels: { app: cart }, serviceAccount: cart }
    allow: [{ from: web }]
    ‹rateLimit›: 100/s
  cart-admin:
    namespace: shop
    port: { http: 9090 }
    workload: { labels: { app: cart }, serviceAccount: cart }
    allow: [{ from: web }]
    «rateLimit»: 10/s
  web: { namespace: shop }
`,
  '`cart-admin` and `cart` select the same pods, but limit the rate of their requests differently',
)

fault(
  'MESH3022',
  'a limit of proxies in a namespace of others',
  `
manages: { namespaces: [‹shop›] }
gateways:
  public:
    namespace: shop
    workload: { labels: { istio: ingressgateway }, serviceAccount: ingress, namespace: istio-system }
    hosts: [api.example.com]
    certificate: { secret: api-tls }
    «rateLimit»: 1000/s
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  '`rateLimit` of the proxies is in the namespace `istio-system`, which `manages` does not list',
)

fault(
  'MESH3022',
  'a limit of a route at proxies in a namespace of others',
  `
manages: { namespaces: [‹shop›] }
gateways:
  public:
    namespace: shop
    workload: { labels: { istio: ingressgateway }, serviceAccount: ingress, namespace: istio-system }
    hosts: [api.example.com]
    certificate: { secret: api-tls }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
    routes: [{ name: search, when: { paths: [/search/*] }, «rateLimit»: 20/s }]
`,
  '`rateLimit` of the proxies of `public` is in the namespace `istio-system`, which `manages` does not list',
)

sound(
  'limits of a gateway, of a route, of a service and of the values of headers',
  `
gateways:
  public:
    hosts: [shop.example.com]
    certificate: { issuer: letsencrypt-prod }
    rateLimit: { requests: 1000/s, burst: 2000, perHeader: { x-api-key: { requests: 10/s, burst: 50 } } }
services:
  cart:
    namespace: shop
    ports: { http: 8080, tcp: 7000 }
    expose: [{ gateway: public, host: shop.example.com, port: http }]
    allow: [{ from: gateway/public, ports: [http] }, { from: web }]
    routes: [{ name: search, when: { paths: [/search/*] }, rateLimit: 20/s }]
    rateLimit: { perHeader: { x-user: 100/m } }
  web: { namespace: shop }
`,
)

const limiters = 'rateLimiters: { shared: { grpc: ratelimit.limits:8081 } }'
const cart = (rateLimit: string) =>
  `cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], rateLimit: ${rateLimit} }`
const counted = '{ limiter: shared, requests: 1000/m }'

fault(
  'MESH2001',
  'a rate limiter has no address',
  `
rateLimiters: { «shared»: { timeout: 50ms } }
services:
  ${cart(counted)}
  web: { namespace: shop }
`,
  'the rate limiter `shared` does not say where it answers: `grpc`',
)

fault(
  'MESH2021',
  'a rate limiter without its namespace',
  `
rateLimiters: { shared: { grpc: «ratelimit:8081» } }
services:
  ${cart(counted)}
  web: { namespace: shop }
`,
  '`ratelimit` does not name the namespace of the rate limiter',
)

fault(
  'MESH2002',
  'a rate limiter has a burst',
  `
${limiters}
services:
  ${cart('{ ‹limiter›: shared, requests: 1000/m, «burst»: 2000 }')}
  web: { namespace: shop }
`,
  '`rateLimit` of `cart` sets both `limiter` and `burst`',
)

fault(
  'MESH2002',
  'a rate limiter has a burst of the values of a header',
  `
${limiters}
services:
  ${cart('{ ‹limiter›: shared, perHeader: { x-user: { requests: 10/s, «burst»: 20 } } }')}
  web: { namespace: shop }
`,
  '`x-user` in `rateLimit` of `cart` sets both `limiter` and `burst`',
)

fault(
  'MESH2050',
  'a rate limiter that is not declared',
  `
services:
  ${cart('{ limiter: «shared», requests: 1000/m }')}
  web: { namespace: shop }
`,
  'the spec declares no rate limiter `shared`',
)

fault(
  'MESH3490',
  'a rate limiter that no limit names',
  `
rateLimiters: { «shared»: { grpc: ratelimit.limits:8081 } }
services:
  ${cart('1000/m')}
  web: { namespace: shop }
`,
  'no limit is counted by `shared`',
)

fault(
  'MESH3491',
  'a rate limiter at a port that its service does not have',
  `
rateLimiters: { shared: { grpc: «ratelimit.limits:8081» } }
services:
  ${cart(counted)}
  ‹ratelimit›: { namespace: limits, port: { http: 8080 }, allow: [{ from: cart }] }
  web: { namespace: shop }
`,
  '`ratelimit` has no port 8081, where `shared` should answer',
)

fault(
  'MESH3492',
  'a rate limiter that denies the gateway of a route',
  `
rateLimiters: { ‹shared›: { grpc: ratelimit.limits:8081, failOpen: false } }
gateways:
  public: { hosts: [shop.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: shop.example.com }]
    allow: [{ from: gateway/public }]
    routes: [{ name: search, when: { paths: [/search/*] }, rateLimit: { limiter: «shared», requests: 20/s } }]
  ‹ratelimit›: { namespace: limits, port: { grpc: 8081 }, allow: [{ from: cart }] }
`,
  '`gateway/public` asks `shared`, but its service `ratelimit` does not allow that',
)

fault(
  'MESH3492',
  'a rate limiter in a namespace of the mesh that the spec does not declare',
  `
rateLimiters: { ‹shared›: { grpc: ratelimit.shop:8081 } }
services:
  ${cart('{ limiter: «shared», requests: 1000/m }')}
  web: { namespace: shop }
`,
  '`cart` cannot ask `shared`: its namespace is in the mesh, but no service of the spec allows calls to it',
)

fault(
  'MESH3493',
  'another Service of the pods of a rate limiter has its limit',
  `
rateLimiters: { ‹shared›: { grpc: ratelimit.limits:8081 } }
services:
  ratelimit: { namespace: limits, port: { grpc: 8081 }, allow: [{ from: admin }, { from: ratelimit-admin }] }
  ratelimit-admin:
    namespace: limits
    port: { http: 6070 }
    workload: { labels: { app: ratelimit }, serviceAccount: ratelimit }
    allow: [{ from: admin }]
    rateLimit: { limiter: «shared», requests: 90/s }
  admin: { namespace: limits }
`,
  '`ratelimit-admin` is the service of `shared`, which would count its own questions',
)

fault(
  'MESH3494',
  'two rate limiters of one service with the domain of the mesh',
  `
rateLimiters: { ‹near›: { grpc: ratelimit.limits:8081, timeout: 5ms }, shared: { grpc: ratelimit.limits:8081, domain: «shop» } }
services:
  ${cart(counted)}
  web: { namespace: shop, port: { http: 8080 }, allow: [{ from: cart }], rateLimit: { limiter: near, requests: 1000/m } }
`,
  '`near` and `shared` ask the same service, which takes the domain `shop` only once',
)

fault(
  'MESH3495',
  'routes of two services at a gateway ask two rate limiters',
  `
rateLimiters: { near: { grpc: near.limits:8081 }, shared: { grpc: ratelimit.limits:8081 } }
gateways:
  public: { hosts: [shop.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  books:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: shop.example.com, paths: [/books/*] }]
    allow: [{ from: gateway/public }]
    routes: [{ name: books, when: { methods: [GET] }, ‹rateLimit›: { limiter: near, requests: 20/s } }]
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: shop.example.com, paths: [/cart/*] }]
    allow: [{ from: gateway/public }]
    routes: [{ name: cart, when: { methods: [GET] }, rateLimit: { limiter: «shared», requests: 20/s } }]
`,
  'the proxies of `public` would ask `near` and `shared` about the same requests',
)

fault(
  'MESH3496',
  'a rate limiter counts redirected requests',
  `
${limiters}
gateways:
  public: { hosts: [shop.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: shop.example.com }]
    allow: [{ from: gateway/public }]
    routes: [{ name: old, when: { paths: [/old/*] }, ‹redirect›: { path: /new/ }, rateLimit: { limiter: «shared», requests: 20/s } }]
`,
  '`shared` cannot count the requests of the route `old` of `cart`, which redirects them',
)

fault(
  'MESH3021',
  'one of two services of the same pods is counted by each instance',
  `
${limiters}
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    workload: { labels: { app: cart }, serviceAccount: cart }
    allow: [{ from: web }]
    ‹rateLimit›: { limiter: shared, requests: 100/s }
  cart-admin:
    namespace: shop
    port: { http: 9090 }
    workload: { labels: { app: cart }, serviceAccount: cart }
    allow: [{ from: web }]
    «rateLimit»: 100/s
  web: { namespace: shop }
`,
  '`cart-admin` and `cart` select the same pods, but limit the rate of their requests differently',
)

fault(
  'MESH3022',
  'the limits of a rate limiter in a namespace of others',
  `
manages: { namespaces: [‹shop›] }
rateLimiters: { shared: { grpc: «ratelimit.limits:8081» } }
services:
  ${cart(counted)}
  web: { namespace: shop }
`,
  'the ConfigMap with the limits of `shared` is in the namespace `limits`, which `manages` does not list',
)

sound(
  'a rate limiter of the spec counts for services, a gateway and a route',
  `
rateLimiters: { shared: { grpc: ratelimit.limits:8081, timeout: 50ms, domain: shop-prod, failOpen: false } }
gateways:
  public:
    hosts: [shop.example.com]
    certificate: { issuer: letsencrypt-prod }
    rateLimit: { limiter: shared, requests: 9000/m, perHeader: { x-api-key: 100/m } }
services:
  cart:
    namespace: shop
    ports: { http: 8080, tcp: 7000 }
    expose: [{ gateway: public, host: shop.example.com, port: http }]
    allow: [{ from: gateway/public, ports: [http] }, { from: web }]
    routes: [{ name: search, when: { paths: [/search/*] }, rateLimit: { limiter: shared, requests: 20/s } }]
    rateLimit: { limiter: shared, perHeader: { x-user: 100/m } }
  ratelimit: { namespace: limits, port: { grpc: 8081 }, allow: [{ from: gateway/public }, { from: cart }], rateLimit: 9000/s }
  web: { namespace: shop }
`,
)

test.run()
