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
  'a host is said twice',
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
  'a certificate is renewed before it is there',
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
  'fewer replicas at most than at least',
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
  'more memory is reserved than there may be',
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
  'pages may use a method that the service refuses',
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

test.run()
