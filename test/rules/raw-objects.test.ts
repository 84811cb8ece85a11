import { suite } from 'uvu'
import type { DiagnosticCode } from '../../compiler/diagnostics/diagnostic.ts'
import { plantedFault, soundSpec } from '../support/planted-fault.ts'

/** The rules for raw objects, which pass through a spec unchanged. */
const test = suite('rules of raw objects')

const fault = (code: DiagnosticCode, what: string, spec: string, message: string) =>
  test(`${code}: ${what}`, () => plantedFault(code, spec, message))

const sound = (what: string, spec: string) => test(`nothing wrong: ${what}`, () => soundSpec(spec))

fault(
  'MESH3701',
  'a Secret',
  `
raw:
  - apiVersion: v1
    kind: «Secret»
    metadata: { name: api-tls, namespace: istio-ingress }
    stringData: { tls.key: text }
`,
  'the Secret `api-tls` would be committed with `out/`',
)

fault(
  'MESH3702',
  'an EnvoyFilter without a confirmation',
  `
raw:
  - apiVersion: networking.istio.io/v1alpha3
    kind: «EnvoyFilter»
    metadata: { name: rate-limit, namespace: shop }
    spec: { priority: 10, configPatches: [] }
`,
  'the EnvoyFilter `rate-limit` depends on internals of Envoy, which change with each version',
)

fault(
  'MESH3703',
  'a filter goes before another one, in no order',
  `
raw:
  - apiVersion: networking.istio.io/v1alpha3
    kind: EnvoyFilter
    metadata: { name: rate-limit, namespace: shop, annotations: { galley.istio.io/analyze-suppress: IST0133 } }
    ‹spec›:
      workloadSelector: { labels: { app: cart } }
      configPatches:
        - applyTo: HTTP_FILTER
          patch: { operation: «INSERT_BEFORE», value: { name: local-rate-limit } }
`,
  '`INSERT_BEFORE` depends on the order of filters, and this one has no `priority`',
)

fault(
  'MESH3703',
  'a route is replaced',
  `
raw:
  - apiVersion: networking.istio.io/v1alpha3
    kind: EnvoyFilter
    metadata: { name: rate-limit, namespace: shop, annotations: { galley.istio.io/analyze-suppress: IST0133 } }
    spec:
      priority: 10
      configPatches:
        - applyTo: ‹HTTP_ROUTE›
          patch: { operation: «REPLACE», value: {} }
`,
  '`HTTP_ROUTE` does not support `REPLACE`',
)

fault(
  'MESH3703',
  'a route configuration is added',
  `
raw:
  - apiVersion: networking.istio.io/v1alpha3
    kind: EnvoyFilter
    metadata: { name: rate-limit, namespace: shop, annotations: { galley.istio.io/analyze-suppress: IST0133 } }
    spec:
      priority: 10
      configPatches:
        - applyTo: ‹ROUTE_CONFIGURATION›
          patch: { operation: «ADD», value: {} }
`,
  '`ROUTE_CONFIGURATION` does not support `ADD`',
)

sound(
  'a filter goes before another one, in an order',
  `
raw:
  - apiVersion: networking.istio.io/v1alpha3
    kind: EnvoyFilter
    metadata: { name: rate-limit, namespace: shop, annotations: { galley.istio.io/analyze-suppress: IST0133 } }
    spec:
      priority: 10
      configPatches:
        - applyTo: HTTP_FILTER
          patch: { operation: INSERT_BEFORE, value: { name: local-rate-limit } }
        - applyTo: HTTP_ROUTE
          patch: { operation: MERGE, value: {} }
`,
)

fault(
  'MESH3704',
  'a filter for the whole mesh',
  `
raw:
  - apiVersion: networking.istio.io/v1alpha3
    kind: EnvoyFilter
    metadata: { name: rate-limit, namespace: ‹istio-system›, annotations: { galley.istio.io/analyze-suppress: IST0133 } }
    «spec»:
      priority: 10
      configPatches: []
`,
  'the EnvoyFilter `rate-limit` changes every proxy of the mesh',
)

sound(
  'a filter of the root namespace for some workloads',
  `
raw:
  - apiVersion: networking.istio.io/v1alpha3
    kind: EnvoyFilter
    metadata: { name: rate-limit, namespace: istio-system, annotations: { galley.istio.io/analyze-suppress: IST0133 } }
    spec:
      priority: 10
      workloadSelector: { labels: { app: cart } }
      configPatches: []
`,
)

fault(
  'MESH3705',
  'a VirtualService for a service',
  `
services:
  ‹cart›: { namespace: shop, port: { http: 8080 } }
raw:
  - apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: { name: cart-old, namespace: shop }
    spec: { hosts: [«cart»], http: [] }
`,
  'meshc writes a VirtualService for `cart` already',
)

fault(
  'MESH3705',
  'a DestinationRule for an external host',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
external:
  ‹books›: { hosts: [api.example.com], port: { https: 443 }, allow: [{ from: cart }] }
raw:
  - apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: { name: books, namespace: shop }
    spec: { host: «api.example.com» }
`,
  'meshc writes a DestinationRule for `api.example.com` already',
)

fault(
  'MESH3705',
  'Telemetry for the mesh',
  `
raw:
  - apiVersion: telemetry.istio.io/v1
    kind: «Telemetry»
    metadata: { name: mine, namespace: istio-system }
    spec: {}
`,
  'meshc writes a Telemetry for the namespace `istio-system` already',
)

fault(
  'MESH3705',
  'encryption for a namespace',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
raw:
  - apiVersion: security.istio.io/v1
    kind: «PeerAuthentication»
    metadata: { name: mine, namespace: shop }
    spec: { mtls: { mode: PERMISSIVE } }
`,
  'meshc writes a PeerAuthentication for the namespace `shop` already',
)

fault(
  'MESH3705',
  'a Sidecar for the pods of a service',
  `
services:
  ‹cart›: { namespace: shop, port: { http: 8080 } }
raw:
  - apiVersion: networking.istio.io/v1
    kind: Sidecar
    metadata: { name: mine, namespace: shop }
    spec:
      «workloadSelector»: { labels: { app: cart } }
      egress: [{ hosts: ['*/*'] }]
`,
  'meshc writes a Sidecar for these pods already',
)

sound(
  'objects beside those of meshc',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
raw:
  - apiVersion: networking.istio.io/v1
    kind: WorkloadEntry
    metadata: { name: vm-1, namespace: shop }
    spec: { address: 203.0.113.7, labels: { app: old } }
  - apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: { name: partners, namespace: shop }
    spec: { hosts: [partners.example.com], gateways: [partners], http: [{ redirect: { uri: / } }] }
  - apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: { name: partners, namespace: shop }
    spec: { selector: { istio: partners }, servers: [{ port: { number: 8080, name: http, protocol: HTTP }, hosts: [partners.example.com] }] }
  - apiVersion: telemetry.istio.io/v1
    kind: Telemetry
    metadata: { name: quiet, namespace: shop }
    spec: { selector: { matchLabels: { app: cart } } }
`,
)

sound(
  'routes for what the mesh has no route for: connections without versions, and TLS that a caller speaks itself',
  `
services:
  db: { namespace: shop, port: { tcp: 5432 }, allow: [{ from: cart }] }
  cart: { namespace: shop }
external:
  books: { hosts: [books.example.com], port: { https: 443 }, allow: [{ from: cart }] }
raw:
  - apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: { name: db, namespace: shop }
    spec: { hosts: [db], tcp: [{ route: [{ destination: { host: db } }] }] }
  - apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: { name: books, namespace: shop }
    spec:
      hosts: [books.example.com]
      tls: [{ match: [{ sniHosts: [books.example.com], port: 443 }], route: [{ destination: { host: books.example.com } }] }]
`,
)

fault(
  'MESH3705',
  'a VirtualService for connections to versions, for which meshc writes one',
  `
services:
  ‹db›:
    namespace: shop
    port: { tcp: 5432 }
    versions: { a: { labels: { version: a } }, b: { labels: { version: b } } }
    traffic: { a: 100% }
raw:
  - apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: { name: db-old, namespace: shop }
    spec: { hosts: [«db»], tcp: [] }
`,
  'meshc writes a VirtualService for `db` already',
)

fault(
  'MESH3705',
  'a ServiceEntry for the host of a Service',
  `
services:
  ‹cart›: { namespace: shop, port: { http: 8080 } }
raw:
  - apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: { name: cart, namespace: shop }
    spec: { hosts: [«cart.shop.svc.cluster.local»], ports: [], resolution: STATIC }
`,
  'a Service has the host `cart.shop.svc.cluster.local` already',
)

sound(
  'a gateway whose host leads to a service by a raw VirtualService',
  `
gateways:
  public: { hosts: [api.example.com, www.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: gateway/public }] }
raw:
  - apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: { name: api, namespace: shop }
    spec:
      hosts: ['*.example.com']
      gateways: [istio-ingress/public]
      http: [{ route: [{ destination: { host: cart } }] }]
`,
)

fault(
  'MESH3402',
  'a raw VirtualService that leads elsewhere',
  `
gateways:
  ‹public›: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: «gateway/public» }] }
raw:
  - apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: { name: api, namespace: shop }
    spec:
      hosts: [api.example.com]
      gateways: [istio-ingress/public]
      http: [{ redirect: { uri: /moved } }]
`,
  '`gateway/public` may call `cart`, but no host of the gateway leads there',
)

fault(
  'MESH3107',
  'a raw VirtualService with an expression that RE2 refuses',
  `
raw:
  - apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: { name: old, namespace: shop }
    spec:
      hosts: [old.example.com]
      http: [{ match: [{ uri: { regex: '/a.*' }, headers: { x-old: { regex: «"(?=a)"» } } }], redirect: { uri: /new } }]
`,
  '`(?=a)` is not a regular expression of RE2: invalid or unsupported Perl syntax: `(?=`',
)

fault(
  'MESH3107',
  'a patch with an expression that RE2 refuses',
  `
services:
  cart: { namespace: shop, port: { http: 8080 } }
patches:
  - kind: VirtualService
    namespace: shop
    name: cart
    spec: { http: [{ match: [{ uri: { regex: «"/a("» } }], route: [{ destination: { host: cart.shop.svc.cluster.local } }] }] }
`,
  '`/a(` is not a regular expression of RE2: missing closing ): `/a(`',
)

fault(
  'MESH3705',
  'a Gateway for a host that a gateway serves',
  `
gateways:
  ‹public›: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
raw:
  - apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: { name: more, namespace: istio-ingress }
    spec:
      selector: { istio: public }
      servers:
        - { port: { number: 80, name: http, protocol: HTTP }, hosts: [www.example.com, «"*/api.example.com"»] }
        - { port: { number: 8443, name: more, protocol: HTTP }, hosts: [api.example.com] }
`,
  'meshc writes a Gateway for `*/api.example.com` already',
)

/** A mesh with a service and a gateway, and a raw object. */
const beside = (kind: string, group: string, namespace: string, spec: string, more = '') => `
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt-prod } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: api.example.com }]
    allow: [{ from: gateway/public }]
raw:
  - apiVersion: ${group}.istio.io/v1
    kind: ${kind}
    metadata: { name: more, namespace: ${namespace} }
    spec: ${spec}
${more}`

fault(
  'MESH4009',
  'a policy that selects no workload',
  beside(
    'AuthorizationPolicy',
    'security',
    'shop',
    '{ selector: { matchLabels: «{ tier: a, app: carts }» }, action: DENY, rules: [{}] }',
  ),
  'no service or gateway of `shop` has pods with these labels',
)

fault(
  'MESH4009',
  'a policy of the root namespace that selects no workload',
  beside(
    'PeerAuthentication',
    'security',
    'istio-system',
    '{ selector: { matchLabels: «{ istio: publik, app: carts }» }, mtls: { mode: STRICT } }',
  ),
  'no service or gateway of `istio-system` has pods with these labels',
)

fault(
  'MESH4009',
  'routes at a gateway that is not there',
  beside(
    'VirtualService',
    'networking',
    'shop',
    '{ hosts: [old.example.com], gateways: [«istio-ingress/publik», istio-ingress/public, mesh, «public»], http: [{ redirect: { uri: /new } }] }'.replace(
      ', «public»',
      '',
    ),
  ),
  'there is no gateway `istio-ingress/publik`: no request takes these routes',
)

fault(
  'MESH4010',
  'a field that the kind does not have',
  beside('WorkloadEntry', 'networking', 'shop', '{ «adress»: 10.0.0.7 }'),
  '`spec.adress` of the WorkloadEntry `more` is no known field',
)

for (const [what, spec] of [
  [
    'known pods',
    beside(
      'AuthorizationPolicy',
      'security',
      'shop',
      '{ selector: { matchLabels: { tier: a, app: cart } }, action: DENY, rules: [{}] }',
    ),
  ],
  [
    'labels of which nothing is known',
    beside(
      'AuthorizationPolicy',
      'security',
      'shop',
      '{ selector: { matchLabels: { tier: a } }, action: DENY, rules: [{}] }',
    ),
  ],
  [
    'a namespace of which nothing is known',
    beside(
      'AuthorizationPolicy',
      'security',
      'lab',
      '{ selector: { matchLabels: { app: a } }, action: DENY, rules: [{}] }',
    ),
  ],
  [
    'a raw gateway',
    beside(
      'VirtualService',
      'networking',
      'shop',
      '{ hosts: [old.example.com], gateways: [more], http: [{ redirect: { uri: /new } }] }',
      `  - apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: { name: more, namespace: shop }
    spec: { selector: { istio: more }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: [old.example.com] }] }
`,
    ),
  ],
  [
    'raw pods',
    beside(
      'AuthorizationPolicy',
      'security',
      'shop',
      '{ selector: { matchLabels: { app: vm } }, action: DENY, rules: [{}] }',
      `  - apiVersion: networking.istio.io/v1
    kind: WorkloadEntry
    metadata: { name: vm, namespace: shop }
    spec: { address: 10.0.0.7, labels: { app: vm } }
`,
    ),
  ],
] as const)
  sound(`a raw object names ${what}`, spec)

fault(
  'MESH4009',
  'a namespace that is misspelt',
  beside('WorkloadEntry', 'networking', '«shp»', '{ address: 10.0.0.7 }'),
  'the spec has no namespace `shp`, and no object here creates it',
)

fault(
  'MESH4009',
  'a provider that istiod does not know',
  beside(
    'AuthorizationPolicy',
    'security',
    'shop',
    '{ action: CUSTOM, provider: { name: «opa» }, rules: [{}] }',
  ),
  'meshc configures no provider `opa`: this policy refuses every request',
)

const refusedByIstio: readonly (readonly [string, string, string, string, string])[] = [
  [
    'a Gateway with no certificate',
    'Gateway',
    'networking',
    '{ servers: [{ port: { number: 8443, name: tls, protocol: TLS }, hosts: [a.example.com], tls: «{ mode: SIMPLE }» }] }',
    '`spec.servers.0.tls`: TLS without a certificate and its key',
  ],
  [
    'a Gateway with a certificate and no CA for those of clients',
    'Gateway',
    'networking',
    '{ servers: [{ port: { number: 8443, name: tls, protocol: TLS }, hosts: [a.example.com], tls: «{ mode: MUTUAL, serverCertificate: /a, privateKey: /b }» }] }',
    '`spec.servers.0.tls`: mutual TLS without what clients show',
  ],
  [
    'a Gateway that speaks HTTPS without TLS',
    'Gateway',
    'networking',
    '{ servers: [«{ port: { number: 8443, name: https, protocol: HTTPS }, hosts: [a.example.com] }»] }',
    '`spec.servers.0`: no `tls` where the protocol is TLS or HTTPS',
  ],
  [
    'a policy with no provider',
    'AuthorizationPolicy',
    'security',
    '«{ action: CUSTOM, rules: [{}] }»',
    '`spec`: the action CUSTOM without a provider',
  ],
  [
    'a policy with a provider',
    'AuthorizationPolicy',
    'security',
    '{ action: DENY, provider: «{ name: opa }», rules: [{}] }',
    '`spec.provider`: a provider without the action CUSTOM',
  ],
  [
    'a policy that denies by no rule',
    'AuthorizationPolicy',
    'security',
    '«{ action: DENY }»',
    '`spec`: the action DENY without a rule',
  ],
  [
    'mutual TLS with nothing to show',
    'DestinationRule',
    'networking',
    '{ host: "*.example.com", trafficPolicy: { portLevelSettings: [{ port: { number: 443 }, tls: «{ mode: MUTUAL }» }] } }',
    '`spec.trafficPolicy.portLevelSettings.0.tls`: mutual TLS without a certificate and its key',
  ],
  [
    'a route that leads nowhere',
    'VirtualService',
    'networking',
    '{ hosts: [old.example.com], http: [«{ timeout: 5s }»] }',
    '`spec.http.0`: neither `route`, `redirect` nor `directResponse`',
  ],
]
for (const [what, kind, group, spec, reason] of refusedByIstio)
  fault(
    'MESH4011',
    what,
    beside(kind, group, 'shop', spec),
    `no cluster accepts \`${kind} shop/more\`: ${reason}`,
  )

fault(
  'MESH4011',
  'the result of a patch',
  `
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: cart }] }
patches:
  - kind: VirtualService
    namespace: shop
    name: cart
    spec: { http: [{ name: a, match: [{ uri: { exact: /a } }], redirect: { prefixRewrite: «/b» } }] }
`,
  'no cluster accepts `VirtualService shop/cart`: `spec.http.0.redirect.prefixRewrite`: a prefix is replaced where a match is of no prefix',
)

const routed = (route: string, more = '') =>
  beside('VirtualService', 'networking', 'shop', `{ hosts: [old.example.com], http: [${route}] }`, more)
const nowhere = 'requests to it do not arrive'

fault(
  'MESH4012',
  'a route to a service that is not there',
  routed('{ route: [{ destination: { host: «carts» } }] }'),
  `there is no host \`carts.shop.svc.cluster.local\`: ${nowhere}`,
)

fault(
  'MESH4012',
  'a route to half a name',
  routed('{ route: [{ destination: { host: «cart.shop» } }] }'),
  `there is no host \`cart.shop\`: ${nowhere}`,
)

fault(
  'MESH4012',
  'a copy to a host outside that is not declared',
  routed(
    '{ route: [{ destination: { host: cart } }], mirrors: [{ destination: { host: «audit.example.com» } }] }',
  ),
  `there is no host \`audit.example.com\`: ${nowhere}`,
)

fault(
  'MESH4012',
  'a copy to a version that is not there',
  routed('{ route: [{ destination: { host: cart } }], mirror: { host: cart, subset: «v2» } }'),
  `\`cart.shop.svc.cluster.local\` has no version \`v2\`: ${nowhere}`,
)

fault(
  'MESH4012',
  'a namespace that is misspelt',
  routed('{ route: [{ destination: { host: «cart.shp.svc.cluster.local» } }] }'),
  `there is no host \`cart.shp.svc.cluster.local\`: ${nowhere}`,
)

fault(
  'MESH4012',
  'a DestinationRule without callers',
  beside('DestinationRule', 'networking', 'shop', '{ host: «carts.shop.svc.cluster.local» }'),
  `there is no host \`carts.shop.svc.cluster.local\`: ${nowhere}`,
)

fault(
  'MESH4012',
  'a patched route',
  `
services:
  cart: { namespace: shop, port: { http: 8080 }, versions: { v1: {} }, traffic: { v1: 100% }, allow: [{ from: cart }] }
patches:
  - kind: VirtualService
    namespace: shop
    name: cart
    spec:
      http: [{ name: all, route: [{ destination: { host: cart, port: { number: 8080 }, subset: «v2» } }] }]
`,
  `\`cart.shop.svc.cluster.local\` has no version \`v2\`: ${nowhere}`,
)

for (const [what, spec] of [
  [
    'a service and a gateway',
    routed(
      '{ route: [{ destination: { host: cart } }] }, { route: [{ destination: { host: istio-public.istio-ingress.svc.cluster.local } }] }',
    ),
  ],
  [
    'a service of another namespace, of which nothing is known',
    routed('{ route: [{ destination: { host: prometheus.monitoring.svc.cluster.local } }] }'),
  ],
  [
    'a Service that is raw, too',
    routed(
      '{ route: [{ destination: { host: legacy } }] }',
      '  - { apiVersion: v1, kind: Service, metadata: { name: legacy, namespace: shop } }',
    ),
  ],
  [
    'a host of a ServiceEntry with a wildcard',
    routed(
      '{ route: [{ destination: { host: a.partner.com } }] }',
      '  - { apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: { name: partner, namespace: shop }, spec: { hosts: ["*.partner.com"] } }',
    ),
  ],
  [
    'a version that a raw DestinationRule has',
    routed(
      '{ route: [{ destination: { host: a.partner.com, subset: v1 } }] }',
      `  - { apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: { name: partner, namespace: shop }, spec: { hosts: [a.partner.com] } }
  - { apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: { name: partner, namespace: shop }, spec: { host: a.partner.com, subsets: [{ name: v1 }] } }`,
    ),
  ],
] as const)
  sound(`a raw object routes to ${what}`, spec)

const partner = `
services: { cart: { namespace: shop } }
raw:
  - apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: { name: a, namespace: shop }
    spec: { hosts: [x.example.com], ports: [{ number: 443, name: https, protocol: HTTPS }], resolution: DNS }
  - apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: { name: a, namespace: shop }
    spec:
      host: x.example.com
`

fault(
  'MESH4014',
  'TLS to a host without a CA',
  `${partner}      trafficPolicy: { tls: { mode: «SIMPLE» } }\n`,
  'TLS to `x.example.com` is `SIMPLE` and checks no certificate: no CA is named',
)

fault(
  'MESH4014',
  'TLS to a port whose CA nobody names',
  `${partner}      trafficPolicy: { portLevelSettings: [{ port: { number: 443 }, tls: { mode: «SIMPLE» } }] }\n`,
  'TLS to `x.example.com` is `SIMPLE` and checks no certificate: no CA is named',
)

fault(
  'MESH4014',
  'TLS to a subset whose CA nobody names',
  `${partner}      subsets: [{ name: a, trafficPolicy: { tls: { mode: «MUTUAL», clientCertificate: /a, privateKey: /b } } }]\n`,
  'TLS to `x.example.com` is `MUTUAL` and checks no certificate: no CA is named',
)

sound(
  'TLS whose CA is named, or is in the secret, or of the mesh',
  `${partner}      trafficPolicy: { tls: { mode: SIMPLE, caCertificates: system } }
      subsets:
        - { name: a, trafficPolicy: { tls: { mode: SIMPLE, credentialName: ca } } }
        - { name: b, trafficPolicy: { tls: { mode: ISTIO_MUTUAL } } }
`,
)

test.run()
