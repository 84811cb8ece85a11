import { suite } from 'uvu'
import type { DiagnosticCode } from '../../compiler/diagnostics/diagnostic.ts'
import { plantedFault, soundSpec } from '../support/planted-fault.ts'

/** The rules for a Gateway, its certificate and its workload. */
const test = suite('rules of gateways')

const fault = (code: DiagnosticCode, what: string, spec: string, message: string) =>
  test(`${code}: ${what}`, () => plantedFault(code, spec, message))

const sound = (what: string, spec: string) => test(`nothing wrong: ${what}`, () => soundSpec(spec))

fault(
  'MESH3301',
  'a host leads nowhere',
  `
gateways:
  public: { hosts: [api.example.com, «www.example.com»], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'no service is exposed at `www.example.com`: the gateway `public` answers 404',
)

fault(
  'MESH3105',
  'a host is set twice',
  `
gateways:
  public: { hosts: [‹api.example.com›, «api.example.com»], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  '`api.example.com` is in this list twice',
)

fault(
  'MESH3304',
  'a certificate is valid for minutes',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod, duration: «30m», renewBefore: 10m }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'cert-manager refuses a certificate that is valid for 30m',
)

fault(
  'MESH3304',
  '`renewBefore` of a certificate is its whole duration',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod, duration: ‹24h›, renewBefore: «24h» }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'a certificate that is valid for 24h cannot be renewed 24h before its end',
)

fault(
  'MESH3304',
  'a certificate is renewed at the last moment',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod, renewBefore: «1m» }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'a certificate that is valid for 2160h cannot be renewed 1m before its end',
)

sound(
  'a certificate is valid for a day and renewed in time, or comes from elsewhere',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod, duration: 24h, renewBefore: 8h }
  partners:
    hosts: [partners.example.com]
    certificate: { secret: partners-tls }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }, { gateway: partners, host: partners.example.com }]
    allow: [{ from: gateway/public }, { from: gateway/partners }]
`,
)

fault(
  'MESH3305',
  'plain text where mTLS is strict',
  `
mtls: ‹strict›
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod }, http: «serve» }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'the gateway `public` serves plain text, though mTLS is strict behind it',
)

sound(
  'plain text where mTLS is permissive',
  `
mtls: permissive
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod }, http: serve }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
)

fault(
  'MESH3307',
  'an annotation of Istio',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    service: { annotations: { «networking.istio.io/exportTo»: '.' } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'the annotation `networking.istio.io/exportTo` of the gateway `public` belongs to Istio',
)

fault(
  'MESH3601',
  '`max` of `replicas` is below `min`',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    replicas: { min: «5», max: ‹2› }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'the gateway `public` has at least 5 replicas and at most 2',
)

fault(
  'MESH3602',
  'the memory request is above the memory limit',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    resources: { requests: { memory: «1Gi» }, limits: { memory: ‹512Mi› } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'the gateway `public` reserves 1Gi of memory, but its limit is 512Mi',
)

fault(
  'MESH3308',
  'an origin has the port of its scheme',
  `
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose:
      - gateway: public
        host: api.example.com
        cors: { origins: [«https://app.example.com:443», http://localhost:3000, https://app.example.com:80], methods: [GET] }
    allow: [{ from: gateway/public }]
`,
  'no browser sends the origin `https://app.example.com:443`',
)

fault(
  'MESH3309',
  'CORS offers a method that the service refuses',
  `
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose:
      - gateway: public
        host: api.example.com
        paths: [/cart/*]
        cors: { origins: [https://app.example.com], methods: [GET, POST, «DELETE», OPTIONS] }
    allow:
      - ‹{ from: gateway/public, methods: [GET] }›
      - ‹{ from: namespace/istio-ingress, methods: [POST], paths: [/cart/items] }›
      - { from: gateway/public, methods: [DELETE], paths: [/admin/*] }
`,
  '`cors` offers `DELETE` to pages, but `cart` does not allow it to `gateway/public`',
)

const running =
  'workload: { labels: { istio: ingressgateway }, serviceAccount: ingress, namespace: istio-system }'

fault(
  'MESH3310',
  'two gateways of the same proxies serve one host',
  `
gateways:
  partners: { ${running}, hosts: [‹'*.example.com'›], certificate: { secret: wildcard-tls } }
  public: { ${running}, hosts: [«'*.example.com'»], certificate: { secret: wildcard-tls } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: '*.example.com' }]
    allow: [{ from: gateway/public }]
  orders:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: partners, host: orders.example.com }]
    allow: [{ from: gateway/partners }]
`,
  'the gateways `partners` and `public` have the same proxies, and both serve `*.example.com` on port 443',
)

fault(
  'MESH3311',
  'two gateways of the same proxies accept different tokens',
  `
issuers:
  corp: { issuer: https://login.example.com, jwks: https://login.example.com/keys, audiences: [cart] }
gateways:
  partners: { ${running}, hosts: [b2b.example.com], certificate: { secret: b2b-tls }, ‹jwt›: { issuers: [corp], header: x-token } }
  public: { ${running}, hosts: [api.example.com], certificate: { secret: api-tls }, «jwt»: { issuers: [corp] } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }, { gateway: partners, host: b2b.example.com }]
    allow: [{ from: gateway/public }]
`,
  'the gateways `partners` and `public` have the same proxies, but accept different tokens',
)

sound(
  'two gateways of the same proxies serve different hosts, and one host on different ports',
  `
mtls: permissive
gateways:
  partners: { ${running}, hosts: [b2b.example.com], certificate: { secret: b2b-tls } }
  plain: { ${running}, hosts: ['*'], http: serve, ports: { http: 8080 } }
  public: { ${running}, hosts: ['*'], certificate: { secret: any-tls }, http: off }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose:
      - { gateway: public, host: cart.example.com }
      - { gateway: partners, host: b2b.example.com }
      - { gateway: plain, host: '*' }
    allow: [{ from: gateway/public }]
`,
)

fault(
  'MESH3002',
  'two gateways have the same proxies by different service accounts',
  `
gateways:
  partners:
    hosts: [b2b.example.com]
    certificate: { secret: b2b-tls }
    workload: { labels: ‹{ istio: ingressgateway }›, serviceAccount: partners }
  public:
    hosts: [api.example.com]
    certificate: { secret: api-tls }
    workload: { labels: «{ istio: ingressgateway }», serviceAccount: public }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }, { gateway: partners, host: b2b.example.com }]
    allow: [{ from: gateway/public }, { from: gateway/partners }]
`,
  '`gateway/public` and `gateway/partners` select the same pods',
)

fault(
  'MESH3010',
  'a gateway has one port for HTTPS and plain HTTP',
  `
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod }, ports: { http: «443» } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'the ports `https` and `http` of the gateway `public` have the same number, 443',
)

fault(
  'MESH3012',
  'a gateway listens on the port of its health',
  `
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod }, ports: { https: «15021» } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'the port 15021 of the gateway `public` is taken by its proxy',
)

fault(
  'MESH3301',
  'no service is exposed at a host that a wildcard covers',
  `
gateways:
  public:
    hosts: ['*.example.com', «'*.example.org'»]
    certificate: { issuer: letsencrypt-prod }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'no service is exposed at `*.example.org`: the gateway `public` answers 404',
)

fault(
  'MESH3022',
  'the certificate of a gateway is in the namespace of its proxies, which another owner manages',
  `
manages: { namespaces: [‹shop›, istio-ingress] }
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    workload: { labels: { istio: ingressgateway }, serviceAccount: ingress, namespace: «istio-system» }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'the certificate of the gateway `public` is in the namespace `istio-system`, which `manages` does not list',
)

fault(
  'MESH3312',
  'a host is under two certificates',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificates:
      a: { hosts: [‹api.example.com›], issuer: letsencrypt-prod }
      b: { hosts: [«api.example.com»], issuer: letsencrypt-prod }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  '`api.example.com` has two certificates at the gateway `public`',
)

fault(
  'MESH3312',
  'a wildcard covers a host with another certificate',
  `
gateways:
  public:
    hosts: [«a.example.com», ‹"*.example.com"›]
    certificate: { issuer: letsencrypt-prod }
    certificates: { wide: { hosts: ["*.example.com"], issuer: letsencrypt-dns } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: "*.example.com" }, { gateway: public, host: a.example.com }]
    allow: [{ from: gateway/public }]
`,
  '`a.example.com` has another certificate than `*.example.com`, which covers it',
)

fault(
  'MESH3312',
  'a certificate is left over',
  `
gateways:
  public:
    hosts: [a.example.com]
    «certificate»: { issuer: letsencrypt-prod }
    certificates: { a: { hosts: [a.example.com], issuer: letsencrypt-dns } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: a.example.com }]
    allow: [{ from: gateway/public }]
`,
  '`certificate` of the gateway `public` is for no host',
)

fault(
  'MESH2019',
  'a certificate is for a host that the gateway does not have',
  `
gateways:
  public:
    hosts: [shop.example.com]
    certificate: { issuer: letsencrypt-prod }
    certificates: { a: { hosts: [«shpo.example.com»], issuer: letsencrypt-dns } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: shop.example.com }]
    allow: [{ from: gateway/public }]
`,
  '`shpo.example.com` is not a host of the gateway `public`',
)

fault(
  'MESH2001',
  'a host has no certificate',
  `
gateways:
  public:
    hosts: [a.example.com, «b.example.com»]
    certificates: { a: { hosts: [a.example.com], issuer: letsencrypt-dns } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: a.example.com }, { gateway: public, host: b.example.com }]
    allow: [{ from: gateway/public }]
`,
  'the gateway `public` does not say where the certificate of `b.example.com` comes from',
)

fault(
  'MESH3313',
  'a host is served and passed on',
  `
gateways:
  public:
    hosts: [‹vault.example.com›]
    http: off
    certificate: { issuer: letsencrypt-prod }
    passthrough: [«vault.example.com»]
services:
  vault:
    namespace: shop
    port: { https: 8200 }
    expose: [{ gateway: public, host: vault.example.com }]
    allow: [{ from: gateway/public }]
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: gateway/public }]
raw:
  - apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: { name: vault, namespace: istio-ingress }
    spec:
      hosts: [vault.example.com]
      gateways: [public]
      http: [{ route: [{ destination: { host: cart.shop.svc.cluster.local, port: { number: 8080 } } }] }]
`,
  'the gateway `public` both serves `vault.example.com` and passes its TLS on',
)

fault(
  'MESH3314',
  'a condition on requests where there are none',
  `
gateways:
  ‹public›:
    passthrough: [vault.example.com]
    deny: [{ «paths»: [/sys/*] }]
services:
  vault:
    namespace: shop
    port: { https: 8200 }
    expose: [{ gateway: public, host: vault.example.com }]
    allow: [{ from: gateway/public }]
`,
  '`paths` of the gateway `public` has no effect: it only passes connections on',
)

fault(
  'MESH3314',
  'a certificate for connections that stay closed',
  `
gateways:
  ‹public›:
    passthrough: [vault.example.com]
    «certificate»: { issuer: letsencrypt-prod }
services:
  vault:
    namespace: shop
    port: { https: 8200 }
    expose: [{ gateway: public, host: vault.example.com }]
    allow: [{ from: gateway/public }]
`,
  '`certificate` of the gateway `public` has no effect: it only passes connections on',
)

fault(
  'MESH3301',
  'the TLS of a host leads nowhere',
  `
gateways:
  public: { passthrough: [vault.example.com, «old.example.com»] }
services:
  vault:
    namespace: shop
    port: { https: 8200 }
    expose: [{ gateway: public, host: vault.example.com }]
    allow: [{ from: gateway/public }]
`,
  'no service is exposed at `old.example.com`: the gateway `public` closes its connections',
)

fault(
  'MESH3301',
  'a port of TCP leads nowhere',
  `
gateways:
  public: { passthrough: [vault.example.com], tcp: { «postgres»: { port: 5432 } } }
services:
  vault:
    namespace: shop
    port: { https: 8200 }
    expose: [{ gateway: public, host: vault.example.com }]
    allow: [{ from: gateway/public }]
`,
  'no service is exposed at `postgres`: the gateway `public` closes its connections',
)

fault(
  'MESH3302',
  'the TLS of a host leads to two services',
  `
gateways:
  public: { passthrough: [vault.example.com] }
services:
  vault:
    namespace: shop
    port: { https: 8200 }
    expose: [{ gateway: public, host: ‹vault.example.com› }]
    allow: [{ from: gateway/public }]
  wault:
    namespace: shop
    port: { https: 8200 }
    expose: [{ gateway: public, host: «vault.example.com» }]
    allow: [{ from: gateway/public }]
`,
  'the TLS of `vault.example.com` at the gateway `public` leads to `vault` already',
)

fault(
  'MESH3302',
  'a port of TCP leads to two services',
  `
gateways:
  public: { tcp: { postgres: { port: 5432 } } }
services:
  db:
    namespace: shop
    port: { postgres: 5432 }
    expose: [{ gateway: public, tcp: ‹postgres› }]
    allow: [{ from: gateway/public }]
  reports:
    namespace: shop
    port: { postgres: 5432 }
    expose: [{ gateway: public, tcp: «postgres» }]
    allow: [{ from: gateway/public }]
`,
  'the port `postgres` at the gateway `public` leads to `db` already',
)

fault(
  'MESH2029',
  'a port of TCP that the gateway does not have',
  `
gateways:
  public: { tcp: { postgres: { port: 5432 } } }
services:
  db:
    namespace: shop
    port: { postgres: 5432 }
    expose: [{ gateway: public, tcp: «postgre» }]
    allow: [{ from: gateway/public }]
`,
  'the gateway `public` has no port `postgre` under `tcp`',
)

fault(
  'MESH2013',
  'TLS that goes on unopened leads to plain text',
  `
gateways:
  public: { passthrough: [vault.example.com] }
services:
  vault:
    namespace: shop
    ‹port›: { http: 8200 }
    expose: [«{ gateway: public, host: vault.example.com }»]
    allow: [{ from: gateway/public }]
`,
  '`vault` has no port that speaks TLS, so no connection can be passed on to it',
)

fault(
  'MESH2002',
  'paths of connections',
  `
gateways:
  public: { passthrough: [vault.example.com] }
services:
  vault:
    namespace: shop
    port: { https: 8200 }
    expose: [{ gateway: public, host: ‹vault.example.com›, «paths»: [/v1/*] }]
    allow: [{ from: gateway/public }]
`,
  'this exposure sets both `passthrough` and `paths`',
)

fault(
  'MESH2001',
  'a port of TCP without a number',
  `
gateways:
  public: { passthrough: [vault.example.com], tcp: { «postgres»: {} } }
services:
  vault:
    namespace: shop
    port: { https: 8200 }
    expose: [{ gateway: public, host: vault.example.com }]
    allow: [{ from: gateway/public }]
`,
  'the gateway `public` does not say the `port` of `postgres`',
)

fault(
  'MESH3010',
  'a port of TCP has the number of HTTPS',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    tcp: { postgres: { port: «443» } }
services:
  cart:
    namespace: shop
    ports: { http: 8080, postgres: 5432 }
    expose: [{ gateway: public, host: api.example.com }, { gateway: public, tcp: postgres }]
    allow: [{ from: gateway/public }]
`,
  'the ports `https` and `tcp.postgres` of the gateway `public` have the same number, 443',
)

fault(
  'MESH3010',
  'a port of TCP has the port of the pods for HTTPS',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    tcp: { postgres: { port: «8443» } }
services:
  cart:
    namespace: shop
    ports: { http: 8080, postgres: 5432 }
    expose: [{ gateway: public, host: api.example.com }, { gateway: public, tcp: postgres }]
    allow: [{ from: gateway/public }]
`,
  'the ports `https` and `tcp.postgres` of the gateway `public` have the same port of the pods, 8443',
)

fault(
  'MESH3310',
  'a port of TCP is that of another gateway with the same proxies',
  `
gateways:
  public:
    workload: { labels: { istio: ingressgateway }, serviceAccount: ingress }
    hosts: [api.example.com]
    certificate: { secret: api-tls }
  tcp:
    workload: { labels: { istio: ingressgateway }, serviceAccount: ingress }
    tcp: { postgres: { port: «443» } }
services:
  cart:
    namespace: shop
    ports: { http: 8080, postgres: 5432 }
    expose: [{ gateway: public, host: api.example.com }, { gateway: tcp, tcp: postgres }]
    allow: [{ from: gateway/public }, { from: gateway/tcp }]
`,
  'the gateways `public` and `tcp` have the same proxies, and both listen on port 443',
)

sound(
  'certificates for some hosts, TLS that goes on unopened, and ports of TCP',
  `
gateways:
  public:
    hosts: [api.example.com, '*.shop.example.com', a.shop.example.com]
    certificate: { issuer: letsencrypt-prod }
    certificates: { shop: { hosts: ['*.shop.example.com', a.shop.example.com], secret: shop-tls } }
    passthrough: [vault.example.com, '*.tenants.example.com']
    tcp: { postgres: { port: 5432, target: 15432 } }
    deny: [{ paths: [/admin/*] }, { clientAddresses: [198.51.100.0/24] }]
services:
  cart:
    namespace: shop
    ports: { http: 8080, tls: 8443, postgres: 5432 }
    expose:
      - { gateway: public, host: api.example.com }
      - { gateway: public, host: '*.shop.example.com' }
      - { gateway: public, host: a.shop.example.com }
      - { gateway: public, host: vault.example.com }
      - { gateway: public, host: a.tenants.example.com }
      - { gateway: public, tcp: postgres }
    allow: [{ from: gateway/public }]
`,
)

fault(
  'MESH3315',
  'a Service without a load balancer keeps addresses of clients',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    service: { type: ‹ClusterIP›, «externalTrafficPolicy»: local }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  '`externalTrafficPolicy` of the gateway `public` needs a load balancer, and its Service is a ClusterIP',
)

fault(
  'MESH3315',
  'a Service without a load balancer has a private one',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    service: { type: ‹NodePort›, «internal»: aws }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  '`internal` of the gateway `public` needs a load balancer, and its Service is a NodePort',
)

fault(
  'MESH3315',
  'a Service without a load balancer lets some addresses in',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    service: { type: ‹NodePort›, «sourceRanges»: [198.51.100.0/24] }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  '`sourceRanges` of the gateway `public` needs a load balancer, and its Service is a NodePort',
)

fault(
  'MESH3315',
  'a Service without a load balancer passes the class of one through',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    service: { type: ‹NodePort› }
    values: { service: { «loadBalancerClass»: example.com/edge } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  '`loadBalancerClass` of the gateway `public` needs a load balancer, and its Service is a NodePort',
)

fault(
  'MESH3315',
  'the annotation of a cloud is set twice',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    service: { internal: ‹gcp›, annotations: { «networking.gke.io/load-balancer-type»: Internal } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  '`internal` of the gateway `public` sets the annotation `networking.gke.io/load-balancer-type`, too',
)

fault(
  'MESH3316',
  'a budget leaves all pods',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    replicas: { min: ‹2›, max: 5 }
    disruptions: { minAvailable: «2» }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  '`disruptions` of the gateway `public` leaves 2 pods, so that no node with one of its 2 pods can be drained',
)

fault(
  'MESH3316',
  'a budget of one pod',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    replicas: { min: ‹1›, max: 5 }
    disruptions: { maxUnavailable: «2» }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  '`disruptions` of the gateway `public` has no effect: it may have one pod only',
)

fault(
  'MESH2002',
  'a budget is set twice',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    replicas: { min: 3, max: 5 }
    disruptions: { ‹maxUnavailable›: 1, «minAvailable»: 2 }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'the gateway `public` sets both `maxUnavailable` and `minAvailable`',
)

fault(
  'MESH2001',
  'certificates of clients without an authority',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { issuer: letsencrypt-prod }
    «clientCertificates»: { required: false }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'the gateway `public` does not say which `ca` signs the certificates of clients',
)

fault(
  'MESH2001',
  'certificates of clients without one of the gateway',
  `
gateways:
  public:
    hosts: [api.example.com]
    http: serve
    «clientCertificates»: { ca: partners-ca }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
mtls: permissive
`,
  'the gateway `public` does not say which `certificate` it shows to clients that show it theirs',
)

fault(
  'MESH2002',
  'trustedProxies of proxies of others',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { secret: api-tls }
    «trustedProxies»: 1
    ‹workload›: { labels: { istio: ingress }, serviceAccount: ingress }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'the gateway `public` sets both `workload` and `trustedProxies`',
)

fault(
  'MESH2002',
  'proxyProtocol of proxies of others',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { secret: api-tls }
    «proxyProtocol»: true
    ‹workload›: { labels: { istio: ingress }, serviceAccount: ingress }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'the gateway `public` sets both `workload` and `proxyProtocol`',
)

fault(
  'MESH2002',
  'spread of proxies of others',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { secret: api-tls }
    «spread»: preferred
    ‹workload›: { labels: { istio: ingress }, serviceAccount: ingress }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'the gateway `public` sets both `workload` and `spread`',
)

fault(
  'MESH2002',
  'disruptions of proxies of others',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { secret: api-tls }
    «disruptions»: { minAvailable: 1 }
    ‹workload›: { labels: { istio: ingress }, serviceAccount: ingress }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'the gateway `public` sets both `workload` and `disruptions`',
)

fault(
  'MESH2002',
  'forwardClientCertificate of proxies of others',
  `
gateways:
  public:
    hosts: [api.example.com]
    certificate: { secret: api-tls }
    «forwardClientCertificate»: append
    ‹workload›: { labels: { istio: ingress }, serviceAccount: ingress }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
`,
  'the gateway `public` sets both `workload` and `forwardClientCertificate`',
)

sound(
  'certificates of clients, what is in front of a gateway, and where its pods run',
  `
gateways:
  public:
    hosts: [api.example.com, partners.example.com]
    certificate: { issuer: letsencrypt-prod }
    certificates:
      partners:
        hosts: [partners.example.com]
        issuer: letsencrypt-prod
        clientCertificates: { ca: partners-ca, names: [partner.example.net] }
    clientCertificates: { ca: staff-ca, required: false }
    forwardClientCertificate: append
    trustedProxies: 1
    proxyProtocol: true
    replicas: { min: 3, max: 9 }
    spread: required
    disruptions: { minAvailable: 2 }
    service: { internal: aws, externalTrafficPolicy: local, sourceRanges: [198.51.100.0/24] }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }, { gateway: public, host: partners.example.com }]
    allow: [{ from: gateway/public }]
`,
)

const owned = (owners: string, cart: string, web = '') => `
gateways:
  public:
    hosts: [shop.example.com]
    certificate: { issuer: letsencrypt-prod }
    owners:
      shop.example.com: ${owners}
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: gateway/public }]
    ${cart}
${web}`

const web = `
  web:
    namespace: shop
    port: { http: 3000 }
    owner: ‹team-web›
    expose: [{ gateway: public, host: «shop.example.com» }]
    allow: [{ from: gateway/public }]
`

fault(
  'MESH3317',
  'a path of another team is exposed',
  owned(
    '{ /cart/*: team-cart, /search/*: ‹team-search› }',
    `
    owner: ‹team-cart›
    expose: [{ gateway: public, host: shop.example.com, paths: [/cart/*, «/search/v1/*»] }]`,
    `
  search:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: gateway/public }]
    owner: team-search
    expose: [{ gateway: public, host: shop.example.com, paths: [/search/*] }]
`,
  ),
  '`/search/v1/*` of `shop.example.com` belongs to `team-search`, and `cart` belongs to `team-cart`',
)

fault(
  'MESH3317',
  'a service without an owner is exposed where paths are owned',
  owned(
    '{ /*: ‹team-web›, /web/*: team-web }',
    'expose: [{ gateway: public, host: shop.example.com, paths: [«/cart/*»] }]',
    `
  web:
    namespace: shop
    port: { http: 3000 }
    owner: team-web
    expose: [{ gateway: public, host: shop.example.com, paths: [/web/*] }]
    allow: [{ from: gateway/public }]
`,
  ),
  '`/cart/*` of `shop.example.com` belongs to `team-web`, and `cart` has no owner',
)

fault(
  'MESH3317',
  'an exposed path has no owner',
  owned(
    '{ /cart/*: team-cart }',
    `
    owner: team-cart
    expose: [{ gateway: public, host: shop.example.com, paths: [/cart/*, «/basket»] }]`,
  ).replace('shop.example.com: {', '‹shop.example.com›: {'),
  '`cart` is exposed on `/basket` of `shop.example.com`, which has no owner',
)

fault(
  'MESH3317',
  'a wide exposure gets requests on a path of another team',
  owned(
    '{ /cart/*: ‹team-cart›, /*: team-web }',
    `
    owner: team-cart
    expose: [{ gateway: public, host: shop.example.com, paths: [/cart/v1/*] }]`,
    web,
  ),
  '`web` gets requests of `team-cart`: no service of that team is exposed on all of `/cart/*` of `shop.example.com`',
)

fault(
  'MESH3318',
  'a team owns a path and exposes nothing there',
  owned(
    '{ /cart/*: team-cart, /search/*: «team-search» }',
    `
    owner: team-cart
    expose: [{ gateway: public, host: shop.example.com, paths: [/cart/*] }]`,
  ),
  '`team-search` owns `/search/*` of `shop.example.com`, and exposes no service there',
)

fault(
  'MESH2019',
  'paths of a host are owned that the gateway does not have',
  owned(
    '{ /*: team-cart }\n      «www.example.com»: { /*: team-web }',
    `
    owner: team-cart
    expose: [{ gateway: public, host: shop.example.com }]`,
  ).replace('    hosts:', '    ‹hosts›:'),
  '`www.example.com` is not a host of the gateway `public`',
)

sound(
  'the path of a team lies within that of another one, and each exposes its own',
  owned(
    '{ /cart/*: team-cart, /*: team-web, /cart/gifts: team-web }',
    `
    owner: team-cart
    expose: [{ gateway: public, host: shop.example.com, paths: [/cart/*] }]`,
    `
  web:
    namespace: shop
    port: { http: 3000 }
    owner: team-web
    expose: [{ gateway: public, host: shop.example.com }, { gateway: public, host: shop.example.com, paths: [/cart/gifts] }]
    allow: [{ from: gateway/public }]
`,
  ),
)

test.run()
