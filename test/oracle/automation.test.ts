// The automation of this repository and of a project that `meshc init` wrote: workflows, the action, hooks and scripts.

import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { exampleNames } from '../../bin/project/example-names.ts'
import { scaffoldReview } from '../../bin/project/review-scaffold.ts'
import { decisions } from '../../compiler/mesh/decisions.ts'
import { listBlocks, pages, pageText } from '../support/markdown.ts'
import { bundle, meshc } from '../support/meshc.ts'
import { type CommandResult, runCommand, runOrThrow } from './command.ts'
import { oracle, requireOracle, withDirectory } from './tools.ts'

const test = suite('automation')
const root = fileURLToPath(new URL('../../', import.meta.url))
const scaffold = join(root, 'templates/init')

const testLinters = await requireOracle(test, 'actionlint', 'shellcheck', 'checkJsonschema', 'preCommit')
const testPreCommit = await requireOracle(test, 'preCommit')
const testPrograms = await requireOracle(test, 'programs')

/** Returns the block of a guide that shows a file with this name. */
function shown(file: string): string {
  const text = pages
    .filter(page => page.startsWith('docs/guides/'))
    .flatMap(page => listBlocks(pageText(page)))
    .find(({ text }) => text.startsWith(`# ${file}\n`))?.text
  if (text === undefined) throw new Error(`no guide shows ${file}`)
  return text
}

// --- files ------------------------------------------------------------------------------------------------------------

const workflows = {
  'of this repository': join(root, '.github/workflows/mesh.yml'),
  'that publishes a version': join(root, '.github/workflows/release.yml'),
  'of a new project': join(scaffold, '.github/workflows/mesh.yml'),
  'that reviews a change': join(scaffold, '.github/workflows/review.yml'),
}

for (const [whose, file] of Object.entries(workflows)) {
  testLinters(`the workflow ${whose} is one for actionlint and by its schema`, async () => {
    await assertWorkflow(await readFile(file, 'utf8'))
  })
}

testLinters('so is that of a repository with manifests and no spec', async () => {
  const files = scaffoldReview(exampleNames, ['clusters/prod', 'clusters/shared'])
  await assertWorkflow(files.find(({ path }) => path.endsWith('/review.yml'))?.text ?? '')
})

testLinters('so is that of the guides', () => assertWorkflow(shown('.github/workflows/mesh.yml')))

testLinters('the linters find errors in a workflow', async () => {
  const good = await readFile(workflows['of a new project'], 'utf8')
  for (const [from, to, result] of [
    ['    steps:', '    stepz:', /unexpected key "stepz"/],
    ['"$RUNNER_TEMP/istioctl"\n', '$RUNNER_TEMP/istioctl\n', /SC2086/],
    ['scripts/validate.sh', 'echo ${{ github.head_ref }}', /potentially untrusted/],
    ['${{ github.ref }}', '${{ github.reff }}', /property "reff" is not defined/],
  ] as const) {
    assert.ok(good.includes(from), from)
    const { status, stdout } = await lintWorkflow(good.replace(from, to))
    assert.is(status, 1, to)
    assert.match(stdout, result)
  }
  await withDirectory(async directory => {
    const { checkJsonschema } = await oracle()
    const file = join(directory, 'mesh.yml')
    await writeFile(file, good.replace('timeout-minutes: 10', 'timeout-minutes: soon'))
    const checked = await checkJsonschema(['--builtin-schema', 'vendor.github-workflows', file])
    assert.is(checked.status, 1)
    assert.match(checked.stdout, 'soon')
  })
})

testLinters('workflows may read, end by themselves, and keep no credentials', async () => {
  for (const file of Object.values(workflows)) {
    const { permissions, concurrency, jobs } = parse(await readFile(file, 'utf8'))
    assert.equal(permissions, { contents: 'read' })
    // Only a release is not stopped half-way.
    assert.is(concurrency['cancel-in-progress'], !file.endsWith('release.yml'))
    for (const [name, job] of Object.entries<Job>(jobs)) {
      assert.ok(Number(job['timeout-minutes']) > 0, `${file} ${name}`)
      // A job may at most write comments, or identify the publisher to npm.
      for (const [scope, access] of Object.entries(job.permissions ?? {}))
        assert.ok(
          access === 'read' || scope === (name === 'publish' ? 'id-token' : 'pull-requests'),
          `${file} ${name} ${scope}`,
        )
      for (const step of job.steps) {
        if (step.uses?.startsWith('actions/checkout@') === true)
          assert.is(step.with?.['persist-credentials'], false)
        assert.not.match(step.run ?? '', '${{')
      }
    }
  }
})

interface Step {
  readonly name?: string
  readonly if?: string
  readonly run?: string
  readonly uses?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>
  readonly 'timeout-minutes': number
  readonly steps: readonly Step[]
}

testLinters('the action is one by its schema, and its scripts are sound', async () => {
  const { checkJsonschema } = await oracle()
  const { status, stdout } = await checkJsonschema([
    ...['--builtin-schema', 'vendor.github-actions'],
    join(root, 'action.yml'),
  ])
  assert.is(status, 0, stdout)
  for (const { name, run = '' } of await stepsOfAction()) {
    assert.not.match(run, '${{', 'what a user says goes through the environment')
    const { status, stdout } = await shellcheck(`#!/usr/bin/env bash\nset -eo pipefail\n${run}`)
    assert.is(status, 0, `${name}: ${stdout}`)
  }
  await withDirectory(async directory => {
    const file = join(directory, 'action.yml')
    await writeFile(
      file,
      (await readFile(join(root, 'action.yml'), 'utf8')).replace('      shell: bash\n', ''),
    )
    assert.is((await checkJsonschema(['--builtin-schema', 'vendor.github-actions', file])).status, 1)
  })
})

testLinters('scripts of a new project are sound', async () => {
  for (const name of ['validate.sh', 'review.sh', 'review-page.sh', 'istioctl.sh']) {
    const text = await readFile(join(scaffold, 'scripts', name), 'utf8')
    const { status, stdout } = await shellcheck(text)
    assert.is(status, 0, stdout)
  }
  const { status, stdout } = await shellcheck('#!/usr/bin/env bash\nrm $1\n')
  assert.is(status, 1)
  assert.match(stdout, 'SC2086')
})

testPreCommit('hooks are hooks, and configurations name hooks that there are', async () => {
  const { preCommit } = await oracle()
  const manifest = join(root, '.pre-commit-hooks.yaml')
  const valid = await preCommit(['validate-manifest', manifest])
  assert.is(valid.status, 0, valid.stdout)
  await withDirectory(async directory => {
    const file = join(directory, '.pre-commit-config.yaml')
    for (const text of [
      await readFile(join(scaffold, '.pre-commit-config.yaml'), 'utf8'),
      shown('.pre-commit-config.yaml'),
    ]) {
      await writeFile(file, text)
      const { status, stdout } = await preCommit(['validate-config', file])
      assert.is(status, 0, stdout)
    }
    const ids: readonly string[] = parse(await readFile(manifest, 'utf8')).map(({ id }: { id: string }) => id)
    const [{ hooks }] = parse(shown('.pre-commit-config.yaml')).repos
    for (const { id } of hooks) assert.ok(ids.includes(id), id)

    await writeFile(file, (await readFile(manifest, 'utf8')).replace('  entry: meshc validate\n', ''))
    const broken = await preCommit(['validate-manifest', file])
    assert.is(broken.status, 1)
    assert.match(broken.stdout, 'entry')
  })
})

test('the Istio of workflow, action and a new spec is the one that meshc installs', async () => {
  const version = /the version of Istio is (\S+)/.exec(decisions['default:istio-version'].summary)?.[1]
  assert.ok(version, 'the default names the version of Istio')
  const [project, action, spec] = await Promise.all([
    readFile(workflows['of a new project'], 'utf8').then(text => parse(text).jobs.mesh.env.ISTIO_VERSION),
    readFile(join(root, 'action.yml'), 'utf8').then(text => parse(text).inputs['istio-version'].default),
    readFile(join(scaffold, 'spec/base/mesh.yaml'), 'utf8').then(text => parse(text).istio.version),
  ])
  assert.equal([project, action, spec], [version, version, version])
})

// --- at work ----------------------------------------------------------------------------------------------------------

testPreCommit('the hook of a new project stops a commit whose out/ is stale', () =>
  withProject(async (folder, environment) => {
    const { preCommit } = await oracle()
    const git = (...words: readonly string[]) =>
      runOrThrow('git', words, { cwd: folder, environment: withPath(environment) })
    await git('init', '--quiet')
    await git('add', '--all')
    const run = () => preCommit(['run', '--all-files'], { cwd: folder, environment: withPath(environment) })
    const passed = await run()
    assert.is(passed.status, 0, passed.stdout + passed.stderr)
    assert.match(passed.stdout, /out\/ is what spec\/ makes\.+Passed/)
    await change(join(folder, 'spec/base/mesh.yaml'), 'timeout: 10s', 'timeout: 11s')
    await git('add', '--all')
    const failed = await run()
    assert.is(failed.status, 1)
    assert.match(failed.stdout, /`out\/prod` is not what the spec makes/)
  }),
)

testPreCommit('pre-commit installs meshc from a clone of it, and runs it', () =>
  withProject(async (folder, environment) => {
    const { preCommit } = await oracle()
    const git = (cwd: string, ...words: readonly string[]) =>
      runOrThrow('git', words, { cwd, environment: withPath(environment) })
    const clone = join(folder, '../meshc')
    await git(root, 'clone', '--quiet', '--no-hardlinks', root, clone)
    const revision = (await git(clone, 'rev-parse', 'HEAD')).trim()
    await git(folder, 'init', '--quiet')
    await git(folder, 'add', '--all')
    const run = () => {
      const words = ['try-repo', clone, 'meshc-check', '--ref', revision, '--all-files']
      return preCommit(words, { cwd: folder, environment: withPath(environment) })
    }
    const passed = await run()
    assert.is(passed.status, 0, passed.stdout + passed.stderr)
    assert.match(passed.stdout, /meshc build --check\.+Passed/)
  }),
)

testPrograms('the script of a new project asks every checker, and fails where one finds something', () =>
  withProject(async (folder, environment) => {
    const checkers = await realCheckers(join(folder, '../checkers'))
    const validate = () =>
      runCommand('scripts/validate.sh', [], {
        cwd: folder,
        environment: { ...environment, PATH: [checkers, environment['PATH']].join(delimiter) },
      })
    const clean = await validate()
    assert.is(clean.status, 0, clean.stdout + clean.stderr)
    assert.match(clean.stdout, /\d+ passed, 0 failed, 0 left out\n$/)
    for (const name of ['dev', 'prod']) {
      assert.match(
        clean.stdout,
        `> istioctl analyze --use-kube=false --all-namespaces --failure-threshold Info out/${name}/manifests\n`,
      )
      assert.match(clean.stdout, `> kustomization_builds out/${name}\n`)
    }
    assert.match(clean.stdout + clean.stderr, /No validation issues found/)

    await change(join(folder, 'out/prod/manifests/shop/api.yaml'), 'name: api', 'name: api\n  nmae: api')
    const edited = await validate()
    assert.is(edited.status, 1)
    assert.match(edited.stderr, '`out/prod` is not what the spec makes')

    await change(join(folder, 'schema/mesh.schema.json'), '"gateway/public"', '"gateway/private"')
    assert.match((await validate()).stderr, '`schema/mesh.schema.json` is not what the specs make')
  }),
)

test('the script reports a missing checker', () =>
  withProject(async (folder, environment) => {
    const { status, stdout, stderr } = await runCommand('scripts/validate.sh', [], {
      cwd: folder,
      environment,
    })
    assert.is(status, 0, stdout + stderr)
    assert.match(stdout, 'left out: analysis of the manifests: istioctl is not installed\n')
    assert.match(stdout, 'left out: build of the kustomizations: kubectl is not installed\n')
    assert.match(stdout, /2 passed, 0 failed, [23] left out\n$/)
  }))

testPrograms('istioctl is taken with the right checksum only', () =>
  withDirectory(async directory => {
    const { releases, sum } = await fakeRelease(directory)
    const target = join(directory, 'bin')
    const get = (environment: Readonly<Record<string, string>>) =>
      runCommand(join(scaffold, 'scripts/istioctl.sh'), ['1.31.4', target], {
        environment: { ISTIO_RELEASES: `file://${releases}`, ...environment },
      })
    const wrong = await get({ ISTIOCTL_SHA256: 'f'.repeat(64) })
    assert.is(wrong.status, 1)
    assert.match(wrong.stderr, `has the SHA-256 ${sum}, not ${'f'.repeat(64)}`)
    assert.is((await runCommand('ls', [target])).stdout, '')

    const right = await get({})
    assert.is(right.status, 0, right.stderr)
    const { stdout } = await runCommand(join(target, 'istioctl'), ['version', '--remote=false'])
    assert.match(stdout, '1.31.4')
    assert.is((await get({ ISTIOCTL_SHA256: sum })).status, 0)

    await writeFile(join(releases, '1.31.4', archive('1.31.4')), 'half an archive')
    const broken = await get({})
    assert.is(broken.status, 1)
    assert.match(broken.stderr, `not ${sum}`)
    const none = await runCommand(join(scaffold, 'scripts/istioctl.sh'), ['9.9.9', target], {
      environment: { ISTIO_RELEASES: `file://${releases}` },
    })
    assert.not.equal(none.status, 0)
  }),
)

testPrograms('the steps of the action pass a clean project, and stop at each fault', () =>
  withProject(async (folder, environment) => {
    const { releases } = await fakeRelease(join(folder, '..'))
    const inputs = {
      project: folder,
      environments: '',
      manifests: '',
      base: 'none',
      deny: '',
      'istio-version': '1.31.4',
      'istioctl-sha256': '',
    }
    const runner = {
      ...withPath(environment),
      RUNNER_TEMP: join(folder, '../temp'),
      ISTIO_RELEASES: `file://${releases}`,
    }
    const clean = await runAction(inputs, runner)
    assert.is(clean.failed, undefined, clean.said)
    assert.match(clean.said, /prod is valid/)
    assert.match(
      clean.said,
      /No validation issues found[\s\S]*dev[\s\S]*No validation issues found[\s\S]*prod/,
    )

    const first = await runAction({ ...inputs, environments: 'prod' }, runner)
    assert.is(first.failed, undefined, first.said)
    assert.not.match(first.said, 'dev')

    const injected = await runAction(
      { ...inputs, environments: '$(touch injected) ; touch injected' },
      runner,
    )
    assert.is(injected.failed, 'meshc validate')
    assert.is((await runCommand('find', [join(folder, '..'), '-name', 'injected'])).stdout, '')

    const without = await runAction({ ...inputs, 'istio-version': 'none' }, runner)
    assert.is(without.failed, undefined, without.said)
    assert.not.match(without.said, 'istioctl')

    const manifest = join(folder, 'out/prod/manifests/shop/api.yaml')
    await change(manifest, 'name: api', 'name: apj')
    assert.is((await runAction(inputs, runner)).failed, 'meshc build --check')
    await change(join(folder, 'spec/base/mesh.yaml'), 'stable: 90%', 'stable: 9%')
    assert.is((await runAction(inputs, runner)).failed, 'meshc validate')
  }),
)

test.run()

async function assertWorkflow(text: string): Promise<void> {
  const linted = await lintWorkflow(text)
  assert.is(linted.status, 0, linted.stdout + linted.stderr)
  await withDirectory(async directory => {
    const { checkJsonschema } = await oracle()
    const file = join(directory, 'mesh.yml')
    await writeFile(file, text)
    const { status, stdout } = await checkJsonschema(['--builtin-schema', 'vendor.github-workflows', file])
    assert.is(status, 0, stdout)
  })
}

async function lintWorkflow(text: string): Promise<CommandResult> {
  const { actionlint } = await oracle()
  // In this repository, so that `uses: ./` finds the action.
  return actionlint(['-stdin-filename', join(root, '.github/workflows/linted.yml'), '-'], {
    cwd: root,
    input: text,
  })
}

async function shellcheck(text: string): Promise<CommandResult> {
  const { shellcheck } = await oracle()
  return shellcheck(['-'], { input: text })
}

async function stepsOfAction(): Promise<readonly Step[]> {
  return parse(await readFile(join(root, 'action.yml'), 'utf8')).runs.steps
}

/** Runs the steps of the action as a runner does, but the installation, which `.ci/run` does in a clone. */
async function runAction(
  inputs: Readonly<Record<string, string>>,
  environment: Variables,
): Promise<{ readonly failed: string | undefined; readonly said: string }> {
  const values = new Map(Object.entries(inputs).map(([name, value]) => [`inputs.${name}`, value]))
  values.set('github.action_path', root)
  values.set('github.event_name', 'pull_request')
  const evaluated = (text: string) =>
    text.replaceAll(/\$\{\{ ([\w.-]+) \}\}/g, (_, name: string) => {
      const value = values.get(name)
      if (value === undefined) throw new Error(`${name} is not known here`)
      return value
    })
  /** Conditions are comparisons, all of which must hold. */
  const isMet = (condition: string) =>
    condition
      .slice('${{ '.length, -' }}'.length)
      .split(' && ')
      .every(comparison => {
        const [, name = '', operator, value] = /^([\w.-]+) ([!=]=) '([^']*)'$/.exec(comparison) ?? []
        assert.ok(values.has(name), comparison)
        return (values.get(name) === value) === (operator === '==')
      })
  const [install, ...steps] = await stepsOfAction()
  assert.is(install?.name, 'Install meshc')
  let stated = ''
  for (const { name, if: condition, run = '', env = {} } of steps) {
    if (condition !== undefined) {
      if (!isMet(condition)) continue
    }
    const evaluatedEnv = Object.fromEntries(
      Object.entries(env).map(([key, value]) => [key, evaluated(value)]),
    )
    const { status, stdout, stderr } = await runCommand(
      'bash',
      ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run],
      { environment: { ...environment, ...evaluatedEnv } },
    )
    stated += stdout + stderr
    if (status !== 0) return { failed: name, said: stated }
  }
  return { failed: undefined, said: stated }
}

/**
 * Makes a new project with its build output and meshc installed, and an environment whose PATH has no
 * checker.
 */
async function withProject(use: (folder: string, environment: Variables) => Promise<void>): Promise<void> {
  await withDirectory(async directory => {
    const made = await meshc(directory, ['init', 'shop'])
    assert.is(made.code, 0, made.stderr)
    const folder = join(directory, 'shop')
    const built = await meshc(folder, ['build'])
    assert.is(built.code, 0, built.stderr)
    await writeProgram(join(folder, 'node_modules/.bin'), 'meshc', process.execPath, bundle)
    const bin = join(directory, 'bin')
    await linkPrograms(bin, ['bash', 'cmp', 'dirname', 'env', 'find', 'node', 'npx', 'sh', 'sort'])
    await use(folder, {
      PATH: bin,
      PRE_COMMIT_HOME: join(directory, 'pre-commit'),
      GIT_AUTHOR_NAME: 'test',
      GIT_AUTHOR_EMAIL: 'test@example.com',
      GIT_COMMITTER_NAME: 'test',
      GIT_COMMITTER_EMAIL: 'test@example.com',
      npm_config_update_notifier: 'false',
    })
  })
}

type Variables = Readonly<Record<string, string | undefined>>

/** Returns an environment whose PATH has all programs of this machine. */
const withPath = (environment: Variables): Variables => ({ ...environment, PATH: process.env['PATH'] })

/** Links programs of this machine into a folder, which has no other programs. */
async function linkPrograms(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await writeProgram(folder, name, (await runOrThrow('sh', ['-c', `command -v ${name}`])).trim())
  }
}

/** Writes a program that calls another program into a folder. */
async function writeProgram(
  folder: string,
  name: string,
  target: string,
  ...words: readonly string[]
): Promise<void> {
  const file = join(folder, name)
  await mkdir(folder, { recursive: true })
  await writeFile(file, `#!/bin/sh\nexec ${[target, ...words].map(word => `'${word}'`).join(' ')} "$@"\n`)
  await chmod(file, 0o755)
}

/** Links the real checkers into a folder under the names that a script calls. */
async function realCheckers(folder: string): Promise<string> {
  const { programs } = await oracle()
  for (const [name, program] of Object.entries(programs())) await writeProgram(folder, name, program)
  return folder
}

const archive = (version: string) =>
  `istioctl-${version}-${process.platform === 'darwin' ? 'osx' : 'linux'}-${process.arch === 'x64' ? 'amd64' : 'arm64'}.tar.gz`

/** Makes a folder with the layout of Istio's releases. Its small istioctl calls the real istioctl. */
async function fakeRelease(directory: string): Promise<{ readonly releases: string; readonly sum: string }> {
  const { programs } = await oracle()
  const releases = join(directory, 'releases')
  const folder = join(releases, '1.31.4')
  await mkdir(folder, { recursive: true })
  await writeProgram(folder, 'istioctl', programs().istioctl)
  await runOrThrow('tar', ['-czf', archive('1.31.4'), 'istioctl'], { cwd: folder })
  const sum = await runOrThrow('sha256sum', [archive('1.31.4')], { cwd: folder })
  await writeFile(join(folder, `${archive('1.31.4')}.sha256`), sum)
  return { releases, sum: sum.split(' ')[0] ?? '' }
}

async function change(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  assert.ok(text.includes(from), `${file} has no ${from}`)
  await writeFile(file, text.replace(from, to))
}
