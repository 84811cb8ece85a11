import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { exampleNames } from '../../bin/project/example-names.ts'
import { scaffold } from '../../bin/project/scaffold.ts'
import { pagesFolder, readPage } from '../support/diagnostic-page.ts'
import { goldenFolder } from '../support/golden.ts'
import { type EditorDiagnostic, type LanguageServer, startLanguageServer } from './language-server.ts'
import { schemaFile } from './workspace.ts'

const test = suite<{ server: LanguageServer }>('editor: diagnostics')
const root = join(import.meta.dirname, '../..')
const schema = pathToFileURL(join(root, schemaFile)).href

test.before(async context => {
  context.server = await startLanguageServer(root)
})
test.after(({ server }) => server.stop())

/** Valid specs, each with a name for its test. */
const good: readonly (readonly [name: string, text: string])[] = [
  ...readdirSync(join(root, 'spec'), { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.yaml'))
    .map(path => [`spec/${path}`, readFileSync(join(root, 'spec', path), 'utf8')] as const),
  ...scaffold(exampleNames)
    .filter(({ path }) => /^spec\/.*\.yaml$/.test(path))
    .map(({ path, text }) => [`init/${path}`, text] as const),
  ...readdirSync(pagesFolder)
    .flatMap(file => /^(MESH\d+)\.md$/.exec(file)?.[1] ?? [])
    .flatMap(code =>
      Object.entries(readPage(code).right.files)
        .filter(([path]) => path.startsWith('spec/'))
        .map(([path, text]) => [`${code}/${path}`, text] as const),
    ),
]

test('a spec that holds has no red line', async ({ server }) => {
  const result = await Promise.all(
    good.map(async ([name, text]) => (await getLines(server, name, text)).map(line => `${name}:${line}`)),
  )
  assert.equal(result.flat(), [])
  assert.ok(good.length > 100)
})

test('the specs of this project name the schema themselves', async ({ server }) => {
  const text = readFileSync(join(root, 'spec/prod/mesh.yaml'), 'utf8')
  assert.equal(await server.check('spec/prod/mesh.yaml', text), [])
  const [first] = await server.check('spec/prod/mesh.yaml', text.replace('mtls: strict', 'mtls: yes please'))
  assert.is(first?.message, 'must be `strict` or `permissive`')
})

test('the editor shows each mistake at its place, and no other', async ({ server }) => {
  const golden = goldenFolder('editor/expected')
  const folder = join(import.meta.dirname, 'broken')
  const files = readdirSync(folder).sort()
  for (const [index, lines] of (
    await Promise.all(files.map(file => getLines(server, file, readFileSync(join(folder, file), 'utf8'))))
  ).entries())
    golden.matches(files[index]!.replace('.yaml', '.txt'), `${lines.join('\n')}\n`)
  golden.hasNoOther()
  assert.ok(files.length > 30)
})

test.run()

/**
 * Returns the diagnostics of a spec that names the schema: the place, the message, and the underlined text.
 */
async function getLines(server: LanguageServer, name: string, text: string): Promise<readonly string[]> {
  // The modeline is before the first line of the spec, so that every line keeps its number.
  const named = `# yaml-language-server: $schema=${schema}\n${text}`
  const editorDiagnostics = await server.check(`editor/${name}`, named)
  return editorDiagnostics.map(diagnostic => getLine(diagnostic, named.split('\n')))
}

function getLine({ range: { start, end }, message }: EditorDiagnostic, lines: readonly string[]): string {
  const last = start.line === end.line ? end.character : undefined
  const underlined = lines[start.line]?.slice(start.character, last) ?? ''
  return `${start.line}:${start.character + 1} ${message}${underlined.trim() === '' ? '' : `  <- ${underlined}`}`
}
