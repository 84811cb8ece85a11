import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { meshc } from '../support/meshc.ts'
import { project } from '../support/project.ts'

/** Questions about manifests from other tools, as files in repositories and as the output of clusters. */
const test = suite('bin/manifests')

const service = (name: string) => `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80 }] }
`
const deployment = (name: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { serviceAccountName: ${name}, containers: [{ name: app, image: app }] }
`
const join = (...documents: readonly string[]) => documents.join('---\n')
const cart = join(service('cart'), deployment('cart'))
const web = join(service('web'), deployment('web'))
const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: [shop.example.com] }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: cart, namespace: shop }
spec:
  hosts: [shop.example.com]
  gateways: [public]
  http: [{ route: [{ destination: { host: cart } }] }]
`
const allow = (account: string) => `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: cart, namespace: shop }
spec:
  selector: { matchLabels: { app: cart } }
  rules: [{ from: [{ source: { principals: [cluster.local/ns/shop/sa/${account}] } }] }]
`
const strict = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec: { mtls: { mode: STRICT } }
`

test('each question takes standard input, and names it in the places of its answer', async () => {
  const folder = project({})
  const stdin = join(cart, web, strict, allow('web'))
  const lint = await meshc(folder, ['lint', '-'], { stdin })
  assert.is(lint.code, 0, lint.stderr)
  assert.match(lint.stdout, /^lint of standard input$/m)
  assert.match(lint.stdout, /STRICT/)
  const trace = await meshc(
    folder,
    ['trace', '--manifests', '-', '--from', 'shop/web', '--to', 'cart', 'GET /'],
    { stdin },
  )
  assert.is(trace.code, 0, trace.stderr)
  assert.match(trace.stdout, /allow policy .*\n +stdin:\d+$/m)
  const can = await meshc(folder, ['can', '--manifests', '-', 'shop/web', 'cart'], { stdin })
  assert.is(can.code, 0, can.stderr)
  assert.is((await meshc(folder, ['lint', '--manifests', '-'], { stdin })).stdout, lint.stdout)
})

test('several folders and files are one mesh', async () => {
  const folder = project({ 'a/cart.yaml': cart, 'b/web.yml': web, 'policy.json': JSON.stringify({}) })
  const apart = await meshc(folder, ['lint', '--manifests', 'a', '--manifests', 'b'])
  assert.is(apart.code, 0, apart.stderr)
  for (const words of ['lint of a, b', 'cart.shop:80', 'web.shop:80']) assert.match(apart.stdout, words)
  assert.is((await meshc(folder, ['lint', 'a', 'b/web.yml'])).stdout.replace('b/web.yml', 'b'), apart.stdout)
  const none = await meshc(folder, ['lint', 'prod'])
  assert.is(none.code, 2)
  assert.match(none.stderr, /`prod` cannot be read: there is no such file\n.*`--env prod`/)
  const both = await meshc(folder, ['lint', 'a', '--env', 'prod'])
  assert.is(both.code, 2)
  assert.match(both.stderr, /name two meshes/)
})

/** Returns an object in the form of `kubectl get -o yaml`. */
const live = (kind: string, name: string, rest: object, metadata: object = {}) => ({
  kind,
  metadata: {
    name,
    namespace: 'shop',
    uid: '8f3c9f6e-1c1b-4f57-8d2c-9f1c7b2f4a10',
    resourceVersion: '1234',
    generation: 3,
    creationTimestamp: '2026-01-01T00:00:00Z',
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"kind":"Service"}' },
    managedFields: [{ manager: 'kubectl', operation: 'Update' }],
    ...metadata,
  },
  ...rest,
})
const template = {
  metadata: { labels: { app: 'cart' } },
  spec: {
    serviceAccountName: 'cart',
    dnsPolicy: 'ClusterFirst',
    containers: [{ name: 'app', image: 'app' }],
  },
}
const ownedBy = (kind: string, name: string) => ({
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: '1', controller: true }],
})
const cluster = JSON.stringify({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    live('Service', 'cart', {
      apiVersion: 'v1',
      spec: {
        clusterIP: '10.0.0.1',
        clusterIPs: ['10.0.0.1'],
        selector: { app: 'cart' },
        ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 80 }],
        type: 'ClusterIP',
      },
      status: { loadBalancer: {} },
    }),
    live('Deployment', 'cart', {
      apiVersion: 'apps/v1',
      spec: { selector: { matchLabels: { app: 'cart' } }, template },
      status: { readyReplicas: 1 },
    }),
    live(
      'ReplicaSet',
      'cart-5d',
      { apiVersion: 'apps/v1', spec: { selector: { matchLabels: { app: 'cart' } }, template } },
      ownedBy('Deployment', 'cart'),
    ),
    live(
      'Pod',
      'cart-5d-x',
      { apiVersion: 'v1', spec: template.spec },
      { labels: { app: 'cart' }, ...ownedBy('ReplicaSet', 'cart-5d') },
    ),
  ],
})

test('fields that a cluster adds change no answer about the applied manifests', async () => {
  const folder = project({ 'cart.yaml': cart })
  const applied = await meshc(folder, ['lint', 'cart.yaml', '--json'])
  const running = await meshc(folder, ['lint', '-', '--json'], { stdin: cluster })
  assert.is(running.code, 0, running.stderr)
  const answer = (text: string) => ({ ...JSON.parse(text), mesh: '' })
  assert.equal(answer(running.stdout), answer(applied.stdout))
  assert.not.match(running.stderr, /unclear|cart-5d/)
})

test('a file that is no manifest is named once and skipped', async () => {
  const folder = project({
    'mesh/all.yaml': join(cart, 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: shop }\n'),
    'mesh/cert.yaml': 'apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: { name: a }\n',
    'mesh/kustomization.yaml': 'resources: [all.yaml]\n',
    'mesh/values.yaml': 'replicas: 3\n',
    'mesh/notes.yaml': 'a: [1\n',
    'mesh/deploy.yaml':
      'apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Values.name }}\n  {{- end }}\n',
    'mesh/named.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: "{{ name }}" }\n',
    'mesh/charts/web/Chart.yaml': 'apiVersion: v2\nname: web\n',
    'mesh/charts/web/templates/web.yaml': '{{ include "web" . }}\n',
    'mesh/package.json': '{}\n',
    'mesh/spec/mesh.yaml': 'meshc: v1\nmesh: shop\n',
    'mesh/again.yaml': service('cart'),
  })
  const { code, stdout, stderr } = await meshc(folder, ['lint', 'mesh'])
  assert.is(code, 0, stderr)
  assert.match(stdout, /cart\.shop:80/)
  for (const note of [
    /^note: mesh\/charts\/web: a Helm chart, passed over; `helm template`/m,
    /^note: mesh\/deploy\.yaml, mesh\/named\.yaml: a template, passed over/m,
    /^note: mesh\/kustomization\.yaml: a kustomization, passed over; `kustomize build`/m,
    /^note: mesh\/notes\.yaml, mesh\/values\.yaml: no Kubernetes object/m,
    /^note: mesh\/spec\/mesh\.yaml: a spec of meshc/m,
    /^note: ConfigMap, Certificate\.cert-manager\.io: passed over, since meshc follows/m,
    /^note: Service\/shop\/cart: there several times; the last one counts/m,
  ])
    assert.match(stderr, note)
  assert.not.match(stderr, /package\.json/)
})

test('YAML that is broken and meant as a manifest is an error with its place', async () => {
  const folder = project({
    'mesh/cart.yaml': cart,
    'mesh/web.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: web\n',
    'glued.yaml': `${service('cart').trimEnd()}${service('web')}`,
    'unparted.yaml': `${service('cart')}${service('web')}`,
    'closed.yaml': `${cart}---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels: {\n    a: b\n  }\n`,
  })
  const broken = await meshc(folder, ['lint', 'mesh'])
  assert.is(broken.code, 2)
  assert.match(broken.stderr, /^error: mesh\/web\.yaml:\d+:\d+: this is no YAML/m)
  for (const file of ['glued.yaml', 'unparted.yaml']) {
    const { code, stderr } = await meshc(folder, ['lint', file])
    assert.is(code, 2)
    assert.match(stderr, new RegExp(`^error: ${file}:\\d+:\\d+: .*\\n.*put a line \`---\``, 'm'))
  }
  // kubectl accepts this form.
  assert.is((await meshc(folder, ['lint', 'closed.yaml'])).code, 0)
})

const empty: Readonly<Record<string, readonly [files: Readonly<Record<string, string>>, help: RegExp]>> = {
  'a spec': [{ 'at/mesh.yaml': 'meshc: v1\nmesh: shop\n' }, /is a spec of meshc, which `--env <name>` asks/],
  'a chart': [
    { 'at/Chart.yaml': 'name: web\n', 'at/values.yaml': 'a: b\n' },
    /`helm template … \| meshc lint -`/,
  ],
  'a kustomization': [{ 'at/kustomization.yaml': 'resources: []\n' }, /`kustomize build … \| meshc lint -`/],
  'a ConfigMap': [
    { 'at/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n' },
    /`kubectl get .* \| meshc lint -` asks a cluster/,
  ],
  'no YAML': [{ 'at/README.md': '# a\n' }, /`at` has no YAML/],
}
for (const [name, [files, help]] of Object.entries(empty))
  test(`a folder with ${name} alone is an error with a way out`, async () => {
    const { code, stdout, stderr } = await meshc(project(files), ['lint', 'at'])
    assert.is(code, 2)
    assert.is(stdout, '')
    assert.match(stderr, /^error: `at` has no /m)
    assert.match(stderr, help)
  })

test('an answer names its assumptions about missing objects of a folder', async () => {
  const folder = project({ 'all.yaml': join(gateway, cart, service('web'), allow('ghost')) })
  const lint = await meshc(folder, ['lint', 'all.yaml', '--json'])
  assert.is(lint.code, 0, lint.stderr)
  const { assumed, findings } = JSON.parse(lint.stdout)
  assert.equal(assumed, [
    'the gateway istio-system/istio-ingressgateway, as all.yaml:5 selects it and no manifest runs it',
    'sidecars in the namespace shop, as no manifest declares it',
    'a pod behind the Service shop/web, as no manifest runs any',
    'a pod with the service account shop/ghost, as policies name it and no manifest has one',
    "Istio's default MeshConfig, as the manifests have none: the trust domain is `cluster.local`, and proxies forward requests to unknown hosts",
  ])
  for (const words of assumed) assert.match(lint.stderr, `note: assumed: ${words}\n`)
  const [finding] = findings
  assert.is(finding.state, 'unknown')
  assert.match(
    finding.unknown[0],
    'it cannot decide: no pod of the manifests has the service account `shop/ghost`',
  )
  const trace = await meshc(folder, [
    'trace',
    '--manifests',
    'all.yaml',
    '--to',
    'http://shop.example.com/',
    '--json',
  ])
  assert.is(JSON.parse(trace.stdout).client, 'istio-system/istio-ingressgateway')
  assert.equal(JSON.parse(trace.stdout).assumed, assumed)
})

test('a gateway that is assumed has the account that policies know it by', async () => {
  const account = 'cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account'
  const policy = allow('web').replace('cluster.local/ns/shop/sa/web', account)
  const folder = project({ 'all.yaml': join(gateway, cart, policy) })
  const { code, stdout, stderr } = await meshc(folder, [
    'trace',
    '--manifests',
    'all.yaml',
    '--to',
    'http://shop.example.com/',
  ])
  assert.is(code, 0, stderr)
  assert.match(stdout, `ALLOW 200 as spiffe://${account}`)
  assert.not.match(stderr, /service account/)
})

const settings: Readonly<Record<string, readonly [words: readonly string[], text: string]>> = {
  'an IstioOperator': [
    [],
    'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: { name: istio }\nspec: { meshConfig: { trustDomain: corp } }\n',
  ],
  'the ConfigMap of istiod': [
    [],
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: istio, namespace: istio-system }\ndata:\n  mesh: |\n    trustDomain: corp\n',
  ],
  'values of the chart': [[], 'meshConfig: { trustDomain: corp }\n'],
  'the Istio of Sail': [
    [],
    'apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: { name: default }\nspec: { values: { meshConfig: { trustDomain: corp } } }\n',
  ],
  'a file that is named': [['--mesh-config', 'mesh/settings.yaml.txt'], 'trustDomain: corp\n'],
}
for (const [name, [words, text]] of Object.entries(settings))
  test(`the meshConfig is that of ${name}`, async () => {
    const file = words.length > 0 ? 'mesh/settings.yaml.txt' : 'mesh/settings.yaml'
    const folder = project({ 'mesh/all.yaml': join(cart, web), [file]: text })
    const { code, stdout, stderr } = await meshc(folder, [
      'trace',
      '--manifests',
      'mesh',
      ...words,
      '--from',
      'shop/web',
      '--to',
      'cart',
    ])
    assert.is(code, 0, stderr)
    assert.match(stdout, 'ALLOW 200 as spiffe://corp/ns/shop/sa/web')
    assert.not.match(stderr, /default MeshConfig/)
  })

test('one of several meshConfigs has effect, and the answer names it; a part of it has its own line', async () => {
  const folder = project({
    'mesh/all.yaml': cart,
    'mesh/settings.yaml': join(settings['values of the chart']![1], settings['the ConfigMap of istiod']![1]),
    'wrong.yaml': '- a\n',
    'strange.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: istio }\ndata:\n  mesh: |\n    trustDomain: corp\n    outboundTrafficPolicy:\n      mode: ALLOW_ANY_DYNAMIC_DNS\n`,
  })
  const { stderr } = await meshc(folder, ['lint', 'mesh'])
  assert.match(
    stderr,
    'the meshConfig is that of the ConfigMap `istio` (mesh/settings.yaml:3), and not that of values of the chart `istiod` (mesh/settings.yaml:1)',
  )
  const wrong = await meshc(folder, ['lint', 'mesh', '--mesh-config', 'wrong.yaml'])
  assert.is(wrong.code, 2)
  assert.match(wrong.stderr, /`wrong\.yaml` says no meshConfig/)
  const spec = await meshc(folder, ['lint', '--env', 'prod', '--mesh-config', 'strange.yaml'])
  assert.match(spec.stderr, /`--mesh-config` is for manifests/)
})

test('an answer names the assumed gateway that the surroundings of a spec leave out', async () => {
  const spec = `meshc: v1
mesh: shop
manages: { namespaces: [shop] }
surroundings: [clusters/prod]
services:
  cart:
    namespace: shop
    port: { http: 80 }
    allow:
      - { from: external-caller/cluster.local/ns/istio-system/sa/istio-ingressgateway, methods: [GET] }
`
  const folder = project({
    'spec/prod/mesh.yaml': spec,
    'clusters/prod/edge.yaml': gateway
      .replaceAll('namespace: shop', 'namespace: edge')
      .replace('host: cart', 'host: cart.shop.svc.cluster.local'),
  })
  const trace = (request: string) =>
    meshc(folder, ['trace', '--env', 'prod', '--to', 'shop.example.com', request])
  const [get, post] = [await trace('GET /'), await trace('POST /')]
  assert.equal([get.code, post.code], [0, 1], get.stderr + post.stderr)
  assert.match(get.stderr, 'note: assumed: the gateway istio-system/istio-ingressgateway')
  const diff = await meshc(folder, ['diff', '--manifests', 'clusters/prod', '--env', 'prod'])
  assert.match(diff.stdout, 'istio-ingressgateway')
  assert.match(diff.stderr, 'note: assumed: the gateway istio-system/istio-ingressgateway')
})

test.run()
