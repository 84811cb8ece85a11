import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { meshc, type RunOptions } from '../support/meshc.ts'
import { getContent, getIdentities, getMesh, pathsIn, project, write } from '../support/project.ts'
import { unprivileged } from '../support/unprivileged.ts'

const test = suite('bin/build')

const lockFile = 'out/prod/meshc.lock.json'
const spec = 'spec/prod/mesh.yaml'
const shop = (services = 3) => project({ [spec]: getMesh(services, 'prod') })

/** Builds prod, and returns the result. */
async function built(folder: string, ...words: readonly string[]) {
  const run = await meshc(folder, ['build', '--env', 'prod', ...words])
  assert.not.match(run.stderr, /^ +at /m)
  return run
}

/** Makes a project and builds it. */
async function builtShop(services = 3): Promise<string> {
  const folder = shop(services)
  assert.is((await built(folder)).code, 0)
  return folder
}

const service = (folder: string, name: string) => {
  const path = pathsIn(join(folder, 'out/prod')).find(path => path.endsWith(`/${name}.yaml`))
  if (path === undefined) throw new Error(`no file of ${name}`)
  return `out/prod/${path}`
}

test('the first build writes everything, the second nothing at all', async () => {
  const folder = shop()
  const first = await built(folder)
  assert.is(first.code, 0)
  assert.match(first.stdout, /^wrote \d+ files in out\/prod \(\d+\.\d\d s\)\n$/)
  assert.is(first.stderr, '')
  const before = getIdentities(folder)
  const times = statSync(join(folder, 'out'), { bigint: true }).mtimeNs
  const second = await built(folder)
  assert.match(second.stdout, /^wrote 0 files, \d+ unchanged in out\/prod/)
  assert.equal(getIdentities(folder), before)
  assert.is(statSync(join(folder, 'out'), { bigint: true }).mtimeNs, times)
  assert.equal(
    pathsIn(join(folder, 'out')).filter(path => path.includes('.meshc-')),
    [],
  )
})

test('the lock file lists every file and input by digest, sorted, without times or absolute paths', async () => {
  const folder = await builtShop()
  const text = readFileSync(join(folder, lockFile), 'utf8')
  const lock = JSON.parse(text)
  const digest = (path: string) =>
    createHash('sha256')
      .update(readFileSync(join(folder, path)))
      .digest('hex')
  const paths = Object.keys(getContent(join(folder, 'out/prod'))).filter(path => path !== 'meshc.lock.json')
  assert.equal(lock.files, Object.fromEntries(paths.map(path => [path, digest(`out/prod/${path}`)])))
  assert.equal(Object.keys(lock.files), Object.keys(lock.files).toSorted())
  assert.equal(lock.inputs, { [spec]: digest(spec) })
  assert.equal(Object.keys(lock), ['meshc', 'inputs', 'files'])
  assert.not.match(text, folder)
})

test('the same spec gives the same bytes in another folder', async () => {
  const [first, second] = [await builtShop(), await builtShop()]
  assert.equal(getContent(join(first, 'out')), getContent(join(second, 'out')))
})

test('one changed service: its file and the lock file are written, no other is touched', async () => {
  const folder = await builtShop()
  const before = getIdentities(join(folder, 'out'))
  write(folder, { [spec]: getMesh(3, 'prod').replace('methods: [GET]', 'methods: [PUT]') })
  const { code, stdout } = await built(folder)
  assert.is(code, 0)
  assert.match(stdout, /^wrote 2 files, \d+ unchanged/)
  assert.equal(changedSince(before, folder), [
    service(folder, 'service-0').slice('out/'.length),
    'prod/meshc.lock.json',
  ])
})

test('many changed files: the others keep inode and time', async () => {
  const folder = await builtShop()
  const before = getIdentities(join(folder, 'out'))
  write(folder, { [spec]: getMesh(3, 'prod').replaceAll('methods: [GET]', 'methods: [PUT]') })
  const { stdout } = await built(folder)
  assert.match(stdout, /^wrote 4 files, \d+ unchanged/)
  const services = [0, 1, 2].map(index => service(folder, `service-${index}`).slice('out/'.length))
  assert.equal(changedSince(before, folder), ['prod/meshc.lock.json', ...services].sort())
})

test('a comment in the spec changes the lock file alone', async () => {
  const folder = await builtShop()
  const before = getIdentities(join(folder, 'out'))
  write(folder, { [spec]: `# new\n${getMesh(3, 'prod')}` })
  assert.match((await built(folder)).stdout, /^wrote 1 file, /)
  assert.equal(changedSince(before, folder), ['prod/meshc.lock.json'])
})

test('a build removes stale files and the folders that become empty', async () => {
  const folder = project({ [spec]: getMesh(3, 'prod').replace('namespace: shop', 'namespace: other') })
  await built(folder)
  assert.ok(existsSync(join(folder, 'out/prod/manifests/other')))
  write(folder, { [spec]: getMesh(3, 'prod') })
  const { stdout } = await built(folder)
  assert.match(stdout, /removed 2/)
  assert.not.ok(existsSync(join(folder, 'out/prod/manifests/other')))
  const fresh = shop()
  await built(fresh)
  assert.equal(getContent(join(folder, 'out')), getContent(join(fresh, 'out')))
})

test('a build never changes files, links, empty and protected folders that meshc did not make', async () => {
  const folder = await builtShop()
  write(folder, {
    'out/prod/notes.md': 'mine',
    'out/prod/manifests/shop/own.yaml': 'kind: Mine\n',
    'out/prod/mine/deep/file.txt': 'mine',
    'out/elsewhere/file.txt': 'mine',
  })
  mkdirSync(join(folder, 'out/prod/mine/empty'))
  symlinkSync('../../spec', join(folder, 'out/prod/mine/link'))
  symlinkSync('nowhere', join(folder, 'out/prod/mine/dangling'))
  utimesSync(join(folder, 'out/prod/notes.md'), 1_000_000, 1_000_000)
  chmodSync(join(folder, 'out/prod/mine/deep/file.txt'), 0o600)
  chmodSync(join(folder, 'out/prod/mine/deep'), 0o555)
  const before = getIdentities(join(folder, 'out'))
  const foreignPaths = Object.keys(before).filter(path => /mine|notes|own|elsewhere/.test(path))
  for (const timeout of ['6s', '7s']) {
    write(folder, { [spec]: getMesh(2, 'prod', timeout) })
    assert.is((await built(folder)).code, 0)
    const after = getIdentities(join(folder, 'out'))
    for (const path of foreignPaths) assert.is(after[path], before[path], path)
  }
  const content = getContent(join(folder, 'out'))
  assert.is(content['prod/notes.md'], 'mine')
  assert.is(content['prod/mine/link'], '-> ../../spec')
  assert.is(content['prod/mine/dangling'], '-> nowhere')
  assert.ok(statSync(join(folder, 'out/prod/mine/empty')).isDirectory())
  assert.is(statSync(join(folder, 'out/prod/mine/deep')).mode & 0o777, 0o555)
  assert.is(statSync(join(folder, 'out/prod/mine/deep/file.txt')).mode & 0o777, 0o600)
  assert.equal(
    pathsIn(join(folder, 'out')).filter(path => path.includes('.meshc-')),
    [],
  )
  chmodSync(join(folder, 'out/prod/mine/deep'), 0o755)
})

test('a disk that cannot link: what does not change is copied, with its time', async () => {
  const folder = await builtShop()
  write(folder, { 'out/prod/notes.md': 'mine', 'no-links.cjs': noLinks })
  utimesSync(join(folder, 'out/prod/notes.md'), 1_000_000, 1_000_000)
  write(folder, { [spec]: getMesh(2, 'prod', '6s') })
  const run = await meshc(folder, ['build'], { node: ['--require', join(folder, 'no-links.cjs')] })
  assert.is(run.code, 0, run.stderr)
  assert.is(statSync(join(folder, 'out/prod/notes.md')).mtimeMs, 1_000_000_000)
  const fresh = project({ [spec]: getMesh(2, 'prod', '6s'), 'out/prod/notes.md': 'mine' })
  await built(fresh)
  assert.equal(getContent(join(folder, 'out')), getContent(join(fresh, 'out')))
})

test('a file that meshc did not make, where it must write: exit 2, nothing written', async () => {
  const folder = await builtShop()
  const path = service(folder, 'service-1')
  // The lock file of a smaller mesh does not claim the file of the third service.
  write(folder, { [spec]: getMesh(1, 'prod') })
  await built(folder)
  write(folder, { [path]: 'mine\n', [spec]: getMesh(3, 'prod') })
  const before = getContent(join(folder, 'out'))
  const identities = getIdentities(join(folder, 'out'))
  const { code, stderr } = await built(folder)
  assert.is(code, 2)
  assert.match(stderr, `\`${path}\`, where meshc must write, was not made by meshc`)
  assert.match(stderr, 'move it away')
  assert.equal(getContent(join(folder, 'out')), before)
  assert.equal(getIdentities(join(folder, 'out')), identities)
  renameSync(join(folder, path), join(folder, 'mine.yaml'))
  assert.is((await built(folder)).code, 0)
})

test('a link or a folder where a file must be written, a link where a folder must be', async () => {
  for (const obstacle of ['link', 'folder', 'parent']) {
    const folder = await builtShop()
    const path = join(folder, service(folder, 'service-1'))
    rmSync(obstacle === 'parent' ? join(path, '..') : path, { recursive: true })
    if (obstacle === 'link') symlinkSync('/etc/hostname', path)
    else if (obstacle === 'parent') symlinkSync(project({ 'service-0.yaml': 'mine' }), join(path, '..'))
    else write(path, { 'mine.txt': 'mine' })
    const before = getContent(join(folder, 'out'))
    const { code, stderr } = await built(folder)
    assert.is(code, 2, obstacle)
    assert.match(stderr, 'not made by meshc')
    assert.equal(getContent(join(folder, 'out')), before)
  }
})

test('without a lock file, equal files are taken over and others are not', async () => {
  const folder = await builtShop()
  const fresh = getContent(join(folder, 'out'))
  rmSync(join(folder, lockFile))
  const { code, stdout } = await built(folder)
  assert.is(code, 0)
  assert.match(stdout, /^wrote 1 file, /)
  assert.equal(getContent(join(folder, 'out')), fresh)
  rmSync(join(folder, lockFile))
  write(folder, { [service(folder, 'service-1')]: 'mine' })
  assert.is((await built(folder)).code, 2)
})

test('an error about a broken lock file names a solution', async () => {
  for (const text of ['<<<<<<< ours\n{', '[]', '{"meshc": "1", "files": 3}', '']) {
    const folder = await builtShop()
    write(folder, { [lockFile]: text })
    const { code, stderr } = await built(folder)
    assert.is(code, 2)
    assert.match(stderr, /is not what meshc wrote.*\n.*take either side of it/)
    assert.is(readFileSync(join(folder, lockFile), 'utf8'), text)
  }
})

test('a lock file that claims what is not in the folder removes nothing', async () => {
  const folder = await builtShop()
  write(folder, { 'out/mine.txt': 'mine', 'mine.txt': 'mine' })
  const lock = JSON.parse(readFileSync(join(folder, lockFile), 'utf8'))
  for (const path of ['../mine.txt', '../../mine.txt', join(folder, 'mine.txt'), '__proto__', 'a\u0000b', ''])
    Object.defineProperty(lock.files, path, { value: 'x', enumerable: true })
  write(folder, { [lockFile]: JSON.stringify(lock), [spec]: getMesh(1, 'prod') })
  assert.is((await built(folder)).code, 0)
  assert.ok(existsSync(join(folder, 'out/mine.txt')) && existsSync(join(folder, 'mine.txt')))
})

test('a file edited by hand is put right again', async () => {
  const folder = await builtShop()
  const fresh = getContent(join(folder, 'out'))
  const before = getIdentities(join(folder, 'out'))
  const path = service(folder, 'service-1')
  write(folder, { [path]: `${readFileSync(join(folder, path), 'utf8')}# by hand\n` })
  assert.match((await built(folder)).stdout, /^wrote 1 file, /)
  assert.equal(getContent(join(folder, 'out')), fresh)
  assert.equal(changedSince(before, folder), [path.slice('out/'.length)])
})

test('a line edited by hand is named with what was there, what the spec makes, and the line to change instead', async () => {
  const folder = await builtShop()
  const path = service(folder, 'service-1')
  const lines = readFileSync(join(folder, path), 'utf8').split('\n')
  const at = (text: string) => lines.findIndex(line => line.includes(text)) + 1
  const [timeout, pending] = [at('timeout: 5s'), at('http1MaxPendingRequests: 100')]
  write(folder, {
    [path]: lines
      .map(line =>
        line.replace('timeout: 5s', 'timeout: 50s').replace('PendingRequests: 100', 'PendingRequests: 9'),
      )
      .join('\n')
      .replace('spec:\n', 'spec:\n  mine: true\n'),
  })
  const expected = [
    `${path}:${timeout + 1}: \`timeout: 50s\`, where the spec makes \`timeout: 5s\`; instead, change \`defaults.timeout\` (spec/prod/mesh.yaml:4)`,
    `${path}:${pending + 1}: \`http1MaxPendingRequests: 9\`, where the spec makes \`http1MaxPendingRequests: 100\`; instead, set \`defaults.connections\``,
    `\`mine: true\` was added; instead, say it in the spec, or patch `,
  ]
  const kept = getContent(folder)
  for (const words of [['--check'], ['--keep-edits']]) {
    const { code, stdout, stderr } = await built(folder, ...words)
    assert.is(code, 1)
    assert.is(stdout, '')
    assert.match(stderr, /1( file in out\/ was)? edited by hand/)
    for (const line of expected) assert.match(stderr, line)
    assert.equal(getContent(folder), kept)
  }
  const json = JSON.parse((await built(folder, '--check', '--json')).stdout)
  assert.equal(json.environments[0].edited, [path.slice('out/prod/'.length)])
  assert.equal(json.environments[0].stale, [])
  assert.equal(
    json.environments[0].edits.map(({ line, found: result }: { line: number; found: string }) => [
      line,
      result.trim(),
    ]),
    [
      [at('spec:') + 1, 'mine: true'],
      [pending + 1, 'http1MaxPendingRequests: 9'],
      [timeout + 1, 'timeout: 50s'],
    ],
  )
  const { code, stderr } = await built(folder)
  assert.is(code, 0)
  assert.match(stderr, 'warning: 1 file edited by hand was replaced')
  for (const line of expected) assert.match(stderr, line)
  assert.is((await built(folder, '--check')).code, 0)
  assert.is((await built(folder, '--keep-edits')).stderr, '')
})

test('a spec that does not say whose mesh it is gets a warning once it is written', async () => {
  const owned = getMesh(3, 'prod')
  const unowned = owned.replace('manages: mesh\n', '')
  const folder = project({ [spec]: unowned })
  const { code, stderr } = await built(folder)
  assert.is(code, 0)
  assert.match(stderr, /^warning: `prod`: deny-by-default and `mtls` hold in the whole mesh/)
  assert.match(stderr, 'or write `manages: mesh` if there is none')
  write(folder, { [spec]: owned })
  assert.is((await built(folder)).stderr, '')
})

test('a build reports an assumed configuration of the control plane', async () => {
  const part = getMesh(3, 'prod').replace('manages: mesh\n', 'manages: { namespaces: [shop] }\n')
  const folder = project({ [spec]: part })
  const { code, stderr } = await built(folder)
  assert.is(code, 0)
  assert.match(
    stderr,
    /^note: `prod`: no manifest in `surroundings` has the configuration of the control plane/,
  )
  assert.match(stderr, 'egress `registry-only`, trust domain `cluster.local`, root namespace `istio-system`')
})

test('a build names a stale file with edits by hand before it removes the file', async () => {
  const folder = await builtShop(3)
  const path = service(folder, 'service-2')
  write(folder, {
    [path]: `${readFileSync(join(folder, path), 'utf8')}# by hand\n`,
    [spec]: getMesh(2, 'prod'),
  })
  const kept = await built(folder, '--keep-edits')
  assert.is(kept.code, 1)
  assert.ok(existsSync(join(folder, path)))
  const { code, stderr } = await built(folder)
  assert.is(code, 0)
  assert.match(stderr, '1 file edited by hand was replaced')
  assert.not.ok(existsSync(join(folder, path)))
})

test('no environment is written unless all are clean', async () => {
  const folder = project({
    'spec/dev/mesh.yaml': getMesh(2, 'dev'),
    'spec/prod/mesh.yaml': getMesh(2, 'prod').replace('from: service-0', 'from: nobody'),
  })
  const { code, stdout, stderr } = await meshc(folder, ['build'])
  assert.is(code, 1)
  assert.is(stdout, '')
  assert.match(stderr, /1 error in `prod`; nothing was written, not even `dev`, which is clean/)
  assert.not.ok(existsSync(join(folder, 'out')))
  assert.is((await meshc(folder, ['build', '--env', 'dev'])).code, 0)
})

test('an environment that cannot be written keeps the others from being written', async () => {
  const folder = project({
    'spec/dev/mesh.yaml': getMesh(2, 'dev'),
    'spec/prod/mesh.yaml': getMesh(2, 'prod'),
    'out/prod/kustomization.yaml': 'mine\n',
  })
  const { code, stderr } = await meshc(folder, ['build'])
  assert.is(code, 2)
  assert.match(stderr, 'not made by meshc')
  assert.equal(pathsIn(join(folder, 'out')), ['prod', 'prod/kustomization.yaml'])
})

test('--check writes nothing and lists stale, missing and extra files', async () => {
  const folder = await builtShop(2)
  const clean = await built(folder, '--check')
  assert.is(clean.code, 0)
  assert.is(clean.stdout, 'out/prod is up to date\n')
  const [zero, first] = [service(folder, 'service-0'), service(folder, 'service-1')]
  write(folder, {
    [spec]: getMesh(3, 'prod').replace('service-1:', 'renamed:').replace('service-1,', 'renamed,'),
    [zero]: 'by hand',
  })
  rmSync(join(folder, 'out/prod/kustomization.yaml'))
  const before = getIdentities(folder)
  const { code, stdout, stderr } = await built(folder, '--check')
  assert.is(code, 1)
  assert.is(stdout, '')
  assert.match(
    stderr,
    /`out\/prod` is not what the spec makes: 1 edited by hand, \d stale, 3 missing, 1 extra/,
  )
  assert.match(stderr, `edited     ${zero}`)
  assert.match(stderr, /because `spec\/prod\/mesh\.yaml` has changed$/m)
  assert.match(stderr, 'missing    out/prod/kustomization.yaml')
  assert.match(stderr, `extra      ${first}`)
  assert.match(stderr, 'meshc build --env prod')
  assert.equal(getIdentities(folder), before)
  const json = await built(folder, '--check', '--json')
  assert.is(json.code, 1)
  const [environment] = JSON.parse(json.stdout).environments
  assert.equal(environment.extra, [first.slice('out/prod/'.length)])
  await built(folder)
  assert.is((await built(folder, '--check')).code, 0)
})

test('an environment whose spec is gone: what meshc made for it goes with the next build of all', async () => {
  const folder = project({
    'spec/dev/mesh.yaml': getMesh(2, 'dev'),
    'spec/examples/small/mesh.yaml': getMesh(1, 'small'),
    [spec]: getMesh(2, 'prod'),
  })
  assert.is((await meshc(folder, ['build'])).code, 0)
  write(folder, { 'out/dev/notes.md': 'mine', 'out/other/file.txt': 'mine' })
  for (const name of ['dev', 'examples']) rmSync(join(folder, 'spec', name), { recursive: true })
  assert.is((await built(folder)).code, 0)
  assert.ok(existsSync(join(folder, 'out/dev/meshc.lock.json')), 'a build of prod alone leaves it')
  const { code, stderr } = await meshc(folder, ['build', '--check'])
  assert.is(code, 1)
  assert.match(stderr, /`out\/dev` is not what the spec makes: \d+ extra/)
  assert.match(stderr, 'extra      out/dev/meshc.lock.json')
  const { stdout } = await meshc(folder, ['build'])
  assert.match(stdout, /^wrote 0 files, removed \d+ in out\/dev /m)
  assert.match(stdout, /^wrote 0 files, removed \d+ in out\/examples\/small /m)
  assert.equal(pathsIn(join(folder, 'out/dev')), ['notes.md'])
  assert.not.ok(existsSync(join(folder, 'out/examples/small')))
  assert.ok(existsSync(join(folder, 'out/other/file.txt')))
  assert.is((await meshc(folder, ['build', '--check'])).code, 0)
})

test('--check lists twenty and counts the rest', async () => {
  const { code, stderr } = await built(shop(40), '--check')
  assert.is(code, 1)
  assert.is(stderr.match(/^ {2}missing {2}/gm)?.length, 20)
  assert.match(stderr, /^ {2}and \d+ more$/m)
})

test('--verify holds every manifest against its schema', async () => {
  const folder = shop()
  const { code, stdout } = await built(folder, '--verify')
  assert.is(code, 0)
  assert.match(stdout, /^wrote /)
})

test('--json lists written, removed and kept files', async () => {
  const folder = await builtShop()
  const path = service(folder, 'service-2').slice('out/prod/'.length)
  write(folder, { [spec]: getMesh(2, 'prod') })
  const { code, stdout, stderr } = await built(folder, '--json')
  assert.is(code, 0)
  assert.is(stderr, '')
  const document = JSON.parse(stdout)
  assert.is(document.ok, true)
  const [{ environment, output, removed, written, unchanged }] = document.environments
  assert.equal({ environment, output, removed }, { environment: 'prod', output: 'out/prod', removed: [path] })
  assert.ok(written.includes('meshc.lock.json') && unchanged > 0)
})

test('out/ or out/<env> that is a file or a link is a failure, and stays', async () => {
  for (const name of ['out', 'out/prod']) {
    const file = project({ [spec]: getMesh(2, 'prod'), [name]: 'mine' })
    const link = shop()
    if (name === 'out/prod') mkdirSync(join(link, 'out'))
    symlinkSync(project({ 'mine.txt': 'mine' }), join(link, name))
    for (const [folder, kind] of [
      [file, 'a file'],
      [link, 'a symbolic link'],
    ] as const) {
      const before = getContent(folder)
      for (const words of [[], ['--check']]) {
        const { code, stderr } = await built(folder, ...words)
        assert.is(code, 2)
        assert.match(stderr, `\`${name}\` is ${kind}, where meshc writes a folder`)
      }
      assert.equal(getContent(folder), before)
    }
  }
})

test('a read-only tree: exit 2, the old tree whole; with nothing to write, all is well', async () => {
  const { run, handOver } = unprivileged()
  const folder = await builtShop()
  handOver(folder)
  const modes: readonly (readonly [string, number])[] = [
    ['out', 0o555],
    ['out/prod', 0o555],
    ['out/prod/manifests/shop', 0o555],
  ]
  for (const [path, mode] of modes) {
    write(folder, { [spec]: getMesh(3, 'prod') })
    chmodSync(join(folder, path), mode)
    const before = getIdentities(join(folder, 'out'))
    assert.match((await run(folder, ['build', '--env', 'prod'])).stdout, /^wrote 0 files/, path)
    write(folder, { [spec]: getMesh(3, 'prod', '9s') })
    const { code, stderr } = await run(folder, ['build', '--env', 'prod'])
    assert.is(code, 2, `${path}: ${stderr}`)
    assert.match(stderr, /cannot be \w+: permission is denied/)
    assert.equal(getIdentities(join(folder, 'out')), before)
    chmodSync(join(folder, path), 0o755)
  }
})

test('a file of out/ that cannot be read is a failure', async () => {
  const { run, handOver } = unprivileged()
  const folder = await builtShop()
  handOver(folder)
  chmodSync(join(folder, service(folder, 'service-1')), 0)
  const { code, stderr } = await run(folder, ['build', '--env', 'prod'])
  assert.is(code, 2)
  assert.match(stderr, `\`${service(folder, 'service-1')}\` cannot be read: permission is denied`)
})

test('a disk that takes no more: exit 2, the old tree whole', async () => {
  const folder = await builtShop()
  const before = getIdentities(join(folder, 'out'))
  write(folder, { [spec]: getMesh(40, 'prod') })
  // This run behaves as on a full disk.
  const full: RunOptions = { node: ['--require', onFullDisk(folder)] }
  const { code, stderr } = await meshc(folder, ['build', '--env', 'prod'], full)
  assert.is(code, 2)
  assert.match(stderr, /cannot be written: the disk is full/)
  assert.equal(getIdentities(join(folder, 'out')), before)
  assert.equal(
    pathsIn(join(folder, 'out')).filter(path => path.includes('.meshc-')),
    [],
  )
  assert.is((await built(folder)).code, 0)
})

test('a first build that fails leaves no out/ behind', async () => {
  const folder = shop(40)
  const { code } = await meshc(folder, ['build', '--env', 'prod'], {
    node: ['--require', onFullDisk(folder)],
  })
  assert.is(code, 2)
  assert.not.ok(existsSync(join(folder, 'out')))
})

test.run()

/** Lists the paths below out/ of files that are new, or that were written again. */
function changedSince(before: Readonly<Record<string, string>>, folder: string): readonly string[] {
  const after = getIdentities(join(folder, 'out'))
  const paths = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...paths].filter(path => before[path] !== after[path]).sort()
}

/** A module that refuses every hard link, like file systems without hard links. */
const noLinks = `const fs = require('node:fs')
  fs.linkSync = () => {
    throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM', errno: -1, syscall: 'link' })
  }`

/** Writes a module that refuses every write after the tenth, like a full disk. */
function onFullDisk(folder: string): string {
  const file = join(folder, 'full-disk.cjs')
  writeFileSync(
    file,
    `const fs = require('node:fs')
    const write = fs.writeFileSync
    let writes = 0
    fs.writeFileSync = (...words) => {
      if (++writes <= 10) return write(...words)
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', errno: -28, syscall: 'write' })
    }`,
  )
  return file
}
