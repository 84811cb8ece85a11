import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { usualLimits } from '../../compiler/behavior/budget.ts'
import { findRouteStates } from '../../compiler/behavior/lint/route-states.ts'
import { findRuleStates } from '../../compiler/behavior/lint/rule-states.ts'
import { goldenFolder } from '../support/golden.ts'
import { meshc } from '../support/meshc.ts'
import { getModel, getSpecModel } from '../support/model-of.ts'
import { project } from '../support/project.ts'
import { makeShopDeploymentInMesh } from '../support/shop-deployment.ts'

const test = suite('behavior/lint')
const golden = goldenFolder('behavior/lint')

const cart = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'cart', namespace: 'shop' },
  spec: { selector: { app: 'cart' }, ports: [{ name: 'http', port: 80 }] },
}

/**
 * Cases about two routes: each case has two rules, and the true state of the second rule. Its name contains
 * the report of `istioctl analyze` by IST0130 and IST0131.
 */
const cases: readonly (readonly [string, readonly [object, object], 'dead' | 'live'])[] = [
  [
    'an exact path behind a prefix, of which istioctl says nothing',
    [{ uri: { prefix: '/' } }, { uri: { exact: '/admin' } }],
    'dead',
  ],
  [
    'a header behind the same prefix, of which istioctl says nothing',
    [{ uri: { prefix: '/' } }, { uri: { prefix: '/' }, headers: { 'x-canary': { exact: '1' } } }],
    'dead',
  ],
  [
    'two headers behind one of them, of which istioctl says nothing',
    [
      { uri: { prefix: '/api' }, headers: { 'x-user': { exact: 'ann' } } },
      {
        uri: { prefix: '/api/v1' },
        headers: { 'x-user': { exact: 'ann' }, 'x-canary': { exact: '1' } },
      },
    ],
    'dead',
  ],
  [
    'any method behind GET, which istioctl takes to be covered',
    [{ uri: { prefix: '/debug' }, method: { exact: 'GET' } }, { uri: { prefix: '/debugs' } }],
    'live',
  ],
  [
    'POST behind any method, which istioctl takes not to be covered',
    [{ uri: { prefix: '/debug' } }, { uri: { prefix: '/debugs' }, method: { exact: 'POST' } }],
    'dead',
  ],
  [
    'matches without a path, which istioctl ignores',
    [
      { headers: { 'x-user': { regex: '.+' } } },
      { headers: { 'x-user': { exact: 'ann' } }, method: { exact: 'GET' } },
    ],
    'dead',
  ],
  [
    'a header that is not there, behind one that is',
    [{ headers: { 'x-user': {} } }, { withoutHeaders: { 'x-user': {} } }],
    'live',
  ],
]

for (const [name, matches, expected] of cases)
  test(`${name}: ${expected}`, () => {
    const model = getModel([
      cart,
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata: { name: 'cart', namespace: 'shop' },
        spec: {
          hosts: ['cart'],
          http: matches.map(match => ({ match: [match], route: [{ destination: { host: 'cart' } }] })),
        },
      },
    ])
    const [virtualService] = model.virtualServices
    const [first, second] = findRouteStates(model)(virtualService!)
    assert.is(first?.state, 'live')
    assert.is(second?.state, expected)
    if (second?.state === 'dead')
      assert.equal(
        second.eatenBy.map(({ index }) => index),
        [0],
      )
  })

test('of rules that differ in their callers alone, one whose caller never arrives is not live', () => {
  const principal = (name: string) => `cluster.local/ns/shop/sa/${name}`
  const rules = ['web', 'batch', 'blind'].map(name => ({
    from: [{ source: { principals: [principal(name)] } }],
    to: [{ operation: { methods: ['GET'] } }],
  }))
  const policy = (name: string, spec: object) => ({
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name, namespace: 'shop' },
    spec: { selector: { matchLabels: { app: 'cart' } }, ...spec },
  })
  const objects = [
    cart,
    ...['cart', 'web', 'batch', 'blind'].map(name => makeShopDeploymentInMesh(name)),
    policy('cart', { action: 'ALLOW', rules }),
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Sidecar',
      metadata: { name: 'blind', namespace: 'shop' },
      spec: {
        workloadSelector: { labels: { app: 'blind' } },
        egress: [{ hosts: ['elsewhere/*'] }],
        outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
      },
    },
  ]
  const denied = policy('no-batch', {
    action: 'DENY',
    rules: [{ from: [{ source: { principals: [principal('batch')] } }] }],
  })
  const listStates = (all: readonly object[]) => {
    const model = getModel(all)
    const [allowing] = model.authorizationPolicies.filter(({ name }) => name === 'cart')
    return findRuleStates(model)(allowing!).map(({ state }) => state)
  }
  assert.equal(listStates(objects), ['live', 'live', 'idle'])
  assert.equal(listStates([...objects, denied]), ['live', 'dead', 'idle'])
})

test('a rule behind the same rule of another Gateway is dead, though a policy refuses what would take it', () => {
  const service = (name: string, namespace: string, labels: object) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: labels, ports: [{ name: 'http', port: 80 }] },
  })
  const teams = Array.from({ length: 120 }, (_, team) => [
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: { name: `team-${team}`, namespace: 'ingress' },
      spec: {
        selector: { istio: 'public' },
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*.example.com'] }],
      },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: `team-${team}`, namespace: 'shop' },
      spec: {
        hosts: ['shop.example.com'],
        gateways: [`ingress/team-${team}`],
        http: [
          { match: [{ uri: { prefix: '/api' } }], route: [{ destination: { host: 'cart' } }] },
          { route: [{ destination: { host: 'cart' } }] },
        ],
      },
    },
  ])
  const model = getModel([
    cart,
    service('public', 'ingress', { istio: 'public' }),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'public', namespace: 'ingress' },
      spec: {
        selector: { matchLabels: { istio: 'public' } },
        template: {
          metadata: { labels: { istio: 'public' }, annotations: { 'inject.istio.io/templates': 'gateway' } },
          spec: { containers: [{ name: 'proxy' }] },
        },
      },
    },
    {
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: { name: 'public', namespace: 'ingress' },
      spec: { rules: [{ to: [{ operation: { paths: ['/api*'] } }] }] },
    },
    ...teams.flat(),
  ])
  const listStates = findRouteStates(model)
  const states = model.virtualServices.flatMap(virtualService =>
    listStates(virtualService).map(({ state }) => `${virtualService.name} ${state}`),
  )
  assert.equal(
    states.filter(words => words.endsWith('live')),
    ['team-0 live', 'team-0 live'],
  )
  assert.is(states.filter(words => words.endsWith('dead')).length, 238)
})

const shop = `apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: Namespace
metadata: { name: legacy }
---
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec:
  selector: { app: cart }
  ports: [{ name: http, port: 80, targetPort: 8080 }]
---
apiVersion: v1
kind: Service
metadata: { name: store, namespace: shop }
spec:
  selector: { app: store }
  ports: [{ name: tcp, port: 6379 }]
---
apiVersion: v1
kind: Service
metadata: { name: billing, namespace: legacy }
spec:
  selector: { app: billing }
  ports: [{ name: http, port: 80, targetPort: 8080 }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: cart, namespace: shop }
spec:
  hosts: [cart]
  http:
    - name: items
      match: [{ uri: { prefix: /items } }, { uri: { prefix: /carts } }]
      route: [{ destination: { host: cart } }]
    - name: reads
      match: [{ method: { exact: GET } }]
      route: [{ destination: { host: cart } }]
    - name: canary
      match: [{ uri: { prefix: /items }, headers: { x-canary: { exact: "1" } } }]
      route: [{ destination: { host: cart } }]
    - name: never
      match: [{ uri: { prefix: /x }, port: 8443 }]
      route: [{ destination: { host: cart } }]
    - name: head
      match: [{ uri: { regex: "/(items|carts)/[0-9]+" }, method: { regex: "GET|HEAD" } }]
      route: [{ destination: { host: cart } }]
    - route: [{ destination: { host: cart } }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: store, namespace: shop }
spec:
  hosts: [store]
  tcp:
    - route: [{ destination: { host: store } }]
    - match: [{ port: 6379 }]
      route: [{ destination: { host: store } }]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec: { mtls: { mode: STRICT } }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: store, namespace: shop }
spec:
  host: store
  trafficPolicy: { tls: { mode: DISABLE } }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: cart, namespace: shop }
spec:
  selector: { matchLabels: { app: cart } }
  rules:
    - from: [{ source: { namespaces: [shop] } }]
    - from: [{ source: { principals: [cluster.local/ns/shop/sa/web] } }]
      to: [{ operation: { methods: [GET] } }]
    - from: [{ source: { principals: [cluster.local/ns/legacy/sa/billing] } }]
      to: [{ operation: { paths: [/admin/*] } }]
    - from: [{ source: { namespaces: [monitoring] } }]
      to: [{ operation: { paths: [/metrics] } }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: no-admin, namespace: shop }
spec:
  action: DENY
  selector: { matchLabels: { app: cart } }
  rules:
    - to: [{ operation: { paths: [/admin*] } }]
    - to: [{ operation: { paths: [/admin/users], methods: [DELETE] } }]
    - from: [{ source: { namespaces: [outside] } }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: nobody, namespace: shop }
spec:
  selector: { matchLabels: { app: checkout } }
  rules: [{ from: [{ source: { namespaces: [shop] } }] }]
`
const deployment = (name: string, namespace: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      serviceAccountName: ${name}
      containers: [{ name: app, ports: [{ containerPort: 8080 }] }]
`
const workloads = [
  deployment('web', 'shop'),
  deployment('cart', 'shop'),
  deployment('store', 'shop'),
  deployment('billing', 'legacy'),
].join('---\n')

const spec = `meshc: v1
mesh: shop
mtls: permissive
services:
  web: { namespace: shop, port: { http: 3000 } }
  api: { namespace: shop, port: { http: 8080 }, allow: [{ from: web, methods: [GET] }] }
`

test('a rule for bytes at a gateway is dead behind one for the same port, and none for another', () => {
  const labels = { istio: 'public' }
  const container = { name: 'istio-proxy' }
  const to = (host: string) => [
    { destination: { host: `${host}.shop.svc.cluster.local`, port: { number: 80 } } },
  ]
  const model = getModel([
    cart,
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'public', namespace: 'istio-ingress' },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels, annotations: { 'inject.istio.io/templates': 'gateway' } },
          spec: { containers: [container] },
        },
      },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: { name: 'public', namespace: 'istio-ingress' },
      spec: {
        selector: labels,
        servers: [5432, 6379].map(number => ({
          port: { number, name: `tcp-${number}`, protocol: 'TCP' },
          hosts: ['*'],
        })),
      },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'cart', namespace: 'shop' },
      spec: {
        hosts: ['cart.example.com'],
        gateways: ['istio-ingress/public'],
        tcp: [
          { match: [{ port: 5432 }], route: to('cart') },
          { match: [{ port: 5432 }], route: to('other') },
          { match: [{ port: 6379 }], route: to('cart') },
        ],
      },
    },
  ])
  const states = findRouteStates(model)(model.virtualServices[0]!)
  assert.equal(
    states.map(({ state }) => state),
    ['live', 'dead', 'live'],
  )
})

test('the text lists idle rules, the rules before them, and the encryption of each connection', async () => {
  const folder = project({
    'shop/mesh.yaml': shop,
    'shop/workloads.yaml': workloads,
    'spec/prod/mesh.yaml': spec,
  })
  const questions: Readonly<Record<string, readonly string[]>> = {
    'manifests.txt': ['lint', '--manifests', 'shop'],
    'manifests.json': ['lint', '--manifests', 'shop', '--json'],
    'environment.txt': ['lint', '--env', 'prod'],
  }
  for (const [name, words] of Object.entries(questions)) {
    const { code, stdout, stderr } = await meshc(folder, words)
    if (name.startsWith('manifests')) assert.match(stderr, /^note: assumed: .*the trust domain is .*\n$/m)
    else assert.is(stderr, '')
    assert.is(code, name.startsWith('manifests') ? 1 : 0)
    golden.matches(name, stdout)
  }
  golden.hasNoOther()
})

/** Asserts that all rules of a spec are live. Each of them needs more steps of work if all requests are compared. */
function assertQuickRules(spec: string): void {
  const model = getSpecModel(spec)
  const states = model.authorizationPolicies.flatMap(findRuleStates(model, { ...usualLimits, time: 5 }))
  assert.ok(states.length > 80)
  assert.equal(
    states.filter(({ state }) => state !== 'live'),
    [],
  )
}

test('a hundred services on the paths of one host are each proved by one request', () => {
  const services = Array.from({ length: 100 }, (_, index) =>
    [
      `  svc-${index}:`,
      '    port: { http: 8080 }',
      '    namespace: shop',
      `    expose: [{ gateway: public, host: api.example.com, paths: [/svc-${index}/*] }]`,
      '    allow: [{ from: gateway/public }]',
    ].join('\n'),
  )
  const spec = [
    'meshc: v1',
    'mesh: shop',
    'environment: prod',
    'gateways: { public: { hosts: [api.example.com], certificate: { issuer: letsencrypt } } }',
    'services:',
    ...services,
  ]
  assertQuickRules(spec.join('\n'))
})

test('one request proves each of many rules of a gateway', () => {
  const names = Array.from({ length: 80 }, (_, index) => `svc-${index}`)
  const services = names.flatMap((name, index) => [
    `  ${name}:`,
    '    port: { http: 8080 }',
    '    namespace: shop',
    `    expose: [{ gateway: gateway-${index}, host: ${name}.example.com }]`,
    `    allow: [{ from: gateway/gateway-${index} }]`,
  ])
  // All of these Gateways have the same proxies, whose policies have a rule for each host.
  const proxies =
    'workload: { namespace: istio-ingress, labels: { istio: ingress }, serviceAccount: ingress }'
  const gateways = names.map(
    (name, index) =>
      `  gateway-${index}: { hosts: [${name}.example.com], certificate: { secret: ${name} }, ${proxies} }`,
  )
  // The policy of this gateway has a rule for each caller.
  const external = names.map(
    name =>
      `  to-${name}: { hosts: [${name}.example.org], port: { https: 443 }, through: out, allow: [{ from: ${name} }] }`,
  )
  const spec = [
    'meshc: v1',
    'mesh: shop',
    'environment: prod',
    'gateways:',
    '  out: { egress: true }',
    ...gateways,
    'external:',
    ...external,
    'services:',
    ...services,
  ]
  assertQuickRules(spec.join('\n'))
})

test.run()
