import { spawn, spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { PageDifference } from '../../compiler/map/page-data.ts'
import { unpackPicture } from '../../compiler/map/page-html.ts'
import { meshc } from '../support/meshc.ts'
import { project, write } from '../support/project.ts'
import { repository } from '../support/repository.ts'

const test = suite('bin/map')

const spec = `meshc: v1
mesh: shop
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    owner: team-cart
    allow: [{ from: web, methods: [GET], paths: [/items/*] }]
  web: { namespace: shop, port: { http: 8080 } }
external: { pay: { hosts: [pay.example.com], port: { https: 443 }, allow: [{ from: cart }] } }
`

interface PrintedMap {
  readonly nodes: readonly { readonly id: string; readonly owner?: string }[]
  readonly callers: readonly { readonly name: string; readonly node: number }[]
  readonly callerSets: readonly (readonly number[])[]
  readonly calls: readonly {
    readonly from: number
    readonly to: number
    readonly label: string
    readonly transports: readonly string[]
    readonly certainty: string
  }[]
}

test('the map has the calls that are proved, each with what may pass and how it is sent', async () => {
  const folder = project({ 'spec/prod/mesh.yaml': spec })
  const { code, stdout } = await meshc(folder, ['map', '--env', 'prod', '--json'])
  assert.is(code, 0)
  const { nodes, callers, callerSets, calls } = JSON.parse(stdout) as PrintedMap
  const lines = calls.flatMap(({ from, to, label, transports, certainty }) =>
    callerSets[from]!.map(
      caller =>
        `${nodes[callers[caller]!.node]!.id} → ${nodes[to]!.id}: ${label}, ${transports.join()}, ${certainty}`,
    ),
  )
  assert.equal(lines.sort(), [
    'service shop/cart → external istio-system/pay: , tls, proved',
    'service shop/web → service shop/cart: GET /items/*, mtls, proved',
  ])
  assert.is(nodes.find(({ id }) => id === 'service shop/cart')?.owner, 'team-cart')
})

test('`delivery.outputs` puts the map that `meshc map` draws into out/', async () => {
  const listed = `${spec}delivery: { outputs: [docs, map] }\n`
  const folder = project({ 'spec/prod/mesh.yaml': listed })
  const path = join(folder, 'out/prod/docs/mesh.html')
  assert.is((await meshc(folder, ['build'])).code, 0)
  assert.is((await meshc(folder, ['map', '--env', 'prod', '--output', 'drawn.html'])).code, 0)
  const built = readFileSync(path, 'utf8')
  assert.is(built, readFileSync(join(folder, 'drawn.html'), 'utf8'))
  assert.match(readFileSync(join(folder, 'out/prod/docs/README.md'), 'utf8'), '](mesh.html)')
  assert.is((await meshc(folder, ['build', '--check', '--verify'])).code, 0)

  const why = await meshc(folder, ['why', 'out/prod/docs/mesh.html:40'])
  assert.match(
    why.stdout,
    /about all that `spec\/prod\/mesh\.yaml` says; its lines are not traced one by one/,
  )
  assert.match(why.stdout, '`delivery.outputs[1]`')

  write(folder, { 'out/prod/docs/mesh.html': built.replace('<title>', '<title>my ') })
  const check = await meshc(folder, ['build', '--check'])
  assert.is(check.code, 1)
  assert.match(check.stderr, /edited +out\/prod\/docs\/mesh\.html/)
  write(folder, { 'out/prod/docs/mesh.html': `${built}x` })
  const short = await meshc(folder, ['build', '--check'])
  assert.ok(short.stderr.split('\n').every(line => line.length < 500))

  write(folder, { 'spec/prod/mesh.yaml': spec })
  assert.is((await meshc(folder, ['build'])).code, 0)
  assert.not(existsSync(path))
})

test('the page holds itself: no address to load, its policy, and the same bytes each time', async () => {
  const folder = project({ 'spec/prod/mesh.yaml': spec })
  const first = await meshc(folder, ['map', '--env', 'prod'])
  assert.is(first.code, 0)
  assert.match(first.stdout, /^mesh\.html: 3 nodes and 2 calls of prod, \d+ kB\n$/)
  const html = readFileSync(join(folder, 'mesh.html'), 'utf8')
  assert.match(html, /Content-Security-Policy" content="default-src 'none'; script-src 'sha256-/)
  assert.not.match(html, /<(?:script|link|img)[^>]* (?:src|href)=/)
  const second = await meshc(folder, ['map', '--env', 'prod', '--output', '-'])
  assert.ok(second.stdout === html, 'the bytes are the same')
})

test('a device is written to, and stays what it is', async () => {
  const folder = project({ 'spec/prod/mesh.yaml': spec })
  // The test writes to a pipe in place of a device: a replaced pipe would become a regular file.
  assert.is(spawnSync('mkfifo', [join(folder, 'pipe')]).status, 0)
  const reader = spawn('cat', [join(folder, 'pipe')], { stdio: ['ignore', 'pipe', 'ignore'] })
  const closed = new Promise(resolve => reader.on('close', resolve))
  let read = ''
  reader.stdout.setEncoding('utf8').on('data', (text: string) => {
    read += text
  })
  const { code } = await meshc(folder, ['map', '--env', 'prod', '--output', 'pipe'])
  await closed
  assert.is(code, 0)
  assert.match(read, /^<!doctype html>/)
  assert.ok(lstatSync(join(folder, 'pipe')).isFIFO())
})

test('manifests of others are drawn with what is assumed of them', async () => {
  const folder = project({
    'deployed/all.yaml': `apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec: { selector: { app: cart }, ports: [{ name: http, port: 80 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: cart, namespace: shop, labels: { app: cart } }
spec: { containers: [{ name: app }] }
`,
  })
  const { code, stdout } = await meshc(folder, ['map', 'deployed', '--json'])
  assert.is(code, 0)
  const { assumed, nodes } = JSON.parse(stdout) as PrintedMap & { readonly assumed: readonly string[] }
  assert.ok(assumed.length > 0)
  assert.ok(nodes.some(({ id }) => id === 'service shop/cart'))
})

test('behind a gateway, bytes that are TLS of the client are drawn as TLS', async () => {
  const folder = project({
    'deployed/all.yaml': `apiVersion: v1
kind: Service
metadata: { name: vault, namespace: shop }
spec: { selector: { app: vault }, ports: [{ name: tls, port: 8443 }, { name: tcp, port: 9000 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: vault, namespace: shop, labels: { app: vault, sidecar.istio.io/inject: "false" } }
spec: { containers: [{ name: app }] }
---
apiVersion: v1
kind: Pod
metadata: { name: edge, namespace: ingress, labels: { app: edge } }
spec: { containers: [{ name: istio-proxy, args: [proxy, router] }] }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge, namespace: ingress }
spec:
  selector: { app: edge }
  servers:
    - { port: { number: 443, name: tls, protocol: TLS }, hosts: [vault.example.com], tls: { mode: PASSTHROUGH } }
    - { port: { number: 9000, name: tcp, protocol: TCP }, hosts: [vault.example.com] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: vault, namespace: ingress }
spec:
  hosts: [vault.example.com]
  gateways: [edge]
  tls: [{ match: [{ port: 443, sniHosts: [vault.example.com] }], route: [{ destination: { host: vault.shop.svc.cluster.local, port: { number: 8443 } } }] }]
  tcp: [{ match: [{ port: 9000 }], route: [{ destination: { host: vault.shop.svc.cluster.local, port: { number: 9000 } } }] }]
`,
  })
  const { stdout } = await meshc(folder, ['map', 'deployed', '--json'])
  const { nodes, callers, callerSets, calls } = JSON.parse(stdout) as PrintedMap
  const lines = calls
    .filter(({ to }) => nodes[to]!.id === 'service shop/vault')
    .flatMap(({ from, transports }) =>
      callerSets[from]!.map(caller => `${callers[caller]!.name}: ${transports.join()}`),
    )
    .filter(line => line.startsWith('anyone outside'))
  assert.equal(lines.sort(), ['anyone outside (https, edge): tls', 'anyone outside (tcp, edge): plaintext'])
})

test('a spec with errors is not drawn, and a file that cannot be written is an error', async () => {
  const folder = project({ 'spec/prod/mesh.yaml': spec.replace('from: web', 'from: wep') })
  const wrong = await meshc(folder, ['map', '--env', 'prod'])
  assert.is(wrong.code, 1)
  assert.match(wrong.stdout + wrong.stderr, /did you mean `web`/)
  const sound = project({ 'spec/prod/mesh.yaml': spec })
  const { code, stderr } = await meshc(sound, ['map', '--env', 'prod', '--output', 'no/such/mesh.html'])
  assert.is(code, 2)
  assert.match(stderr, /`no\/such\/mesh\.html` cannot be written/)
})

test('a change is one page: the map before and after, and what it opens and closes', async () => {
  const folder = repository({ 'spec/prod/mesh.yaml': spec })
  write(folder, { 'spec/prod/mesh.yaml': spec.replace('[GET]', '[POST]') })
  const { code, stdout } = await meshc(folder, ['diff', '--base', 'HEAD', '--format', 'html'])
  assert.is(code, 2)
  const { environments } = unpackPicture(
    JSON.parse(/<script type="application\/json" id="picture">(.*?)<\/script>/.exec(stdout)![1]!),
  )
  const { mesh, change } = environments[0]!
  const findLabels = ({ map }: { readonly map: PrintedMap }) => map.calls.map(({ label }) => label).sort()
  assert.equal(findLabels(change!.before), ['', 'GET /items/*'])
  assert.equal(findLabels(mesh!), ['', 'POST /items/*'])
  const differences = change!.differences.map(
    ({ kind, from, to, edits }: PageDifference) => `${kind} ${from} ${to} ${edits[0]?.words}`,
  )
  assert.equal(differences, [
    'opened service shop/web service shop/cart services.cart.allow[0].methods[0]: GET → POST',
    'closed service shop/web service shop/cart services.cart.allow[0].methods[0]: GET → POST',
  ])
})

test.run()
