import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { meshc } from '../support/meshc.ts'
import { getContent, getIdentities, getMesh, project, write } from '../support/project.ts'

/*
 * Files that a commit can put where meshc reads or writes: links to other places, pipes, devices, and folders
 * and files without end. meshc writes nothing outside of the output folder, shows nothing outside of the
 * project, and waits for no file.
 */
const test = suite('bin/links')
const spec = 'spec/prod/mesh.yaml'
const secret = 'hunter2'

/** Makes a folder outside of the project. */
const elsewhere = () => project({ id_rsa: `${secret}\n`, 'deep/x.yaml': `password: ${secret}\n` })

/** Obstacles that can be in the place of a file. */
const obstacles: Readonly<Record<string, (path: string) => void>> = {
  'a link to a folder': path => symlinkSync(elsewhere(), path),
  'a dangling link': path => symlinkSync('nowhere/at/all', path),
  'a link to a device': path => symlinkSync('/dev/zero', path),
  'a link to itself': path => symlinkSync(path, path),
  'a folder': path => mkdirSync(join(path, 'deep'), { recursive: true }),
  'a pipe': path => execFileSync('mkfifo', [path]),
  'a file without end': path => {
    writeFileSync(path, '')
    truncateSync(path, 2 ** 40)
  },
}

function put(folder: string, path: string, obstacle: (path: string) => void): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  rmSync(join(folder, path), { recursive: true, force: true })
  obstacle(join(folder, path))
}

/** Runs meshc. It must end, show no secret, and report no defect. */
async function run(folder: string, ...words: readonly string[]) {
  const { code, signal, stdout, stderr } = await meshc(folder, words)
  assert.is(signal, null)
  const stated = stdout + stderr
  assert.not.match(stated, new RegExp(`${secret}|defect|^\\s+at .*:\\d+`, 'm'), stated)
  return { code, stdout, stderr }
}

test('entries beside out/prod with a name of meshc do not change the build, and the build touches only its own files', async () => {
  const clean = project({ [spec]: getMesh(2, 'prod') })
  assert.is((await run(clean, 'build')).code, 0)
  const expected = getContent(join(clean, 'out'))
  const names = ['previous-1-a', 'next-1-a', 'old-1-a', 'turn', 'turn-000000000000-1-1-00000000.x', 'turn.12']
  for (const [what, obstacle] of Object.entries(obstacles)) {
    // Without out/prod, a build looks for the tree that an interrupted build has moved aside.
    const folder = project({ [spec]: getMesh(2, 'prod') })
    for (const name of names) put(folder, `out/.prod.meshc-${name}`, obstacle)
    const { code, stderr } = await run(folder, 'build')
    assert.is(code, 0, `${what}: ${stderr}`)
    assert.equal(getContent(join(folder, 'out')), expected, what)
    for (const name of names) put(folder, `out/.prod.meshc-${name}`, obstacle)
    const identities = getIdentities(join(folder, 'out/prod'))
    assert.is((await run(folder, 'build')).code, 0, what)
    assert.equal(getContent(join(folder, 'out')), expected, what)
    assert.equal(getIdentities(join(folder, 'out/prod')), identities, what)
  }
})

test('a link of a commit beside out/prod brings no file into it', async () => {
  const outside = elsewhere()
  const before = getContent(outside)
  const identities = getIdentities(outside)
  const folder = project({ [spec]: getMesh(2, 'prod'), 'out/keep': '' })
  for (const name of ['previous-1-a', 'old-1-a', 'next-1-a', 'turn'])
    symlinkSync(outside, join(folder, `out/.prod.meshc-${name}`))
  assert.is((await run(folder, 'build')).code, 0)
  assert.ok(lstatSync(join(folder, 'out/prod')).isDirectory())
  assert.not.ok(existsSync(join(folder, 'out/prod/id_rsa')))
  assert.equal(getContent(outside), before)
  assert.equal(getIdentities(outside), identities)
})

test('nothing is written through a link', async () => {
  const outside = elsewhere()
  const untidy = getMesh(1, 'prod').replace('namespace: shop', 'namespce: shop')
  const workflow = 'name: deploy\n'
  const attacks: readonly (readonly [
    string,
    (folder: string) => void,
    readonly string[],
    0 | 1 | 2,
    RegExp,
  ])[] = [
    [
      'a folder of out/',
      folder => put(folder, 'out/prod/manifests', path => symlinkSync('../../.github/workflows', path)),
      ['build'],
      2,
      /not made by meshc/,
    ],
    [
      'a folder of out/ that the lock file claims',
      folder => {
        put(folder, 'out/prod/manifests', path => symlinkSync('../../.github/workflows', path))
        const files = { manifests: 'x', 'manifests/shop/service-0.yaml': 'x', 'manifests/deploy.yml': 'x' }
        write(folder, { 'out/prod/meshc.lock.json': JSON.stringify({ meshc: '0', inputs: {}, files }) })
      },
      ['build'],
      2,
      /not made by meshc/,
    ],
    [
      'the lock file',
      folder => put(folder, 'out/prod/meshc.lock.json', path => symlinkSync(join(outside, 'id_rsa'), path)),
      ['build'],
      2,
      /not made by meshc/,
    ],
    [
      'the folder of an environment that is gone',
      folder =>
        put(folder, 'out/gone', path =>
          symlinkSync(project({ 'meshc.lock.json': '{"meshc":"0","files":{"x":""}}' }), path),
        ),
      ['build'],
      2,
      /`out\/gone` is a symbolic link/,
    ],
    [
      'the folder of the schema, when it is written',
      folder => put(folder, 'schema', path => symlinkSync(outside, path)),
      ['schema', '--workspace'],
      2,
      /`schema` is a symbolic link/,
    ],
    [
      'the folder of the schema, when a build refreshes it',
      folder => {
        const mark = '{"$comment": "Written by `meshc schema --workspace`"}'
        write(folder, { '.github/workflows/mesh.schema.json': mark })
        put(folder, 'schema', path => symlinkSync('.github/workflows', path))
      },
      ['build'],
      2,
      /`schema` is a symbolic link/,
    ],
    [
      'the folder of a schema of a given name',
      folder => put(folder, 'schema', path => symlinkSync(outside, path)),
      ['schema', '--output', 'schema/id_rsa'],
      2,
      /behind a symbolic link that leaves this folder/,
    ],
    [
      'a schema of a given name',
      folder => put(folder, 'schema/mesh.json', path => symlinkSync(join(outside, 'id_rsa'), path)),
      ['schema', '--output', 'schema/mesh.json'],
      0,
      /^$/,
    ],
    [
      'a spec that is a workflow, when it is mended',
      folder => {
        write(folder, { '.github/workflows/spec.yml': untidy })
        put(folder, spec, path => symlinkSync('../../.github/workflows/spec.yml', path))
      },
      ['build', '--fix'],
      2,
      /is a link to `\.github\/workflows\/spec\.yml`, which meshc does not change/,
    ],
    [
      'a spec that is a manifest, when it is mended',
      folder => {
        write(folder, { 'out/prod/argocd/spec.yml': untidy })
        put(folder, spec, path => symlinkSync('../../out/prod/argocd/spec.yml', path))
      },
      ['validate', '--fix'],
      2,
      /meshc does not change/,
    ],
    [
      'a folder of a new project',
      folder => {
        rmSync(join(folder, 'spec'), { recursive: true })
        put(folder, 'scripts', path => symlinkSync(outside, path))
      },
      ['init'],
      2,
      /would be overwritten; nothing was written\n {2}scripts\n/,
    ],
  ]
  for (const [what, prepare, words, expected, message] of attacks) {
    const folder = project({ [spec]: getMesh(1, 'prod'), '.github/workflows/deploy.yml': workflow })
    prepare(folder)
    const before = { outside: getContent(outside), github: getContent(join(folder, '.github')) }
    const { code, stderr } = await run(folder, ...words)
    assert.is(code, expected, `${what}: ${stderr}`)
    assert.match(stderr, message, what)
    assert.equal(getContent(outside), before.outside, what)
    assert.equal(getContent(join(folder, '.github')), before.github, what)
  }
})

test('nothing outside of the project is read, and nothing of git', async () => {
  const head = 'meshc: v1\nmesh: shop\nenvironment: prod\n'
  const config = `[http]\n\textraheader = ${secret}\n`
  const outside = project({
    'prod/mesh.yaml': `${head}password: ${secret}\n`,
    [`${secret}.yaml`]: 'services: {}\n',
  })
  const attacks: readonly (readonly [string, (folder: string) => void, readonly string[], 1 | 2, RegExp])[] =
    [
      [
        'spec/ is a link',
        folder => put(folder, 'spec', path => symlinkSync(outside, path)),
        ['validate'],
        2,
        /`spec\/` is a symbolic link that leaves the project/,
      ],
      [
        'the folder of an environment is a link',
        folder => put(folder, 'spec/prod', path => symlinkSync(join(outside, 'prod'), path)),
        ['validate'],
        1,
        /MESH1005.*it is a symbolic link that leaves the project/,
      ],
      [
        'a spec is a file of git',
        folder => put(folder, spec, path => symlinkSync('../../.git/config', path)),
        ['validate'],
        1,
        /MESH1005.*it belongs to git/,
      ],
      [
        'a file of git is included',
        folder => write(folder, { [spec]: `${head}include: [../../.git/config]\n` }),
        ['validate'],
        1,
        /MESH1005.*it belongs to git/,
      ],
      [
        'completion of file names through a link',
        folder => {
          write(folder, { [spec]: `${head}include: [linked/*.yaml]\n` })
          symlinkSync(outside, join(folder, 'spec/prod/linked'))
        },
        ['validate'],
        1,
        /MESH1010/,
      ],
      [
        'a question about a line of a manifest',
        folder =>
          put(folder, 'out/prod/manifests/shop/service-0.yaml', path =>
            symlinkSync('../../../../.git/config', path),
          ),
        ['why', 'out/prod/manifests/shop/service-0.yaml:2', '--env', 'prod'],
        1,
        /^/,
      ],
      [
        'a question about a line of a manifest, behind a link',
        folder => {
          write(outside, { 'manifests/shop/service-0.yaml': `a: ${secret}\nb: ${secret}\n` })
          put(folder, 'out/prod/manifests', path => symlinkSync(join(outside, 'manifests'), path))
        },
        ['why', 'out/prod/manifests/shop/service-0.yaml:2', '--env', 'prod'],
        2,
        /`out\/prod\/manifests` is a symbolic link/,
      ],
      [
        'a question about manifests',
        folder => put(folder, 'theirs/x.yaml', path => symlinkSync(join(outside, 'prod/mesh.yaml'), path)),
        ['lint', '--manifests', 'theirs'],
        2,
        /has no YAML/,
      ],
    ]
  for (const [what, prepare, words, expected, message] of attacks) {
    const folder = project({ [spec]: getMesh(1, 'prod'), '.git/config': config })
    prepare(folder)
    const { code, stderr } = await run(folder, ...words)
    if (what !== 'a question about a line of a manifest') assert.is(code, expected, `${what}: ${stderr}`)
    assert.match(stderr, message, what)
  }
})

test('a build reports or skips a special file with a known name, and never waits for it', async () => {
  for (const [what, obstacle] of Object.entries(obstacles)) {
    const folder = project({ [spec]: getMesh(1, 'prod') })
    execFileSync('git', ['init', '--quiet', folder])
    assert.is((await run(folder, 'build')).code, 0)
    for (const path of [
      '.vscode/settings.json',
      '.github/workflows/mesh.yml',
      '.gitlab-ci.yml',
      '.pre-commit-config.yaml',
      '.husky/pre-commit',
      '.git/hooks/pre-commit',
      'schema/mesh.schema.json',
    ])
      put(folder, path, obstacle)
    write(folder, { 'azure-pipelines.yml': 'run: scripts/check.sh\nnpm test\n' })
    for (const path of ['scripts/check.sh', 'package.json']) put(folder, path, obstacle)
    const { stdout } = await run(folder, 'doctor')
    assert.match(stdout, 'no workflow checks what is merged', what)
    assert.is((await run(folder, 'build')).code, 0, what)
    put(folder, 'out/prod/meshc.lock.json', obstacle)
    for (const words of [['build', '--check'], ['doctor'], ['build']]) {
      const { code, stdout, stderr } = await run(folder, ...words)
      // A build replaces a folder without files, since such a folder has no owner.
      assert.ok(
        code === 1 || code === 2 || (what === 'a folder' && words[0] === 'build'),
        `${what}: ${words}`,
      )
      assert.match(stdout + stderr, 'out/prod', what)
    }
    put(folder, 'spec/prod/mesh.yaml', obstacle)
    const { code, stderr } = await run(folder, 'validate')
    assert.ok(code === 1 || code === 2, what)
    assert.match(stderr, 'spec/', what)
  }
})

test('texts that are made to be searched for long', async () => {
  const folder = project({
    [spec]: getMesh(1, 'prod'),
    '.vscode/settings.json': '\n'.repeat(2 ** 20 - 2),
    '.github/workflows/a.yml': 'a'.repeat(2 ** 20 - 2),
    '.github/workflows/b.yml': 'a.'.repeat(2 ** 19 - 2),
    '.github/workflows/c.yml': 'meshc '.repeat(2 ** 17),
  })
  const { stdout } = await run(folder, 'doctor')
  assert.match(stdout, 'no workflow checks what is merged')
})

test.run()
