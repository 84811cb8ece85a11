import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { meshc } from '../support/meshc.ts'
import { getContent, project, write } from '../support/project.ts'
import { commit, git } from '../support/repository.ts'

/** A pull request adds files to `out/` that no spec names: every gate reports them. */
const test = suite('undeclared files')

const spec = 'spec/prod/mesh.yaml'
const shop = (more = '') => `meshc: v1
mesh: shop
environment: prod
delivery:
  repository: https://git.example.com/mesh.git
  outputs: [argocd]
${more}services:
  cart:
    namespace: shop
    port: { http: 8080 }
    allow:
      - { from: web, methods: [GET] }
  web:
    namespace: shop
`

/** A policy that allows every caller everything. */
const policy = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: open, namespace: shop }
spec: { rules: [{}] }
`

const application = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: assumedCaller, namespace: argocd }
spec: { project: default }
`

/** Makes a project, builds it and commits it. */
async function built(text = shop()): Promise<string> {
  const folder = project({ [spec]: text })
  assert.is((await meshc(folder, ['build'])).code, 0)
  git(folder, 'init', '--quiet', '--initial-branch', 'main')
  commit(folder)
  return folder
}

/**
 * The folders from which Argo CD and helm read files. Argo CD reads manifests/ and argocd/, which has its
 * settings.
 */
const places: readonly (readonly [path: string, text: string])[] = [
  ['manifests/shop/open.yaml', policy],
  [
    'manifests/shop/open.json',
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }),
  ],
  ['manifests/shop/open.jsonnet', '{}'],
  ['manifests/new/open.yml', policy],
  ['manifests/.argocd-source.yaml', 'directory: { include: "*" }\n'],
  ['manifests/.argocd-source-shop-prod-manifests.yaml', 'directory: { include: "*" }\n'],
  ['manifests/kustomization.yaml', 'resources: []\n'],
  ['argocd/stranger.yaml', application],
  ['chart/templates/open.yaml', policy],
  ['Kustomization', 'resources: []\n'],
]

for (const [path, text] of places) {
  test(`\`build --check\` and \`doctor\` refuse ${path}, and a build leaves it with a warning`, async () => {
    const folder = await built()
    const file = `out/prod/${path}`
    write(folder, { [file]: text })
    const check = await meshc(folder, ['build', '--check', '--verify'])
    assert.is(check.code, 1)
    assert.match(check.stderr, `undeclared ${file}`)
    assert.match(check.stderr, 'name the others in `delivery.neighbors`')
    const json = await meshc(folder, ['build', '--check', '--json'])
    assert.equal(JSON.parse(json.stdout).environments[0].undeclared, [path])
    const doctor = await meshc(folder, ['doctor', '--json'])
    const { checks } = JSON.parse(doctor.stdout) as {
      readonly checks: readonly { readonly state: string; readonly what: string }[]
    }
    assert.ok(checks.some(({ state, what }) => state === 'wrong' && what.includes(path)))
    const before = getContent(folder)
    const build = await meshc(folder, ['build'])
    assert.is(build.code, 0)
    assert.match(build.stderr, file)
    assert.equal(getContent(folder), before)
  })
}

test('a link in the place of a file is one that no spec names', async () => {
  const folder = await built()
  write(folder, { 'elsewhere.yaml': policy })
  symlinkSync('../../../../elsewhere.yaml', join(folder, 'out/prod/manifests/shop/open.yaml'))
  const { code, stderr } = await meshc(folder, ['build', '--check'])
  assert.is(code, 1)
  assert.match(stderr, 'undeclared out/prod/manifests/shop/open.yaml')
})

test('a file that a lock file lists and no spec makes is reported, too', async () => {
  const folder = await built()
  const lock = getContent(folder)['out/prod/meshc.lock.json']!
  write(folder, {
    'out/prod/manifests/shop/open.yaml': policy,
    'out/prod/meshc.lock.json': lock.replace(
      '"files": {',
      '"files": {\n    "manifests/shop/open.yaml": "0",',
    ),
  })
  assert.is((await meshc(folder, ['build', '--check'])).code, 1)
  const { code, stdout } = await meshc(folder, ['diff', '--base', 'HEAD', '--deny', 'new-access'])
  assert.is(code, 1, stdout)
})

test('a diff follows a file that no spec names, on the side that has it', async () => {
  const folder = await built()
  write(folder, { 'out/prod/manifests/shop/open.yaml': policy })
  const opened = await meshc(folder, ['diff', '--base', 'HEAD', '--deny', 'new-access'])
  assert.is(opened.code, 1)
  assert.match(opened.stderr, 'new-access: prod: ')
  assert.match(opened.stdout, 'out/prod/manifests/shop/open.yaml:4')
  commit(folder)
  assert.is((await meshc(folder, ['diff', '--base', 'HEAD'])).code, 0)
  git(folder, 'rm', '--quiet', 'out/prod/manifests/shop/open.yaml')
  const closed = await meshc(folder, ['diff', '--base', 'HEAD', '--deny', 'new-access'])
  assert.is(closed.code, 2, closed.stderr)
})

test('a file that was edited by hand passes no gate', async () => {
  const folder = await built()
  const file = 'out/prod/manifests/shop/cart.yaml'
  write(folder, { [file]: `${getContent(folder)[file]!}---\n${policy}` })
  const { code, stderr } = await meshc(folder, ['diff', '--base', 'HEAD', '--deny', 'new-access'])
  assert.is(code, 1)
  assert.match(stderr, `1 file in \`out/\` is not what the specs make`)
  assert.match(stderr, file)
})

test('a file that a build would remove has no other owner', async () => {
  const folder = await built()
  write(folder, {
    [spec]: shop()
      .replace(/ {2}web:\n {4}namespace: shop\n$/, '')
      .replace(/ {4}allow:\n.*\n/, ''),
  })
  const { stdout } = await meshc(folder, ['diff', '--base', 'HEAD'])
  assert.match(stdout, 'web')
  assert.not.match(stdout, 'no spec')
  assert.is((await meshc(folder, ['build'])).code, 0)
  assert.is((await meshc(folder, ['build', '--check'])).code, 0)
})

test('a neighbor that the spec names is deployed, counted and left alone', async () => {
  const neighbor = 'out/prod/manifests/shop/open.yaml'
  const folder = project({ [spec]: shop('  neighbors: [shop/open.yaml]\n'), [neighbor]: policy })
  assert.is((await meshc(folder, ['build'])).code, 0)
  assert.is((await meshc(folder, ['build', '--check'])).code, 0)
  const content = getContent(folder)
  assert.is(content[neighbor], policy)
  assert.match(content['out/prod/argocd/applications.yaml']!, 'shop/open.yaml')
  assert.match(content['out/prod/kustomization.yaml']!, 'manifests/shop/open.yaml')
  const { code } = await meshc(folder, ['trace', '--from', 'web', '--to', 'cart', 'POST /'])
  assert.is(code, 0, 'the neighbor lets it through')
})

test('an expectation counts a neighbor in', async () => {
  const expectation = 'expect: [{ never: [web], to: cart, method: POST }]\n'
  const folder = project({
    [spec]: `${shop()}${expectation}`,
    'out/prod/manifests/shop/open.yaml': policy,
  })
  assert.is((await meshc(folder, ['validate'])).code, 0)
  write(folder, { [spec]: `${shop('  neighbors: [shop/open.yaml]\n')}${expectation}` })
  const { code, stderr, stdout } = await meshc(folder, ['validate'])
  assert.is(code, 1, stdout + stderr)
})

test.run()
