import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Compilation } from '../../compiler/compilation.ts'
import { specs } from '../arbitraries/mesh.ts'
import { benchServices, benchSpec } from '../bench/mesh.ts'
import { compileText } from '../support/compile-text.ts'
import { listBlocks } from '../support/markdown.ts'
import { compileEnvironment, compileSpec, environments } from '../support/specs.ts'
import { oracle, requireOracle, withDirectory } from './tools.ts'

const documents = suite('documents')
const seed = Number(process.env['SEED'] ?? 20261124)

const testMermaid = await requireOracle(documents, 'parseMermaid')
const testMarkdownlint = await requireOracle(documents, 'markdownlint')

testMermaid(
  `Mermaid draws the picture of every environment, of 200 drawn specs and of large meshes (seed ${seed})`,
  async () => {
    const { parseMermaid } = await oracle()
    const drawn = fc.sample(specs(), { seed, numRuns: 200 }).map(compileSpec)
    const compilations = [...environments.map(compileEnvironment), ...drawn, ...[100, 1000, 5000].map(large)]
    const diagrams = compilations.flatMap(listDiagrams)
    const answers = await parseMermaid(diagrams)
    const wrong = answers.flatMap((answer, index) => (answer === '' ? [] : [`${answer}\n${diagrams[index]}`]))
    assert.equal(wrong, [], `SEED=${seed}`)
    assert.ok(diagrams.length > 100 && answers.length === diagrams.length, `${diagrams.length} diagrams`)
  },
)

testMermaid('the check finds a picture that Mermaid cannot draw', async () => {
  const { parseMermaid } = await oracle()
  const wrong = [
    'flowchart LR\n  a["my api]\n',
    'flowchart LR\n  a[web --> b\n',
    'flowchart LR\n  end[web]\n',
    'flowchart LR\n  subgraph a\n    b\n',
    'sequenceDiagram\n  a->>b: GET\n',
    `flowchart LR\n${Array.from({ length: 501 }, (_, index) => `  a${index} --> b`).join('\n')}\n`,
  ]
  const answers = await parseMermaid([...wrong, 'flowchart LR\n  a --> b\n'])
  assert.equal(
    answers.map(answer => answer === ''),
    [...wrong.map(() => false), true],
  )
})

/**
 * The rules with other settings. Lines have any length, since prose breaks by sense. HTML holds characters
 * that backquotes cannot hold.
 */
const rules = { MD013: false, MD033: { allowed_elements: ['code', 'span'] } }

testMarkdownlint(`a linter of Markdown has nothing against the documents (seed ${seed})`, () =>
  withDirectory(async directory => {
    const drawn = fc.sample(specs(), { seed, numRuns: 40 }).map(compileSpec)
    for (const [index, compilation] of [...environments.map(compileEnvironment), ...drawn].entries())
      await writeDocuments(compilation, join(directory, String(index)))
    await writeFile(join(directory, '.markdownlint-cli2.jsonc'), JSON.stringify({ config: rules }))
    const { markdownlint } = await oracle()
    const { status, stderr, stdout } = await markdownlint(['**/*.md'], { cwd: directory })
    assert.is(status, 0, stderr.slice(0, 4000))
    assert.ok(Number(/Linting: (\d+) file/.exec(stdout)?.[1]) > 100, stdout)
  }),
)

testMarkdownlint('the linter finds errors in Markdown', () =>
  withDirectory(async directory => {
    await writeFile(join(directory, '.markdownlint-cli2.jsonc'), JSON.stringify({ config: rules }))
    await writeFile(join(directory, 'one.md'), '# One\n### Three\n\n| a | b |\n| --- | --- |\n| c |\n')
    const { markdownlint } = await oracle()
    const { status, stderr } = await markdownlint(['**/*.md'], { cwd: directory })
    assert.is(status, 1)
    for (const rule of ['MD001', 'MD022', 'MD056']) assert.match(stderr, rule)
  }),
)

documents.run()

const listDocuments = (compilation: Compilation) =>
  [...compilation.files()].filter(({ path }) => path.startsWith('docs/'))

const listDiagrams = (compilation: Compilation): readonly string[] =>
  listDocuments(compilation)
    .flatMap(({ text }) => listBlocks(text))
    .filter(({ language }) => language === 'mermaid')
    .map(({ text }) => text)

function large(services: number): Compilation {
  const result = compileText(benchSpec(benchServices(services)))
  assert.ok(result.ok)
  return result.value
}

async function writeDocuments(compilation: Compilation, folder: string): Promise<void> {
  for (const { path, text } of listDocuments(compilation)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}
