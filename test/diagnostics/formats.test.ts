import { createRequire } from 'node:module'
import Ajv from 'ajv-draft-04'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeFingerprints } from '../../bin/report/fingerprints.ts'
import { printGithub } from '../../bin/report/github.ts'
import { printGitlab } from '../../bin/report/gitlab.ts'
import { printJunit } from '../../bin/report/junit.ts'
import type { Report } from '../../bin/report/report.ts'
import { printSarif } from '../../bin/report/sarif.ts'
import type { LocatedDiagnostic } from '../../compiler/diagnostics/locate.ts'
import { goldenFolder } from '../support/golden.ts'
import { faultySpecs, getReport } from '../support/report.ts'

const test = suite('diagnostics/formats')
const golden = goldenFolder('diagnostics/formats')
const faulty = getReport(faultySpecs)

test('the faulty specs have a finding of each kind', () => {
  assert.equal(
    faulty.environments.map(({ name, ok, diagnostics, suppressed }) => [
      name,
      ok,
      diagnostics.map(({ code }) => code),
      suppressed.map(({ diagnostic }) => diagnostic.code),
    ]),
    [
      ['dev', false, ['MESH3101'], ['MESH3408']],
      ['prod', false, ['MESH2007'], []],
      ['staging', true, ['MESH3408'], []],
    ],
  )
})

test('SARIF', () => golden.matches('report.sarif', `${withoutPages(printSarif(faulty))}\n`))
test('GitHub', () => golden.matches('annotations.txt', `${printGithub(faulty)}\n`))
test('GitLab', () => golden.matches('code-quality.json', `${printGitlab(faulty)}\n`))
test('JUnit', () => golden.matches('junit.xml', `${printJunit(faulty)}\n`))

test('SARIF is what its schema asks for, and each rule has its page', () => {
  assert.equal(faultsOfSarif(printSarif(faulty)), [])
  assert.equal(faultsOfSarif(printSarif(getReport({}, ['gone']))), [])
  const [run] = JSON.parse(printSarif(faulty)).runs
  for (const { id, help } of run.tool.driver.rules) assert.match(help.markdown, `# ${id}: `)
  // The check refuses a wrong value, so it does apply the schema.
  assert.not.equal(faultsOfSarif(printSarif(faulty).replace('"level": "error"', '"level": "fatal"')), [])
})

test('any text, any place: each format holds', () => {
  holdsOfAnyReport(report => {
    assert.equal(faultsOfSarif(printSarif(report)), [])
    assertJunit(printJunit(report))
    assertAnnotations(printGithub(report), report)
    const issues: readonly { fingerprint: string }[] = JSON.parse(printGitlab(report))
    assert.is(new Set(issues.map(({ fingerprint }) => fingerprint)).size, report.diagnostics.length)
  })
})

test('GitHub shows ten errors and ten warnings: the worst come first, and the last tells how many there are', () => {
  const at = { file: 'spec/prod/mesh.yaml', start: 0, end: 0 }
  const result = (severity: 'error' | 'warning', count: number) =>
    Array.from({ length: count }, (_, index): LocatedDiagnostic => {
      return { code: 'MESH3101', severity, message: `${severity} ${index}`, at, related: [] }
    })
  const report = (diagnostics: readonly LocatedDiagnostic[]) => ({ ...faulty, diagnostics })
  const lines = printGithub(report([...result('warning', 12), ...result('error', 11)])).split('\n')
  assert.is(lines.length, 20)
  assert.ok(lines.slice(0, 10).every(line => line.startsWith('::error ')))
  assert.is(
    lines[9],
    '::error title=meshc::11 errors and 12 warnings, of which 2 errors have no annotation: see the log',
  )
  assert.is(
    lines[19],
    '::warning title=meshc::11 errors and 12 warnings, of which 3 warnings have no annotation: see the log',
  )
  assert.is(printGithub(report(result('error', 10))).split('\n').length, 10)
})

test('a fingerprint survives lines that come and go above, and tells like findings apart', () => {
  const above = (text: string) => `# one\n# two\n${text}`
  const moved = getReport({
    ...faultySpecs,
    'spec/base/mesh.yaml': above(faultySpecs['spec/base/mesh.yaml']!),
    'spec/prod/mesh.yaml': above(faultySpecs['spec/prod/mesh.yaml']!),
  })
  const prints = ({ diagnostics, sources }: Report) => makeFingerprints(diagnostics, sources.values())
  assert.equal(prints(moved), prints(faulty))
  const [first] = faulty.diagnostics
  const twice = prints({ ...faulty, diagnostics: [first!, first!] })
  assert.is(new Set(twice).size, 2)
})

test('every expected text belongs to a test', () => golden.hasNoOther())

test.run()

/** Returns a text without pages, which are long and have their own tests. */
function withoutPages(text: string): string {
  const log = JSON.parse(text, (key, value) => (key === 'help' ? { text: '…', markdown: '…' } : value))
  return JSON.stringify(log, null, 2)
}

function faultsOfSarif(text: string): readonly string[] {
  isSarif ??= sarifValidator()
  return isSarif(JSON.parse(text))
    ? []
    : (isSarif.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`)
}

let isSarif: ReturnType<typeof sarifValidator> | undefined

/**
 * Returns a validator with the schema of the standard. OASIS publishes the schema, and this package contains
 * it.
 */
function sarifValidator() {
  const schema = createRequire(import.meta.url)('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json')
  // The schema has a pattern that is invalid with the flag `u`.
  const ajv = new Ajv.default({ strict: false, unicodeRegExp: false })
  addFormats.default(ajv as never)
  return ajv.compile(schema)
}

/** Asserts the rules of CI servers: elements in their order, only the attributes of each, and true counts. */
function assertJunit(xml: string): void {
  const may: Readonly<Record<string, readonly [parent: string | undefined, ...attributes: string[]]>> = {
    testsuites: [undefined, 'name', 'tests', 'failures', 'errors', 'skipped'],
    testsuite: ['testsuites', 'name', 'tests', 'failures', 'errors', 'skipped'],
    testcase: ['testsuite', 'name', 'classname', 'file', 'line'],
    failure: ['testcase', 'type', 'message'],
    skipped: ['testcase', 'message'],
    'system-out': ['testcase'],
  }
  const open: string[] = []
  const count: Record<string, number> = {}
  let claimed: Record<string, string> = {}
  const parser = new SaxesParser()
  parser.on('error', error => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const [parent, ...names] = may[name] ?? ['nowhere']
    assert.is(open.at(-1), parent)
    for (const attribute of Object.keys(attributes)) assert.ok(names.includes(attribute), attribute)
    if (name === 'testsuites') claimed = attributes as Record<string, string>
    count[name] = (count[name] ?? 0) + 1
    open.push(name)
  })
  parser.on('closetag', () => void open.pop())
  parser.write(xml).close()
  assert.equal(open, [])
  assert.is(Number(claimed['tests']), count['testcase'] ?? 0)
  assert.is(Number(claimed['failures']), count['failure'] ?? 0)
  assert.is(Number(claimed['skipped']), count['skipped'] ?? 0)
}

/** Asserts that each line, as GitHub reads it, contains its finding. */
function assertAnnotations(text: string, { diagnostics }: Report): void {
  const lines = text === '' ? [] : text.split('\n')
  const read = lines.map(line => /^::(?:error|warning) [^:]*::(.*)$/.exec(line)?.[1] ?? `not read: ${line}`)
  const plain = read.map(message =>
    message.replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%25', '%'),
  )
  const stated = (['error', 'warning'] as const).flatMap(severity =>
    diagnostics.filter(diagnostic => diagnostic.severity === severity).map(({ message }) => message),
  )
  assert.equal(plain, stated)
}

/** Checks a law for reports of up to nine findings with any words at any place of any text. */
function holdsOfAnyReport(law: (report: Report) => void): void {
  const text = fc.string({ unit: 'binary', maxLength: 60 })
  const place = fc.record({
    file: fc.constantFrom('spec/a b.yaml', 'spec/%,:.yaml', 'spec/gone.yaml'),
    start: fc.nat(70),
    length: fc.nat(20),
  })
  const at = place.map(({ file, start, length }) => ({ file, start, end: start + length }))
  const diagnostic = fc.record({
    code: fc.constantFrom('MESH3101' as const, 'MESH9999' as const),
    severity: fc.constantFrom('error' as const, 'warning' as const),
    message: text,
    at,
    related: fc.array(fc.record({ at, message: text }), { maxLength: 2 }),
    fix: fc.record({
      title: text,
      edits: fc.tuple(at, text).map(([at, text]) => [{ ...at, file: 'spec/a b.yaml', text }]),
    }),
  })
  const reports = fc.record({
    diagnostics: fc.uniqueArray(diagnostic, { maxLength: 9 }),
    suppressed: fc.array(fc.record({ diagnostic, because: text, until: fc.constant('2027-01-31') }), {
      maxLength: 2,
    }),
    texts: fc.tuple(text, text),
  })
  fc.assert(
    fc.property(reports, ({ diagnostics, suppressed, texts }) => {
      const sources = ['spec/a b.yaml', 'spec/%,:.yaml'].map((name, index) => ({ name, text: texts[index]! }))
      law({
        environments: [{ name: 'prod', entry: 'spec/prod/mesh.yaml', ok: false, diagnostics, suppressed }],
        diagnostics,
        sources: new Map(sources.map(source => [source.name, source])),
      })
    }),
    { numRuns: 200 },
  )
}
