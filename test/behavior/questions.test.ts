import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findAllowed } from '../../compiler/behavior/allowed/allowed.ts'
import { limitQuestions, usualLimits } from '../../compiler/behavior/budget.ts'
import type { Request } from '../../compiler/behavior/request.ts'
import { goldenFolder } from '../support/golden.ts'
import { meshc } from '../support/meshc.ts'
import { getSpecModel } from '../support/model-of.ts'
import { project } from '../support/project.ts'

const test = suite('behavior/questions')
const golden = goldenFolder('behavior/expected')

const base = `meshc: v1
mesh: shop
mtls: strict
defaults: { timeout: 5s, retries: none }
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt } }
services:
  web:
    namespace: shop
    port: { http: 3000 }
    allow: [{ from: gateway/public }]
  api:
    namespace: shop
    owner: team-api
    port: { http: 8080 }
    versions: { stable: { version: v1 }, canary: { version: v2 } }
    traffic: { stable: 90%, canary: 10% }
    expose: [{ gateway: public, host: api.example.com }]
    allow:
      - { from: gateway/public, methods: [GET] }
      - from: web
        methods: [GET, POST]
        paths: [/api/*]
  store:
    namespace: shop
    port: { tcp: 6379 }
    allow: [{ from: api }]
external:
  pay:
    hosts: [pay.example.com]
    port: { https: 443 }
    tls: originate
    allow: [{ from: api }]
`
const prod = `meshc: v1
environment: prod
extends: ../base/mesh.yaml
`

/** A mesh without meshc, with a canary, tokens, and a part that is not modelled. */
const cart = `apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
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
metadata: { name: cart-next, namespace: shop }
spec:
  selector: { app: cart-next }
  ports: [{ name: http, port: 80, targetPort: 8080 }]
---
apiVersion: v1
kind: Service
metadata: { name: team, namespace: shop }
spec:
  selector: { team: front }
  ports: [{ name: http, port: 80, targetPort: 8080 }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: cart, namespace: shop }
spec:
  hosts: [cart]
  http:
    - match: [{ uri: { prefix: /old }, method: { exact: GET } }]
      redirect: { uri: /new, redirectCode: 302 }
    - name: canary
      match: [{ headers: { x-canary: { exact: "1" } } }]
      rewrite: { uri: /v2 }
      retries: { attempts: 2, retryOn: 5xx }
      route: [{ destination: { host: cart-next } }]
    - match: [{ uri: { prefix: /slow } }]
      fault: { abort: { grpcStatus: UNAVAILABLE, percentage: { value: 100 } } }
      route: [{ destination: { host: cart } }]
    - timeout: 3s
      route: [{ destination: { host: cart } }]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec: { mtls: { mode: STRICT } }
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: cart, namespace: shop }
spec:
  selector: { matchLabels: { app: cart } }
  jwtRules: [{ issuer: "https://login.example.com", jwksUri: "https://login.example.com/keys" }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: cart, namespace: shop }
spec:
  selector: { matchLabels: { app: cart } }
  rules:
    - from: [{ source: { principals: [cluster.local/ns/shop/sa/web] } }]
      to:
        - operation: { methods: [GET], paths: [/items/*] }
        - operation: { methods: [POST] }
    - from: [{ source: { requestPrincipals: ["https://login.example.com/*"] } }]
      to: [{ operation: { paths: [/admin/*] } }]
      when: [{ key: "request.auth.claims[role]", values: [admin] }]
    - from: [{ source: { namespaces: [elsewhere] } }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: no-debug, namespace: shop }
spec:
  action: DENY
  rules: [{ to: [{ operation: { paths: ["*/debug"] } }] }]
`

/** Services that a client calls over its own TLS, and the pods of a StatefulSet. */
const secure = `apiVersion: v1
kind: Service
metadata: { name: orders, namespace: shop }
spec: { selector: { app: orders }, ports: [{ name: http, port: 8080 }, { name: https, port: 443 }] }
---
apiVersion: v1
kind: Service
metadata: { name: kafka, namespace: data }
spec: { clusterIP: None, selector: { app: kafka }, ports: [{ name: tcp-kafka, port: 9092 }] }
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: stripe, namespace: shop }
spec: { hosts: [api.stripe.com], ports: [{ number: 443, name: tls, protocol: TLS }], resolution: DNS }
---
${(
  [
    ['Deployment', 'web', 'shop'],
    ['Deployment', 'orders', 'shop'],
    ['StatefulSet', 'kafka', 'data'],
  ] as const
)
  .map(
    ([kind, name, namespace]) => `apiVersion: apps/v1
kind: ${kind}
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: app }] }
`,
  )
  .join('---\n')}`

/** A route with a regular expression, which is the only route of its host. */
const expression = `${secure}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: orders, namespace: shop }
spec:
  hosts: [orders]
  http:
    - match: [{ uri: { regex: "/orders/[0-9]+" }, method: { exact: POST } }]
      route: [{ destination: { host: orders } }]
`

const workloads = ['web', 'cart', 'cart-next'].map(
  name => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name}${name === 'cart' ? '' : ', team: front'} } }
    spec:
      serviceAccountName: ${name}
      containers: [{ name: app, ports: [{ containerPort: 8080 }] }]
`,
)

const shop = () =>
  project({
    'spec/base/mesh.yaml': base,
    'spec/prod/mesh.yaml': prod,
    'cart/mesh.yaml': cart,
    'cart/workloads.yml': workloads.join('---\n'),
    'secure/mesh.yaml': secure,
    'expression/mesh.yaml': expression,
    'admin.json': JSON.stringify({ iss: 'https://login.example.com', sub: 'ann', role: 'admin' }),
    'guest.json': JSON.stringify({ iss: 'https://login.example.com', sub: 'bob' }),
    'broken/mesh.yaml': 'kind: Service\n  metadata: {}\n',
    'empty/README.md': 'nothing\n',
  })

const inCart = ['--manifests', 'cart']
const secured = ['trace', '--manifests', 'secure', '--from', 'web', '--to']
const questions: Readonly<Record<string, readonly string[]>> = {
  'a-route-and-a-policy': ['trace', '--env', 'prod', '--from', 'web', '--to', 'api', 'POST /api/orders'],
  'refused-by-all-rules': ['trace', '--from', 'web', '--to', 'api', 'DELETE /api/orders'],
  'from-outside': ['trace', '--to', 'api.example.com', '/'],
  'from-outside-unencrypted': ['trace', '--to', 'http://api.example.com/'],
  'https-outside': [...secured, 'https://api.stripe.com/v1'],
  'https-to-an-unknown-host': [...secured, 'https://unknown.example'],
  'https-on-its-port': [...secured, 'https://orders/'],
  'https-on-a-port-of-http': [...secured, 'https://orders:8080/'],
  'a-pod-of-a-stateful-set': [...secured, 'kafka-0.kafka.data.svc.cluster.local:9092'],
  bytes: ['trace', '--from', 'shop/api-stable', '--to', 'store'],
  'without-sidecar': ['trace', '--from', 'web', '--to', 'api', '--plaintext', '/api/orders'],
  'a-host-that-is-near': ['trace', '--from', 'web', '--to', 'apii.shop.svc.cluster.local:8080'],
  'a-header': ['trace', ...inCart, '--from', 'web', '--to', 'cart', '-H', 'x-canary: 1', '/items/1?a=b'],
  'a-redirect': ['trace', ...inCart, '--from', 'web', '--to', 'cart', '/old/1'],
  'a-token': ['trace', ...inCart, '--from', 'web', '--to', 'cart', '--jwt', 'admin.json', 'PUT /admin/users'],
  'a-token-without-claim': [
    'trace',
    ...inCart,
    '--from',
    'web',
    '--to',
    'cart',
    '--jwt',
    'guest.json',
    'PUT /admin/users',
  ],
  'refused-by-one-rule': ['trace', ...inCart, '--from', 'web', '--to', 'cart', 'POST /debug'],
  'not-modelled': ['trace', ...inCart, '--from', 'web', '--to', 'cart', '/slow'],
  'can-in-a-project': ['can', '--env', 'prod', 'web', 'api'],
  'can-bytes': ['can', 'shop/api-canary', 'store'],
  'can-with-tokens-and-refusals': ['can', ...inCart, 'web', 'cart'],
  'can-by-an-expression': ['can', '--manifests', 'expression', 'web', 'orders:8080'],
  'can-nothing': ['can', 'store', 'web'],
  'a-service-asks': ['trace', '--from', 'api', '--to', 'store'],
  'a-gateway-asks': ['trace', '--from', 'gateway/public', '--to', 'api', '/'],
  'anyone-asks': ['trace', '--from', 'anyone', '--to', 'api', '/'],
  'somebody-in-a-namespace-asks': ['trace', '--from', 'namespace/shop', '--to', 'api', '/'],
  'an-external-caller-asks': [
    'trace',
    '--from',
    'external-caller/partner.example.com/ns/a/sa/b',
    '--to',
    'api',
  ],
  'to-an-external-system': ['trace', '--from', 'api', '--to', 'external/pay', '/v1'],
  'can-through-a-gateway': ['can', 'gateway/public', 'api'],
  'can-anyone': ['can', 'anyone', 'api'],
  'can-outside': ['can', 'api', 'external/pay'],
  'wrong-different-answers': ['trace', ...inCart, '--from', 'team', '--to', 'cart', '/items/1'],
  'wrong-an-identity': ['trace', '--from', 'external-caller/partner', '--to', 'api'],
  'wrong-a-gateway': ['trace', '--from', 'gateway/pubic', '--to', 'api'],
  'wrong-an-external-system': ['trace', '--from', 'api', '--to', 'external/pax'],
  'wrong-nothing-shown': ['trace', '--to', 'store'],
  'wrong-a-caller': ['trace', '--from', 'wep', '--to', 'api'],
  'wrong-a-service': ['trace', '--from', 'web', '--to', 'apy'],
  'wrong-no-target': ['trace', '--from', 'web'],
  'wrong-a-request': ['trace', '--from', 'web', '--to', 'api', 'FETCH /'],
  'wrong-a-path': ['trace', '--from', 'web', '--to', 'api', 'GET /café'],
  'wrong-a-header': ['trace', '--from', 'web', '--to', 'api', '-H', 'canary'],
  'wrong-two-meshes': ['trace', '--env', 'prod', ...inCart, '--to', 'cart'],
  'wrong-broken-manifests': ['trace', '--manifests', 'broken', '--from', 'web', '--to', 'cart'],
  'wrong-no-manifests': ['trace', '--manifests', 'empty', '--from', 'web', '--to', 'cart'],
  'wrong-one-word': ['can', 'web'],
}

test('the text shows the result of a request and its lines', async () => {
  const folder = shop()
  const runs = await Promise.all(
    Object.entries(questions).map(async ([name, words]) => ({
      name,
      words,
      run: await meshc(folder, words),
    })),
  )
  for (const { name, words, run } of runs) {
    const typed = words.map(word => (/[ :*]/.test(word) ? `'${word}'` : word)).join(' ')
    golden.matches(`${name}.txt`, `$ meshc ${typed}\n${run.stdout}${run.stderr}status ${run.code}\n`)
    assert.is(run.code === 2, name.startsWith('wrong-'), name)
  }
  golden.hasNoOther()
})

test('of several gateways, a trace uses the gateway that serves the host', async () => {
  const gateways = `gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt } }
  partner: { namespace: partner, hosts: [partner.example.com], certificate: { issuer: letsencrypt } }
`
  const text = base
    .replace(/gateways:\n.*\n/, gateways)
    .replace(
      'host: api.example.com }]',
      'host: api.example.com }, { gateway: partner, host: partner.example.com }]',
    )
    .replace(
      '{ from: gateway/public, methods',
      '{ from: gateway/partner }\n      - { from: gateway/public, methods',
    )
  const folder = project({ 'spec/base/mesh.yaml': text, 'spec/prod/mesh.yaml': prod })
  const client = async (...words: readonly string[]) =>
    JSON.parse((await meshc(folder, ['trace', '--json', ...words])).stdout).client
  assert.match(await client('--to', 'api.example.com'), '/istio-public')
  assert.match(await client('--to', 'partner.example.com'), '/istio-partner')
  assert.match(await client('--from', 'gateway/partner', '--to', 'api'), '/istio-partner')
  const { code, stderr } = await meshc(folder, ['trace', '--to', 'api'])
  assert.is(code, 2)
  assert.match(stderr, /`api` has several hosts: `api\.example\.com` and `partner\.example\.com`/)
})

test('a name of the spec means the service of the spec, with any name of its Service', async () => {
  const text = base.replace('  store:\n', '  store:\n    name: redis\n')
  const folder = project({ 'spec/base/mesh.yaml': text, 'spec/prod/mesh.yaml': prod })
  const { stdout } = await meshc(folder, ['trace', '--from', 'api', '--to', 'store', '--json'])
  assert.is(JSON.parse(stdout).request.to.host, 'redis.shop.svc.cluster.local')
})

test('dev allows pods without a sidecar only the requests of its spec', async () => {
  const root = join(import.meta.dirname, '../..')
  const ask = async (line: string) => {
    const words = ['trace', '--env', 'dev', '--from', 'anyone', '--to', 'my-api', line, '--json']
    const { code, stdout } = await meshc(root, words)
    const { ok, verdict, outcomes } = JSON.parse(stdout)
    return { code, ok, verdict, status: outcomes[0].status }
  }
  assert.equal(await ask('GET /api/orders'), { code: 0, ok: true, verdict: 'ALLOW', status: 200 })
  assert.equal(await ask('POST /api/orders'), { code: 1, ok: false, verdict: 'DENY', status: 403 })
})

test('the JSON output has the same answer', async () => {
  const folder = shop()
  const words = ['trace', ...inCart, '--from', 'web', '--to', 'cart', '--json', 'POST /debug']
  const { stdout, code } = await meshc(folder, words)
  assert.is(code, 1)
  const { ok, verdict, outcomes } = JSON.parse(stdout)
  assert.equal([ok, verdict, outcomes.length], [false, 'DENY', 1])
  const { steps, ...outcome } = outcomes[0]
  assert.equal(outcome, {
    cluster: 'outbound|80||cart.shop.svc.cluster.local',
    workload: 'shop/cart',
    transport: 'mtls',
    peer: 'spiffe://cluster.local/ns/shop/sa/web',
    verdict: 'DENY',
    status: 403,
    policy: 'ns[shop]-policy[no-debug]-rule[0]',
    unknown: [],
  })
  assert.equal(steps.at(-1), {
    step: 'deny policy',
    says: 'refused: a rule matches',
    at: [
      {
        object: 'AuthorizationPolicy/shop/no-debug',
        pointer: '/spec/rules/0',
        file: 'cart/mesh.yaml',
        line: cart.split('\n').findIndex(line => line.includes('*/debug')) + 1,
      },
    ],
  })
})

test('the engine tried each request that a caller may send: traced alone, each one is allowed', async () => {
  const folder = shop()
  const { stdout } = await meshc(folder, ['can', ...inCart, 'web', 'cart', '--json'])
  const [{ lines }] = JSON.parse(stdout).ports
  const verdicts = await Promise.all(
    lines.map(async ({ verdict, tried }: { verdict: string; tried: Tried }) => {
      const { method, path, headers = {}, jwt } = tried
      const flags = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
      const token = jwt === undefined ? [] : ['--jwt', 'admin.json']
      const words = ['trace', ...inCart, '--from', 'web', '--to', 'cart', '--json', ...flags, ...token]
      const run = await meshc(folder, [...words, `${method} ${path}`])
      return [verdict, JSON.parse(run.stdout).verdict]
    }),
  )
  assert.ok(verdicts.length >= 4, JSON.stringify(verdicts))
  for (const [stated, traced] of verdicts) assert.is(stated, traced)
})

test('a gateway with hundreds of paths is no harder: each service is tried with its own paths', () => {
  const services = Array.from({ length: 200 }, (_, index) =>
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
  const model = getSpecModel(spec.join('\n'))
  const request: Request = {
    from: {
      gateway: { namespace: 'istio-ingress', labels: { istio: 'public' } },
      scheme: 'https',
    },
    to: { host: 'api.example.com', port: 443 },
  }
  // The requests of each path to each service are more work.
  const ask = limitQuestions({ ...usualLimits, time: 1000 })
  const { workloads, lines } = ask(
    () => findAllowed(model, request),
    ({ code }) => {
      throw new Error(code)
    },
  )
  assert.is(workloads.length, 200)
  assert.ok(lines.length >= 200)
  assert.ok(lines.every(({ verdict }) => verdict === 'ALLOW'))
})

test.run()

interface Tried {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly jwt?: unknown
}
