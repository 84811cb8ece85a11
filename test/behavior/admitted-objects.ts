import { parse } from 'yaml'

/** An Istio object, and the finding of meshc if a cluster refuses it. */
interface AdmissionCase {
  readonly object: {
    readonly apiVersion: string
    readonly kind: string
    readonly metadata: { readonly name: string; readonly namespace: string }
    readonly spec: unknown
  }
  /** The reason of a refusal, with the path of the fault; undefined if a cluster accepts the object. */
  readonly refusal: string | undefined
}

type Kind =
  | 'VirtualService'
  | 'DestinationRule'
  | 'Gateway'
  | 'ServiceEntry'
  | 'WorkloadEntry'
  | 'Sidecar'
  | 'PeerAuthentication'
  | 'RequestAuthentication'
  | 'AuthorizationPolicy'

const toCart = 'route: [{ destination: { host: cart } }]'
const rule = (text: string) => `{ hosts: [cart], http: [{ ${text} }] }`
const policy = (text: string) => `{ host: cart, trafficPolicy: { ${text} } }`
const server = (text: string) => `{ servers: [{ ${text} }] }`
const http = 'port: { number: 80, name: http, protocol: HTTP }'
const https = 'port: { number: 443, name: https, protocol: HTTPS }'
const entry = (text: string) => `{ hosts: [pay.example.com], ${text} }`
const httpPorts = 'ports: [{ number: 80, name: http, protocol: HTTP }]'

/** The objects that a cluster refuses: the kind, the spec and `path: reason`. `test/oracle/` asks the real validators too. */
const refused: readonly (readonly [Kind, string, string])[] = [
  ['VirtualService', rule('route: []'), 'spec.http.0: neither `route`, `redirect` nor `directResponse`'],
  [
    'VirtualService',
    rule(`${toCart}, redirect: { uri: /a }`),
    'spec.http.0: `redirect` and `route` exclude each other',
  ],
  [
    'VirtualService',
    rule(`${toCart}, directResponse: { status: 503 }`),
    'spec.http.0: `directResponse` and `route` exclude each other',
  ],
  [
    'VirtualService',
    rule('redirect: { uri: /a }, directResponse: { status: 503 }'),
    'spec.http.0: `redirect` and `directResponse` exclude each other',
  ],
  [
    'VirtualService',
    rule('redirect: { uri: /a }, rewrite: { uri: /b }'),
    'spec.http.0: `redirect` and `rewrite` exclude each other',
  ],
  [
    'VirtualService',
    rule('directResponse: { status: 503 }, fault: { abort: { httpStatus: 500 } }'),
    'spec.http.0: `directResponse` and `fault` exclude each other',
  ],
  [
    'VirtualService',
    rule(`${toCart}, delegate: { name: orders }`),
    'spec.http.0: `delegate` and `route` exclude each other',
  ],
  [
    'VirtualService',
    '{ http: [{ delegate: { name: orders } }] }',
    'spec.http.0.delegate: a delegate with a delegate',
  ],
  [
    'VirtualService',
    `{ gateways: [front], http: [{ ${toCart} }] }`,
    'spec.gateways: `gateways` of a delegate, which has no hosts',
  ],
  ['VirtualService', '{ hosts: [cart] }', 'spec: it has no rule'],
  ['VirtualService', `{ hosts: ['*'], http: [{ ${toCart} }] }`, 'spec.hosts.0: the host `*` of sidecars'],
  [
    'VirtualService',
    `{ hosts: ['*.shop.org', a.shop.org], http: [{ ${toCart} }] }`,
    'spec.hosts.0: `*.shop.org` and `a.shop.org` overlap',
  ],
  [
    'VirtualService',
    `{ hosts: [a_b.example.com], http: [{ ${toCart} }] }`,
    'spec.hosts.0: no domain: `a_b.example.com`',
  ],
  [
    'VirtualService',
    `{ hosts: [cart], gateways: [shop/a.b], http: [{ ${toCart} }] }`,
    'spec.gateways.0: no name of a Gateway: `shop/a.b`',
  ],
  [
    'VirtualService',
    `{ hosts: [cart], exportTo: ['*', web], http: [{ ${toCart} }] }`,
    'spec.exportTo: `*` beside other names',
  ],
  [
    'VirtualService',
    `{ hosts: [cart], exportTo: [., shop], http: [{ ${toCart} }] }`,
    'spec.exportTo.1: a second `shop`',
  ],
  [
    'VirtualService',
    rule(`match: [{ headers: { '@request.auth.claims.group': { exact: a } } }], ${toCart}`),
    'spec.http.0.match.0: a claim of a token, outside of gateways: `@request.auth.claims.group`',
  ],
  [
    'VirtualService',
    rule(`match: [{ uri: { exact: /a, prefix: /b } }], ${toCart}`),
    'spec.http.0.match.0.uri: `exact` and `prefix` exclude each other',
  ],
  [
    'VirtualService',
    rule(`match: [{ method: { prefix: '' } }], ${toCart}`),
    'spec.http.0.match.0.method.prefix: an empty prefix',
  ],
  [
    'VirtualService',
    rule(`match: [{ uri: { regex: '' } }], ${toCart}`),
    'spec.http.0.match.0.uri.regex: an empty regular expression',
  ],
  [
    'VirtualService',
    rule(`match: [{ headers: { 'a b': { exact: c } } }], ${toCart}`),
    'spec.http.0.match.0.headers.a b: no name of a header: `a b`',
  ],
  [
    'VirtualService',
    rule(`match: [{ sourceLabels: { app: 'a b' } }], ${toCart}`),
    'spec.http.0.match.0.sourceLabels.app: no value of a label: `a b`',
  ],
  [
    'VirtualService',
    rule(`match: [{ port: 65536 }], ${toCart}`),
    'spec.http.0.match.0.port: this is not a whole number from 0 to 65535',
  ],
  [
    'VirtualService',
    rule('route: [{ destination: { host: cart }, weight: 0 }, { destination: { host: b }, weight: 0 }]'),
    'spec.http.0.route: all weights are 0',
  ],
  [
    'VirtualService',
    rule('route: [{ destination: { host: cart }, weight: -1 }]'),
    'spec.http.0.route.0.weight: this is not a whole number from 0 to 2147483647',
  ],
  [
    'VirtualService',
    rule("route: [{ destination: { host: '*' } }]"),
    'spec.http.0.route.0.destination.host: the host `*` of a destination',
  ],
  [
    'VirtualService',
    rule('route: [{ destination: { host: cart, subset: a.b } }]'),
    'spec.http.0.route.0.destination.subset: no name of a subset',
  ],
  [
    'VirtualService',
    rule('route: [{ destination: { host: cart, port: {} } }]'),
    'spec.http.0.route.0.destination.port.number: no port: `none`',
  ],
  [
    'VirtualService',
    rule('directResponse: { status: 199 }'),
    'spec.http.0.directResponse.status: this is not a whole number from 200 to 600',
  ],
  [
    'VirtualService',
    rule('redirect: { redirectCode: 302 }'),
    'spec.http.0.redirect: a redirect to the same place',
  ],
  [
    'VirtualService',
    rule('redirect: { uri: /a, redirectCode: 200 }'),
    'spec.http.0.redirect.redirectCode: no status of a redirect: 200',
  ],
  [
    'VirtualService',
    rule('redirect: { uri: /a, scheme: ftp }'),
    'spec.http.0.redirect.scheme: neither `http` nor `https`',
  ],
  [
    'VirtualService',
    rule('match: [{ uri: { exact: /a } }], redirect: { prefixRewrite: /b }'),
    'spec.http.0.redirect.prefixRewrite: a prefix is replaced where a match is of no prefix',
  ],
  [
    'VirtualService',
    rule('redirect: { uri: /a, port: 80, derivePort: FROM_REQUEST_PORT }'),
    'spec.http.0.redirect: `port` and `derivePort` exclude each other',
  ],
  ['VirtualService', rule(`${toCart}, rewrite: {}`), 'spec.http.0.rewrite: it rewrites nothing'],
  [
    'VirtualService',
    rule(`${toCart}, rewrite: { uri: /a, uriRegexRewrite: { match: a, rewrite: b } }`),
    'spec.http.0.rewrite: `uri` and `uriRegexRewrite` exclude each other',
  ],
  [
    'VirtualService',
    rule(`${toCart}, rewrite: { authority: a }, headers: { request: { set: { host: b } } }`),
    'spec.http.0: the authority is set more than once',
  ],
  [
    'VirtualService',
    rule(`${toCart}, headers: { request: { remove: [host] } }`),
    'spec.http.0.headers.request.remove.0: a header that cannot be changed: `host`',
  ],
  [
    'VirtualService',
    rule(`${toCart}, headers: { response: { set: { ':status': '200' } } }`),
    'spec.http.0.headers.response.set.:status: a header that cannot be changed: `:status`',
  ],
  [
    'VirtualService',
    rule(`${toCart}, headers: { request: { add: { x-a: '5%' } } }`),
    'spec.http.0.headers.request.add.x-a: no value of a header: `5%`',
  ],
  ['VirtualService', rule(`${toCart}, timeout: 0s`), 'spec.http.0.timeout: a duration of less than 1 ms'],
  [
    'VirtualService',
    rule(`${toCart}, retries: { attempts: 0, retryOn: 5xx }`),
    'spec.http.0.retries: a policy for tries of which there are none',
  ],
  [
    'VirtualService',
    rule(`${toCart}, retries: { attempts: 1, retryOn: sometimes }`),
    'spec.http.0.retries.retryOn: no condition of a retry: `sometimes`',
  ],
  ['VirtualService', rule(`${toCart}, fault: {}`), 'spec.http.0.fault: neither `abort` nor `delay`'],
  [
    'VirtualService',
    rule(`${toCart}, fault: { abort: { httpStatus: 500, grpcStatus: OK } }`),
    'spec.http.0.fault.abort: `httpStatus` and `grpcStatus` exclude each other',
  ],
  [
    'VirtualService',
    rule(`${toCart}, mirror: { host: a }, mirrors: [{ destination: { host: b } }]`),
    'spec.http.0: `mirror` and `mirrors` exclude each other',
  ],
  [
    'VirtualService',
    rule(`${toCart}, corsPolicy: { allowMethods: [get] }`),
    'spec.http.0.corsPolicy.allowMethods.0: no method: `get`',
  ],
  [
    'VirtualService',
    `{ hosts: [a.example.com], tls: [{ match: [{ sniHosts: [b.example.com] }], ${toCart} }] }`,
    'spec.tls.0.match.0.sniHosts.0: `b.example.com` is within none of the hosts',
  ],
  [
    'VirtualService',
    '{ hosts: [a.example.com], tls: [{ match: [{ sniHosts: [a.example.com] }] }] }',
    'spec.tls.0: no `route`',
  ],
  [
    'VirtualService',
    `{ hosts: [cart], tcp: [{ match: [{ destinationSubnets: [10.0.0.0/33] }], ${toCart} }] }`,
    'spec.tcp.0.match.0.destinationSubnets.0: no address or CIDR: `10.0.0.0/33`',
  ],
  [
    'DestinationRule',
    '{ host: cart, subsets: [{ name: v1 }, { name: v1 }] }',
    'spec.subsets: a second subset `v1`',
  ],
  ['DestinationRule', '{ host: cart, subsets: [{ name: v.1 }] }', 'spec.subsets.0.name: no name of a subset'],
  ['DestinationRule', '{ host: cart, trafficPolicy: {} }', 'spec.trafficPolicy: an empty policy'],
  ['DestinationRule', '{ host: 10.0.0.1 }', 'spec.host: no domain: `10.0.0.1`'],
  [
    'DestinationRule',
    policy('portLevelSettings: [{ tls: { mode: SIMPLE } }]'),
    'spec.trafficPolicy.portLevelSettings.0: no `port`',
  ],
  [
    'DestinationRule',
    policy('tls: { mode: MUTUAL }'),
    'spec.trafficPolicy.tls: mutual TLS without a certificate and its key',
  ],
  [
    'DestinationRule',
    policy('tls: { mode: SIMPLE, insecureSkipVerify: true, subjectAltNames: [a] }'),
    'spec.trafficPolicy.tls: `insecureSkipVerify` beside what is trusted',
  ],
  [
    'DestinationRule',
    policy('connectionPool: {}'),
    'spec.trafficPolicy.connectionPool: neither `http` nor `tcp`',
  ],
  [
    'DestinationRule',
    policy('outlierDetection: { maxEjectionPercent: 101 }'),
    'spec.trafficPolicy.outlierDetection.maxEjectionPercent: no whole number from 0 to 100',
  ],
  [
    'DestinationRule',
    policy('loadBalancer: { simple: RANDOM, consistentHash: { useSourceIp: true } }'),
    'spec.trafficPolicy.loadBalancer: `simple` and `consistentHash` exclude each other',
  ],
  [
    'DestinationRule',
    '{ host: cart, workloadSelector: { matchLabels: { app: web } }, exportTo: [web] }',
    'spec.exportTo: a rule with a selector is for its own namespace only',
  ],
  ['Gateway', '{ servers: [] }', 'spec.servers: it has no server'],
  ['Gateway', server(`${http}, hosts: [cart]`), 'spec.servers.0.hosts.0: a short name: `cart`'],
  [
    'Gateway',
    server(`${http}, hosts: ['*a.example.com']`),
    'spec.servers.0.hosts.0: a `*` that is no whole label: `*a.example.com`',
  ],
  [
    'Gateway',
    server(`${https}, hosts: ['*']`),
    'spec.servers.0: no `tls` where the protocol is TLS or HTTPS',
  ],
  [
    'Gateway',
    server(`${http}, hosts: ['*'], tls: { mode: SIMPLE, credentialName: a }`),
    'spec.servers.0.tls: TLS of a server of plaintext HTTP',
  ],
  [
    'Gateway',
    server(`${https}, hosts: ['*'], tls: { mode: SIMPLE }`),
    'spec.servers.0.tls: TLS without a certificate and its key',
  ],
  [
    'Gateway',
    server(`${https}, hosts: ['*'], tls: { mode: ISTIO_MUTUAL, credentialName: a }`),
    'spec.servers.0.tls.credentialName: a certificate where Istio gives one',
  ],
  [
    'Gateway',
    server("port: { number: 80, name: a, protocol: SMTP }, hosts: ['*']"),
    'spec.servers.0.port.protocol: no protocol: `SMTP`',
  ],
  [
    'Gateway',
    server("port: { number: 0, name: a, protocol: HTTP }, hosts: ['*']"),
    'spec.servers.0.port.number: no port: `0`',
  ],
  [
    'Gateway',
    `{ servers: [{ ${http}, hosts: [a.b] }, { ${http}, hosts: [c.d] }] }`,
    'spec.servers: a second port `http`',
  ],
  ['ServiceEntry', `{ hosts: ['*'], ${httpPorts} }`, 'spec.hosts.0: the host `*`'],
  [
    'ServiceEntry',
    entry('ports: [{ number: 80, name: a }, { number: 80, name: b }]'),
    'spec.ports: a second port 80',
  ],
  [
    'ServiceEntry',
    entry('ports: [{ number: 80, name: a }, { number: 81, name: a }]'),
    'spec.ports: a second port `a`',
  ],
  [
    'ServiceEntry',
    entry('ports: [{ number: 80, name: a, protocol: SMTP }]'),
    'spec.ports.0.protocol: no protocol: `SMTP`',
  ],
  [
    'ServiceEntry',
    entry(`${httpPorts}, resolution: DNS, addresses: [10.0.0.0/8]`),
    'spec.addresses.0: a CIDR where the resolution is DNS',
  ],
  [
    'ServiceEntry',
    entry(`${httpPorts}, endpoints: [{ address: 10.0.0.1 }]`),
    'spec.endpoints: endpoints where the resolution is NONE',
  ],
  [
    'ServiceEntry',
    entry(`${httpPorts}, resolution: STATIC, endpoints: [{ address: a.example.com }]`),
    'spec.endpoints.0.address: no address: `a.example.com`',
  ],
  [
    'ServiceEntry',
    entry(`${httpPorts}, resolution: STATIC, endpoints: [{ address: 10.0.0.1, ports: { tls: 443 } }]`),
    'spec.endpoints.0.ports.tls: no port of the ServiceEntry: `tls`',
  ],
  [
    'ServiceEntry',
    `{ hosts: ['*.example.com'], ${httpPorts}, resolution: DNS }`,
    'spec.hosts: no name that DNS has: `*.example.com`',
  ],
  [
    'ServiceEntry',
    '{ hosts: [a.example.com, b.example.com], ports: [{ number: 80, name: a, protocol: TCP }], resolution: DNS }',
    'spec.ports: several hosts on a port where only addresses tell them apart',
  ],
  ['WorkloadEntry', '{ labels: { app: cart } }', 'spec.address: no address'],
  ['Sidecar', '{}', 'spec: an empty Sidecar'],
  [
    'Sidecar',
    '{ egress: [{ hosts: [cart.shop.svc.cluster.local] }] }',
    'spec.egress.0.hosts.0: no namespace and host: `cart.shop.svc.cluster.local`',
  ],
  [
    'Sidecar',
    "{ egress: [{ hosts: ['./*'] }, { port: { number: 80, protocol: HTTP }, hosts: ['./*'] }] }",
    'spec.egress.0: a listener without a port before others',
  ],
  [
    'Sidecar',
    "{ workloadSelector: { labels: { app: '*' } }, egress: [{ hosts: ['./*'] }] }",
    'spec.workloadSelector.labels.app: a label with a `*`',
  ],
  [
    'PeerAuthentication',
    "{ portLevelMtls: { '80': { mode: DISABLE } } }",
    'spec.portLevelMtls: modes of ports without a selector',
  ],
  [
    'PeerAuthentication',
    "{ selector: { matchLabels: { app: '*' } } }",
    'spec.selector.matchLabels.app: a label with a `*`',
  ],
  [
    'RequestAuthentication',
    '{ jwtRules: [{ audiences: [a] }] }',
    'spec.jwtRules.0: neither `issuer` nor `jwksUri`',
  ],
  [
    'RequestAuthentication',
    '{ jwtRules: [{ issuer: a, jwksUri: ftp://a }] }',
    'spec.jwtRules.0.jwksUri: an address without http or https',
  ],
  ['AuthorizationPolicy', '{ action: DENY }', 'spec: the action DENY without a rule'],
  [
    'AuthorizationPolicy',
    '{ action: CUSTOM, provider: { name: opa } }',
    'spec: the action CUSTOM without a rule',
  ],
  [
    'AuthorizationPolicy',
    '{ rules: [{ from: [{ source: {} }] }] }',
    'spec.rules.0.from.0.source: an empty source',
  ],
  ['AuthorizationPolicy', '{ rules: [{ to: [{}] }] }', 'spec.rules.0.to.0: no `operation`'],
  [
    'AuthorizationPolicy',
    '{ rules: [{ to: [{ operation: { paths: ["/{**}/{*}"] } }] }] }',
    'spec.rules.0.to.0.operation.paths.0: no template of a path: `/{**}/{*}`',
  ],
  [
    'AuthorizationPolicy',
    '{ rules: [{ to: [{ operation: { methods: [""] } }] }] }',
    'spec.rules.0.to.0.operation.methods.0: an empty word',
  ],
  [
    'AuthorizationPolicy',
    '{ rules: [{ when: [{ key: source.name, values: [a] }] }] }',
    'spec.rules.0.when.0.key: no key of a condition: `source.name`',
  ],
  [
    'AuthorizationPolicy',
    '{ rules: [{ when: [{ key: source.ip }] }] }',
    'spec.rules.0.when.0: neither `values` nor `notValues`',
  ],
  [
    'AuthorizationPolicy',
    '{ rules: [{ from: [{ source: { serviceAccounts: [a], namespaces: [b] } }] }] }',
    'spec.rules.0.from.0.source: service accounts beside namespaces or principals',
  ],
  [
    'AuthorizationPolicy',
    '{ selector: { matchLabels: { app: a } }, targetRef: { kind: Service, name: a } }',
    'spec: `selector` and `targetRef` exclude each other',
  ],
]

/** The objects that a cluster accepts. Most of them are close to a bound. */
const taken: readonly (readonly [Kind, string])[] = [
  ['VirtualService', rule('route: [{ destination: { host: cart }, weight: 0 }]')],
  [
    'VirtualService',
    rule('route: [{ destination: { host: cart }, weight: 0 }, { destination: { host: b }, weight: 1 }]'),
  ],
  [
    'VirtualService',
    rule('route: [{ destination: { host: cart }, weight: 7 }, { destination: { host: b }, weight: 8 }]'),
  ],
  ['VirtualService', rule('directResponse: { status: 299 }')],
  ['VirtualService', rule('directResponse: { status: 599, body: { string: no } }')],
  ['VirtualService', rule('redirect: { scheme: https }')],
  ['VirtualService', rule('redirect: { derivePort: FROM_PROTOCOL_DEFAULT }')],
  ['VirtualService', rule('redirect: { uri: /a }, mirror: { host: b }')],
  ['VirtualService', rule('redirect: { uri: /a }, corsPolicy: { allowOrigins: [{ exact: a }] }')],
  ['VirtualService', rule('match: [{ uri: { prefix: /a } }, {}], redirect: { prefixRewrite: /b }')],
  ['VirtualService', rule('delegate: { name: orders }, directResponse: { status: 503 }')],
  ['VirtualService', rule('delegate: { name: orders }, route: []')],
  ['VirtualService', `{ http: [{ ${toCart} }] }`],
  ['VirtualService', `{ hosts: ['*'], gateways: [front], http: [{ ${toCart} }] }`],
  ['VirtualService', `{ hosts: ['*'], gateways: [front.shop.svc.cluster.local], http: [{ ${toCart} }] }`],
  ['VirtualService', `{ hosts: [Cart.Shop.svc.cluster.local], http: [{ ${toCart} }] }`],
  ['VirtualService', `{ hosts: [10.0.0.1], http: [{ ${toCart} }] }`],
  ['VirtualService', `{ hosts: ['*a.example.com', '*-b.example.com'], http: [{ ${toCart} }] }`],
  ['VirtualService', `{ hosts: [example.com.], http: [{ ${toCart} }] }`],
  [
    'VirtualService',
    `{ hosts: [a.example.com], gateways: [front], http: [{ match: [{ headers: { '@request.auth.claims.group': { exact: a } } }], ${toCart} }] }`,
  ],
  ['VirtualService', rule(`match: [{ uri: { prefix: '' } }], ${toCart}`)],
  ['VirtualService', rule(`match: [{ method: { exact: '' } }], ${toCart}`)],
  ['VirtualService', rule(`match: [{ withoutHeaders: { x-a: { regex: '*' } } }], ${toCart}`)],
  ['VirtualService', rule(`match: [{ headers: { x-a: {}, ':path': { exact: /a } } }], ${toCart}`)],
  ['VirtualService', rule(`match: [{ port: 0 }], ${toCart}`)],
  ['VirtualService', rule(`${toCart}, retries: { attempts: 0 }`)],
  ['VirtualService', rule(`${toCart}, retries: { attempts: 1, retryOn: '5xx,503,reset' }`)],
  ['VirtualService', rule(`${toCart}, timeout: 1h`)],
  ['VirtualService', rule(`${toCart}, headers: { request: { set: { host: a, x-a: '100%% %REQ(x)%' } } }`)],
  ['VirtualService', rule(`${toCart}, fault: { abort: { percentage: { value: 10 } } }`)],
  ['VirtualService', rule(`${toCart}, fault: { abort: { httpStatus: 500, percentage: { value: 0 } } }`)],
  ['VirtualService', rule(`${toCart}, mirrors: []`)],
  [
    'VirtualService',
    `{ hosts: ['*.example.com'], tls: [{ match: [{ sniHosts: [a.example.com] }], ${toCart} }] }`,
  ],
  ['VirtualService', `{ hosts: [cart], tcp: [{ match: [{ destinationSubnets: [10.0.0.1] }], ${toCart} }] }`],
  ['DestinationRule', '{ host: cart }'],
  ['DestinationRule', "{ host: '*' }"],
  ['DestinationRule', policy('portLevelSettings: [{ port: { number: 70000 }, tls: { mode: SIMPLE } }]')],
  ['DestinationRule', policy('portLevelSettings: [{ port: {}, tls: {} }]')],
  ['DestinationRule', policy('tls: { mode: MUTUAL, credentialName: a }')],
  ['DestinationRule', policy('connectionPool: { tcp: { idleTimeout: 1s } }')],
  ['DestinationRule', '{ host: cart, workloadSelector: { matchLabels: { app: web } }, exportTo: [.] }'],
  ['Gateway', server(`${http}, hosts: ['*'], tls: { httpsRedirect: true }`)],
  ['Gateway', server(`${http}, hosts: [10.0.0.1, ./a.b, shop/*.a.b]`)],
  ['Gateway', server(`${https}, hosts: ['*'], tls: {}`)],
  ['Gateway', server("port: { number: 0, name: a, protocol: HTTP }, bind: 'unix:///a', hosts: ['*']")],
  ['ServiceEntry', entry(httpPorts)],
  ['ServiceEntry', '{ hosts: [pay.example.com] }'],
  ['ServiceEntry', entry(`${httpPorts}, exportTo: ['~']`)],
  [
    'ServiceEntry',
    '{ hosts: [a.example.com, b.example.com], ports: [{ number: 80, name: a, protocol: TCP }] }',
  ],
  ['ServiceEntry', `{ hosts: ['*.example.com'], ${httpPorts}, resolution: DYNAMIC_DNS }`],
  ['WorkloadEntry', '{ address: db.example.com }'],
  ['Sidecar', "{ egress: [{ hosts: ['~web/*', '*/*'] }] }"],
  ['Sidecar', '{ outboundTrafficPolicy: {} }'],
  ['PeerAuthentication', '{}'],
  ['PeerAuthentication', '{ selector: {}, mtls: {} }'],
  ['RequestAuthentication', '{}'],
  ['RequestAuthentication', '{ jwtRules: [{ jwksUri: https://keys.example.com }] }'],
  ['AuthorizationPolicy', '{}'],
  ['AuthorizationPolicy', '{ rules: [{}] }'],
  ['AuthorizationPolicy', '{ action: DENY, rules: [{ from: [], to: [] }] }'],
  [
    'AuthorizationPolicy',
    '{ rules: [{ to: [{ operation: { ports: ["0"], paths: ["/a/{*}/{**}", "*"] } }] }] }',
  ],
  ['AuthorizationPolicy', '{ rules: [{ when: [{ key: "request.headers[x-a]", notValues: ["*"] }] }] }'],
]

const groups: Readonly<Partial<Record<Kind, string>>> = {
  PeerAuthentication: 'security.istio.io/v1',
  RequestAuthentication: 'security.istio.io/v1',
  AuthorizationPolicy: 'security.istio.io/v1',
}

/** All cases. Each object has its own name. */
export const admissionCases: readonly AdmissionCase[] = [...refused, ...taken].map(
  ([kind, spec, refusal], index) => ({
    object: {
      apiVersion: groups[kind] ?? 'networking.istio.io/v1',
      kind,
      metadata: { name: `case-${index}`, namespace: 'shop' },
      spec: parse(spec),
    },
    refusal,
  }),
)
