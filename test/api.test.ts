import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { listBlocks, pageText } from './support/markdown.ts'
import { meshc } from './support/meshc.ts'
import { project } from './support/project.ts'

const api = suite('api')
const root = join(import.meta.dirname, '..')
const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Makes a program that has installed only the files that npm would publish. */
async function importer(files: Readonly<Record<string, string>>): Promise<string> {
  await meshc(root, ['--version'])
  const folder = project(files)
  for (const path of packed()) cpSync(join(root, path), join(folder, 'node_modules', name, path))
  return folder
}

function packed(): readonly string[] {
  const words = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const text = execFileSync('npm', words, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return JSON.parse(text)[0].files.map(({ path }: { path: string }) => path)
}

const [example, printed] = listBlocks(pageText('docs/guides/api.md'))

api('the example of the guide prints what the guide says, as a module and as CommonJS', async () => {
  const text = example!.text
  const common = text.replace(/^import (.*) from (.*)$/m, 'const $1 = require($2)')
  assert.is.not(common, text)
  const folder = await importer({ 'example.mjs': text, 'example.cjs': common })
  for (const file of ['example.mjs', 'example.cjs'])
    assert.is(execFileSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' }), printed?.text, file)
})

const typed = `import { compile, readManifests, type BuiltEnvironment, type Request, type Result } from '${name}'
const { diagnostics, environment } = compile('a/mesh.yaml', { 'a/mesh.yaml': 'meshc: v1' }, { today: '2027-01-31' })
const places: readonly string[] = diagnostics.map(({ at, code, severity }) => \`\${at.file}:\${at.start} \${code} \${severity}\`)
const request: Request = { from: { namespace: 'shop' }, to: { host: 'cart' }, headers: { 'x-canary': '1' } }
const results: Result[] = [readManifests({}).ask(request)]
const explain = (built: BuiltEnvironment) =>
  built.explain('manifests/a.yaml', 1).flatMap(({ reasons }) =>
    reasons.map(reason => (reason.kind === 'spec' ? reason.places[0]?.file : reason.summary)),
  )
export { environment, explain, places, results }
`

api('its types exist for modules and CommonJS, and refuse wrong calls', async () => {
  const wrong = `${typed}readManifests({ 'a.yaml': 1 })\nresults[0]!.outcomes[0]!.nothing\n`
  const folder = await importer({ 'right.mts': typed, 'right.cts': typed, 'wrong.mts': wrong })
  symlinkSync(join(root, 'node_modules/typescript'), join(folder, 'node_modules/typescript'))
  const check = (file: string): string => {
    const words = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', '', file]
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    try {
      return execFileSync(process.execPath, [tsc, ...words], { cwd: folder, encoding: 'utf8' })
    } catch (error) {
      // A process that fails leaves its output with the error.
      return (error as { stdout: string }).stdout
    }
  }
  assert.is(check('right.mts'), '')
  assert.is(check('right.cts'), '')
  assert.equal(
    [...check('wrong.mts').matchAll(/error (TS\d+)/g)].map(([, code]) => code),
    ['TS2322', 'TS2339'],
  )
})

api('the package exports the API and its package.json, and npm packs these exports', () => {
  assert.equal(Object.keys(exports), ['.', './package.json'])
  const paths = packed()
  for (const path of [...Object.values<string>(exports['.']), exports['./package.json']])
    assert.ok(paths.includes(path.replace('./', '')), path)
})

api('a spec with an error has diagnostics and no environment', async () => {
  const spec = 'meshc: v1\nmesh: shop\nservices: { web: { namespace: shop, timeout: 5 } }\n'
  const program = `import { compile } from '${name}'
console.log(JSON.stringify(compile('spec/prod/mesh.yaml', { 'spec/prod/mesh.yaml': ${JSON.stringify(spec)} })))
`
  const folder = await importer({ 'program.mjs': program })
  const result = JSON.parse(
    execFileSync(process.execPath, ['program.mjs'], { cwd: folder, encoding: 'utf8' }),
  )
  assert.is(result.environment, undefined)
  assert.equal(
    result.diagnostics.map(({ code, at }: { code: string; at: object }) => [code, at]),
    [['MESH1016', { file: 'spec/prod/mesh.yaml', start: spec.indexOf('5 }'), end: spec.indexOf('5 }') + 1 }]],
  )
})

api.run()
