import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { meshc, type Run } from '../support/meshc.ts'
import { project } from '../support/project.ts'

/** Hostile manifests: each command gives an answer or a failure with its place, and never a defect. */
const test = suite('bin/foreign manifests')

const shop = `apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec: { selector: { app: cart }, ports: [{ name: http, port: 80 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: cart, namespace: shop, labels: { app: cart } }
spec: { containers: [{ name: app }] }
---
`
const route = `${shop}apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: cart, namespace: shop }
`
const policy = (spec: string) => `${shop}apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: cart, namespace: shop }
spec: ${spec}
`
const spec = `meshc: v1
mesh: shop
services:
  cart: { namespace: shop, port: { http: 80 }, allow: [{ from: web }] }
  web: { namespace: shop, port: { http: 80 } }
`
const calls = {
  lint: ['lint'],
  trace: ['trace', '--from', 'cart', '--to', 'cart', 'GET /'],
  can: ['can', 'cart', 'cart'],
  diff: ['diff', '--env', 'prod', '--deny', 'unknown'],
} as const

/** Runs each command on a folder with one file of manifests. */
async function asked(manifests: string): Promise<Readonly<Record<keyof typeof calls, Run>>> {
  const folder = project({ 'spec/prod/mesh.yaml': spec, 'deployed/all.yaml': manifests })
  const ask = async (words: readonly string[]) => {
    const run = await meshc(folder, [...words, '--manifests', 'deployed'])
    assert.is(run.signal, null)
    assert.not.match(run.stderr, /defect|undefined|\[object|^\s+at /m)
    return run
  }
  return {
    lint: await ask(calls.lint),
    trace: await ask(calls.trace),
    can: await ask(calls.can),
    diff: await ask(calls.diff),
  }
}

/** Names whose values each contain the value before nine times. */
const laughs = Array.from({ length: 12 }, (_, n) => `  a${n + 1}: &a${n + 1} [${`*a${n}, `.repeat(9)}]\n`)
const merges = Array.from(
  { length: 90 },
  (_, n) => `  m${n + 1}: &m${n + 1} { <<: [*m${n}, *m${n}], k${n}: *m${n} }\n`,
)
const nested = Array.from({ length: 2000 }, (_, n) => `  d${n + 1}: &d${n + 1} [*d${n}]\n`)
const beyond: Readonly<Record<string, readonly [text: string, reason: RegExp]>> = {
  'nested aliases': [
    `${route}spec:\n  a0: &a0 [x, x]\n${laughs.join('')}`,
    /^error: deployed\/all\.yaml:\d+:\d+: this file has aliases that repeat more than 100,000 values$/m,
  ],
  'merged maps of merged maps': [
    `${route}spec:\n  m0: &m0 { k: v }\n${merges.join('')}`,
    /aliases that repeat more/,
  ],
  'an alias of itself': [
    `${route}spec: &all { hosts: [cart], http: *all }\n`,
    /all\.yaml:14:\d+: this file has the alias `\*all` within the value that it stands for/,
  ],
  'a long text again and again': [
    `${route}spec:\n  text: &text "${'x'.repeat(20_000)}"\n  hosts: [${'*text, '.repeat(100)}]\n`,
    /aliases that repeat more than a million characters/,
  ],
  'aliases that nest': [
    `${route}spec:\n  d0: &d0 [x]\n${nested.join('')}`,
    /aliases that nest deeper than 100 levels/,
  ],
  'brackets that nest': [`${route}spec: ${'['.repeat(5000)}${']'.repeat(5000)}\n`, /nesting exceeded/],
  'a number that JSON does not have': [
    `${route}spec: { timeout: .inf }\n`,
    /JSON has no such number or text/,
  ],
  'half of a surrogate pair': [`${route}spec: { hosts: ["\\ud800"] }\n`, /JSON has no such number or text/],
}

for (const [name, [text, reason]] of Object.entries(beyond))
  test(`${name}: every command names the place`, async () => {
    for (const { code, stdout, stderr } of Object.values(await asked(text))) {
      assert.is.not(code, 0)
      assert.is(stdout, '')
      assert.match(stderr, reason)
    }
  })

const refused: Readonly<Record<string, readonly [text: string, reason: RegExp]>> = {
  'a word where an address is due': [
    policy('{ action: DENY, rules: [{ from: [{ source: { ipBlocks: ["not-an-ip"] } }] }] }'),
    /no address or CIDR: `not-an-ip`/,
  ],
  'bits that no address has': [
    policy('{ rules: [{ when: [{ key: source.ip, values: [10.0.0.0/33] }] }] }'),
    /no address or CIDR: `10\.0\.0\.0\/33`/,
  ],
  'an action that Istio does not know': [
    policy('{ action: constructor, rules: [{}] }'),
    /not one of ALLOW, DENY/,
  ],
  'a text where a list is due': [policy('{ action: DENY, rules: everything }'), /this is not a list/],
  'a port that is a text': [
    `${route}spec: { hosts: [cart], http: [{ match: [{ port: "80" }] }] }\n`,
    /whole number/,
  ],
  'an expression that RE2 does not read': [
    `${route}spec: { hosts: [cart], http: [{ match: [{ uri: { regex: "(?<!a)b" } }], route: [{ destination: { host: cart } }] }] }\n`,
    /invalid|missing/,
  ],
}

for (const [name, [text, reason]] of Object.entries(refused))
  test(`${name}: a cluster refuses the object, and every command reports this`, async () => {
    const { lint, trace, can, diff } = await asked(text)
    assert.is(lint.code, 1)
    assert.match(lint.stdout, /^OBJECTS\n {2}refused {4}\w+ shop\/cart\n {13}deployed\/all\.yaml:\d+\n/m)
    assert.match(lint.stdout, reason)
    for (const { stderr } of [trace, can]) {
      assert.match(stderr, /^note: a cluster refuses \w+ shop\/cart: .*it is left out$/m)
      assert.match(stderr, reason)
    }
    assert.is.not(diff.code, 0)
  })

test('an object that a change has refused is unknown, and a gate keeps it out', async () => {
  const folder = project({
    'spec/prod/mesh.yaml': `${spec}delivery: { neighbors: [shop/nobody.yaml] }\n`,
    'out/prod/manifests/shop/nobody.yaml': `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: nobody, namespace: shop }
spec: { action: DENY, rules: [{ from: [{ source: { ipBlocks: [nowhere] } }] }] }
`,
    'deployed/all.yaml': shop,
  })
  const { code, stdout } = await meshc(folder, [
    'diff',
    '--env',
    'prod',
    '--manifests',
    'deployed',
    '--deny',
    'unknown',
  ])
  assert.is(code, 1, stdout)
  assert.match(stdout, /\? AuthorizationPolicy shop\/nobody {2}which a cluster refuses/)
  assert.match(stdout, /no address or CIDR: `nowhere`/)
})

test('names of JavaScript properties are ordinary names', async () => {
  const strange = [
    'apiVersion: v1\nkind: constructor\nmetadata: { name: x }\n',
    'apiVersion: constructor\nkind: __proto__\nmetadata: { name: x, labels: { __proto__: a, constructor: b } }\n',
    `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: cart, namespace: shop }
spec:
  hosts: [cart]
  http:
    - match: [{ headers: { constructor: { exact: a } }, queryParams: { __proto__: { exact: b } } }]
      route: [{ destination: { host: cart } }]
    - route: [{ destination: { host: cart } }]
`,
    `apiVersion: v1
kind: Service
metadata: { name: constructor, namespace: constructor }
spec: { selector: { constructor: __proto__ }, ports: [{ port: 80, targetPort: constructor }] }
`,
  ]
  const { trace, can } = await asked(`${shop}${strange.join('---\n')}`)
  assert.is(trace.code, 0, trace.stderr)
  assert.is(can.code, 0, can.stderr)
})

test('a request that an authorizer checks has two outcomes, and any other request has one', async () => {
  const asked = `---
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: { name: istio, namespace: istio-system }
spec:
  meshConfig:
    extensionProviders: [{ name: opa, envoyExtAuthzGrpc: { service: opa.policy.svc.cluster.local, port: 9191 } }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ask, namespace: shop }
spec: { action: CUSTOM, provider: { name: opa }, rules: [{ to: [{ operation: { paths: [/admin/*] } }] }] }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: refuse, namespace: shop }
spec: { action: DENY, rules: [{ to: [{ operation: { ports: ['80'], paths: [/admin/keys] } }] }] }
`
  const folder = project({ 'deployed/all.yaml': `${shop}${asked}` })
  const trace = async (request: string, ...words: readonly string[]) => {
    const call = ['trace', '--manifests', 'deployed', '--from', 'cart', '--to', 'cart', request, ...words]
    const { code, stdout } = await meshc(folder, call)
    return { code, last: stdout.trim().split('\n').slice(-2) }
  }
  const allowed = 'ALLOW 200 as spiffe://cluster.local/ns/shop/sa/default'
  assert.equal(await trace('GET /admin/users'), {
    code: 0,
    last: [
      `${allowed}, if opa allows it`,
      'DENY 403, if opa refuses it (its answer may have another status)',
    ],
  })
  assert.equal((await trace('GET /admin/users', '--ext-authz', 'deny')).last.at(-1), 'DENY 403')
  const refused = await trace('GET /admin/keys')
  assert.is(refused.code, 1)
  assert.is(refused.last.at(-1), 'DENY 403 by ns[shop]-policy[refuse]-rule[0], whatever opa answers')
  assert.is((await trace('GET /')).last.at(-1), allowed)
})

test('an address of a caller and a port are numbers of their form', async () => {
  const folder = project({ 'deployed/all.yaml': shop })
  const trace = (...words: readonly string[]) =>
    meshc(folder, ['trace', '--manifests', 'deployed', '--from', 'cart', ...words])
  for (const address of ['banana', '10.0.0', '10.0.0.0/8', '0x7f.1', '1.2.3.04']) {
    const { code, stderr } = await trace('--to', 'cart', '--ip', address)
    assert.is(code, 2, stderr)
    assert.match(stderr, `\`${address}\` is no IP address`)
  }
  for (const port of ['0', '65536', '99999999999999999999']) {
    const { stderr } = await trace('--to', `cart:${port}`)
    assert.match(stderr, `\`${port}\` is no port`)
  }
  for (const address of ['203.0.113.7', '2001:db8::7'])
    assert.is((await trace('--to', 'cart', '--ip', address)).code, 0)
})

test('a gateway as a caller is a client outside, which its name alone does not say', async () => {
  const gateway = `
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: front, namespace: edge }
spec: { template: { metadata: { labels: { istio: front }, annotations: { inject.istio.io/templates: gateway } } } }
`
  const folder = project({ 'deployed/all.yaml': `${shop}${gateway}` })
  const call = ['trace', '--manifests', 'deployed', '--from', 'edge/front', '--to', 'cart']
  const refused = await meshc(folder, call)
  assert.is(refused.code, 2)
  assert.match(refused.stderr, '`edge/front` is a gateway')
  assert.match(refused.stderr, '`--from gateway/front` calls as a client outside, through this gateway')
})

test('findings and claims of JSON that nests without end are refused with words', async () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const folder = project({ 'spec/prod/mesh.yaml': spec, 'deep.json': deep, 'deployed/all.yaml': shop })
  const located = await meshc(folder, ['locate', 'deep.json'])
  assert.is(located.code, 2)
  assert.match(located.stderr, /`deep\.json` is not JSON, or beyond the bounds/)
  const traced = await meshc(folder, [
    'trace',
    '--manifests',
    'deployed',
    '--from',
    'cart',
    '--to',
    'cart',
    '--jwt',
    'deep.json',
  ])
  assert.match(traced.stderr, /`deep\.json` is no JSON, or beyond the bounds/)
})

test('an answer about manifests without a trust domain names the assumed one', async () => {
  const named = policy('{ rules: [{ from: [{ source: { principals: [cluster.local/ns/shop/sa/web] } }] }] }')
  const operator = `---
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: { name: istio, namespace: istio-system }
spec: { meshConfig: { trustDomain: shop.example } }
`
  const stated =
    /note: assumed: Istio's default MeshConfig, as the manifests have none: the trust domain is `cluster\.local`/
  for (const call of Object.values(calls)) {
    const reported = async (text: string) => {
      const folder = project({ 'spec/prod/mesh.yaml': spec, 'm/mesh.yaml': text })
      return (await meshc(folder, [...call, '--manifests', 'm'])).stderr
    }
    assert.match(await reported(named), stated)
    assert.not.match(await reported(named + operator), stated)
  }
})

test.run()
