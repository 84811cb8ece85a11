import { cpSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { meshc } from '../support/meshc.ts'
import { project, write } from '../support/project.ts'
import { commit, repository as committed, git } from '../support/repository.ts'

const diff = suite('meshc diff')

/** Returns a shop in which the web may call the cart. */
const shop = (environment: string, more = '') => `meshc: v1
mesh: shop
environment: ${environment}
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow:
      - { from: web, methods: [GET] }
  web:
    namespace: shop
${more}`

const spec = 'spec/prod/mesh.yaml'

const waiver = (from: string, until = '2099-01-31') =>
  `waive: [{ gate: new-access, from: ${from}, to: cart, because: the sale, owner: team-cart, until: ${until} }]\n`

const commitEmpty = (folder: string) =>
  git(folder, 'commit', '--quiet', '--allow-empty', '--message', 'nothing')

/** Makes a repository with one commit of the shop. */
const repository = (files: Readonly<Record<string, string>> = { [spec]: shop('prod') }): string =>
  committed(files)

const since = (folder: string, ...words: readonly string[]) => meshc(folder, ['diff', ...words])

diff('a proof of no change is one line, and diff ends with 0', async () => {
  const folder = repository()
  const { code, stdout, stderr } = await since(folder, '--base', 'HEAD')
  assert.is(code, 0, stderr)
  assert.match(stdout, /^prod · HEAD → the working tree: nothing changes; proved: [^\n]+\n$/)
})

diff('diff shows a new method of an edge with its witness, its line, and the changed manifest', async () => {
  const folder = repository()
  write(folder, { [spec]: shop('prod').replace('[GET]', '[GET, POST]') })
  const { code, stdout, stderr } = await since(folder, '--base', 'HEAD')
  assert.is(code, 2, stderr)
  assert.match(stdout, /ACCESS\n {2}\+ shop\/web → cart\.shop:8080 {2}POST\n/)
  assert.match(stdout, /refused with 403, no policy allows it → allowed/)
  assert.match(stdout, /e\.g\. shop\/web → POST http:\/\/cart\.shop:8080\//)
  assert.match(stdout, /because spec\/prod\/mesh\.yaml:9 {2}services\.cart\.allow\[0\]\.methods\[1\]: POST/)
  assert.match(stdout, /MANIFESTS\n {2}spec\/prod\/mesh\.yaml:9 .*\n {4}~ AuthorizationPolicy\/shop\/cart /)
})

diff('a change that needs two edits stands under both', async () => {
  const versions = (stable: number) => `    port: { http: 80 }
    versions: { stable: {}, canary: {} }
    traffic:
      stable: ${stable}%
      canary: ${100 - stable}%
`
  const folder = repository({ [spec]: shop('prod', versions(90)) })
  write(folder, { [spec]: shop('prod', versions(50)) })
  const { stdout } = await since(folder, '--base', 'HEAD')
  assert.match(
    stdout,
    /MANIFESTS\n {2}spec\/prod\/mesh\.yaml:15 .*stable: 90% → 50%\n {2}and spec\/prod\/mesh\.yaml:16 .*canary: 10% → 50%\n {4}~ /,
  )
})

diff('an edit without an effect on manifests is no change', async () => {
  const folder = repository()
  write(folder, { [spec]: `# what is said to people\n${shop('prod').replace('[GET]', '["GET"]')}` })
  assert.is((await since(folder, '--base', 'HEAD')).code, 0)
})

diff('a denied change fails with its reason, and passes if the earlier spec has a waiver', async () => {
  const folder = repository()
  const wider = shop('prod').replace('[GET]', '[GET, POST]')
  write(folder, { [spec]: wider })
  const denied = await since(folder, '--base', 'HEAD', '--deny', 'new-exposure,new-access')
  assert.is(denied.code, 1)
  assert.match(denied.stdout, /denied: new-access/)
  assert.match(
    denied.stderr,
    /^error: 1 change is denied\n {2}new-access: prod: shop\/web → cart\.shop:8080 {2}POST/,
  )
  assert.is((await since(folder, '--base', 'HEAD', '--deny', 'new-exposure')).code, 2)

  // A change cannot waive itself.
  write(folder, { [spec]: wider + waiver('web') })
  const run = await since(folder, '--base', 'HEAD', '--deny', 'new-access')
  assert.is(run.code, 1)
  assert.match(
    run.stdout,
    /denied: new-access\n +the waiver of new-access by team-cart comes with this change: it counts once HEAD has it\n/,
  )
  assert.match(
    run.stderr,
    /lets it pass, with a reason, an owner and an end, once `HEAD` has it: no change waives itself/,
  )
  const markdown = await since(folder, '--base', 'HEAD', '--deny', 'new-access', '--format', 'markdown')
  assert.match(
    markdown.stdout,
    /- the waiver of `new-access` by `team-cart` comes with this change: it counts once `HEAD` has it\n/,
  )
  const json = JSON.parse((await since(folder, '--base', 'HEAD', '--deny', 'new-access', '--json')).stdout)
  assert.is(json.environments[0].denied[0].ownWaiver.owner, 'team-cart')

  write(folder, { [spec]: shop('prod') + waiver('web') })
  commit(folder)
  write(folder, { [spec]: wider + waiver('web') })
  const waived = await since(folder, '--base', 'HEAD', '--deny', 'new-access')
  assert.is(waived.code, 2, waived.stderr)
  assert.match(waived.stdout, /waived until 2099-01-31 by team-cart: the sale/)
  write(folder, { [spec]: wider + waiver('web', '2099-12-31') })
  assert.is((await since(folder, '--base', 'HEAD', '--deny', 'new-access')).code, 1)

  write(folder, { [spec]: shop('prod') + waiver('cart') })
  commit(folder)
  write(folder, { [spec]: wider + waiver('cart') })
  const otherRun = await since(folder, '--base', 'HEAD', '--deny', 'new-access')
  assert.is(otherRun.code, 1)
  assert.match(
    otherRun.stdout,
    /waiver of new-access by team-cart, until 2099-01-31, lets nothing of this pass/,
  )
})

diff('between environments, what the later one waives passes', async () => {
  const wider = shop('prod').replace('[GET]', '[GET, POST]')
  const folder = repository({ 'spec/staging/mesh.yaml': shop('staging'), [spec]: wider + waiver('web') })
  const { code, stdout } = await since(folder, '--env', 'staging..prod', '--deny', 'new-access')
  assert.is(code, 2, stdout)
  assert.match(stdout, /waived until 2099-01-31 by team-cart: the sale/)
})

diff('the files committed in out/ are the deployed state, with any author', async () => {
  const folder = repository()
  assert.is((await meshc(folder, ['build'])).code, 0)
  const policy = 'out/prod/manifests/shop/cart.yaml'
  commit(folder)
  assert.is((await since(folder, '--base', 'HEAD')).code, 0)
  const built = readFileSync(join(folder, policy), 'utf8')
  write(folder, { [policy]: built.replace('- GET', '- DELETE') })
  commit(folder)
  const { code, stdout } = await since(folder, '--base', 'HEAD')
  assert.is(code, 2)
  assert.match(stdout, /\+ shop\/web → cart\.shop:8080 {2}GET\n/)
  assert.match(stdout, /- shop\/web → cart\.shop:8080 {2}DELETE\n/)
  assert.match(stdout, /no edit of a spec explains these: what HEAD has is not what its specs make/)
})

diff('diff names new, removed and renamed environments', async () => {
  const folder = repository({
    [spec]: shop('prod'),
    'spec/test/mesh.yaml': shop('test'),
    'spec/old/mesh.yaml': shop('old', '  api:\n    namespace: shop\n'),
  })
  rmSync(join(folder, 'spec/old'), { recursive: true })
  mkdirSync(join(folder, 'spec/staging'))
  renameSync(join(folder, 'spec/test/mesh.yaml'), join(folder, 'spec/staging/mesh.yaml'))
  rmSync(join(folder, 'spec/test'), { recursive: true })
  write(folder, {
    'spec/staging/mesh.yaml': shop('staging'),
    'spec/next/mesh.yaml': `meshc: v1
mesh: desk
environment: next
services:
  desk: { namespace: desk, port: { http: 90 }, allow: [{ from: clerk }] }
  clerk: { namespace: desk }
`,
  })
  const { code, stdout } = await since(folder, '--base', 'HEAD')
  assert.is(code, 2)
  assert.match(stdout, /^next · HEAD → the working tree: a new environment, held against nothing; 1 opened$/m)
  assert.match(stdout, /^prod · HEAD → the working tree: nothing changes/m)
  assert.match(stdout, /^test, now staging · HEAD → the working tree: no request is handled otherwise/m)
  assert.match(stdout, /^old · HEAD → the working tree: the environment is removed/m)
})

diff('two environments are compared, and a folder of manifests with one', async () => {
  const folder = project({
    [spec]: shop('prod'),
    'spec/staging/mesh.yaml': shop('staging').replace('[GET]', '[GET, PUT]'),
    'deployed/broken.yaml': 'kind: [\n',
  })
  const between = await since(folder, '--env', 'staging..prod')
  assert.is(between.code, 2, between.stderr)
  assert.match(between.stdout, /^prod · staging → prod: 1 closed/)
  assert.match(between.stdout, /- shop\/web → cart\.shop:8080 {2}PUT\n/)
  assert.match(between.stdout, /mesh\.yaml:1 {2}the folder of the environment: spec\/staging → spec\/prod\n/)
  assert.not.match(between.stdout, /no edit of a spec explains/)

  const broken = await since(folder, '--env', 'prod', '--manifests', 'deployed')
  assert.is(broken.code, 1)
  assert.match(broken.stderr, /deployed\/broken\.yaml:\d+:\d+: this is no YAML/)
  await meshc(folder, ['build', '--env', 'staging'])
  const deployed = await since(folder, '--env', 'prod', '--manifests', 'out/staging')
  assert.is(deployed.code, 2, deployed.stderr)
  assert.match(deployed.stdout, /- shop\/web → cart\.shop:8080 {2}PUT\n/)
  assert.match(deployed.stdout, /there is no spec of out\/staging that could tell/)
})

diff('a revision is compared from where both have parted, with three dots or by default', async () => {
  const folder = repository()
  git(folder, 'checkout', '--quiet', '-b', 'feature')
  write(folder, { [spec]: shop('prod').replace('[GET]', '[GET, POST]') })
  commit(folder)
  git(folder, 'checkout', '--quiet', 'main')
  write(folder, { [spec]: shop('prod').replace('[GET]', '[HEAD]') })
  commit(folder)
  const clone = project({})
  git(clone, 'clone', '--quiet', folder, '.')
  git(clone, 'checkout', '--quiet', 'feature')
  for (const words of [[], ['--base', 'origin/main...']]) {
    const { code, stdout, stderr } = await since(clone, ...words)
    assert.is(code, 2, stderr)
    assert.match(stdout, /origin\/main → the working tree: 1 opened;/)
  }
  assert.match((await since(clone, '--base', 'origin/main')).stdout, /1 opened, 1 closed|2 opened, 1 closed/)
})

diff('an impossible comparison is an error with a solution, and diff ends with 1', async () => {
  const alone = project({ [spec]: shop('prod') })
  const folder = repository()
  const shallow = project({})
  commitEmpty(folder)
  git(shallow, 'clone', '--quiet', '--depth', '1', `file://${folder}`, '.')
  const remote = repository()
  git(remote, 'remote', 'add', 'origin', `file://${folder}`)
  const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
    [alone, [], /is in no git repository[^\n]*\n.*--env staging\.\.prod/],
    [folder, [], /no remote `origin`[^\n]*\n.*--base HEAD/],
    [remote, [], /the default branch of `origin` is not known[^\n]*\n.*--base origin\/main/],
    [folder, ['--base', 'nowhere'], /there is no revision `nowhere`/],
    [folder, ['--base', 'origin/next'], /there is no revision `origin\/next`\n.*git fetch origin next/],
    [shallow, ['--base', 'HEAD~1'], /there is no revision `HEAD~1`\n.*fetch-depth: 0/],
    [folder, ['--deny', 'new-acces'], /there is no change `new-acces` to deny\n.*did you mean `new-access`/],
    [folder, ['--format', 'markdwon'], /there is no format `markdwon`\n.*did you mean `markdown`/],
    [folder, ['--env', 'prd', '--base', 'HEAD'], /there is no environment `prd`\n.*did you mean `prod`/],
    [folder, ['--env', 'a..b..c'], /names no pair/],
    [
      folder,
      ['--base', 'HEAD', '--manifests', 'out', '--env', 'prod'],
      /`--base` and `--manifests` are given both/,
    ],
    [folder, ['--manifests', 'nothing', '--env', 'prod'], /`nothing` cannot be read: there is no such file/],
    [folder, ['--bse', 'HEAD'], /there is no option `--bse`\n.*did you mean `--base`/],
  ]
  for (const [where, words, expected] of wrong) {
    const { code, stderr, stdout } = await since(where, ...words)
    assert.is(code, 1, `${words.join(' ')}: ${stderr}`)
    assert.match(stderr, expected)
    assert.is(stdout, '')
  }
})

diff('a spec that does not compile has no diff, on either side', async () => {
  const folder = repository({ [spec]: 'meshc: v1\nmesh: shop\nservices: { cart: {} }\n' })
  const here = await since(folder, '--base', 'HEAD')
  assert.is(here.code, 1)
  assert.match(here.stderr, /MESH\d+/)
  write(folder, { [spec]: shop('prod') })
  const there = await since(folder, '--base', 'HEAD')
  assert.is(there.code, 1)
  assert.match(there.stderr, /`prod` does not compile as it is in `HEAD`/)
})

diff('other formats hold the same changes for programs', async () => {
  const folder = repository()
  write(folder, { [spec]: shop('prod').replace('[GET]', '[GET, POST]') })
  const words = ['--base', 'HEAD', '--deny', 'new-access']
  const json = JSON.parse((await since(folder, ...words, '--json')).stdout)
  assert.is(json.ok, false)
  assert.is(json.changed, true)
  const [environment] = json.environments
  assert.is(environment.isProved, true)
  assert.equal(environment.denied.length, 1)
  assert.equal(environment.findings[0].parties, { callers: ['web'], destinations: ['cart'] })
  assert.equal(environment.manifests[0].edits, [
    { path: 'services.cart.allow[0].methods[1]', after: 'POST', file: spec, line: 9, side: 'after' },
  ])

  const sarif = JSON.parse((await since(folder, ...words, '--format', 'sarif')).stdout)
  const [result] = sarif.runs[0].results
  assert.is(result.ruleId, 'new-access')
  assert.is(result.level, 'error')
  assert.is(result.locations[0].physicalLocation.region.startLine, 9)

  const github = await since(folder, ...words, '--format', 'github')
  assert.match(github.stdout, /^::error file=spec\/prod\/mesh\.yaml,line=9,.*title=new-access::/)

  const markdown = await since(folder, ...words, '--format', 'markdown')
  assert.match(markdown.stdout, /^<!-- meshc diff -->\n/)
  assert.match(markdown.stdout, /⛔ denied: `new-access`/)
})

diff('formats for programs hold unknown results, as errors with `--deny unknown`', async () => {
  const folder = repository()
  const filter = `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: tweak, namespace: shop }
spec: { configPatches: [{ applyTo: CLUSTER, patch: { operation: MERGE, value: {} } }] }
`
  assert.is((await meshc(folder, ['build'])).code, 0)
  cpSync(join(folder, 'out/prod'), join(folder, 'deployed'), { recursive: true })
  write(folder, { 'deployed/tweak.yaml': filter })
  const words = ['--env', 'prod', '--manifests', 'deployed']
  const github = await since(folder, ...words, '--format', 'github')
  assert.match(
    github.stdout,
    /^::warning file=spec\/prod\/mesh\.yaml,.*title=unknown::.*EnvoyFilter shop\/tweak/m,
  )
  const sarif = JSON.parse((await since(folder, ...words, '--deny', 'unknown', '--format', 'sarif')).stdout)
  const results: readonly { readonly ruleId: string; readonly level: string }[] = sarif.runs[0].results
  assert.ok(results.some(({ ruleId, level }) => ruleId === 'unknown' && level === 'error'))
})

diff.run()
