import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { gates } from '../../schema/gates.ts'
import { bundle, meshc } from '../support/meshc.ts'
import { getContent, project, write } from '../support/project.ts'
import { commit, git, repository } from '../support/repository.ts'

/** The files that `meshc init --review` writes for a repository with manifests and without a spec. */
const test = suite('bin/init --review')
const templates = join(import.meta.dirname, '../../templates/init')
const manifests = (account: string) => `apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec: { selector: { app: cart }, ports: [{ name: http, port: 80 }] }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: cart, namespace: shop }
spec:
  selector: { matchLabels: { app: cart } }
  rules: [{ from: [{ source: { principals: [cluster.local/ns/shop/sa/${account}] } }] }]
`
const file = 'clusters/prod/cart.yaml'
const folderWith = () => repository({ [file]: manifests('web') })

const written = [
  '.github/CODEOWNERS.example',
  '.github/workflows/review.yml',
  '.gitignore',
  '.pre-commit-config.yaml',
  'package.json',
  'scripts/review-page.sh',
  'scripts/review.sh',
]

test('it writes the files that review pull requests, and no spec', async () => {
  const folder = folderWith()
  const { code, stdout, stderr } = await meshc(folder, ['init', '--review', './clusters/prod/'])
  assert.is(code, 0, stderr)
  assert.match(stdout, `wrote ${written.length} files in `)
  assert.match(stdout, 'npx --no-install meshc lint')
  assert.equal(
    Object.keys(getContent(folder))
      .filter(path => !path.startsWith('.git/'))
      .sort(),
    [...written, file].sort(),
  )
  const again = await meshc(folder, ['init', '--review', 'clusters/prod'])
  assert.is(again.code, 0)
  assert.match(again.stdout, 'wrote 0 files')
})

test('its workflow is that of a project with specs, but for the manifests', async () => {
  const folder = folderWith()
  write(folder, { 'clusters/shared/a.yaml': manifests('web') })
  await meshc(folder, ['init', '--review', 'clusters/prod', '--review', 'clusters/shared'])
  const read = (path: string) => readFileSync(join(folder, path), 'utf8')
  const text = read('.github/workflows/review.yml')
  const template = readFileSync(join(templates, '.github/workflows/review.yml'), 'utf8')
  const added = text.split('\n').filter(line => !template.split('\n').includes(line))
  assert.is(added.length, 2)
  assert.match(added.join('\n'), 'MANIFESTS: clusters/prod clusters/shared')
  assert.match(added.join('\n'), 'Waive an intended change in clusters/prod/meshc.yaml first')
  const { permissions, jobs } = parse(text)
  assert.equal(permissions, { contents: 'read' })
  const { env } = jobs.review.steps.at(-1)
  assert.is(env.DENY, Object.keys(gates).join(','))
  assert.is(read('scripts/review.sh'), readFileSync(join(templates, 'scripts/review.sh'), 'utf8'))
  const owners = read('.github/CODEOWNERS.example')
  for (const owned of ['/clusters/prod/', '/clusters/shared/', '/.github/', '/scripts/'])
    assert.match(owners, new RegExp(`^${owned} @my-org/mesh-owners$`, 'm'))
  assert.not.match(owners, /^\/(spec|out)\//m)
})

/** An npx that runs this meshc, and a gh that records its calls. */
const npx = `#!/usr/bin/env bash
shift
[ "$1" = meshc ] || exit 9
shift
exec '${process.execPath}' '${bundle}' "$@"
`
const gh = `#!/usr/bin/env bash
case "$*" in *--paginate*) ;; *) echo "$*" >> "$RUNNER_TEMP/asked" ;; esac
`

/** Makes a merge commit of a pull request with the files of `init --review`, and stand-ins for npx and gh. */
async function pullRequest(account: string): Promise<string> {
  const folder = folderWith()
  await meshc(folder, ['init', '--review', 'clusters/prod'])
  commit(folder)
  git(folder, 'checkout', '--quiet', '-b', 'change')
  write(folder, { [file]: manifests(account) })
  if (account !== 'web') commit(folder)
  git(folder, 'checkout', '--quiet', 'main')
  git(folder, 'merge', '--quiet', '--no-ff', '--message', 'merge', 'change')
  write(folder, { 'bin/npx': npx, 'bin/gh': gh })
  for (const path of ['bin/npx', 'bin/gh']) chmodSync(join(folder, path), 0o755)
  return folder
}

test('its script comments on a pull request with what it changes for requests', async () => {
  const folder = await pullRequest('nightly')
  const { env: environment, steps } = parse(
    readFileSync(join(folder, '.github/workflows/review.yml'), 'utf8'),
  ).jobs.review
  const env = { ...environment, ...steps.at(-1).env }
  const page = join(folder, 'bin/meshc-review.html')
  const drawn = spawnSync(join(folder, 'scripts/review-page.sh'), [page], {
    encoding: 'utf8',
    env: {
      PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
      BASE: env.BASE,
      MANIFESTS: env.MANIFESTS,
    },
  })
  assert.is(drawn.status, 0, drawn.stderr)
  assert.match(readFileSync(page, 'utf8'), '"kind":"opened"')
  const { status, stderr } = spawnSync(join(folder, 'scripts/review.sh'), {
    encoding: 'utf8',
    env: {
      PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
      BASE: env.BASE,
      MANIFESTS: env.MANIFESTS,
      DENY: env.DENY,
      MAY_COMMENT: 'true',
      PAGE: 'https://example.com/page',
      PULL_REQUEST: '7',
      RUNNER_TEMP: join(folder, 'bin'),
      GITHUB_STEP_SUMMARY: join(folder, 'bin/summary.md'),
      GITHUB_REPOSITORY: 'shop/mesh',
    },
  })
  assert.is(status, 1, stderr)
  assert.match(stderr, 'new-access: clusters/prod: shop/nightly')
  const summary = readFileSync(join(folder, 'bin/summary.md'), 'utf8')
  assert.match(summary, /^<!-- meshc diff -->/)
  assert.match(summary, '(https://example.com/page)')
  assert.match(summary, 'clusters/prod/cart.yaml:11')
  assert.match(readFileSync(join(folder, 'bin/asked'), 'utf8'), '--method POST repos/shop/mesh/issues/7')
})

test('its hook lists the changes of a commit, and stops a commit that breaks a manifest', async () => {
  const folder = await pullRequest('web')
  const [{ hooks }] = parse(readFileSync(join(folder, '.pre-commit-config.yaml'), 'utf8')).repos
  const [{ entry, files }] = hooks
  assert.ok(new RegExp(files).test(file))
  const runHook = () =>
    spawnSync('bash', ['-c', entry], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: `${join(folder, 'bin')}:${process.env['PATH']}` },
    })
  write(folder, { [file]: manifests('nightly') })
  const changed = runHook()
  assert.is(changed.status, 0, changed.stderr)
  assert.match(changed.stdout, 'shop/nightly')
  write(folder, { [file]: 'apiVersion: v1\nkind: [\n' })
  const broken = runHook()
  assert.is(broken.status, 1)
  assert.match(broken.stderr, 'clusters/prod/cart.yaml:')
})

test('manifests that are not there, or that a workflow cannot name, are refused', async () => {
  const folder = project({ 'a b/all.yaml': manifests('web') })
  for (const [place, message] of [
    ['clusters', /there is no folder `clusters` in /],
    ['a b', /`a b` is no folder that a workflow can name/],
    ['..', /`\.\.` is no folder that a workflow can name/],
  ] as const) {
    const { code, stderr } = await meshc(folder, ['init', '--review', place])
    assert.is(code, 2)
    assert.match(stderr, message)
  }
  assert.not(existsSync(join(folder, '.github')))
})

test('the schema of the file beside manifests is printed', async () => {
  const { code, stdout } = await meshc(project({}), ['schema', '--manifests'])
  assert.is(code, 0)
  const { title, properties } = JSON.parse(stdout)
  assert.is(title, 'meshc.yaml')
  assert.equal(Object.keys(properties), ['expect', 'policies', 'waive'])
})

test.run()
