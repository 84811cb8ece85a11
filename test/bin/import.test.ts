import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import { goldenFolder } from '../support/golden.ts'
import { legacy, shop } from '../support/hand-written-mesh.ts'
import { meshc } from '../support/meshc.ts'
import { project, write } from '../support/project.ts'
import { commit, git } from '../support/repository.ts'

/** The bundled `meshc import`: its files, its messages and its limits. */
const test = suite('bin/import')
const golden = goldenFolder('bin/import')

const folderWith = (files: Readonly<Record<string, string>> = {}) => {
  const folder = project({})
  write(folder, { 'clusters/prod/shop.yaml': shop, 'clusters/prod/legacy.yaml': legacy, ...files })
  return folder
}
const entry = 'spec/prod/mesh.yaml'
const read = (folder: string, path = entry) => readFileSync(join(folder, path), 'utf8')
const words = ['import', 'clusters/prod', '--env', 'prod', '--mesh', 'shop']

test('it writes an equivalent spec, and names the manifests that stay', async () => {
  const folder = folderWith()
  const { code, stdout, stderr } = await meshc(folder, words)
  assert.is(code, 0, stderr)
  golden.matches('mesh.yaml', read(folder))
  golden.matches('report.txt', stdout)
  const built = await meshc(folder, ['build', '--env', 'prod'])
  assert.is(built.code, 0, built.stderr)
})

test('it reads settings without an effect on requests if the language has fields for all of them', async () => {
  const beside = `apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: mesh-default, namespace: istio-system }
spec:
  accessLogging: [{ providers: [{ name: envoy }] }]
  tracing: [{ providers: [{ name: zipkin }], randomSamplingPercentage: 5 }]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
    accessLogEncoding: JSON
    extensionProviders:
      - name: zipkin
        zipkin: { service: zipkin.tracing.svc.cluster.local, port: 9411 }
`
  const folder = folderWith({ 'clusters/prod/telemetry.yaml': beside })
  const { code, stdout, stderr } = await meshc(folder, words)
  assert.is(code, 0, stderr)
  assert.equal((parse(read(folder)) as Readonly<Record<string, unknown>>)['observability'], {
    accessLog: 'json',
    tracing: { provider: 'zipkin', collector: 'zipkin.tracing:9411', sampling: '5%' },
    prometheus: 'off',
  })
  // The spec has another name for this object.
  assert.match(stdout, /first apply what is new: .*Telemetry\/istio-system\/mesh(,|\n)/)
  assert.match(stdout, /then delete what is gone: .*Telemetry\/istio-system\/mesh-default/)
  // If the language lacks a field, the whole object stays in its file.
  const further = beside.replace(
    'randomSamplingPercentage: 5',
    'customTags: { zone: { literal: { value: a } } }',
  )
  const tagged = folderWith({ 'clusters/prod/telemetry.yaml': further })
  const kept = await meshc(tagged, words)
  assert.is(kept.code, 0, kept.stderr)
  assert.equal((parse(read(tagged)) as Readonly<Record<string, unknown>>)['observability'], {
    prometheus: 'off',
  })
  assert.not.match(kept.stdout, 'Telemetry')
})

test('an egress gateway in the form of meshc becomes fields, and another form stays unchanged', async () => {
  const manifests = readFileSync('test/behavior/meshes/egress-gateway/manifests.yaml', 'utf8')
  const folder = project({})
  write(folder, { 'clusters/prod/mesh.yaml': manifests })
  const { code, stdout, stderr } = await meshc(folder, words)
  assert.is(code, 0, stderr)
  const { gateways, external, raw } = parse(read(folder)) as MeshFile
  assert.equal(gateways, {
    outbound: {
      namespace: 'istio-egress',
      egress: true,
      workload: { labels: { istio: 'outbound' }, serviceAccount: 'istio-outbound-service-account' },
    },
  })
  assert.equal(external?.['partner'], {
    hosts: ['api.partner.example'],
    port: { https: 443 },
    tls: 'originate',
    clientCertificate: { secret: 'partner-client' },
    through: 'outbound',
    allow: [{ from: 'namespace/shop' }],
  })
  const direct = Object.entries(external ?? {}).filter(([, system]) => system?.through === undefined)
  assert.equal(
    direct.map(([name]) => name),
    ['direct'],
  )
  // Istio's guide has one server for several hosts, and one object with routes for callers and the gateway.
  const kept = (raw as readonly { kind: string; metadata: { namespace: string } }[]).filter(
    ({ kind }) => kind !== 'Sidecar',
  )
  assert.ok(kept.every(({ metadata }) => ['guide', 'istio-egress'].includes(metadata.namespace)))
  assert.match(stdout, /Gateway guide\/guide-egress .*: its TLS is ISTIO_MUTUAL\n/)
})

test('a certificate that cert-manager makes just as meshc asks for it is that of its gateway', async () => {
  const files = (algorithm: string) => ({
    'clusters/prod/gateway.yaml': `apiVersion: v1
kind: Namespace
metadata: { name: edge, labels: { istio-injection: enabled, team: platform } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: public, namespace: edge }
spec:
  template: { metadata: { labels: { istio: public } }, spec: { serviceAccountName: public } }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: edge }
spec:
  selector: { istio: public }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [./shop.example.com]
      tls: { mode: SIMPLE, credentialName: public-tls, minProtocolVersion: TLSV1_2 }
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: { name: public-tls, namespace: edge }
spec:
  secretName: public-tls
  dnsNames: [shop.example.com]
  issuerRef: { name: letsencrypt, kind: ClusterIssuer, group: cert-manager.io }
  duration: 1440h
  renewBefore: 720h
  privateKey: { algorithm: ${algorithm}, size: 256, rotationPolicy: Always }
  usages: [digital signature, server auth]
`,
  })
  const certificateOf = async (algorithm: string) => {
    const folder = folderWith(files(algorithm))
    const { code, stderr } = await meshc(folder, words)
    assert.is(code, 0, stderr)
    const { gateways, namespaces } = parse(read(folder)) as {
      gateways: { public: { certificate: unknown } }
      namespaces: unknown
    }
    assert.equal(namespaces, { edge: { labels: { team: 'platform' } } })
    return gateways.public.certificate
  }
  assert.equal(await certificateOf('ECDSA'), {
    issuer: 'letsencrypt',
    duration: '1440h',
    renewBefore: '720h',
  })
  assert.equal(await certificateOf('RSA'), { secret: 'public-tls' })
})

test('a part of the mesh leaves the rest to its owners', async () => {
  const folder = folderWith()
  const { code, stdout, stderr } = await meshc(folder, [...words, '--namespace', 'shop'])
  assert.is(code, 0, stderr)
  assert.match(stdout, 'proved equal')
  golden.matches('part.yaml', read(folder))
})

test('the common part of several environments becomes their base', async () => {
  const folder = folderWith({
    'clusters/dev/shop.yaml': shop.replace('timeout: 3s', 'timeout: 9s'),
    'clusters/dev/legacy.yaml': legacy,
  })
  const environments = ['--env', 'dev=clusters/dev', '--env', 'prod=clusters/prod']
  const { code, stderr } = await meshc(folder, ['import', ...environments, '--mesh', 'shop'])
  assert.is(code, 0, stderr)
  assert.equal(parse(read(folder, 'spec/dev/mesh.yaml')), {
    meshc: 'v1',
    environment: 'dev',
    extends: '../base/mesh.yaml',
    services: { cart: { timeout: '9s' } },
  })
  assert.not.match(read(folder, 'spec/base/mesh.yaml'), 'environment: prod')
  const built = await meshc(folder, ['build'])
  assert.is(built.code, 0, built.stderr)
})

test('its result is available as JSON, too', async () => {
  const { code, stdout } = await meshc(folderWith(), [...words, '--json'])
  assert.is(code, 0)
  const { environments } = JSON.parse(stdout) as { environments: readonly Record<string, unknown>[] }
  const [environment] = environments
  assert.is(environment?.['ok'], true)
  assert.is(environment?.['file'], entry)
  assert.is(environment?.['raw'], 1)
  assert.is(environment?.['differences'], 0)
})

test('an unknown result is no proof, unless `--accept` allows it', async () => {
  const filter = `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: odd, namespace: shop }
spec:
  configPatches:
    - applyTo: CLUSTER
      patch: { operation: MERGE, value: { connect_timeout: 1s } }
`
  const folder = folderWith({ 'clusters/prod/filter.yaml': filter })
  const { code, stdout } = await meshc(folder, words)
  assert.is(code, 1)
  assert.match(stdout, 'the language has no EnvoyFilter')
  assert.ok(existsSync(join(folder, entry)))
  const accepting = folderWith({ 'clusters/prod/filter.yaml': filter })
  const accepted = await meshc(accepting, [...words, '--accept'])
  assert.is(accepted.code, 0)
  assert.match(read(accepting, 'spec/prod/import.txt'), 'EnvoyFilter shop/odd')
})

test('a wrong call writes nothing', async () => {
  const folder = folderWith()
  for (const [call, message] of [
    [['import', 'clusters/prod'], 'no environment is named'],
    [['import', '--env', 'prod'], 'no manifests of `prod` are named'],
    [['import', 'clusters/prod', '--env', '../x'], 'is no name of an environment'],
    [['import', 'clusters/prod', '--env', 'prod', '--mesh', 'My Mesh'], 'is no name of a mesh'],
    [['import', 'clusters/none', '--env', 'prod'], 'clusters/none'],
    [['import', 'clusters/prod', '--env', 'dev=clusters/prod', '--env', 'prod'], 'is of one environment'],
  ] as const) {
    const { code, stderr } = await meshc(folder, call)
    assert.is(code, 2, call.join(' '))
    assert.match(stderr, message)
    assert.not.match(stderr, '    at ')
  }
  assert.not.ok(existsSync(join(folder, 'spec')))
})

test('an existing spec stays unchanged', async () => {
  const folder = folderWith({ [entry]: 'meshc: v1\n' })
  const { code, stderr } = await meshc(folder, words)
  assert.is(code, 2)
  assert.match(stderr, 'is there already')
  assert.is(read(folder), 'meshc: v1\n')
})

const stock = `---
apiVersion: v1
kind: Service
metadata: { name: stock, namespace: shop }
spec: { selector: { app: stock }, ports: [{ name: grpc, port: 9000 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: stock, namespace: shop }
spec:
  template: { metadata: { labels: { app: stock } }, spec: { serviceAccountName: stock } }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: no-options, namespace: shop }
spec:
  action: DENY
  rules: [{ to: [{ operation: { methods: [OPTIONS] } }] }]
`

/** Makes a repository with manifests and the spec imported from them, both committed. */
async function importedRepository(): Promise<string> {
  const folder = folderWith()
  const { code, stderr } = await meshc(folder, words)
  assert.is(code, 0, stderr)
  git(folder, 'init', '--quiet', '--initial-branch', 'main')
  commit(folder)
  return folder
}

const merging = ['import', 'clusters/prod', '--env', 'prod', '--merge']

const edit = (folder: string, path: string, ...edits: readonly (readonly [string, string])[]) => {
  const text = edits.reduce(
    (before, [from, to]) => {
      assert.match(before, from)
      return before.replace(from, to)
    },
    read(folder, path),
  )
  write(folder, { [path]: text })
}

const manifestsChanged = [
  ['timeout: 3s', 'timeout: 5s'],
  ['[GET, POST]', '[GET]'],
] as const

test('a later change of the manifests comes into the spec, and edits of people stay', async () => {
  const folder = await importedRepository()
  edit(
    folder,
    entry,
    ['  web: {', '  # the shop window\n  web: {'],
    ['timeout: 3s', 'timeout: 3s # slow disks'],
  )
  edit(folder, 'clusters/prod/shop.yaml', ...manifestsChanged)
  write(folder, { 'clusters/prod/stock.yaml': stock })
  const { code, stdout, stderr } = await meshc(folder, merging)
  assert.is(code, 0, stderr)
  golden.matches('merge.txt', stdout)
  golden.matches('merged.yaml', read(folder))
  const again = await meshc(folder, merging)
  assert.is(again.code, 0)
  assert.match(again.stdout, '0 values changed')
})

test('if both sides changed a value, the spec keeps its own, and the command reports this', async () => {
  const folder = await importedRepository()
  edit(folder, entry, ['timeout: 3s', 'timeout: 4s'])
  edit(folder, 'clusters/prod/shop.yaml', ...manifestsChanged)
  const { code, stdout } = await meshc(folder, merging)
  assert.is(code, 1)
  assert.match(stdout, 'services.cart.timeout: 4s; the manifests changed it from 3s to 5s')
  assert.match(stdout, 'timeout 5s → timeout 4s')
  assert.match(read(folder), 'timeout: 4s')
  const accepted = await meshc(folder, [...merging, '--accept', '--json'])
  assert.is(accepted.code, 0)
  const { ok, conflicts } = JSON.parse(accepted.stdout) as Record<string, unknown>
  assert.is(ok, false)
  assert.equal(conflicts, [{ path: 'services.cart.timeout', before: '3s', manifests: '5s', spec: '4s' }])
})

test('a difference that the spec had before the change is not one of the change', async () => {
  const folder = await importedRepository()
  edit(folder, entry, ['mtls: permissive', 'mtls: strict'])
  edit(folder, 'clusters/prod/shop.yaml', ['[GET, POST]', '[GET]'])
  const { code, stdout } = await meshc(folder, merging)
  assert.match(stdout, 'the spec had')
  assert.match(stdout, 'MTLS')
  assert.is(code, 0, stdout)
})

test('an environment over a base gets the change, and the base stays', async () => {
  const folder = await importedRepository()
  const [shared = '', patches = ''] = read(folder).split(/^(?=patches:)/m)
  const base = shared.replace('environment: prod\n', '')
  write(folder, {
    'spec/base/mesh.yaml': base,
    [entry]: `meshc: v1\nenvironment: prod\nextends: ../base/mesh.yaml\n\n${patches}`,
  })
  edit(folder, 'clusters/prod/shop.yaml', ...manifestsChanged)
  const { code, stderr } = await meshc(folder, merging)
  assert.is(code, 0, stderr)
  assert.is(read(folder, 'spec/base/mesh.yaml'), base)
  assert.equal((parse(read(folder)) as Record<string, unknown>)['services'], {
    cart: {
      allow: [{ from: 'web', methods: ['GET'], paths: ['/items/*'] }, { from: 'batch' }],
      timeout: '5s',
    },
  })
})

test('a part gets the change, too, while its manifests still stand in the surroundings', async () => {
  const folder = folderWith()
  const first = await meshc(folder, [...words, '--namespace', 'shop'])
  assert.is(first.code, 0, first.stderr)
  git(folder, 'init', '--quiet', '--initial-branch', 'main')
  commit(folder)
  edit(folder, 'clusters/prod/shop.yaml', ['timeout: 3s', 'timeout: 6s'])
  const { code, stdout, stderr } = await meshc(folder, merging)
  assert.is(code, 0, stderr)
  assert.match(stdout, 'services.cart.timeout: 3s → 6s')
  assert.match(stdout, 'proved equal')
})

test('an impossible merge is refused, and the spec stays unchanged', async () => {
  const folder = await importedRepository()
  const before = read(folder)
  for (const [call, message] of [
    [['import', '--env', 'prod', '--merge'], 'takes one environment and its manifests'],
    [[...merging, '--namespace', 'shop'], 'the spec says already'],
    [[...merging, '--base', 'none'], 'there is no revision `none`'],
    [['import', 'clusters/prod', '--env', 'none', '--merge'], 'there is no environment `none`'],
    [['import', 'clusters/prod', '--env', 'new', '--base', 'HEAD'], '`--base` goes with `--merge`'],
  ] as const) {
    const { code, stderr } = await meshc(folder, call)
    assert.is(code, 2, call.join(' '))
    assert.match(stderr, message)
  }
  assert.is(read(folder), before)
})

test('a value that an anchor shares is written out where it stays', async () => {
  const folder = await importedRepository()
  edit(
    folder,
    entry,
    ['timeout: 3s', 'timeout: &slow 3s'],
    ['target: 3000 }', 'target: 3000 }, timeout: *slow'],
  )
  edit(folder, 'clusters/prod/shop.yaml', ...manifestsChanged)
  const { code, stderr } = await meshc(folder, merging)
  assert.is(code, 0, stderr)
  const { services } = parse(read(folder)) as { services: Record<string, { timeout: string }> }
  assert.equal([services['cart']?.timeout, services['web']?.timeout], ['5s', '3s'])
})

/** Returns a namespace with services, as manifests. */
const team = (namespace: string, names: readonly string[]) =>
  [
    `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${namespace}, labels: { istio-injection: enabled } }\n`,
    ...names.flatMap(name => [
      `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80 }] }
`,
      `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${namespace} }
spec: { template: { metadata: { labels: { app: ${name} } }, spec: { serviceAccountName: ${name} } } }
`,
    ]),
  ].join('---\n')

test('the services of a large mesh stand in a file for each namespace', async () => {
  const names = (letter: string) => Array.from({ length: 26 }, (_, index) => `${letter}-${index}`)
  const folder = project({})
  write(folder, {
    'clusters/prod/a.yaml': team('team-a', names('a')),
    'clusters/prod/b.yaml': team('team-b', names('b')),
  })
  const { code, stderr } = await meshc(folder, words)
  assert.is(code, 0, stderr)
  assert.equal((parse(read(folder)) as Record<string, unknown>)['include'], ['services/*.yaml'])
  git(folder, 'init', '--quiet', '--initial-branch', 'main')
  commit(folder)
  write(folder, { 'clusters/prod/b.yaml': team('team-b', [...names('b'), 'new']) })
  const merged = await meshc(folder, merging)
  assert.is(merged.code, 0, merged.stderr)
  const { services } = parse(read(folder, 'spec/prod/services/team-b.yaml')) as Record<string, object>
  assert.equal(Object.keys(services!).sort(), [...names('b'), 'new'].sort())
  assert.is(git(folder, 'status', '--short', 'spec').trim(), 'M spec/prod/services/team-b.yaml')
})

test('routes without their Services all become raw objects, and a note says what is missing', async () => {
  const routes = Array.from({ length: 1001 }, (_, index) =>
    JSON.stringify({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: `route-${index}`, namespace: 'shop' },
      spec: {
        hosts: [`service-${index}`],
        http: [{ route: [{ destination: { host: `service-${index}` } }] }],
      },
    }),
  )
  const folder = project({})
  write(folder, { 'clusters/prod/routes.yaml': routes.join('\n---\n') })
  const { code, stdout, stderr } = await meshc(folder, words)
  assert.is(code, 0, stderr)
  assert.match(stderr, /note: no manifest is a Service.*`kubectl get services,deployments/)
  assert.match(stdout, /0 patches and 1001 raw objects say the rest/)
  assert.match(stdout, /\n {2}and 901 more: `--json` lists all\n/)
  assert.is((parse(read(folder)) as { readonly raw: readonly object[] }).raw.length, 1001)
})

test('every expected text belongs to a test', () => golden.hasNoOther())

test.run()
