import { readdirSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Terminal } from '../bin/cli/terminal.ts'
import { compileEnvironments } from '../bin/project/compile-environments.ts'
import { usualLimits } from '../compiler/behavior/budget.ts'
import { catalogue, findDiagnostic } from '../compiler/catalogue.ts'
import { largestFile } from '../compiler/source/largest-file.ts'
import { openServices, routedService } from './support/amplified.ts'
import { compileText, getWorkspace } from './support/compile-text.ts'
import { type PageFiles, type PageSection, pagesFolder, readPage } from './support/diagnostic-page.ts'

const test = suite('catalogue')
const entry = 'spec/prod/mesh.yaml'
/** The date on which the suppressions of pages are checked. */
const day = '2027-01-01'

const head = 'meshc: v1\nmesh: shop\n'
/** The wrong files of the pages that describe them in words, by code. */
const described: Readonly<Record<string, () => PageFiles>> = {
  MESH3016: () => ({ [entry]: `${head}${openServices(1100)}` }),
  MESH3017: () => ({ [entry]: `${head}${routedService(200, 100, 100)}` }),
  MESH3904: () => {
    const delivery = 'delivery: { repository: "https://git.example.com/mesh.git", cluster: eu }'
    return {
      [entry]: `${head}environment: prod\n${delivery}\n`,
      'spec/staging/mesh.yaml': `${head}environment: staging\n${delivery}\n`,
    }
  },
  MESH1004: () => ({ [entry]: `${head}#${' '.repeat(largestFile)}\n` }),
  MESH1021: () => ({ 'spec/prod*/mesh.yaml': readPage('MESH1021').right.files[entry]! }),
}

test('codes are unique, and in ascending order', () => {
  const codes = catalogue.map(({ code }) => code)
  assert.equal(codes, [...new Set(codes)].toSorted())
  for (const definition of catalogue) assert.is(findDiagnostic(definition.code), definition)
  assert.is(findDiagnostic('MESH9999'), undefined)
})

test('every code has a page, and every page a code', () => {
  const pages = readdirSync(pagesFolder).filter(name => name !== 'README.md')
  assert.equal(
    pages.toSorted(),
    catalogue.map(({ code }) => `${code}.md`),
  )
})

for (const { code, summary, severity } of catalogue) {
  test(`${code} is explained by its page`, () => {
    const { heading, explanation, wrong, right } = readPage(code)
    assert.is(heading, `# ${code}: ${summary}`)
    assert.not.equal(explanation, '')
    assert.is(wrong.description !== undefined, code in described, 'what is described is made by this test')
    assert.is(right.description, undefined)

    const result = findings(described[code]?.() ?? getFiles(wrong))
    assert.equal([...new Set(result.codes)], [code], `wrong:\n${result.messages.join('\n')}`)
    assert.is(result.ok, severity === 'warning')

    const mended = findings(getFiles(right))
    assert.equal(mended.messages, [], 'right')
    assert.ok(mended.ok)
  })
}

test.run()

function getFiles({ files }: PageSection): PageFiles {
  assert.ok(entry in files, `one of the files is ${entry}`)
  return files
}

/** Compiles files and lists the findings. Also makes the files of a valid spec. */
function findings(files: PageFiles) {
  const environments = Object.keys(files).filter(path => /^environment:/m.test(files[path]!))
  if (environments.length > 1) return findingsTogether(files, environments)
  const result = compileText(files, entry in files ? entry : undefined, day)
  if (result.ok) assert.ok([...result.value.files()].length > 0)
  return {
    ok: result.ok,
    codes: result.diagnostics.map(({ code }) => code),
    messages: result.diagnostics.map(({ code, message }) => `${code} ${message}`),
  }
}

/** Lists the findings of several environments that one command compiles. */
function findingsTogether(files: PageFiles, entries: readonly string[]) {
  const environments = entries.map(entry => ({ name: entry, entry, output: entry.replace('spec', 'out') }))
  const { diagnostics, failed } = compileEnvironments(
    getWorkspace(files),
    environments,
    new Terminal(),
    usualLimits,
  )
  return {
    ok: failed.length === 0,
    codes: diagnostics.map(({ code }) => code),
    messages: diagnostics.map(({ code, message }) => `${code} ${message}`),
  }
}
