import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ended, meshc, startMeshc } from '../support/meshc.ts'
import { getIdentities, getMesh, pathsIn, project, write } from '../support/project.ts'

const test = suite('bin/watch')

const spec = 'spec/prod/mesh.yaml'

/** A running `meshc build --watch`, and its output. */
class Watcher {
  private readonly child: ReturnType<typeof startMeshc>
  private readonly end: ReturnType<typeof ended>
  private output = ''

  constructor(folder: string, ...words: readonly string[]) {
    this.child = startMeshc(folder, ['build', '--watch', ...words])
    this.end = ended(this.child)
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text
      })
  }

  /** Returns the output from now on, as soon as it matches a pattern. */
  async says(pattern: RegExp, work: () => void = () => {}): Promise<string> {
    const from = this.output.length
    work()
    return this.since(from, pattern)
  }

  async started(): Promise<string> {
    return this.since(0, /watching spec/)
  }

  async stop(signal: NodeJS.Signals = 'SIGINT') {
    this.child.kill(signal)
    return this.end
  }

  /** The number of builds in the output. */
  get builds(): number {
    return this.output.match(/^\d+ ms: /gm)?.length ?? 0
  }

  private async since(from: number, pattern: RegExp): Promise<string> {
    for (const began = Date.now(); Date.now() - began < 60_000; await sleep(10)) {
      const text = this.output.slice(from)
      if (pattern.test(text)) {
        // The watch starts again shortly after the report of a build.
        await sleep(150)
        return text
      }
    }
    throw new Error(`${pattern} was not said, but: ${this.output.slice(from)}`)
  }
}

const shop = () => project({ [spec]: getMesh(2, 'prod'), 'spec/dev/mesh.yaml': getMesh(1, 'dev') })

test('a change is built in milliseconds, prints one line, and writes only affected files', async () => {
  const folder = shop()
  const watcher = new Watcher(folder)
  assert.match(await watcher.started(), /^\d+ ms: wrote out\/dev\/.* and \d+ more files$/m)
  const before = getIdentities(join(folder, 'out'))
  const stated = await watcher.says(/\d+ ms: .*\n/, () =>
    write(folder, { [spec]: getMesh(2, 'prod').replace('methods: [GET]', 'methods: [PUT]') }),
  )
  assert.match(
    stated,
    /^\d{1,4} ms: wrote out\/prod\/manifests\/shop\/service-0\.yaml, .*out\/prod\/meshc\.lock\.json$/m,
  )
  const after = getIdentities(join(folder, 'out'))
  const changed = Object.keys(after).filter(path => after[path] !== before[path])
  assert.ok(changed.length >= 2 && changed.every(path => path.startsWith('prod/')), changed.join())
  assert.is(watcher.builds, 2)
  const { signal, stderr } = await watcher.stop()
  assert.is(signal, 'SIGINT')
  assert.not.match(stderr, /^ +at /m)
  assert.equal(
    pathsIn(join(folder, 'out')).filter(path => path.includes('.meshc-')),
    [],
  )
  assert.is((await meshc(folder, ['build', '--check'])).code, 0)
})

test('the schema with the names of the project follows the specs', async () => {
  const folder = shop()
  await meshc(folder, ['schema', '--workspace'])
  const watcher = new Watcher(folder)
  await watcher.started()
  const stated = await watcher.says(/\d+ ms: .*\n/, () => write(folder, { [spec]: getMesh(3, 'prod') }))
  assert.match(stated, /^\d+ ms: wrote .* and \d+ more files$/m)
  assert.match(readFileSync(join(folder, 'schema/mesh.schema.json'), 'utf8'), '"service-2"')
  await watcher.stop()
  assert.is((await meshc(folder, ['build', '--check'])).code, 0)
})

test('a watch prints an error and continues', async () => {
  const folder = shop()
  const watcher = new Watcher(folder)
  await watcher.started()
  const wrong = await watcher.says(/\d+ ms: /, () =>
    write(folder, { [spec]: getMesh(2, 'prod').replace('from: service-0', 'from: nobody') }),
  )
  assert.match(wrong, /^error\[MESH2/m)
  assert.match(wrong, /^\d+ ms: 1 error in `prod`; nothing was written$/m)
  // A change in another environment does not hide the error in prod.
  const still = await watcher.says(/\d+ ms: /, () =>
    write(folder, { 'spec/dev/mesh.yaml': getMesh(1, 'dev', '9s') }),
  )
  assert.match(still, /1 error in `prod`/)
  const right = await watcher.says(/\d+ ms: /, () => write(folder, { [spec]: getMesh(2, 'prod', '8s') }))
  assert.match(right, /^\d+ ms: wrote /m)
  await watcher.stop('SIGTERM')
  assert.is((await meshc(folder, ['build', '--check'])).code, 0)
})

test('an editor that puts a new file in the place of the old one, twice', async () => {
  const folder = shop()
  const watcher = new Watcher(folder, '--env', 'prod')
  await watcher.started()
  for (const timeout of ['6s', '7s']) {
    await watcher.says(/\d+ ms: wrote/, () => {
      writeFileSync(join(folder, 'spec/prod/.mesh.yaml.swp'), getMesh(2, 'prod', timeout))
      renameSync(join(folder, 'spec/prod/.mesh.yaml.swp'), join(folder, spec))
    })
    assert.match(
      readFileSync(join(folder, 'out/prod/manifests/shop/service-0.yaml'), 'utf8'),
      `timeout: ${timeout}`,
    )
  }
  assert.is(watcher.builds, 3)
  await watcher.stop()
})

test('a file that is no spec, or is written without a change, starts no build', async () => {
  const folder = shop()
  const watcher = new Watcher(folder)
  await watcher.started()
  write(folder, { 'spec/prod/notes.md': 'nothing', 'spec/prod/.mesh.yaml.swp': 'x', 'README.md': 'nothing' })
  await sleep(400)
  assert.is(watcher.builds, 1)
  await watcher.stop()
})

test('a file that is newly included, one in a new folder, and a layer outside spec/ are watched', async () => {
  const head =
    'meshc: v1\nmesh: shop\nenvironment: prod\nextends: ../../layers/base.yaml\ninclude: [services/*.yaml]\n'
  const service = (name: string, port: number) =>
    `meshc: v1\nservices: { ${name}: { namespace: shop, port: { http: ${port} } } }\n`
  const folder = project({
    [spec]: head,
    'layers/base.yaml': 'meshc: v1\n',
    'spec/prod/services/a.yaml': service('a', 8080),
  })
  const watcher = new Watcher(folder)
  await watcher.started()
  await watcher.says(/ms: wrote .*/, () => write(folder, { 'spec/prod/services/b.yaml': service('b', 8080) }))
  assert.ok(pathsIn(join(folder, 'out/prod')).includes('manifests/shop/b.yaml'))
  await watcher.says(/ms: wrote .*/, () => write(folder, { 'spec/prod/services/b.yaml': service('b', 9090) }))
  await watcher.says(/ms: wrote .*/, () =>
    write(folder, { 'layers/base.yaml': 'meshc: v1\negress: allow-any\n' }),
  )
  await watcher.says(/ms: wrote .*/, () => {
    mkdirSync(join(folder, 'spec/eu'))
    write(folder, { 'spec/eu/mesh.yaml': getMesh(1, 'eu') })
  })
  assert.ok(pathsIn(join(folder, 'out')).includes('eu/meshc.lock.json'))
  await watcher.says(/ms: wrote .*/, () => rmSync(join(folder, 'spec/prod/services/b.yaml')))
  assert.not.ok(pathsIn(join(folder, 'out/prod')).includes('manifests/shop/b.yaml'))
  await watcher.stop()
  assert.is((await meshc(folder, ['build', '--check'])).code, 0)
})

test('a watch names a file in the way, and builds after its removal', async () => {
  const folder = shop()
  const watcher = new Watcher(folder)
  await watcher.started()
  write(folder, { 'out/prod/manifests/shop/service-2.yaml': 'mine' })
  assert.match(
    await watcher.says(/help/, () => write(folder, { [spec]: getMesh(3, 'prod') })),
    'not made by meshc',
  )
  rmSync(join(folder, 'out/prod/manifests/shop/service-2.yaml'))
  await watcher.says(/ms: wrote/, () => write(folder, { [spec]: getMesh(3, 'prod', '6s') }))
  await watcher.stop()
})

test('--watch refuses options that conflict with it', async () => {
  for (const option of ['--check', '--json', '--verify']) {
    const { code, stdout, stderr } = await meshc(shop(), ['build', '--watch', option])
    assert.is(code, 2)
    assert.match(stdout + stderr, `\`--watch\` and \`${option}\` are given both`)
  }
})

test.run()
