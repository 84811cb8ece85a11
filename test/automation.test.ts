import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { gates } from '../schema/gates.ts'
import { bundle, meshc } from './support/meshc.ts'
import { project, write } from './support/project.ts'
import { commit, git } from './support/repository.ts'

// These are the workflows, the action and the texts of this repository, and the files that it writes for
// other repositories.

const automation = suite('automation')
const root = join(import.meta.dirname, '..')

/**
 * Every committed text that people or GitHub read. Tests are left out, since they contain wrong texts on
 * purpose.
 */
const texts = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter(path => /\.(ya?ml|md|ejs|ts|mjs|json|sh)$|^\.ci\/|CODEOWNERS/.test(path))
  .filter(path => !/^(test|node_modules)\/|^CHANGELOG\.md$|package-lock\.json$/.test(path))
  .map(path => ({ path, text: readFileSync(join(root, path), 'utf8') }))

const ownPackage = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const [scope = '', packageWord = ''] = String(ownPackage.name).slice(1).split('/')

const workflows = texts.filter(({ path }) => /(^|\/)\.github\/workflows\//.test(path))
const action = parse(readFileSync(join(root, 'action.yml'), 'utf8'))

automation(
  'every action is named by a commit, with its release beside it, and by one commit everywhere',
  () => {
    const commits = new Map<string, string>()
    let count = 0
    for (const { path, text } of texts) {
      for (const [line, name = ''] of text.matchAll(/^\s*(?:- )?uses: *(.*)$/gm)) {
        if (name === './') continue
        count++
        if (name === `${scope}/meshc@COMMIT # v${ownPackage.version}`) continue
        const [, called = '', digest] =
          /^([\w-]+\/[\w./-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+$/.exec(name) ?? []
        assert.ok(digest, `${path}: ${line.trim()}`)
        assert.is(commits.get(called) ?? name, name, path)
        commits.set(called, name)
      }
    }
    assert.ok(count > 10, String(count))
  },
)

automation('no workflow gives the code of a pull request more permissions than it needs', () => {
  assert.ok(workflows.length >= 4)
  for (const { path, text } of workflows) {
    assert.not.match(text, /pull_request_target:|secrets\./, path)
    assert.equal(parse(text).permissions, { contents: 'read' }, path)
  }
  for (const { text, path } of workflows.filter(({ path }) => path.startsWith('templates/')))
    assert.match(text, /- run: npm ci --ignore-scripts\n/, path)
})

automation('review.yml and the action deny every change that can be denied', () => {
  const all = Object.keys(gates).join(',')
  const review = workflows.find(({ path }) => path.endsWith('review.yml'))
  const steps: readonly { env?: Readonly<Record<string, string>> }[] = parse(review?.text ?? '').jobs.review
    .steps
  assert.is(steps.find(({ env }) => env?.['DENY'])?.env?.['DENY'], all)
  assert.is(action.inputs.deny.default, all)
})

automation('CODEOWNERS of a new project, and the guide, cover the files that check a change', () => {
  for (const path of ['templates/init/.github/CODEOWNERS.example', 'docs/guides/review.md']) {
    const text = readFileSync(join(root, path), 'utf8')
    for (const owned of ['/spec/', '/out/', '/.github/', '/scripts/', '/package*.json'])
      assert.match(text, new RegExp(`^${owned.replace(/[*.]/g, '\\$&')} +@my-org/mesh-owners$`, 'm'), path)
  }
})

automation('the package has one name and one owner, wherever it is named', () => {
  assert.is(packageWord, 'meshc')
  assert.match(ownPackage.name, /^@/)
  assert.is(
    ownPackage.repository.url.toLowerCase(),
    `git+https://github.com/${scope.toLowerCase()}/meshc.git`,
  )
  const named = texts.flatMap(({ path, text }) => [
    ...[...text.matchAll(/@([\w-]+)\/meshc\b/g)].map(([, owner]) => ({ path, owner })),
    ...[...text.matchAll(/github\.com\/([\w-]+)\/meshc\b/g)].map(([, owner]) => ({ path, owner })),
    ...[...text.matchAll(/uses: ([\w-]+)\/meshc@/g)].map(([, owner]) => ({ path, owner })),
    ...[...text.matchAll(/([\w-]+)-meshc-\d[\w.]*\.tgz/g)].map(([, owner]) => ({ path, owner })),
  ])
  assert.ok(named.length > 6)
  for (const { path, owner } of named) assert.is(owner, scope, path)
})

automation('no text runs or installs meshc by its bare name, which has no owner in the registry', () => {
  for (const { path, text } of texts) {
    for (const [result] of text.matchAll(
      /\b(?:npx|npm exec|npm i|npm install)\b[^\n`;&|#]*\bmeshc\b[^\n`]*/g,
    )) {
      // In the settings of an editor, each word is a separate string.
      const reported = result.replaceAll(/['",]/g, '')
      const isLocal = /^npx --no-install meshc\b/.test(reported)
      const isOwned = new RegExp(`^npm install .*(@${scope}/|\\./${scope}-)meshc\\b`).test(reported)
      const isTarball = path === '.ci/run' && reported.includes('$work/*meshc-*.tgz')
      // npm packs the folder of a clone into a file, and installs that file.
      const isPacked = reported.startsWith(
        'npm install --save-dev ./$(npm pack --silent --ignore-scripts ../meshc',
      )
      assert.ok(isLocal || isOwned || isTarball || isPacked, `${path}: ${reported}`)
    }
  }
})

automation('npx --no-install runs the installed package, and no package of a registry', async () => {
  const folder = project({ 'package.json': '{ "private": true }' })
  const evil = project({
    'package.json': '{ "name": "meshc", "version": "9.9.9", "bin": { "meshc": "run.js" } }',
    'run.js': '#!/usr/bin/env node\nconsole.log("fetched")\n',
  })
  chmodSync(join(evil, 'run.js'), 0o755)
  execFileSync('npm', ['pack', '--silent'], { cwd: evil })
  const tarball = readFileSync(join(evil, 'meshc-9.9.9.tgz'))
  const asked: string[] = []
  const server = createServer(({ url = '' }, response) => {
    asked.push(url)
    if (url.endsWith('.tgz')) response.end(tarball)
    else {
      const dist = { tarball: `http://127.0.0.1:${port()}/meshc-9.9.9.tgz` }
      const version = { name: 'meshc', version: '9.9.9', bin: { meshc: 'run.js' }, dist }
      response.end(
        JSON.stringify({ name: 'meshc', 'dist-tags': { latest: '9.9.9' }, versions: { '9.9.9': version } }),
      )
    }
  })
  const port = () => (server.address() as AddressInfo).port
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const npx = (...words: readonly string[]) =>
    new Promise<string>(resolve => {
      const child = spawn('npx', [...words, 'meshc', '--version'], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...process.env,
          npm_config_registry: `http://127.0.0.1:${port()}/`,
          npm_config_cache: join(folder, 'cache'),
          npm_config_update_notifier: 'false',
        },
      })
      let stated = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (stated += data))
      child.on('close', () => resolve(stated))
    })
  try {
    assert.not.match(await npx('--no-install'), 'fetched')
    assert.equal(
      asked.filter(url => url.endsWith('.tgz')),
      [],
    )
    // The attack is real: with `--yes`, npx fetches the package.
    assert.match(await npx('--yes'), 'fetched')
    const bin = join(folder, 'node_modules/.bin')
    mkdirSync(bin, { recursive: true })
    writeFileSync(join(bin, 'meshc'), `#!/bin/sh\nexec '${process.execPath}' '${bundle}' "$@"\n`)
    chmodSync(join(bin, 'meshc'), 0o755)
    assert.match(await npx('--no-install'), `meshc/${ownPackage.version} `)
  } finally {
    server.close()
  }
})

automation(
  'a release is published by its workflow, with a provenance, and not before it has an owner',
  () => {
    assert.equal(ownPackage.publishConfig, { access: 'public', provenance: true })
    const { on, jobs } = parse(readFileSync(join(root, '.github/workflows/release.yml'), 'utf8'))
    assert.equal(on, { push: { tags: ['v*'] } })
    assert.equal(jobs.publish.permissions, { contents: 'read', 'id-token': 'write' })
    assert.is(jobs.properties.permissions, undefined)
    assert.match(jobs.publish.steps.at(-1).run, /^npm publish --provenance\b/)
    const checks = (tag: string, repository: string, name: string, url: string) => {
      const folder = project({
        'bin/build/check-release.mjs': readFileSync(join(root, 'bin/build/check-release.mjs'), 'utf8'),
        'package.json': JSON.stringify({ name, version: '1.2.3', repository: { url } }),
      })
      return spawnSync(process.execPath, ['bin/build/check-release.mjs', tag, repository], { cwd: folder })
        .status
    }
    const url = 'git+https://github.com/Octo-Org/meshc.git'
    assert.is(checks('v1.2.3', 'Octo-Org/meshc', '@octo-org/meshc', url), 0)
    assert.is(checks('v1.2.4', 'Octo-Org/meshc', '@octo-org/meshc', url), 1)
    assert.is(checks('v1.2.3', 'Octo-Org/meshc', '@OWNER/meshc', url), 1)
    assert.is(checks('v1.2.3', 'Octo-Org/meshc', 'meshc', url), 1)
    assert.is(checks('v1.2.3', 'someone/meshc', '@octo-org/meshc', url), 1)
  },
)

/** Makes a repository with the files that `meshc init` writes, and builds it. */
async function newProject(): Promise<string> {
  const folder = project({})
  assert.is((await meshc(folder, ['init', '.', '--mesh', 'shop'])).code, 0)
  assert.is((await meshc(folder, ['build'])).code, 0)
  git(folder, 'init', '--quiet', '--initial-branch', 'main')
  commit(folder)
  return folder
}

const filter = `
raw:
  - apiVersion: networking.istio.io/v1alpha3
    kind: EnvoyFilter
    metadata: { name: tweak, namespace: shop }
    spec:
      configPatches:
        - { applyTo: CLUSTER, match: { context: ANY }, patch: { operation: MERGE, value: { connect_timeout: 1s } } }
`

automation('an EnvoyFilter in a pull request passes neither review.yml nor the action', async () => {
  const folder = await newProject()
  const base = join(folder, 'spec/base/mesh.yaml')
  writeFileSync(base, readFileSync(base, 'utf8') + filter)
  assert.is((await meshc(folder, ['build'])).code, 0)
  commit(folder)
  const { code, stderr } = await meshc(folder, [
    'diff',
    '--base',
    'HEAD^1',
    '--deny',
    action.inputs.deny.default,
  ])
  assert.is(code, 1)
  assert.match(stderr, /unknown: prod: /)
  const reported = actionDiff(folder)
  assert.is(reported.status, 1)
  assert.match(reported.stdout, /^::error /m)
})

automation('the action passes a change that no gate denies, and compares all environments', async () => {
  const folder = await newProject()
  const base = join(folder, 'spec/base/mesh.yaml')
  writeFileSync(base, readFileSync(base, 'utf8').replace('timeout: 10s', 'timeout: 11s'))
  commit(folder)
  const unbuilt = actionDiff(folder)
  assert.is(unbuilt.status, 1, unbuilt.stdout)
  assert.match(unbuilt.stderr, 'not what the specs make')
  await buildAndAmend(folder)
  const passed = actionDiff(folder)
  assert.is(passed.status, 0, passed.stderr)
  renameSync(join(folder, 'spec/prod'), join(folder, 'spec/prod-eu'))
  const spec = join(folder, 'spec/prod-eu/mesh.yaml')
  write(folder, { 'spec/prod-eu/mesh.yaml': readFileSync(spec, 'utf8').replaceAll('prod', 'prod-eu') })
  commit(folder)
  await buildAndAmend(folder)
  const renamed = actionDiff(folder)
  assert.is(renamed.status, 1, renamed.stdout)
  assert.match(renamed.stderr, 'new-environment: prod-eu: ')
  assert.is(actionDiff(folder, { DENY: 'new-access' }).status, 0)
})

/** A gh that records its calls and the comment. */
const gh = `#!/usr/bin/env bash
case "$*" in *--paginate*) exit ;; esac
echo "$*" >> "$RUNNER_TEMP/asked"
last="\${*: -1}"
cp "\${last#body=@}" "$RUNNER_TEMP/comment.md"
`

automation('the action draws the change, comments with a link to the page, and then refuses it', async () => {
  const folder = await newProject()
  const base = join(folder, 'spec/base/mesh.yaml')
  writeFileSync(base, readFileSync(base, 'utf8') + filter)
  assert.is((await meshc(folder, ['build'])).code, 0)
  commit(folder)
  const comment = (inputs: Readonly<Record<string, string>>) => {
    const temp = project({ 'bin/gh': gh })
    chmodSync(join(temp, 'bin/gh'), 0o755)
    const env = {
      RUNNER_TEMP: temp,
      PATH: `${join(temp, 'bin')}:${process.env['PATH']}`,
      GITHUB_STEP_SUMMARY: join(temp, 'summary.md'),
      GITHUB_REPOSITORY: 'shop/mesh',
      HEAD_REPOSITORY: 'shop/mesh',
      PULL_REQUEST: '7',
      PAGE: 'https://example.com/page',
      COMMENT: 'true',
      ...inputs,
    }
    const read = (name: string) =>
      existsSync(join(temp, name)) ? readFileSync(join(temp, name), 'utf8') : undefined
    const drawn = runActionStep('Draw the change as a page', folder, env)
    assert.is(drawn.status, 0, drawn.stderr)
    const reported = runActionStep('Say what the change does', folder, env)
    assert.is(reported.status, 0, reported.stderr)
    return {
      page: read('meshc-review.html'),
      summary: read('summary.md'),
      asked: read('asked'),
      comment: read('comment.md'),
    }
  }
  const { page, ...reported } = comment({})
  assert.match(page ?? '', '<script type="application/json" id="picture">')
  assert.match(reported.asked ?? '', '--method POST repos/shop/mesh/issues/7/comments')
  assert.match(reported.comment ?? '', /^<!-- meshc diff -->[\s\S]*\(https:\/\/example\.com\/page\)/)
  assert.is(reported.summary, reported.comment)
  for (const inputs of [{ COMMENT: 'false' }, { HEAD_REPOSITORY: 'fork/mesh' }]) {
    const { asked, summary } = comment(inputs)
    assert.is(asked, undefined)
    assert.is(summary, reported.summary)
  }
  writeFileSync(base, 'meshc: v2\n')
  const broken = comment({})
  assert.equal([broken.page, broken.summary, broken.asked], [undefined, undefined, undefined])
  assert.is(actionDiff(folder).status, 1)
})

automation('the comment of the action has the address that the upload gives', () => {
  const steps: readonly { id?: string; name: string; if: string; env: object }[] = action.runs.steps
  const names = steps.map(({ name }) => name)
  const upload = steps.find(({ id }) => id === 'page')
  const report = steps.find(({ name }) => name === 'Say what the change does')
  assert.ok(upload !== undefined && report !== undefined)
  assert.is(upload.if, report.if)
  assert.ok(names.indexOf(upload.name) < names.indexOf(report.name))
  const { env } = parse(workflows.find(({ path }) => path.endsWith('review.yml'))!.text).jobs.review.steps.at(
    -1,
  )
  assert.is(Object.entries(report.env).find(([name]) => name === 'PAGE')?.[1], env.PAGE)
})

/** Builds the specs of the last commit, and adds the files to this commit. */
async function buildAndAmend(folder: string): Promise<void> {
  assert.is((await meshc(folder, ['build'])).code, 0)
  git(folder, 'add', '--all')
  git(folder, 'commit', '--quiet', '--amend', '--no-edit')
}

/** Runs the step of the action that denies changes, in a folder. */
const actionDiff = (folder: string, more: Readonly<Record<string, string>> = {}) =>
  runActionStep('meshc diff', folder, more)

/** Runs a step of the action in a folder. */
function runActionStep(stepName: string, folder: string, more: Readonly<Record<string, string>>) {
  const step = action.runs.steps.find(({ name }: { name: string }) => name === stepName)
  assert.is(step.if, "${{ github.event_name == 'pull_request' && inputs.base != 'none' }}")
  assert.ok(existsSync(bundle))
  return spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      ACTION: root,
      PROJECT: folder,
      BASE: action.inputs.base.default,
      DENY: action.inputs.deny.default,
      ...more,
    },
  })
}

automation.run()
