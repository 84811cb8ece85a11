import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { exampleNames } from '../../bin/project/example-names.ts'
import { scaffold } from '../../bin/project/scaffold.ts'
import { makeRenderer } from '../../compiler/diagnostics/render.ts'
import { compileText } from '../support/compile-text.ts'
import { templateHead } from '../support/diagnostic-page.ts'
import { type Block, listBlocks, pages, pageText } from '../support/markdown.ts'
import { meshc } from '../support/meshc.ts'
import { project } from '../support/project.ts'

const test = suite('docs/guides')

/*
 * A yaml block in a guide names its file in the first line. The block of a spec is merged into the files of
 * `meshc init shop`, and compiled. After a block with the mark `wrong`, the guide shows the output of meshc.
 */

const names = { ...exampleNames, mesh: 'shop', namespace: 'shop', host: 'shop.example.com' }
const shop = Object.fromEntries(
  scaffold(names)
    .filter(({ path }) => path.startsWith('spec/'))
    .map(({ path, text }) => [path, text]),
)

const guides = pages.filter(page => page.startsWith('docs/guides/'))

/**
 * The files beside specs that a guide may show. The tests in test/oracle check them with their own programs.
 */
const others = ['.github/workflows/mesh.yml', '.pre-commit-config.yaml']

for (const guide of guides) {
  const blocks = listBlocks(pageText(guide))
  for (const [index, block] of blocks.entries()) {
    if (block.language !== 'yaml') continue
    test(`${guide}:${block.line} is ${block.mark === 'wrong' ? 'refused as it says' : 'a spec that is built'}`, async () => {
      if (block.mark === 'wrong') assert.is(refusal(block), blocks[index + 1]?.text)
      else if (!others.includes(getFile(block)) && !isNeighbor(block)) {
        const files = guideProject(block, [...blocks.slice(0, index), ...blocks.filter(isNeighbor)])
        assert.equal(findings(files), [])
        const { code, stderr } = await meshc(project(files), ['build', '--env', 'guide', '--verify'])
        assert.is(code, 0, stderr)
      }
    })
  }
}

for (const guide of guides) {
  const blocks = listBlocks(pageText(guide))
  for (const [index, { language, text, line }] of blocks.entries()) {
    const next = blocks[index + 1]
    const isAnswered = next?.language === 'text' && next.line < line + text.split('\n').length + 3
    if (language !== 'sh' || !isAnswered) continue
    test(`${guide}:${line} prints what it says`, async () => {
      const [command = '', ...words] = text
        .trim()
        .replace(/^npx --no-install /, '')
        .split(' ')
      assert.is(command, 'meshc')
      const { code, stdout } = await meshc(await builtShop(), words)
      assert.is(code, 0)
      assert.is(stdout, next.text)
    })
  }
}

test('there are guides, and specs in them', () => {
  const names = [
    'api',
    'adopting',
    'argo-cd',
    'asking',
    'editor',
    'extending',
    'getting-started',
    'language',
    'language/clusters',
    'language/documents',
    'language/gateways',
    'language/outside',
    'language/security',
    'language/traffic',
    'language/workloads',
    'language-server',
  ]
  assert.equal(
    guides.toSorted(),
    [...names, 'map', 'operating', 'policies', 'review'].map(name => `docs/guides/${name}.md`).toSorted(),
  )
  const specs = guides
    .flatMap(guide => listBlocks(pageText(guide)))
    .filter(({ language }) => language === 'yaml')
  assert.ok(specs.length > 15)
})

test('a spec that does not hold is found', () => {
  const block = (text: string): Block => ({ language: 'yaml', mark: '', text, line: 1 })
  const wrong = block('# spec/prod/mesh.yaml\nservices: { api: { allow: [{ from: wbe }] } }\n')
  const [finding] = findings(guideProject(wrong, []))
  assert.match(finding ?? '', 'MESH2007')
  assert.throws(() => guideProject(block('services: {}\n'), []), /names no file/)
})

test.run()

function getFile({ text, line }: Block): string {
  const path = /^# (\S+\.ya?ml)\n/.exec(text)?.[1] ?? templateHead.exec(text)?.[1]
  if (path === undefined) throw new Error(`the block of line ${line} names no file in its first line`)
  return path
}

let built: Promise<string> | undefined

/** Makes the project of `meshc init shop`, and builds it. */
function builtShop(): Promise<string> {
  built ??= (async () => {
    const parent = project({})
    for (const words of [
      ['init', 'shop', '--host', names.host],
      ['build', '--project', 'shop'],
    ])
      assert.is((await meshc(parent, words)).code, 0)
    return join(parent, 'shop')
  })()
  return built
}

/** Checks whether a block shows a template, or a file of another owner, in the output folder or elsewhere. */
const isNeighbor = (block: Block) =>
  block.language === 'liquid' || (block.language === 'yaml' && /^(out|clusters)\//.test(getFile(block)))

/**
 * Returns the files of a spec that is merged into its environment, or into prod if it belongs to the base.
 * The spec of a cluster is merged into the last environment with `clusters`.
 *
 * @param others the blocks of the guide that may be beside this block
 */
function guideProject(block: Block, others: readonly Block[]): Readonly<Record<string, string>> {
  const file = getFile(block)
  const cluster = /^spec\/prod\/(\w+)\/mesh\.yaml$/.exec(file)?.[1]
  if (cluster !== undefined) {
    const around = others.findLast(({ text }) => /^clusters:/m.test(text))
    if (around === undefined) throw new Error(`no block before ${file} has clusters`)
    return { ...guideProject(around, []), [`spec/guide/${cluster}/mesh.yaml`]: block.text }
  }
  const neighbors = others.filter(isNeighbor)
  const layer = /^spec\/(base|dev|prod)\/mesh\.yaml$/.exec(file)?.[1]
  if (layer === undefined) throw new Error(`${file} is no file of a project`)
  const head = `meshc: v1\nenvironment: guide\nextends: ../${layer === 'base' ? 'prod' : layer}/mesh.yaml\n`
  const beside = Object.fromEntries(
    neighbors.map(neighbor => [getFile(neighbor).replace(/^out\/\w+/, 'out/guide'), neighbor.text]),
  )
  return { ...shop, ...beside, 'spec/guide/mesh.yaml': `${head}${block.text}` }
}

const findings = (files: Readonly<Record<string, string>>): readonly string[] =>
  compileText(files, 'spec/guide/mesh.yaml').diagnostics.map(({ code, message }) => `${code} ${message}`)

/** Returns the report of meshc about a file with only the head of a spec and this block. */
function refusal(block: Block): string {
  const file = getFile(block)
  const head = 'meshc: v1\nenvironment: prod\nextends: ../base/mesh.yaml\n'
  const text = block.text.slice(block.text.indexOf('\n') + 1)
  const { diagnostics, sources } = compileText({ ...shop, [file]: `${head}${text}` }, file)
  return `${diagnostics.map(makeRenderer(sources, { color: false })).join('\n\n')}\n`
}
