import { makeJsonConverter } from '../../compiler/diagnostics/json.ts'
import { makeRenderer } from '../../compiler/diagnostics/render.ts'
import { hiddenInLine } from '../../compiler/diagnostics/visible.ts'
import type { EnvironmentReport, Report } from './report.ts'

/**
 * JUnit's XML: a suite for each environment. An error is a failed test, a warning is a passed test with output, and a suppressed
 * warning is a skipped test. Without findings, one test reports that the spec is valid. There is no standard of this format;
 * https://github.com/testmoapp/junitxml describes the common practice of CI servers.
 */
export function printJunit({ environments, sources }: Report): string {
  const place = makeJsonConverter(sources.values())
  const render = makeRenderer(sources.values(), { color: false })
  const suites = environments.map(getSuite)
  const total = (name: 'tests' | 'failures' | 'skipped') =>
    suites.reduce((sum, { counts }) => sum + counts[name], 0)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="meshc"${attributes({ tests: total('tests'), failures: total('failures'), errors: 0, skipped: total('skipped') })}>`,
    ...suites.flatMap(({ lines }) => lines),
    '</testsuites>',
  ].join('\n')

  function getSuite({ name, entry, diagnostics, suppressed }: EnvironmentReport) {
    const testCases = diagnostics.map(diagnostic => {
      const { code, message, severity } = diagnostic
      const { file, line } = place(diagnostic)
      const text = escapeXml(render(diagnostic))
      const body =
        severity === 'error'
          ? `<failure${attributes({ type: code, message })}>${text}</failure>`
          : `<system-out>${text}</system-out>`
      return testCase({ name: `${code}: ${message}`, classname: file, file, line }, body)
    })
    const borne = suppressed.map(({ diagnostic, because }) => {
      const { file, line } = place(diagnostic)
      const name = `${diagnostic.code}: ${diagnostic.message}`
      return testCase({ name, classname: file, file, line }, `<skipped${attributes({ message: because })}/>`)
    })
    const cases = [...testCases, ...borne]
    if (cases.length === 0) cases.push(testCase({ name: 'is valid', classname: entry, file: entry }, ''))
    const counts = {
      tests: cases.length,
      failures: diagnostics.filter(({ severity }) => severity === 'error').length,
      skipped: borne.length,
    }
    const suite = { name, ...counts, errors: 0 }
    return { counts, lines: [`  <testsuite${attributes(suite)}>`, ...cases, '  </testsuite>'] }
  }
}

type Attributes = Readonly<Record<string, string | number | undefined>>

const testCase = (names: Attributes, body: string) =>
  `    <testcase${attributes(names)}${body === '' ? '/>' : `>${body}</testcase>`}`

const attributes = (values: Attributes) =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined)
    // A line break in an attribute is read as a space, unless it is written as a number.
    .map(([name, value]) => ` ${name}="${escapeXml(String(value)).replace(/[\n"]/g, numbered)}"`)
    .join('')

/**
 * Escapes text for XML: a character that XML does not allow becomes the replacement character, and an invisible one its number. So
 * does the character that would make a CI server execute the text as a command if the file is in its log.
 */
const escapeXml = (text: string) =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML excludes
    .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Cs}/gu, '\uFFFD')
    .replace(/[&<>]|#(?=#(?:\[|vso\[))/gi, numbered)
    .replace(hiddenInLine, numbered)

const numbered = (character: string) => `&#${character.codePointAt(0)};`
