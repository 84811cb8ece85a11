import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Options } from '../../bin/cli/command.ts'
import { Terminal } from '../../bin/cli/terminal.ts'
import { runBuild } from '../../bin/runs/run-build.ts'
import { makeBuildMemory, repeatBuild } from '../../bin/unchanged/build-memory.ts'
import { getIdentities, project } from '../support/project.ts'
import { seed } from '../support/seed.ts'

const memory = suite('unchanged/build-memory')

/** The age in milliseconds at which a file counts as settled here. It exceeds a tick of the clock of the file system. */
const settled = 30

/** A terminal that keeps its output. */
class Quiet extends Terminal {
  readonly results: string[] = []
  override print(text: string): void {
    this.results.push(text.replace(/ \(.* s\)$/, ''))
  }
  readonly remarks: string[] = []
  override note(text: string): void {
    this.remarks.push(text)
  }
  override get notes(): readonly string[] {
    return this.remarks
  }
}

const spec = (timeout: string) => `meshc: v1
mesh: shop
manages: { namespaces: [shop] }
include: [teams/*.yaml]
surroundings: [clusters]
delivery: { outputs: [], documents: { ON-CALL.md: templates/on-call.liquid } }
services:
  web: { namespace: shop }
  cart: { namespace: shop, port: { http: 8080 }, timeout: ${timeout}, allow: [{ from: web }] }
`
const team = 'services:\n  ledger: { namespace: shop, port: { http: 8080 }, allow: [{ from: cart }] }\n'
const pod = (name: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name}, namespace: tools }\nspec:\n  selector: { matchLabels: { app: ${name} } }\n  template: { metadata: { labels: { app: ${name} } } }\n`

const files = {
  'spec/prod/mesh.yaml': spec('5s'),
  'spec/prod/teams/core.yaml': team,
  'clusters/tools.yaml': pod('probe'),
  'templates/on-call.liquid': '{{ mesh.name }}\n',
}

/** An edit of a project, and its description in the report of a failed law. */
const edits: Readonly<Record<string, (folder: string, keptFile: string) => void>> = {
  nothing: () => {},
  'another timeout': folder => put(folder, 'spec/prod/mesh.yaml', spec('6s')),
  'the first timeout': folder => put(folder, 'spec/prod/mesh.yaml', spec('5s')),
  'a second team': folder => put(folder, 'spec/prod/teams/more.yaml', team.replace('ledger', 'stock')),
  'no second team': folder => rmSync(join(folder, 'spec/prod/teams/more.yaml'), { force: true }),
  'another workload': folder => put(folder, 'clusters/tools.yaml', pod('scanner')),
  'a second workload': folder => put(folder, 'clusters/more/pods.yaml', pod('second')),
  'no second workload': folder => rmSync(join(folder, 'clusters/more'), { recursive: true, force: true }),
  'another template': folder => put(folder, 'templates/on-call.liquid', 'mesh {{ mesh.name }}\n'),
  'the first template': folder => put(folder, 'templates/on-call.liquid', files['templates/on-call.liquid']),
  'a second environment': folder =>
    put(folder, 'spec/dev/mesh.yaml', spec('7s').replace('include: [teams/*.yaml]\n', '')),
  'no second environment': folder => rmSync(join(folder, 'spec/dev'), { recursive: true, force: true }),
  'an edit by hand': folder => append(folder, 'out/prod/manifests/shop/cart.yaml', '# by hand\n'),
  'a file that is gone': folder => rmSync(join(folder, 'out/prod/manifests/shop/cart.yaml'), { force: true }),
  'a foreign file': folder => put(folder, 'out/prod/manifests/shop/foreign.yaml', pod('foreign')),
  'no foreign file': folder => rmSync(join(folder, 'out/prod/manifests/shop/foreign.yaml'), { force: true }),
  'a damaged memory': (_, keptFile) => append(dirname(keptFile), 'kept.json', '}'),
  'half a memory': (_, keptFile) => attempt(() => truncateSync(keptFile, 100)),
  'a memory of another version': (_, keptFile) =>
    attempt(() => writeFileSync(keptFile, readFileSync(keptFile, 'utf8').replace('"key":"', '"key":"old '))),
}

function put(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

const append = (folder: string, path: string, text: string) =>
  attempt(() => appendFileSync(join(folder, path), text))

/** Edits a file if it exists. */
function attempt(edit: () => void): void {
  try {
    edit()
  } catch {}
}

function openMemory(folder: string) {
  const file = join(folder, 'cache/kept.json')
  const terminal = new Quiet()
  const paths = ['spec', 'schema/mesh.schema.json', 'out']
  return { terminal, memory: makeBuildMemory({ root: folder, paths, key: 'build', file }, terminal, settled) }
}

const getContext = (folder: string, terminal: Terminal) => ({
  argument: undefined,
  words: [],
  options: new Options(new Map([['project', [folder]]])),
  terminal,
  commands: [],
})

/** Builds as the command does: skips the build if the memory has the result. Returns the output. */
async function build(folder: string): Promise<Quiet | undefined> {
  const { terminal, memory } = openMemory(folder)
  const before = memory.recall()
  if (before === undefined) {
    await runBuild(getContext(folder, terminal), memory)
    return undefined
  }
  repeatBuild(before, getContext(folder, terminal))
  return terminal
}

memory(
  'after any edits, a build with memory prints and writes the same as a build without memory',
  async () => {
    let remembered = 0
    const step = fc.record({ edit: fc.constantFrom(...Object.keys(edits)), isCalm: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 6 }), async steps => {
        const folder = project(files)
        await build(folder)
        for (const { edit, isCalm } of steps) {
          // With settled files, the memory keeps a build that writes nothing, and the edit comes after it.
          if (isCalm) {
            await wait(settled + 10)
            await build(folder)
          }
          edits[edit]!(folder, join(folder, 'cache/kept.json'))
          const before = getIdentities(folder)
          const repeated = await build(folder)
          if (repeated === undefined) continue
          remembered++
          const fresh = new Quiet()
          assert.is(await runBuild(getContext(folder, fresh)), 0)
          assert.equal([repeated.results, repeated.notes], [fresh.results, fresh.notes], edit)
          assert.equal(getIdentities(folder), before)
        }
        rmSync(folder, { recursive: true })
      }),
      { seed, numRuns: 100 },
    )
    assert.ok(remembered > 10, `${remembered} builds are remembered`)
  },
)

memory('the memory repeats the messages of the build', async () => {
  const folder = project(files)
  await build(folder)
  assert.is(openMemory(folder).memory.recall(), undefined)
  await wait(settled + 10)
  assert.is(await build(folder), undefined)
  const { results = [], notes = [] } = (await build(folder)) ?? {}
  assert.match(results.join('\n'), /^wrote 0 files, \d+ unchanged in out\/prod$/)
  assert.match(notes.join('\n'), 'has the configuration of the control plane')
})

memory('a file younger than the clock of its file system is not remembered', async () => {
  const folder = project(files)
  await build(folder)
  await build(folder)
  assert.is(openMemory(folder).memory.recall(), undefined)
})

memory('a project with a link is not remembered: its dates say nothing of what it leads to', async () => {
  const folder = project({ ...files, 'clusters/real.txt': 'x' })
  symlinkSync('../clusters/real.txt', join(folder, 'spec/link.txt'))
  await build(folder)
  await wait(settled + 10)
  await build(folder)
  assert.is(await build(folder), undefined)
})

memory.run()
