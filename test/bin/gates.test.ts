import { readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { gates } from '../../schema/gates.ts'
import { meshc } from '../support/meshc.ts'
import { write } from '../support/project.ts'
import { commit, repository } from '../support/repository.ts'

// Pull requests can try these ways to pass `meshc diff --deny`.

const attack = suite('meshc diff --deny')

const prod = 'spec/prod/mesh.yaml'

const shop = (environment: string, more = '') => `meshc: v1
mesh: shop
environment: ${environment}
gateways:
  public: { hosts: [shop.example.com], certificate: { secret: shop } }
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow:
      - { from: web, methods: [GET] }
  admin:
    namespace: shop
    port: { http: 8080 }
    allow: [{ from: cart }]
  web:
    namespace: shop
    port: { http: 8080 }
    expose: [{ gateway: public, host: shop.example.com }]
    allow: [{ from: gateway/public, methods: [GET] }]
${more}`

const wider = (environment: string, more = '') =>
  shop(environment, more).replace('- { from: web, methods: [GET] }', '- { from: web, methods: [GET, POST] }')

const since = (folder: string, gates: string, ...words: readonly string[]) =>
  meshc(folder, ['diff', '--base', 'HEAD', '--deny', gates, ...words])

function rename(folder: string, from: string, to: string): void {
  renameSync(join(folder, 'spec', from), join(folder, 'spec', to))
}

attack('a renamed environment is compared with its earlier self, with any other edits', async () => {
  const folder = repository({ [prod]: shop('prod') })
  rename(folder, 'prod', 'prod-eu')
  write(folder, { 'spec/prod-eu/mesh.yaml': wider('prod-eu', 'mtls: strict\n') })
  const { code, stdout, stderr } = await since(folder, 'new-access')
  assert.is(code, 1)
  assert.match(stdout, /^prod, now prod-eu · HEAD/)
  assert.match(
    stderr,
    /^error: 1 change is denied\n {2}new-access: prod-eu: shop\/web → cart\.shop:8080 {2}POST:/,
  )
  // The same holds if the deployed files are committed.
  rename(folder, 'prod-eu', 'prod')
  write(folder, { [prod]: shop('prod') })
  assert.is((await meshc(folder, ['build'])).code, 0)
  commit(folder)
  rename(folder, 'prod', 'prod-eu')
  rmSync(join(folder, 'out/prod'), { recursive: true })
  write(folder, { 'spec/prod-eu/mesh.yaml': wider('prod-eu') })
  assert.match(
    (await since(folder, 'new-access')).stderr,
    /new-access: prod-eu: shop\/web → cart\.shop:8080 {2}POST:/,
  )
})

attack('a comparison of the old name alone shows the new name', async () => {
  const folder = repository({ [prod]: shop('prod') })
  rename(folder, 'prod', 'prod-eu')
  write(folder, { 'spec/prod-eu/mesh.yaml': wider('prod-eu') })
  const { code, stderr } = await since(folder, 'new-access', '--env', 'prod')
  assert.is(code, 1)
  assert.match(stderr, /new-access: prod-eu: /)
})

attack('an environment that becomes a base continues in the environment that extends it', async () => {
  const folder = repository({ [prod]: shop('prod') })
  write(folder, {
    [prod]: shop('prod').replace('environment: prod\n', ''),
    'spec/live/mesh.yaml':
      'meshc: v1\nextends: ../prod/mesh.yaml\nenvironment: live\nservices: { admin: { allow: [{ from: web }] } }\n',
  })
  const { code, stdout, stderr } = await since(folder, 'new-access')
  assert.is(code, 1)
  assert.match(stdout, /^prod, now live · /)
  assert.match(stderr, /new-access: live: shop\/web → admin\.shop:8080/)
})

attack('of several removed environments, each continues in the most similar new one', async () => {
  const lax =
    'external:\n  stripe: { hosts: [api.stripe.com], port: { https: 443 }, allow: [{ from: web }] }\n'
  const folder = repository({ [prod]: shop('prod'), 'spec/dev/mesh.yaml': shop('dev', lax) })
  rename(folder, 'prod', 'a')
  rename(folder, 'dev', 'b')
  write(folder, { 'spec/a/mesh.yaml': shop('a', 'mtls: strict\n'), 'spec/b/mesh.yaml': shop('b', lax) })
  const { stdout, code } = await since(folder, 'new-access,new-egress')
  assert.match(stdout, /^prod, now a · /m)
  assert.match(stdout, /^dev, now b · /m)
  assert.is(code, 2)
})

attack('all access of an environment without a similar predecessor is new', async () => {
  const folder = repository({ [prod]: shop('prod') })
  rename(folder, 'prod', 'other')
  write(folder, {
    'spec/other/mesh.yaml': `meshc: v1
mesh: another
environment: other
egress: allow-any
mtls: permissive
gateways:
  front: { hosts: [other.example.com], certificate: { secret: other } }
services:
  desk: { namespace: desk, port: { http: 90 }, allow: [{ from: anyone, methods: [GET] }] }
  page:
    namespace: page
    port: { http: 91 }
    expose: [{ gateway: front, host: other.example.com }]
    allow: [{ from: gateway/front }]
external:
  stripe: { hosts: [api.stripe.com], port: { https: 443 }, allow: [{ from: page }] }
`,
  })
  const { code, stdout, stderr } = await since(folder, 'new-access,new-exposure,new-egress')
  assert.is(code, 1, stderr)
  assert.match(
    stdout,
    /^other · HEAD → the working tree: a new environment, held against nothing; \d+ opened$/m,
  )
  for (const denied of [
    /new-access: other: page[^\n]* → desk:90 {2}GET/,
    /new-access: other: [^\n]*anyone else without a sidecar → desk:90 {2}GET/,
    /new-exposure: other: anyone outside [^\n]* → other\.example\.com:443/,
    /new-egress: other: page → api\.stripe\.com:443/,
  ])
    assert.match(stderr, denied)
  assert.not.match(stdout, /refused otherwise|\n {2}[-~] /)
  assert.match(stdout, /^prod · .*: the environment is removed/m)
})

attack('a new environment with too many services goes through every gate of requests', async () => {
  const folder = repository({ [prod]: shop('prod') })
  const many = Array.from(
    { length: 401 },
    (_, index) => `  s${index}: { namespace: many, port: { http: 80 } }\n`,
  ).join('')
  write(folder, { 'spec/many/mesh.yaml': `meshc: v1\nmesh: many\nenvironment: many\nservices:\n${many}` })
  for (const gate of ['new-access', 'new-exposure', 'new-egress', 'unknown']) {
    const { code, stderr } = await since(folder, gate)
    assert.is(code, 1, gate)
    assert.match(stderr, `${gate}: many: with 401 services, it is too large`)
  }
  const { stdout } = await since(folder, 'dead-route', '--json')
  const [large] = JSON.parse(stdout).environments
  assert.is(large.isProved, false)
})

attack('a copy of an environment that stays is new', async () => {
  const folder = repository({ [prod]: shop('prod') })
  write(folder, { 'spec/copy/mesh.yaml': shop('copy') })
  const { code, stderr } = await since(folder, 'new-access')
  assert.is(code, 1)
  assert.match(stderr, /new-access: copy: shop\/web → cart\.shop:8080 {2}GET/)
})

attack('a layer that becomes an environment is new, with any earlier content', async () => {
  const open = shop('lax').replace('environment: lax\n', '')
  const tight =
    'meshc: v1\nextends: ../lax/mesh.yaml\nenvironment: tight\nservices: { cart: { allow: null } }\n'
  const folder = repository({ 'spec/lax/mesh.yaml': open, 'spec/tight/mesh.yaml': tight })
  write(folder, { 'spec/lax/mesh.yaml': shop('lax') })
  const { code, stderr } = await since(folder, 'new-access')
  assert.is(code, 1)
  assert.match(stderr, /new-access: lax: shop\/web → cart\.shop:8080 {2}GET/)
})

attack('a gate can deny a new, renamed or removed environment alone', async () => {
  const folder = repository({ [prod]: shop('prod'), 'spec/dev/mesh.yaml': shop('dev') })
  write(folder, { 'spec/copy/mesh.yaml': shop('copy') })
  const added = await since(folder, 'new-environment', '--format', 'github')
  assert.is(added.code, 1)
  assert.match(added.stderr, /new-environment: copy: the environment is new/)
  assert.match(
    added.stdout,
    /^::error file=spec\/copy\/mesh\.yaml,.*title=new-environment::copy: the environment is new/m,
  )
  rmSync(join(folder, 'spec/copy'), { recursive: true })
  assert.is((await since(folder, 'new-environment')).code, 0)

  rename(folder, 'prod', 'prod-eu')
  write(folder, { 'spec/prod-eu/mesh.yaml': shop('prod-eu') })
  const renamed = await since(folder, 'new-environment,removed-environment')
  assert.match(
    renamed.stderr,
    /^error: 1 change is denied\n {2}new-environment: prod-eu: the environment `prod` is now `prod-eu`/,
  )

  rmSync(join(folder, 'spec/prod-eu'), { recursive: true })
  const removed = await since(folder, 'removed-environment', '--json')
  assert.is(removed.code, 1)
  const gone = JSON.parse(removed.stdout).environments.find(
    (each: { environment: string }) => each.environment === 'prod',
  )
  assert.is(gone.state, 'removed')
  assert.is(gone.denied[0].gate, 'removed-environment')
  assert.is((await since(folder, 'new-environment')).code, 2)
})

const waiver = (gate: string, until = '2099-01-31', more = '') =>
  `waive: [{ gate: ${gate}, ${more}because: agreed, owner: team-mesh, until: ${until} }]\n`

attack('a new environment waives only changes that every environment waived before', async () => {
  const copy = 'spec/copy/mesh.yaml'
  const words = waiver('new-environment')
  const folder = repository({ [prod]: shop('prod'), 'spec/dev/mesh.yaml': shop('dev', words) })
  write(folder, { [copy]: shop('copy', words) })
  const lone = await since(folder, 'new-environment')
  assert.is(lone.code, 1)
  assert.match(lone.stdout, /the waiver of new-environment by team-mesh comes with this change/)
  rmSync(join(folder, 'spec/copy'), { recursive: true })

  write(folder, { [prod]: shop('prod', words) })
  commit(folder)
  write(folder, { [copy]: shop('copy', words) })
  const agreed = await since(folder, 'new-environment')
  assert.is(agreed.code, 2, agreed.stderr)
  assert.match(agreed.stdout, /waived until 2099-01-31 by team-mesh: agreed/)
  // A waiver that names parties is about requests, and not about the environment.
  const narrow = waiver('new-environment', '2099-01-31', 'to: cart, ')
  write(folder, { [prod]: shop('prod', narrow), 'spec/dev/mesh.yaml': shop('dev', narrow) })
  commit(folder)
  rename(folder, 'copy', 'again')
  write(folder, { 'spec/again/mesh.yaml': shop('again', narrow) })
  assert.is((await since(folder, 'new-environment')).code, 1)
})

attack('an environment may move if an earlier waiver allows it and has not expired', async () => {
  for (const [until, code] of [
    ['2099-01-31', 2],
    ['2020-01-31', 1],
  ] as const) {
    const words = waiver('removed-environment', until)
    const folder = repository({ [prod]: shop('prod', words), 'spec/dev/mesh.yaml': shop('dev') })
    rmSync(join(folder, 'spec/prod'), { recursive: true })
    assert.is((await since(folder, 'removed-environment')).code, code)
  }
})

attack('a removed or changed expectation is reported, and can be denied', async () => {
  const expect = (entry: string) => `expect:\n  - { only: [web], to: cart, because: money }\n${entry}`
  const folder = repository({ [prod]: shop('prod', expect('  - { never: ["gateway/*"], to: admin }\n')) })
  write(folder, { [prod]: shop('prod', expect('')) })
  const { code, stdout } = await since(folder, 'new-access')
  assert.is(code, 2)
  assert.match(
    stdout,
    /! it is expected no more: \{"never":\["gateway\/\*"\],"to":"admin"\}\n {6}in spec\/prod\/mesh\.yaml:\d+ \(before\)/,
  )
  assert.is((await since(folder, 'lost-expectation')).code, 1)
  // A waiver for a removed expectation names the subject of the expectation.
  for (const [to, code] of [
    ['admin', 2],
    ['cart', 1],
  ] as const) {
    const words = waiver('lost-expectation', '2099-01-31', `to: ${to}, `)
    write(folder, { [prod]: shop('prod', expect('  - { never: ["gateway/*"], to: admin }\n') + words) })
    commit(folder)
    write(folder, { [prod]: shop('prod', expect('') + words) })
    assert.is((await since(folder, 'lost-expectation')).code, code, to)
  }
  // An expectation with another reason is the same expectation.
  write(folder, { [prod]: shop('prod', expect('')) })
  commit(folder)
  write(folder, { [prod]: shop('prod', expect('').replace('money', 'PCI')) })
  assert.is((await since(folder, 'lost-expectation')).code, 0)
})

attack('a removed or weaker policy is reported, and can be denied', async () => {
  const policy = (fields: string) => `policies: { known: { ${fields} } }\n`
  const owned = (expression: string) => `validations: [{ expression: '${expression}' }]`
  const before = `for: services, ${owned('object.key != "x"')}`
  const folder = repository({ [prod]: shop('prod', policy(before)) })
  for (const [edited, words] of [
    ['', 'is removed'],
    [policy(`${before}, validationActions: [Warn]`), 'only warns now'],
    [policy(before.replace('services', 'gateways').replace('key', 'name')), 'checks other objects'],
    [
      policy(`${before}, matchConditions: [{ expression: 'object.key != "y"' }]`),
      'leaves out objects for which `object.key != "y"` is false',
    ],
    [policy(`for: services, ${owned('true')}`), 'no longer checks `object.key != "x"`'],
  ] as const) {
    write(folder, { [prod]: shop('prod', edited) })
    const { code, stdout } = await since(folder, 'new-access')
    assert.is(code, 2)
    assert.ok(stdout.includes(`! the policy \`known\` ${words}\n      in spec/prod/mesh.yaml:`), stdout)
    assert.is((await since(folder, 'lost-policy')).code, 1)
  }
  // Another name, other words or an added check remove nothing.
  for (const edited of [
    policy(before).replace('known', 'names'),
    policy(`${before}, link: https://wiki.example.com/names`),
    policy(before.replace(' }]', ', message: "no x" }, { expression: "true" }]')),
  ]) {
    write(folder, { [prod]: shop('prod', edited) })
    assert.is((await since(folder, 'lost-policy')).code, 0, edited)
  }
})

attack('a new waiver is reported before it has an effect', async () => {
  const folder = repository({ [prod]: shop('prod') })
  write(folder, { [prod]: shop('prod', waiver('new-access', '2099-01-31', 'to: cart, ')) })
  const { code, stdout } = await since(folder, 'new-access')
  assert.is(code, 2)
  assert.match(
    stdout,
    /! a waiver of new-access to cart comes with this change: team-mesh, until 2099-01-31: agreed\n {6}in spec\/prod\/mesh\.yaml:\d+\n/,
  )
})

attack('a change of the source or the destination of Argo CD can be denied', async () => {
  const delivery = (more: string) =>
    `delivery: { repository: https://git.example.com/a/mesh.git, sync: manual${more} }\n`
  const folder = repository({ [prod]: shop('prod', delivery('')) })
  for (const [edited, reported] of [
    [delivery('').replace('/a/', '/b/'), /git\.example\.com\/b\/mesh\.git/],
    [delivery(', revision: evil'), /out\/prod\/manifests at evil to/],
    [delivery(', path: elsewhere'), /elsewhere\/out\/prod\/manifests/],
    [delivery(', cluster: other'), /to other, namespace/],
    [delivery('').replace('manual', 'automatic'), /, by itself/],
  ] as const) {
    write(folder, { [prod]: shop('prod', edited) })
    const { code, stderr } = await since(folder, 'new-delivery')
    assert.is(code, 1, edited)
    assert.match(stderr, reported)
  }
  write(folder, { [prod]: shop('prod', `${delivery('')}istio: { version: 1.31.3 }\n`) })
  const { code, stderr } = await since(folder, 'new-delivery')
  assert.is(code, 2, stderr)
})

attack('an unknown result is denied, unless an earlier waiver allows it', async () => {
  const filter = (name: string) => `raw:
  - apiVersion: networking.istio.io/v1alpha3
    kind: EnvoyFilter
    metadata: { name: ${name}, namespace: shop }
    spec: { configPatches: [{ applyTo: CLUSTER, patch: { operation: MERGE, value: {} } }] }
`
  const folder = repository({ [prod]: shop('prod') })
  write(folder, { [prod]: shop('prod', filter('tweak')) })
  const denied = await since(folder, 'unknown')
  assert.is(denied.code, 1)
  assert.match(denied.stderr, /unknown: prod: /)
  write(folder, { [prod]: shop('prod', waiver('unknown')) })
  commit(folder)
  write(folder, { [prod]: shop('prod', waiver('unknown') + filter('tweak')) })
  const waived = await since(folder, 'unknown')
  assert.is(waived.code, 2, waived.stderr)
  assert.match(waived.stdout, /\? [^\n]+\n(?: {6}[^\n]+\n)* {6}waived until 2099-01-31 by team-mesh: agreed/)
})

attack(
  'a service under a new name, in a new namespace or a new trust domain opens its new access',
  async () => {
    const folder = repository({ [prod]: shop('prod') })
    for (const [edited, reported] of [
      [
        wider('prod').replace('  cart:', '  cart2:').replace('from: cart ', 'from: cart2 '),
        /→ cart2\.shop:8080 {2}GET, POST/,
      ],
      [wider('prod').replace('namespace: shop', 'namespace: other'), /→ cart\.other:8080 {2}GET, POST/],
      [wider('prod', 'istio: { trustDomain: other.example }\n'), /→ cart\.shop:8080 {2}POST/],
      [wider('prod').replace('mesh: shop', 'mesh: bazaar'), /→ cart\.shop:8080 {2}POST/],
    ] as const) {
      write(folder, { [prod]: edited })
      const { code, stderr } = await since(folder, 'new-access')
      assert.is(code, 1, edited)
      assert.match(stderr, reported)
    }
  },
)

attack('requests that reach another service or another path than before open access to it', async () => {
  const folder = repository({ [prod]: shop('prod') })
  const entrance = 'expose: [{ gateway: public, host: shop.example.com'
  const admin = '  admin:\n    namespace: shop\n    port: { http: 8080 }\n    allow: [{ from: cart }'
  for (const [edited, reported] of [
    [
      shop('prod').replace(
        admin,
        `${admin.slice(0, -'allow: [{ from: cart }'.length)}${entrance}, paths: [/admin/*] }]\n    allow: [{ from: gateway/public, methods: [GET] }, { from: cart }`,
      ),
      /new-exposure: prod: anyone outside .* \/admin\/\*: web\.shop:8080 → admin\.shop:8080/,
    ],
    [
      shop('prod').replace(entrance, `${entrance}, paths: [/*], rewrite: { path: /internal/ }`),
      /new-exposure: prod: anyone outside /,
    ],
  ] as const) {
    write(folder, { [prod]: edited })
    const { code, stderr } = await since(folder, 'new-exposure')
    assert.is(code, 1, edited + stderr)
    assert.match(stderr, reported)
  }
})

attack('another version of a service is no other service', async () => {
  const versions = (stable: number) => `  stock:
    namespace: shop
    port: { http: 8080 }
    versions: { stable: {}, canary: {} }
    traffic: { stable: ${stable}%, canary: ${100 - stable}% }
    allow: [{ from: web }]
`
  const folder = repository({ [prod]: shop('prod', versions(100)) })
  write(folder, { [prod]: shop('prod', versions(50)) })
  const { code, stderr } = await since(folder, 'new-access,new-exposure,new-egress')
  assert.is(code, 2, stderr)
})

attack('the guide describes every gate', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/review.md'), 'utf8')
  for (const [gate, meaning] of Object.entries(gates)) assert.match(guide, `| \`${gate}\` | ${meaning}`)
})

attack.run()
