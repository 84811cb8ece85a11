import { rmSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { meshc } from '../support/meshc.ts'
import { project, write } from '../support/project.ts'
import { git, repository as repositoryWith } from '../support/repository.ts'

/**
 * The comparison of manifests without a spec: with a revision, with other manifests, and with the manifests
 * of a spec.
 */
const test = suite('bin/manifest diff')

const workload = (name: string) => `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { serviceAccountName: ${name}, containers: [{ name: app, image: app }] }
---
`
const strict = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec: { mtls: { mode: STRICT } }
---
`
/** Returns a policy that allows these callers of `cart`, each on a line. */
const policy = (...accounts: readonly string[]) => `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: cart, namespace: shop }
spec:
  selector: { matchLabels: { app: cart } }
  rules:
  - from:
    - source:
        principals:
${accounts.map(account => `        - cluster.local/ns/shop/sa/${account}\n`).join('')}`
const workloads = `${workload('cart')}${workload('web')}${workload('batch')}${strict}`
const file = 'clusters/prod/policy.yaml'

/** Makes a repository with manifests, whose policy allows `web`. */
const repository = (files: Readonly<Record<string, string>> = {}): string =>
  repositoryWith({
    'clusters/prod/workloads.yaml': workloads,
    [file]: policy('web'),
    'README.md': '# a\n',
    ...files,
  })

const sinceMain = ['diff', '--manifests', 'clusters/prod', '--base', 'main'] as const

test('manifests are compared with a revision, and a difference names their lines', async () => {
  const folder = repository()
  assert.is((await meshc(folder, sinceMain)).code, 0)
  write(folder, { [file]: policy('web', 'batch') })
  const { code, stdout, stderr } = await meshc(folder, sinceMain)
  assert.is(code, 2, stderr)
  assert.match(stdout, /^clusters\/prod · main → the working tree: 1 opened; 1 object is another$/m)
  assert.match(stdout, /^ACCESS\n {2}\+ shop\/batch → cart\.shop:80 {2}every request$/m)
  assert.match(stdout, /e\.g\. shop\/batch → GET http:\/\/cart\.shop\/$/m)
  assert.match(stdout, /because clusters\/prod\/policy\.yaml:7 .*AuthorizationPolicy shop\/cart/)
  assert.match(stdout, /^MANIFESTS\n {4}~ AuthorizationPolicy\/shop\/cart \(clusters\/prod\/policy\.yaml\)$/m)
  assert.not.match(stdout, /no edit of a spec/)
  assert.match(stderr, /^note: assumed: sidecars in the namespace shop/m)
  const argument = await meshc(folder, ['diff', 'clusters/prod', '--base', 'main'])
  assert.is(argument.stdout, stdout)
  git(folder, 'branch', 'there')
  const json = JSON.parse((await meshc(folder, [...sinceMain, '--json'])).stdout)
  assert.is(json.environments[0].findings[0].because[0].file, file)
  assert.match(json.assumed[0], 'sidecars in the namespace shop')
})

test('its gates, formats and exit codes are those of specs', async () => {
  const folder = repository()
  write(folder, { [file]: policy('web', 'batch') })
  const denied = await meshc(folder, [...sinceMain, '--deny', 'new-access'])
  assert.is(denied.code, 1)
  assert.match(denied.stderr, /new-access: clusters\/prod: shop\/batch → cart\.shop:80/)
  assert.match(denied.stderr, /`waive` in the file meshc\.yaml beside the manifests/)
  const markdown = await meshc(folder, [...sinceMain, '--format', 'markdown'])
  assert.match(markdown.stdout, /^<!-- meshc diff -->/)
  assert.match(markdown.stdout, 'shop/batch')
  const github = await meshc(folder, [...sinceMain, '--format', 'github', '--deny', 'new-access'])
  assert.match(github.stdout, /^::error file=clusters\/prod\/policy\.yaml,line=7,/m)
  const sarif = JSON.parse((await meshc(folder, [...sinceMain, '--format', 'sarif'])).stdout)
  const [{ physicalLocation }] = sarif.runs[0].results[0].locations
  assert.is(physicalLocation.artifactLocation.uri, file)
  assert.is(physicalLocation.region.startLine, 7)
})

const waiver = (from = 'shop/batch') =>
  `waive:
  - { gate: new-access, from: ${from}, to: shop/cart, because: agreed, owner: team-shop, until: 2099-01-31 }
`

test('a waiver of the file beside manifests lets a change pass once the revision has it', async () => {
  const changed = { [file]: policy('web', 'batch') }
  const own = { 'clusters/prod/meshc.yaml': waiver() }
  const late = repository()
  write(late, { ...changed, ...own })
  const denied = await meshc(late, [...sinceMain, '--deny', 'new-access'])
  assert.is(denied.code, 1)
  assert.match(denied.stdout, /comes with this change: it counts once main has it/)
  assert.match(denied.stdout, /in clusters\/prod\/meshc\.yaml:2/)
  const early = repository(own)
  write(early, changed)
  const waived = await meshc(early, [...sinceMain, '--deny', 'new-access'])
  assert.is(waived.code, 2, waived.stderr)
  assert.match(waived.stdout, 'waived until 2099-01-31 by team-shop: agreed')
  assert.not.match(waived.stdout + waived.stderr, /no Kubernetes object/)
  const others = repository({ 'clusters/prod/meshc.yaml': waiver('shop/web') })
  write(others, changed)
  assert.is((await meshc(others, [...sinceMain, '--deny', 'new-access'])).code, 1)
})

test('an expectation of the file is proved of the state after, and is not lost in silence', async () => {
  const expect = `expect:
  - { only: [shop/web], to: shop/cart, because: PCI scope }
  - { from: shop/web, to: shop/cart }
  - { never: [outside, shop/batch], to: shop/cart, method: POST, path: /orders/* }
`
  const folder = repository({ 'clusters/prod/meshc.yaml': expect })
  assert.is((await meshc(folder, sinceMain)).code, 0)
  write(folder, { [file]: policy('batch') })
  const unmet = await meshc(folder, sinceMain)
  assert.is(unmet.code, 1)
  assert.is(unmet.stdout, '')
  assert.match(unmet.stderr, /only `shop\/web` is expected to reach `shop\/cart`, and `shop\/batch` can/)
  assert.match(
    unmet.stderr,
    /`shop\/web` is expected to reach `shop\/cart`, but does not: .*ends with DENY 403/,
  )
  assert.match(
    unmet.stderr,
    /`outside` or `shop\/batch` are expected never to reach `shop\/cart` with POST on/,
  )
  assert.match(unmet.stderr, /--> clusters\/prod\/meshc\.yaml:2:/)
  rmSync(`${folder}/clusters/prod/meshc.yaml`)
  write(folder, { [file]: policy('web') })
  const lost = await meshc(folder, [...sinceMain, '--deny', 'lost-expectation'])
  assert.is(lost.code, 1)
  assert.match(lost.stdout, 'it is expected no more')
})

const tokens = (to: string, issuer: string) => `apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: ${to}, namespace: shop }
spec:
  selector: { matchLabels: { app: ${to} } }
  jwtRules: [{ issuer: ${issuer}, jwksUri: ${issuer}/keys }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ${to}-admin, namespace: shop }
spec:
  selector: { matchLabels: { app: ${to} } }
  action: DENY
  rules:
    - to: [{ operation: { paths: [/admin/*] } }]
      when: [{ key: "request.auth.claims[realm][role]", notValues: [admin] }]
`

test('an expectation of the file asks for tokens and claims, and names issuers by their URL', async () => {
  const met = `expect:
  - { never: [anyone], to: shop/cart, path: /admin/*, jwt: missing }
  - { from: shop/web, to: shop/cart, path: /admin/*, issuers: [https://id.example.com], claims: { realm: { role: admin } } }
  - { from: shop/web, to: shop/cart, path: /admin/*, claims: { realm: { role: [owner, admin] } } }
`
  const folder = repository({
    'clusters/prod/meshc.yaml': met,
    'clusters/prod/tokens.yaml': tokens('cart', 'https://id.example.com'),
  })
  const first = await meshc(folder, sinceMain)
  assert.is(first.code, 0, first.stderr)
  const unmet = `expect:
  - { never: [anyone], to: shop/cart, jwt: missing }
  - { never: [shop/web], to: shop/cart, issuers: [https://id.example.com], claims: { realm: { role: admin } } }
  - { from: shop/web, to: shop/cart, path: /admin/*, claims: { realm: { role: guest } } }
`
  write(folder, { 'clusters/prod/meshc.yaml': unmet })
  const { code, stderr } = await meshc(folder, sinceMain)
  assert.is(code, 1)
  assert.match(
    stderr,
    '`anyone` is expected never to reach `shop/cart` without a valid token, and `shop/web` can: `shop/web → GET http://cart.shop/`',
  )
  assert.match(
    stderr,
    '`shop/web` is expected never to reach `shop/cart` with a token of `https://id.example.com` in which `realm.role` is `admin`, and can: `shop/web → GET http://cart.shop/, with a token of https://id.example.com, realm {"role":"admin"}`',
  )
  assert.match(
    stderr,
    'but does not: `shop/web → GET http://cart.shop/admin/, with a token of https://id.example.com, realm {"role":"guest"}` ends with DENY 403',
  )
})

test('an expectation of the file that asks for what its Service cannot see is an error', async () => {
  const unseen = `expect:
  - { never: [anyone], to: shop/web, issuers: [https://id.example.com] }
  - { from: shop/cart, to: api.example.com, claims: { role: admin } }
`
  const folder = repository({
    'clusters/prod/meshc.yaml': unseen,
    'clusters/prod/tokens.yaml': tokens('cart', 'https://id.example.com'),
  })
  const { code, stderr } = await meshc(folder, sinceMain)
  assert.is(code, 1)
  assert.match(stderr, /MESH3805.*no proxy reads tokens for `shop\/web`/)
  assert.match(stderr, /MESH3805.*no proxy reads tokens for `api\.example\.com`/)
})

const faults: Readonly<Record<string, readonly [text: string, message: RegExp]>> = {
  'an issuer': [
    'expect:\n  - { never: [anyone], to: shop/cart, issuers: [https://id.example.com] }\n',
    /meshc\.yaml:2: .* no issuer of tokens `https:\/\/id\.example\.com`/,
  ],
  'two conditions on a token': [
    'expect:\n  - { never: [anyone], to: shop/cart, jwt: missing, claims: { role: admin } }\n',
    /sets both `jwt: missing` and `claims`/,
  ],
  'a section': ['waiv: []\n', /did you mean `waive`/],
  'a gate': [waiver().replace('new-access', 'new-acess'), /did you mean `new-access`/],
  'a field': ['expect:\n  - { onyl: [shop/web], to: shop/cart }\n', /did you mean `only`/],
  'a workload': [
    'expect:\n  - { only: [shop/wep], to: shop/cart }\n',
    /meshc\.yaml:2: .* no workload `shop\/wep`\n.*did you mean `shop\/web`/,
  ],
  'a Service': [
    'expect:\n  - { only: [shop/web], to: shop/card }\n',
    /no Service `shop\/card`\n.*did you mean `shop\/cart`/,
  ],
  'the form of a name': ['expect:\n  - { only: [web], to: shop/cart }\n', /a workload as `namespace\/name`/],
  YAML: ['expect: [\n', /meshc\.yaml/],
  'a day': [waiver().replace('2099', '2020'), /MESH\d+/],
}
for (const [name, [text, message]] of Object.entries(faults))
  test(`a mistake in ${name} of the file is an error with its place`, async () => {
    const folder = repository({ 'clusters/prod/meshc.yaml': text })
    const { code, stdout, stderr } = await meshc(folder, sinceMain)
    assert.is(code, 1)
    assert.is(stdout, '')
    assert.match(stderr, message)
    assert.not.match(stderr, /defect/)
  })

test('two folders are compared, and a cluster with a folder: what it adds is no change', async () => {
  const live = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'cart',
      namespace: 'shop',
      uid: '1',
      resourceVersion: '2',
      creationTimestamp: '2026-01-01T00:00:00Z',
      managedFields: [],
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
    },
    spec: {
      clusterIP: '10.0.0.1',
      clusterIPs: ['10.0.0.1'],
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 80 }],
      selector: { app: 'cart' },
      sessionAffinity: 'None',
      type: 'ClusterIP',
    },
    status: { loadBalancer: {} },
  })
  const metadata = { name: 'tools', labels: { 'istio-injection': 'disabled' } }
  const spec = { selector: {}, template: { spec: { containers: [] } } }
  const written = [
    { apiVersion: 'v1', kind: 'Namespace', metadata },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'tool', namespace: 'tools' }, spec },
  ]
  const labels = { ...metadata.labels, 'kubernetes.io/metadata.name': 'tools' }
  const kept = [
    { ...written[0], metadata: { ...metadata, labels }, spec: { finalizers: ['kubernetes'] } },
    { ...written[1], spec: { ...spec, replicas: 1 } },
  ]
  const print = (objects: readonly object[]) => objects.map(object => JSON.stringify(object))
  const [service = '', ...rest] = workloads.split('---\n')
  const folder = project({
    'new/all.yaml': `${workloads}${policy('web')}`,
    'old/all.yaml': `${workloads}${policy('web', 'batch')}`,
    'dump.yaml': [live, ...print(kept), ...rest, policy('web')].join('\n---\n'),
    'applied.yaml': [service, ...print(written), ...rest, policy('web')].join('\n---\n'),
  })
  const closed = await meshc(folder, ['diff', 'old', 'new'])
  assert.is(closed.code, 2, closed.stderr)
  assert.match(closed.stdout, /^new · old → new: 1 closed; 1 object is another$/m)
  assert.match(closed.stdout, /old\/all\.yaml:\d+ \(before\)|new\/all\.yaml:\d+/)
  const same = await meshc(folder, ['diff', 'dump.yaml', 'applied.yaml'])
  assert.is(same.code, 0, same.stdout)
  const input = await meshc(folder, ['diff', '-', 'new'], { stdin: `${workloads}${policy('web', 'batch')}` })
  assert.match(input.stdout, /^new · standard input → new: 1 closed/m)
})

test('diff shows the changes of a spec that takes over manifests', async () => {
  const spec = `meshc: v1
mesh: shop
services:
  cart: { namespace: shop, port: { http: 80 }, allow: [{ from: web }, { from: batch }] }
  web: { namespace: shop, port: { http: 80 } }
  batch: { namespace: shop, port: { http: 80 } }
`
  const folder = project({ 'spec/prod/mesh.yaml': spec, [file]: `${workloads}${policy('web')}` })
  const { code, stdout, stderr } = await meshc(folder, ['diff', '--manifests', 'clusters', '--env', 'prod'])
  assert.is(code, 2, stderr)
  assert.match(stdout, /^prod · clusters → the working tree: /m)
  assert.match(stdout, /\+ (?:shop\/)?batch → cart/)
})

test('a call that compares nothing, or too much, is an error with the usage', async () => {
  const folder = repository({ 'docs/a.yaml': 'a: b\n' })
  const fail = async (words: readonly string[], message: RegExp) => {
    const { code, stderr } = await meshc(folder, ['diff', ...words])
    assert.is(code, 1)
    assert.match(stderr, message)
  }
  await fail(['a', 'b', 'c'], /compares two states, and 3 are given/)
  await fail(['clusters', 'clusters', '--base', 'main'], /two states and `--base` are given/)
  await fail(['docs', '--base', 'main'], /`docs` has no manifest that meshc follows/)
  await fail(['nowhere', '--base', 'main'], /`nowhere` cannot be read: there is no such file/)
  await fail(['-', '--base', 'main'], /standard input has no revision/)
  await fail(['clusters', '--base', 'maim'], /there is no revision `maim`/)
  await fail(['clusters'], /no remote `origin` with a default branch/)
  await fail(['..', '--base', 'main'], /lies outside of this folder/)
})

test('a change of the surroundings of a spec is a change, though no file of out/ is another', async () => {
  const spec = `meshc: v1
mesh: shop
manages: { namespaces: [cart] }
surroundings: [clusters/prod]
services:
  cart:
    namespace: cart
    port: { http: 8080 }
    allow: [{ from: shop/web, methods: [GET] }]
delivery: { outputs: [] }
`
  const deny = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: no-admin, namespace: istio-system }
spec: { action: DENY, rules: [{ to: [{ operation: { paths: ["/admin*"] } }] }] }
`
  const folder = repositoryWith({ 'spec/prod/mesh.yaml': spec, 'clusters/prod/all.yaml': workload('web') })
  assert.is((await meshc(folder, ['build'])).code, 0)
  git(folder, 'add', '.')
  git(folder, 'commit', '--quiet', '--message', 'built')
  assert.is((await meshc(folder, ['diff', '--base', 'HEAD'])).code, 0)
  write(folder, { 'clusters/prod/deny.yaml': deny })
  const { code, stdout } = await meshc(folder, ['diff', '--base', 'HEAD'])
  assert.is(code, 2)
  assert.match(stdout, /- shop\/web → cart[^\n]*GET \/admin\*\n[^\n]*allowed → refused with 403/)
  assert.match(stdout, 'because clusters/prod/deny.yaml:4')
  assert.not.match(stdout, 'not reachable')
})

test('objects of other owners exist before and after a spec takes over a part', async () => {
  const spec = `meshc: v1
mesh: shop
manages: { namespaces: [cart] }
surroundings: [clusters/prod]
services:
  cart:
    namespace: cart
    port: { http: 8080 }
    allow: [{ from: shop/web, methods: [GET] }]
delivery: { outputs: [] }
`
  const folder = project({
    'spec/prod/mesh.yaml': spec,
    'clusters/prod/all.yaml': `${workload('web')}${strict}`,
  })
  const { code, stdout } = await meshc(folder, ['diff', '--manifests', 'clusters/prod', '--env', 'prod'])
  assert.is(code, 2)
  assert.match(stdout, '+ VirtualService/cart/cart')
  assert.not.match(stdout, /^ {4}- /m)
  assert.not.match(stdout, 'PeerAuthentication/shop/default')
})

test.run()
