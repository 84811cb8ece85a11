import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'
import { printJson } from '../../bin/cli/json-text.ts'
import { makePrintable } from '../../bin/cli/printable.ts'
import { convertDiagnostics } from '../../bin/report/format.ts'
import { printGithub } from '../../bin/report/github.ts'
import { printGitlab } from '../../bin/report/gitlab.ts'
import { printJunit } from '../../bin/report/junit.ts'
import { printSarif } from '../../bin/report/sarif.ts'
import type { Compilation } from '../../compiler/compilation.ts'
import { makeRenderer } from '../../compiler/diagnostics/render.ts'
import { hiddenTexts, hostileTexts, withTexts } from '../arbitraries/hostile.ts'
import { getTexts, specs } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { readCommand } from '../report/command-lines.ts'
import { listBlocks } from '../support/markdown.ts'
import { logCommandsIn, unseen } from '../support/obeyed.ts'
import { readMarkdown } from '../support/read-markdown.ts'
import { getReport } from '../support/report.ts'
import { commandsIn } from '../support/shell.ts'
import { tryCompileSpec } from '../support/specs.ts'

const law = suite('laws/hostile-text')

const textsPerSpec = fc.array(hostileTexts, { minLength: 4, maxLength: 12 })

law('hostile texts stay text in every built file', () => {
  const seen = { specs: 0, compiled: 0, documents: 0, spans: 0, operands: 0, values: 0 }
  holds(
    fc.property(specs(), textsPerSpec, (spec, texts) => {
      seen.specs++
      const hostile = withTexts(spec, texts)
      const compilation = tryCompileSpec(hostile)
      if (compilation === undefined) return
      seen.compiled++
      const values = new Set<unknown>()
      for (const { path, text } of compilation.files()) {
        assert.not.match(text, unseen, path)
        if (/^docs\/.*\.md$/.test(path)) {
          seen.documents++
          const { html, code } = assertOnlyText(text, path)
          seen.spans += html.length + code.filter(span => span.includes('evil')).length
        }
        if (path.startsWith('istio/')) for (const value of scalarsIn(text)) values.add(value)
        seen.operands += assertOperands(path, text, compilation)
      }
      for (const annotation of listAnnotations(compilation)) {
        seen.values++
        assert.ok(values.has(annotation), annotation)
      }
    }),
  )
  assert.ok(seen.compiled > 0.9 * seen.specs, JSON.stringify(seen))
  for (const [name, count] of Object.entries(seen)) assert.ok(count > 10, `${name}: ${JSON.stringify(seen)}`)
})

/** Asserts that a text creates no link, picture, HTML or mention in a page. */
function assertOnlyText(page: string, path: string) {
  const read = readMarkdown(page)
  assert.equal(
    read.html.filter(tag => !['<code>', '</code>', '<span>', '</span>'].includes(tag)),
    [],
    path,
  )
  assert.equal(
    read.addresses.filter(address => /evil|octocat|%60/i.test(address)),
    [],
    path,
  )
  assert.not.match(read.prose, /(:\/\/|www\.|@)\S*(evil|octocat)/i, path)
  return read
}

const listAnnotations = ({ mesh }: Compilation) =>
  mesh.gateways.flatMap(({ installation }) =>
    (installation?.serviceAnnotations ?? []).map(([, { value }]) => value),
  )

/** Returns the scalars of a file, as a YAML reader without code of the compiler reads them. */
function scalarsIn(text: string): ReadonlySet<unknown> {
  const result = new Set<unknown>()
  const collect = (value: unknown): void => {
    if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect)
    else result.add(value)
  }
  for (const document of parseAllDocuments(text)) collect(document.toJS())
  return result
}

/** Asserts that an issuer in a command is never an option, and that the command is the intended command. */
function assertOperands(path: string, text: string, { mesh }: Compilation): number {
  if (!path.startsWith('docs/')) return 0
  const issuers = new Set(
    mesh.services.flatMap(({ jwt }) => jwt?.issuers.map(({ issuer }) => issuer.value) ?? []),
  )
  let count = 0
  for (const { language, text: script } of listBlocks(text)) {
    if (language !== 'sh') continue
    for (const words of commandsIn(script)) {
      const [{ tool, operands }, faults] = readCommand(words)
      assert.equal(faults, [], words.join(' '))
      if (tool === 'grep' && words.includes('--')) {
        assert.ok(issuers.has(operands[0]!), words.join(' '))
        count++
      }
    }
  }
  return count
}

law('a text with hidden characters is refused at its place, and no report obeys it', () => {
  const render = (text: string) => makePrintable(text, false)
  let refused = 0
  holds(
    fc.property(specs(), fc.array(hiddenTexts, { minLength: 4, maxLength: 8 }), (spec, texts) => {
      const report = getReport(getTexts(withTexts(spec, texts)), ['prod'])
      const hidden = report.diagnostics.filter(({ code }) => code === 'MESH1035')
      refused += hidden.length
      for (const { at } of hidden) assert.ok(at.end > at.start, JSON.stringify(at))
      const frames = makeRenderer(report.sources.values(), { color: false })
      const reported = report.diagnostics.map(diagnostic => frames(diagnostic))
      const json = printJson(convertDiagnostics(report))
      const documents = {
        json,
        gitlab: printGitlab(report),
        sarif: printSarif(report),
        junit: printJunit(report),
      }
      for (const [format, text] of Object.entries({ text: reported.map(render).join('\n'), ...documents })) {
        assert.not.match(text, unseen, format)
        assert.equal(logCommandsIn(text), [], format)
      }
      const annotations = printGithub(report)
      assert.not.match(annotations, unseen)
      assert.ok(logCommandsIn(annotations).every(name => name === 'error' || name === 'warning'))
      assert.is(logCommandsIn(annotations).length, annotations === '' ? 0 : annotations.split('\n').length)
      // A reader of the JSON and a person see the same characters.
      for (const { message, related } of JSON.parse(json)) {
        assert.not.match(message, unseen)
        for (const { message } of related) assert.not.match(message, unseen)
      }
    }),
  )
  assert.ok(refused > 300, String(refused))
})

law('output for people holds no text that a terminal or a CI server obeys', () => {
  let changed = 0
  holds(
    fc.property(fc.oneof(hostileTexts, hiddenTexts), fc.boolean(), (text, hasColor) => {
      const shown = makePrintable(text, hasColor)
      if (shown !== text) changed++
      assert.not.match(hasColor ? shown.replace(/\p{Cc}\[[0-9;]*m/gu, '') : shown, unseen)
      assert.equal(logCommandsIn(shown), [])
      // A second call changes no character.
      assert.is(makePrintable(shown, hasColor), shown)
      assert.equal(JSON.parse(printJson(text)), text)
    }),
    { numRuns: 2000 },
  )
  assert.ok(changed > 500, String(changed))
})

law.run()
