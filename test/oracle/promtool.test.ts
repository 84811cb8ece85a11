// Prometheus accepts the rules, their unit tests pass, and these tests fail for a wrong rule.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Compilation } from '../../compiler/compilation.ts'
import { specs } from '../arbitraries/mesh.ts'
import { findDashboard, listQueries } from '../support/dashboard.ts'
import { compileEnvironment, compileSpec, environments } from '../support/specs.ts'
import { oracle, requireOracle, withDirectory } from './tools.ts'

const promtool = suite('promtool')
const testPromtool = await requireOracle(promtool, 'promtool')
const seed = Number(process.env['SEED'] ?? 20261124)

for (const name of environments) {
  testPromtool(`it takes the rules of out/${name}, and their tests pass`, () =>
    withDirectory(async directory => {
      const { rules, tests } = await writeRules(compileEnvironment(name), directory)
      assert.equal(await getComplaints(rules), '')
      assert.equal(await getFailures(tests), '')
    }),
  )
}

/** The unit tests of one spec take seconds. */
const testedSpecs = 100

testPromtool(
  `it takes the rules of 200 drawn specs, and the tests of ${testedSpecs} pass (seed ${seed})`,
  () =>
    withDirectory(async directory => {
      const drawn = fc.sample(specs(), { seed, numRuns: 200 })
      const rules: string[] = []
      const tests = new Map<string, string>()
      for (const [index, spec] of drawn.entries()) {
        const files = await writeRules(compileSpec(spec), join(directory, String(index)))
        rules.push(...files.rules)
        // Many meshes have the same alerts and so the same tests, which run once.
        if (index >= testedSpecs) continue
        for (const test of files.tests) tests.set(await wholeText(test, files.rules), test)
      }
      assert.ok(tests.size > testedSpecs, `${tests.size} different tests`)
      assert.equal(await getComplaints(rules), '', `SEED=${seed}`)
      assert.equal(await getFailures([...tests.values()]), '', `SEED=${seed}`)
    }),
)

/** A mistake in one place of a rule. */
interface Mistake {
  readonly what: string
  readonly from: RegExp
  readonly to: string
}

const mistakes: Readonly<Record<string, readonly Mistake[]>> = {
  'objectives.rules.yaml': [
    { what: 'a burn rate that is too high', from: /> 14\.4 \*/g, to: '> 16 *' },
    { what: 'a burn rate that is too low', from: /> 14\.4 \*/g, to: '> 13 *' },
    { what: 'a slow burn rate that is too high', from: /> 1 \*/g, to: '> 1.1 *' },
    ...['1h > 14.4', '6h > 6', '1d > 3', '3d > 1'].map(window => ({
      what: `a long window that is not looked at: ${window}`,
      from: new RegExp(`[a-z:_]+rate${window.replace('.', '\\.')} \\* [a-z:_]+ and `),
      to: '',
    })),
    ...['5m > 14.4', '30m > 6', '2h > 3', '6h > 1'].map(window => ({
      what: `a short window that is not looked at: ${window}`,
      from: new RegExp(` and [a-z:_]+rate${window.replace('.', '\\.')} \\* [a-z:_]+`),
      to: '',
    })),
    { what: 'a window of another length', from: /missed:rate5m\[2h\]/, to: 'missed:rate5m[1d]' },
    { what: 'an alert that comes at once', from: /for: 2m/, to: 'for: 0s' },
    { what: 'another severity', from: /severity: critical/, to: 'severity: warning' },
  ],
  'my-api.my-api.rules.yaml': [
    { what: 'a budget that is too large', from: /vector\(0\.001\)/, to: 'vector(0.0011)' },
    { what: 'a budget that is too small', from: /vector\(0\.001\)/, to: 'vector(0.0008)' },
    { what: 'errors that are the caller’s', from: /response_code=~"5\.\."/, to: 'response_code=~"[45].."' },
    { what: 'some server errors only', from: /response_code=~"5\.\."/, to: 'response_code="503"' },
    { what: 'what the service itself sees', from: /reporter="source",/g, to: '' },
    { what: 'what other services answer', from: /destination_service="[^"]*",response/, to: 'response' },
    { what: 'a higher bound', from: /500\|500\\\\\.0/, to: '1000|1000\\\\.0' },
    { what: 'a bound in the words of Prometheus 2 only', from: /500\|500\\\\\.0/, to: '500' },
    { what: 'a bound in the words of Prometheus 3 only', from: /500\|500\\\\\.0/, to: '500\\\\.0' },
    { what: 'another owner', from: /owner: team-api/g, to: 'owner: team-web' },
  ],
  'mesh.rules.yaml': [
    {
      what: 'that istiod may be down',
      from: /absent\(up\{job="pilot",namespace="istio-system"\} == 1\)/,
      to: 'absent(up{job="pilot"})',
    },
    { what: 'that istiod may be slower', from: /\[5m\]\)\)\) > 10/, to: '[5m]))) > 20' },
    { what: 'that pushes may fail more often', from: /\[5m\]\)\) > 0\.05/, to: '[5m])) > 0.07' },
    {
      what: 'a counter that istiod does not have',
      from: /pilot_total_xds_rejects/,
      to: 'pilot_xds_rejects',
    },
    {
      what: 'accepted objects in place of refused objects',
      from: /galley_validation_failed/,
      to: 'galley_validation_passed',
    },
    {
      what: 'successful injections in place of failures',
      from: /sidecar_injection_failure_total/,
      to: 'sidecar_injection_success_total',
    },
    {
      what: 'pods of another gateway',
      from: /istio-public-\[a-z0-9\]\+-\[a-z0-9\]\+/,
      to: 'istio-public-.+',
    },
    {
      what: 'a gateway that may fail more often',
      from: /> 0\.05'\n {8}for: 5m/,
      to: "> 0.07'\n        for: 5m",
    },
    { what: 'a certificate that may be older', from: /< 1296000/, to: '< 1209600' },
    { what: 'a root certificate that may be older', from: /< 30 \* 86400/, to: '< 29 * 86400' },
    { what: 'proxies of any version', from: /tag!~"[^"]*"/, to: 'tag=~".+"' },
    { what: 'proxies of one build only', from: /\(-\.\+\)\?/, to: '' },
    {
      what: 'callers with an identity',
      from: /connection_security_policy="none"/,
      to: 'connection_security_policy="mutual_tls"',
    },
    { what: 'calls that are let through', from: /BlackHoleCluster/g, to: 'PassthroughCluster' },
    {
      what: 'requests only, without connections',
      from: / or rate\(istio_tcp_connections_opened_total[^[]*\[5m\]\)/,
      to: '',
    },
    { what: 'a version that may fail more', from: /\+ 0\.02/, to: '+ 0.2' },
    { what: 'a version that is held against none', from: /2 \* min by/, to: '0 * min by' },
    {
      what: 'a text without its value',
      from: /[{ ]+\$value \| humanizePercentage[} ]+of what/,
      to: 'Some of what',
    },
  ],
}

for (const [file, ones] of Object.entries(mistakes))
  for (const { what, from, to } of ones)
    testPromtool(`the tests tell ${what}`, () =>
      withDirectory(async directory => {
        const { rules, tests } = await writeRules(compileEnvironment('prod'), directory)
        const wrong = join(directory, 'prometheus', file)
        const text = await readFile(wrong, 'utf8')
        const changed = text.replace(from, to)
        assert.is.not(changed, text, 'the mistake is made')
        await writeFile(wrong, changed)
        assert.equal(await getComplaints(rules), '', 'it is no mistake of syntax')
        assert.is.not(await getFailures(await testsThatName(file, tests)), '')
      }),
    )

testPromtool('every alert of an environment is one that its tests fire', async () => {
  for (const name of environments) {
    const files = [...compileEnvironment(name).files()].filter(({ path }) => path.startsWith('prometheus/'))
    const texts = (end: string) =>
      files
        .filter(({ path }) => path.endsWith(end))
        .map(({ text }) => text)
        .join('')
    const alerts = new Set([...texts('.rules.yaml').matchAll(/alert: (\w+)/g)].map(([, alert]) => alert))
    const fired = [...texts('.test.yaml').matchAll(/alertname: (\w+)\n\s+exp_alerts:\n/g)].map(
      ([, alert]) => alert,
    )
    assert.ok(alerts.size > 8)
    assert.equal([...new Set(fired)].sort(), [...alerts].sort(), name)
  }
})

testPromtool('it takes every query of the dashboards', () =>
  withDirectory(async directory => {
    const drawn = fc.sample(specs(), { seed, numRuns: 100 }).map(compileSpec)
    const compilations = [...environments.map(compileEnvironment), ...drawn]
    const queries = new Set(compilations.flatMap(compilation => listQueries(findDashboard(compilation))))
    assert.ok(queries.size > 15)
    // Grafana replaces these variables before its query.
    const rules = [...queries].map((query, index) => ({
      record: `query_${index}`,
      expr: query.replaceAll('$__rate_interval', '5m').replaceAll(/\$(namespace|service)\b/g, '.+'),
    }))
    assert.equal(
      rules.filter(({ expr }) => expr.includes('$')),
      [],
    )
    const file = join(directory, 'queries.yaml')
    await writeFile(file, JSON.stringify({ groups: [{ name: 'queries', rules }] }))
    assert.equal(await getComplaints([file]), '')
  }),
)

promtool.run()

interface RuleFiles {
  readonly rules: readonly string[]
  readonly tests: readonly string[]
}

async function writeRules(compilation: Compilation, directory: string): Promise<RuleFiles> {
  const folder = join(directory, 'prometheus')
  await mkdir(folder, { recursive: true })
  for (const { path, text } of compilation.files())
    if (path.startsWith('prometheus/')) await writeFile(join(directory, path), text)
  const files = (await readdir(folder)).map(file => join(folder, file))
  return {
    rules: files.filter(file => file.endsWith('.rules.yaml')),
    tests: files.filter(file => file.endsWith('.test.yaml')),
  }
}

/** Lists the tests whose outcome depends on a file of rules. */
async function testsThatName(file: string, tests: readonly string[]): Promise<readonly string[]> {
  const texts = await Promise.all(tests.map(test => readFile(test, 'utf8')))
  return tests.filter((_, index) => texts[index]!.includes(`- ${file}\n`))
}

/** Reads a test together with its rules. */
async function wholeText(test: string, rules: readonly string[]): Promise<string> {
  const text = await readFile(test, 'utf8')
  const named = rules.filter(rule => text.includes(`- ${rule.slice(rule.lastIndexOf('/') + 1)}\n`))
  return (await Promise.all([test, ...named].map(file => readFile(file, 'utf8')))).join('---\n')
}

/** Returns the complaints of promtool about rules; empty if it accepts them. */
async function getComplaints(rules: readonly string[]): Promise<string> {
  const { promtool } = await oracle()
  const { status, stdout, stderr } = await promtool([
    'check',
    'rules',
    '--lint=all',
    '--lint-fatal',
    ...rules,
  ])
  return status === 0 ? '' : stdout + stderr
}

/** Returns the failures of unit tests; empty if all of them pass. */
async function getFailures(tests: readonly string[]): Promise<string> {
  const { promtool } = await oracle()
  const { status, stdout, stderr } = await promtool(['test', 'rules', ...tests])
  return status === 0 ? '' : stdout + stderr
}
