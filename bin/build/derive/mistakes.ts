/** A mistake that people make in a mesh, as they would write it. */
export interface Mistake {
  /** The belief or the gap in knowledge behind it, as a sentence. */
  readonly title: string
  /** The consequence without a warning. */
  readonly why: string
  /** The code of its diagnostic. */
  readonly code: string
  /** The whole spec. */
  readonly spec: string
  /** The correction: text of the spec, and its replacement. */
  readonly instead: readonly (readonly [wrong: string, right: string])[]
}

/** The mistakes of one kind. */
interface MistakesOf {
  readonly subject: string
  readonly mistakes: readonly Mistake[]
}

const spec = (body: string) => `meshc: v1\nmesh: shop\n${body.replace(/^\n/, '')}`

/** Typical mistakes, gathered from the issues and best practices of Istio; docs/mistakes.md is made of them. */
export const mistakes: readonly MistakesOf[] = [
  {
    subject: 'Allowed callers',
    mistakes: [
      {
        title: 'A dash too many splits one rule into two',
        why: 'In an AuthorizationPolicy this turns “web, with GET” into “web, or anyone with GET”.',
        code: 'MESH1015',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow:
      - from: web
      - methods: [GET]
  web: { namespace: shop }
`),
        instead: [['      - methods', '        methods']],
      },
      {
        title: 'An authorizer that does not allow the calls of its proxies',
        why: 'A proxy asks an authorizer with its own identity. If no rule allows that call, the proxy gets no answer and refuses every request.',
        code: 'MESH3427',
        spec: spec(`
authorizers:
  opa: { grpc: opa.policy:9191 }
services:
  opa: { namespace: policy, port: { grpc: 9191 }, allow: [{ from: web }] }
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web }]
    authorize: { by: opa, requests: [{ paths: [/admin/*] }] }
  web: { namespace: shop }
`),
        instead: [
          [
            'port: { grpc: 9191 }, allow: [{ from: web }] }',
            'port: { grpc: 9191 }, allow: [{ from: cart }] }',
          ],
        ],
      },
      {
        title: 'A service exposed at a gateway that may not call it',
        why: 'Calls that no rule allows are denied, also those through a gateway: it answers 403.',
        code: 'MESH3401',
        spec: spec(`
gateways:
  public: { hosts: [shop.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  web:
    namespace: shop
    port: { http: 3000 }
    expose: [{ gateway: public, host: shop.example.com }]
`),
        instead: [
          [
            'host: shop.example.com }]\n',
            'host: shop.example.com }]\n    allow: [{ from: gateway/public, methods: [GET] }]\n',
          ],
        ],
      },
      {
        title: 'Methods in a rule for a port that does not speak HTTP',
        why: 'A rule with conditions on HTTP never matches on TCP: Redis would refuse every caller, without a message.',
        code: 'MESH3403',
        spec: spec(`
services:
  cache:
    namespace: shop
    port: { redis: 6379 }
    allow: [{ from: web, methods: [GET] }]
  web: { namespace: shop }
`),
        instead: [[', methods: [GET]', '']],
      },
      {
        title: 'GET for gRPC',
        why: 'Each gRPC call is a POST, so this rule allows no call.',
        code: 'MESH3404',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { grpc: 7070 }
    allow: [{ from: web, methods: [GET] }]
  web: { namespace: shop }
`),
        instead: [['methods: [GET]', 'paths: [/shop.Cart/Get]']],
      },
      {
        title: 'A method in lower case',
        why: 'Istio compares methods with case, so `get` allows no request.',
        code: 'MESH1014',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web, methods: [get] }]
  web: { namespace: shop }
`),
        instead: [['get', 'GET']],
      },
      {
        title: 'A prefix that ends within a word',
        why: '`/admin*` also matches `/administrators`.',
        code: 'MESH3411',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web, paths: [/admin*] }]
  web: { namespace: shop }
`),
        instead: [['[/admin*]', '[/admin, /admin/*]']],
      },
      {
        title: 'A star in the middle of a path',
        why: 'Istio reads the second star of `/carts/*/items*`, and any star in the middle, as a plain character.',
        code: 'MESH1013',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web, paths: [/carts/*/items] }]
  web: { namespace: shop }
`),
        instead: [['/carts/*/items', '/carts/*']],
      },
      {
        title: 'A list of callers that may not call',
        why: 'A list of exceptions allows every unlisted case, and an ALLOW policy cannot override a DENY policy.',
        code: 'MESH1011',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web, notPaths: [/admin/*] }]
  web: { namespace: shop }
`),
        instead: [['notPaths: [/admin/*]', 'paths: [/carts/*]']],
      },
      {
        title: 'A caller by its identity on a port without mTLS',
        why: 'Without mTLS no caller proves its identity: the rule never matches.',
        code: 'MESH3409',
        spec: spec(`
namespaces: { monitoring: {} }
services:
  cart:
    namespace: shop
    ports:
      http: 8080
      metrics: { http: 9102, mtls: off }
    allow:
      - { from: namespace/monitoring, ports: [metrics] }
`),
        instead: [[', mtls: off', '']],
      },
      {
        title: 'A gateway by its bare name',
        why: 'Services, gateways and namespaces may have the same names, so a word before the name tells them apart.',
        code: 'MESH2007',
        spec: spec(`
gateways:
  public: { hosts: [shop.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  web:
    namespace: shop
    port: { http: 3000 }
    expose: [{ gateway: public, host: shop.example.com }]
    allow: [{ from: public, methods: [GET] }]
`),
        instead: [['from: public', 'from: gateway/public']],
      },
    ],
  },
  {
    subject: 'Tokens',
    mistakes: [
      {
        title: 'A service that checks tokens, but does not require one',
        why: 'A RequestAuthentication refuses only invalid tokens: it accepts a request without a token.',
        code: 'MESH3406',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    jwt:
      issuer: https://login.example.com
      jwks: https://login.example.com/.well-known/jwks.json
      audiences: [cart]
    allow: [{ from: web, methods: [GET] }]
  web: { namespace: shop }
`),
        instead: [['methods: [GET] }', 'methods: [GET], jwt: required }']],
      },
      {
        title: 'Tokens of any audience',
        why: 'The service would accept a token that the same issuer made for another application.',
        code: 'MESH3407',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    jwt:
      issuer: https://login.example.com
      jwks: https://login.example.com/.well-known/jwks.json
    allow: [{ from: web, jwt: required }]
  web: { namespace: shop }
`),
        instead: [['/jwks.json\n', '/jwks.json\n      audiences: [cart]\n']],
      },
      {
        title: 'A path that requires a token, and another rule that allows every path',
        why: 'A RequestAuthentication accepts requests without a token, so the other rule allows the path without a token.',
        code: 'MESH3801',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    jwt:
      issuer: https://login.example.com
      jwks: https://login.example.com/.well-known/jwks.json
      audiences: [cart]
    allow:
      - { from: web, paths: [/admin/*], jwt: required }
      - { from: web, methods: [GET, POST] }
  web: { namespace: shop }
expect:
  - { never: [anyone], to: cart, path: /admin/*, jwt: missing }
`),
        instead: [['methods: [GET, POST] }', 'methods: [GET, POST], paths: [/carts/*] }']],
      },
    ],
  },
  {
    subject: 'Traffic',
    mistakes: [
      {
        title: 'Weights that do not add up',
        why: 'Envoy divides each weight by their sum: with 60 and 20, the first version gets three quarters.',
        code: 'MESH3101',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions: { v1: {}, v2: {} }
    traffic: { v1: 60%, v2: 20% }
`),
        instead: [['v2: 20%', 'v2: 40%']],
      },
      {
        title: 'Traffic to a version that does not exist',
        why: 'A request to a subset that no DestinationRule has gets 503.',
        code: 'MESH2014',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions: { stable: {}, canary: {} }
    traffic: { stable: 90%, canray: 10% }
`),
        instead: [['canray', 'canary']],
      },
      {
        title: 'Two versions that select the same pods',
        why: 'The canary gets its share of requests, and the stable version gets them, too.',
        code: 'MESH3003',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions:
      stable: { labels: { app: cart } }
      canary: { labels: { app: cart, track: canary } }
    traffic: { stable: 90%, canary: 10% }
`),
        instead: [['stable: { labels: { app: cart } }', 'stable: { labels: { app: cart, track: stable } }']],
      },
      {
        title: 'Routes without a last route for all other requests',
        why: 'A request that no rule of a VirtualService matches gets 404.',
        code: 'MESH2016',
        spec: spec(`
services:
  reviews:
    namespace: shop
    port: { http: 9080 }
    versions: { v1: {}, v2: {} }
    routes:
      - { name: testers, when: { headers: { end-user: jason } }, traffic: { v2: 100% } }
`),
        instead: [
          [
            'traffic: { v2: 100% } }\n',
            'traffic: { v2: 100% } }\n      - { name: everybody, traffic: { v1: 100% } }\n',
          ],
        ],
      },
      {
        title: 'A route behind another route that matches all of its requests',
        why: 'The first rule that matches applies, so the longer timeout never applies.',
        code: 'MESH3103',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    routes:
      - { name: api, when: { paths: [/api/*] } }
      - { name: reports, when: { paths: [/api/reports/*] }, timeout: 60s }
`),
        instead: [
          ['      - { name: api, when: { paths: [/api/*] } }\n', ''],
          ['timeout: 60s }\n', 'timeout: 60s }\n      - { name: api, when: { paths: [/api/*] } }\n'],
        ],
      },
      {
        title: 'A header matched as in Istio',
        why: 'A VirtualService has a map for each value; a spec has the value itself.',
        code: 'MESH1011',
        spec: spec(`
services:
  reviews:
    namespace: shop
    port: { http: 9080 }
    versions: { v1: {}, v2: {} }
    routes:
      - { name: testers, when: { headers: { end-user: { exact: jason } } }, traffic: { v2: 100% } }
      - { name: everybody, traffic: { v1: 100% } }
`),
        instead: [['{ exact: jason }', 'jason']],
      },
      {
        title: 'Retries that do not fit into the timeout',
        why: 'The timeout of a route covers all tries together: the second try never ends in time.',
        code: 'MESH3116',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    timeout: 5s
    retries: { attempts: 2, perTryTimeout: 5s }
`),
        instead: [['timeout: 5s\n', 'timeout: 15s\n']],
      },
      {
        title: 'Retries that may pay twice',
        why: 'After an error of the server, it is unknown whether the request had an effect.',
        code: 'MESH3117',
        spec: spec(`
services:
  payments:
    namespace: shop
    port: { http: 8080 }
    retries: { attempts: 2, on: [5xx] }
`),
        instead: [['5xx', 'connect-failure']],
      },
      {
        title: 'Injected faults in production',
        why: 'A fault belongs in an environment with `faults: allowed`.',
        code: 'MESH3118',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    fault: { abort: 503, share: 10% }
`),
        instead: [['mesh: shop\n', 'mesh: shop\nfaults: allowed\n']],
      },
      {
        title: 'A timeout without a unit',
        why: 'A reader cannot know whether the unit is seconds or milliseconds.',
        code: 'MESH1016',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    timeout: 30
`),
        instead: [['30', '30s']],
      },
      {
        title: 'A field with its name in Istio',
        why: 'An API server that prunes drops unknown fields, and the default applies.',
        code: 'MESH1011',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    outlierDetection: { consecutiveErrors: 5 }
`),
        instead: [['outlierDetection', 'circuitBreaker']],
      },
      {
        title: 'Consistent hashing without a hash key',
        why: 'Envoy then chooses a random instance.',
        code: 'MESH3201',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    loadBalancing: { policy: consistent-hash }
`),
        instead: [['consistent-hash }', 'consistent-hash, header: x-user }']],
      },
      {
        title: 'Near instances first, but without outlier detection',
        why: 'Without outlier detection, Istio ignores `localityLbSetting`, and requests go to all zones alike.',
        code: 'MESH3203',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    circuitBreaker: none
    loadBalancing: { locality: zone-first }
`),
        instead: [['circuitBreaker: none', 'circuitBreaker: { consecutiveErrors: 5 }']],
      },
      {
        title: 'A rate limit for connections',
        why: 'Istio accepts an EnvoyFilter with a rate limit for any pods, but Envoy counts only HTTP requests.',
        code: 'MESH3451',
        spec: spec(`
services:
  redis: { namespace: shop, port: { redis: 6379 }, rateLimit: 100/s }
`),
        instead: [['rateLimit: 100/s', 'connections: { max: 50 }']],
      },
      {
        title: 'A rate-limit service that does not allow the calls of its proxies',
        why: 'A proxy calls with its own identity, and by default Envoy allows requests if the limiter does not answer: there is no limit, and no message.',
        code: 'MESH3492',
        spec: spec(`
rateLimiters:
  shared: { grpc: ratelimit.limits:8081 }
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }], rateLimit: { limiter: shared, requests: 1000/m } }
  ratelimit: { namespace: limits, port: { grpc: 8081 }, allow: [{ from: web }] }
  web: { namespace: shop }
`),
        instead: [
          ['port: { grpc: 8081 }, allow: [{ from: web }]', 'port: { grpc: 8081 }, allow: [{ from: cart }]'],
        ],
      },
      {
        title: 'Limits of requests for a port that has none',
        why: 'Istio accepts `http1MaxPendingRequests` in the `portLevelSettings` of a TCP port, and nothing limits anything.',
        code: 'MESH3013',
        spec: spec(`
services:
  cart:
    namespace: shop
    ports:
      http: 8080
      store: { redis: 6379, connections: { pending: 50 } }
`),
        instead: [['pending: 50', 'max: 50']],
      },
    ],
  },
  {
    subject: 'Ports and pods',
    mistakes: [
      {
        title: 'A port without a declared protocol',
        why: 'Istio guesses from the first bytes, and guesses TCP where the server speaks first.',
        code: 'MESH2010',
        spec: spec(`
services:
  cart:
    namespace: shop
    ports:
      http: 8080
      metrics: 9102
`),
        instead: [['metrics: 9102', 'metrics: { http: 9102 }']],
      },
      {
        title: 'A container on a port of the sidecar',
        why: 'The proxy cannot start, or takes what was meant for the application.',
        code: 'MESH3012',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { http: 15001 }
`),
        instead: [['15001', '8080']],
      },
      {
        title: 'Two Services of the same pods that let in other callers',
        why: 'A proxy does not know which Service was called: whom one of them lets in, both let in.',
        code: 'MESH3021',
        spec: spec(`
services:
  web: { namespace: shop }
  jobs: { namespace: shop }
  orders:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web }]
  orders-admin:
    namespace: shop
    workload: { labels: { app: orders }, serviceAccount: orders }
    port: { http: 8080 }
    allow: [{ from: jobs }]
`),
        instead: [
          [
            'port: { http: 8080 }\n    allow: [{ from: jobs }]',
            'port: { http: 9090 }\n    allow: [{ from: jobs }]',
          ],
        ],
      },
      {
        title: 'Injection switched off by hand',
        why: 'Pods without a sidecar are not in the mesh: under strict mTLS no caller of the mesh reaches them, and no policy applies to them.',
        code: 'MESH3008',
        spec: spec(`
namespaces:
  shop: { labels: { istio-injection: disabled } }
services:
  cart: { namespace: shop, port: { http: 8080 } }
`),
        instead: [['labels: { istio-injection: disabled }', 'labels: { team: shop }']],
      },
    ],
  },
  {
    subject: 'The control plane',
    mistakes: [
      {
        title: 'A misspelt setting of Istio',
        why: 'istiod drops a field of MeshConfig that it does not know, and Helm does the same with a value: the setting has no effect, and nothing says so.',
        code: 'MESH4020',
        spec: spec(`
istio:
  meshConfig: { protocolDetectionTimout: 2s }
services:
  cart: { namespace: shop, port: { http: 8080 } }
`),
        instead: [['protocolDetectionTimout', 'protocolDetectionTimeout']],
      },
      {
        title: 'A namespace that joins no control plane',
        why: 'No webhook selects the label of the namespace, so its pods start without a sidecar, and nothing says so.',
        code: 'MESH2045',
        spec: spec(`
istio:
  revisions:
    stable: { version: 1.31.2, tags: [prod] }
    canary: { version: 1.31.4 }
  revision: prod
namespaces:
  shop: { revision: cannary }
services:
  cart: { namespace: shop, port: { http: 8080 } }
`),
        instead: [['cannary', 'canary']],
      },
      {
        title: 'A setting in two places',
        why: 'The field of the spec and the setting of Istio disagree, so each of them describes the mesh wrongly.',
        code: 'MESH3470',
        spec: spec(`
egress: registry-only
istio:
  meshConfig:
    outboundTrafficPolicy: { mode: ALLOW_ANY }
services:
  cart: { namespace: shop, port: { http: 8080 } }
`),
        instead: [
          [
            'egress: registry-only\nistio:\n  meshConfig:\n    outboundTrafficPolicy: { mode: ALLOW_ANY }\n',
            'egress: allow-any\n',
          ],
        ],
      },
    ],
  },
  {
    subject: 'Gateways',
    mistakes: [
      {
        title: 'One host and path for two services',
        why: 'Istio merges VirtualServices of one host in an order that is not defined.',
        code: 'MESH3302',
        spec: spec(`
gateways:
  public: { hosts: [shop.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: shop.example.com }]
    allow: [{ from: gateway/public, methods: [GET] }]
  web:
    namespace: shop
    port: { http: 3000 }
    expose: [{ gateway: public, host: shop.example.com }]
    allow: [{ from: gateway/public, methods: [GET] }]
`),
        instead: [
          ['host: shop.example.com }]\n    allow', 'host: shop.example.com, paths: [/cart/*] }]\n    allow'],
        ],
      },
      {
        title: 'Plain text at the gateway of a strict mesh',
        why: 'What is encrypted behind the gateway is read in front of it.',
        code: 'MESH3305',
        spec: spec(`
gateways:
  public: { hosts: [shop.example.com], certificate: { issuer: letsencrypt-prod }, http: serve }
services:
  web:
    namespace: shop
    port: { http: 3000 }
    expose: [{ gateway: public, host: shop.example.com }]
    allow: [{ from: gateway/public, methods: [GET] }]
`),
        instead: [['http: serve', 'http: redirect']],
      },
      {
        title: 'A gateway for every host',
        why: 'A wildcard answers for unintended hosts, and its certificate lets browsers reuse a connection for the wrong one.',
        code: 'MESH2001',
        spec: spec(`
gateways:
  public: { hosts: ["*"], certificate: { issuer: letsencrypt-prod } }
services:
  web:
    namespace: shop
    port: { http: 3000 }
    allow: [{ from: gateway/public, methods: [GET] }]
`),
        instead: [
          ['hosts: ["*"]', 'hosts: [shop.example.com]'],
          ['    allow', '    expose: [{ gateway: public, host: shop.example.com }]\n    allow'],
        ],
      },
    ],
  },
  {
    subject: 'External systems',
    mistakes: [
      {
        title: 'TCP to an external host without its addresses',
        why: 'A ServiceEntry for TCP without addresses takes all traffic of its port, to any address.',
        code: 'MESH3505',
        spec: spec(`
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  ledger: { hosts: [ledger.example.com], port: { tcp: 5432 }, allow: [{ from: cart }] }
`),
        instead: [['port: { tcp: 5432 }', 'port: { tcp: 5432 }, addresses: [203.0.113.7]']],
      },
      {
        title: 'A client certificate of a secret for a whole namespace',
        why: 'Istio gives a secret to a sidecar only by a rule for its pods; all other sidecars of the namespace would call without TLS, and say nothing of it.',
        code: 'MESH3514',
        spec: spec(`
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  bank:
    hosts: [api.bank.example.com]
    port: { https: 443 }
    tls: originate
    clientCertificate: { secret: bank-client }
    allow: [{ from: namespace/shop }]
`),
        instead: [['from: namespace/shop', 'from: cart']],
      },
      {
        title: 'TLS made by the mesh for a wildcard',
        why: 'The mesh would have to look `*.example.com` up, and to check a certificate for it.',
        code: 'MESH3504',
        spec: spec(`
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  storage: { hosts: ["*.storage.example.com"], port: { https: 443 }, tls: originate, allow: [{ from: cart }] }
`),
        instead: [['tls: originate', 'tls: passthrough']],
      },
      {
        title: 'An external system that is inside',
        why: 'A ServiceEntry for a Service of the cluster hides that Service from the mesh, with its policies and its mTLS.',
        code: 'MESH3502',
        spec: spec(`
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }] }
  web: { namespace: shop }
external:
  search: { hosts: [search.shop.svc.cluster.local], port: { http: 8080 }, allow: [{ from: cart }] }
`),
        instead: [
          [
            'external:\n  search: { hosts: [search.shop.svc.cluster.local], port: { http: 8080 }, allow: [{ from: cart }] }',
            '  search: { namespace: shop, port: { http: 8080 }, allow: [{ from: cart }] }',
          ],
        ],
      },
    ],
  },
  {
    subject: 'Rules of your own',
    mistakes: [
      {
        title: 'A rule tests a field that nothing has',
        why: '`has()` of a misspelt field is false for every object, so that the rule refuses all or nothing.',
        code: 'MESH3813',
        spec: spec(`
services:
  web: { namespace: shop, owner: team-web }
policies:
  owned:
    for: services
    validations: [{ expression: has(object.ower), message: every service has an owner }]
`),
        instead: [['object.ower', 'object.owner']],
      },
      {
        title: 'A duration is compared as a text',
        why: 'As texts, `9s` is more than `60s`; CEL compares durations as durations.',
        code: 'MESH3813',
        spec: spec(`
services:
  web: { namespace: shop, port: { http: 80 }, timeout: 9s, allow: [{ from: api }] }
  api: { namespace: shop }
policies:
  quick:
    for: services
    validations:
      - expression: object.timeout <= duration("60s")
`),
        instead: [['object.timeout <=', 'duration(object.timeout) <=']],
      },
      {
        title: 'A rule reads a field that a service does not set',
        why: 'In CEL an absent field has no value, and the expression no result; Kubernetes refuses the object.',
        code: 'MESH3814',
        spec: spec(`
services:
  web: { namespace: shop }
policies:
  owned:
    for: services
    validations:
      - expression: object.owner.startsWith("team-")
`),
        instead: [['object.owner.startsWith', 'has(object.owner) == false || object.owner.startsWith']],
      },
    ],
  },
  {
    subject: 'YAML',
    mistakes: [
      {
        title: 'A wildcard without quotes',
        why: 'To YAML, `*` begins the name of a value that is repeated.',
        code: 'MESH1019',
        spec: spec(`
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  storage: { hosts: [*.storage.example.com], port: { https: 443 }, allow: [{ from: cart }] }
`),
        instead: [['*.storage.example.com', '"*.storage.example.com"']],
      },
      {
        title: 'A version that YAML reads as a number',
        why: '1.10 becomes 1.1, which is another version.',
        code: 'MESH1018',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions: { stable: { version: 1.10 } }
`),
        instead: [['1.10', '"1.10"']],
      },
      {
        title: 'A tab',
        why: 'YAML is indented with spaces only, and editors show both alike.',
        code: 'MESH1001',
        spec: spec(`
services:
  cart:
\tnamespace: shop
\tport: { http: 8080 }
`),
        instead: [
          ['\tnamespace', '    namespace'],
          ['\tport', '    port'],
        ],
      },
      {
        title: 'A service twice',
        why: 'Most readers of YAML keep the last one, and the rules of the first are gone.',
        code: 'MESH1002',
        spec: spec(`
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: web }]
  web: { namespace: shop }
  cart: { namespace: shop, port: { http: 8080 } }
`),
        instead: [['  cart: { namespace: shop, port: { http: 8080 } }\n', '']],
      },
    ],
  },
]
