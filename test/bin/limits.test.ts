import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { getEditorLimits } from '../../bin/cli/limits.ts'
import { getView } from '../../bin/lsp/view.ts'
import { usualLimits } from '../../compiler/behavior/budget.ts'
import { compile } from '../../compiler/compile.ts'
import { foreignManifests } from '../bench/foreign-manifests.ts'
import { getWorkspace } from '../support/compile-text.ts'
import { meshc } from '../support/meshc.ts'
import { project, write } from '../support/project.ts'
import { git } from '../support/repository.ts'

/** The answers of commands to a regular expression whose automaton is too large for their limits. */
const test = suite('meshc with limits')

const attack = '.*\\pL.{20}'

const shop = (regex: string) => `meshc: v1
mesh: shop
environment: prod
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions: { stable: { version: v1 }, canary: { version: v2 } }
    routes:
      - { name: some, when: { headers: { x-id: { regex: '${regex}' } } }, traffic: { canary: 100% } }
      - { name: everyone, traffic: { stable: 100% } }
    allow: [{ from: web, paths: [/api/*] }]
  web: { namespace: shop }
expect:
  - { from: web, to: cart, path: /api/orders }
`

const spec = 'spec/prod/mesh.yaml'

/** A lower limit than the default, so that the test is fast. */
const little = ['--memory-limit', '4Mi']

test('validate and build warn that an expectation is not known, with the expression and the place', async () => {
  const folder = project({ [spec]: shop(attack) })
  for (const command of ['validate', 'build']) {
    const { code, stderr } = await meshc(folder, [command, ...little])
    assert.is(code, 0)
    assert.match(
      stderr,
      /warning\[MESH3803\]: meshc cannot decide whether `web` reaches `cart` .*: .*the expression `\.\*\\pL\.\{20\}` about the header x-id takes more than the memory limit allows\n {2}--> spec\/prod\/mesh\.yaml:15:/,
    )
    assert.match(stderr, /help: use simpler regular expressions, or raise the limits with `--time-limit`/)
  }
})

test('manifests that ask too much end as unclear, with the bound that they met', async () => {
  const folder = project({ 'all.yaml': foreignManifests(300, '3s') })
  const { code, stdout, stderr } = await meshc(folder, ['lint', 'all.yaml', '--time-limit', '1ms', '--json'])
  assert.is(code, 0, stderr)
  const { findings, rules } = JSON.parse(stdout)
  assert.is(rules, 300)
  assert.ok(findings.length > 300, String(findings.length))
  for (const { state, unknown } of findings) {
    assert.is(state, 'unknown')
    assert.match(unknown[0], /time limit/)
  }
})

test('lint names the unclear routes', async () => {
  const { code, stdout } = await meshc(project({ [spec]: shop(attack) }), ['lint', ...little])
  assert.is(code, 0)
  assert.match(
    stdout,
    /unclear {4}VirtualService shop\/cart http\[0\] \(some\)\n.*\n.*x-id\.regex \(the expression .* takes more than the memory limit allows\)/,
  )
})

test('can reports an unknown answer and its reason', async () => {
  const { code, stdout } = await meshc(project({ [spec]: shop('v[12]') }), [
    'can',
    'web',
    'cart',
    '--time-limit',
    '1ms',
  ])
  assert.is(code, 1)
  // On a busy machine, the total time limit of all questions can end first.
  assert.match(
    stdout,
    /UNKNOWN: (it takes longer than 1 ms, the time limit of a question|all questions together take longer than 12 ms)/,
  )
})

test('trace reports an unknown answer and its reason', async () => {
  const objects = [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'cart', namespace: 'shop' },
      spec: { selector: { app: 'cart' }, ports: [{ name: 'http', port: 80 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'cart', namespace: 'shop' },
      spec: {
        selector: { matchLabels: { app: 'cart' } },
        template: {
          metadata: { labels: { app: 'cart', 'sidecar.istio.io/inject': 'true' } },
          spec: { containers: [{ name: 'app' }] },
        },
      },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'cart', namespace: 'shop' },
      spec: {
        hosts: ['cart'],
        http: [
          {
            match: [{ uri: { regex: '(a|b|c|d){1000}'.repeat(20) } }],
            route: [{ destination: { host: 'cart' } }],
          },
        ],
      },
    },
  ]
  const folder = project({ 'mesh.yaml': objects.map(object => JSON.stringify(object)).join('\n---\n') })
  const words = ['trace', '--manifests', '.', '--from', 'shop/cart', '--to', 'cart']
  const { code, stdout } = await meshc(folder, words)
  assert.is(code, 1)
  assert.match(stdout, /not known .*is too large: Envoy takes no program of more than 32768 instructions/)
  assert.match(stdout, /\nUNKNOWN: a limit was passed\n$/)
  const json = JSON.parse((await meshc(folder, [...words, '--json'])).stdout)
  assert.is(json.verdict, 'UNKNOWN')
})

test('diff lists unknown results, and --deny unknown refuses them', async () => {
  const folder = project({ [spec]: shop('v[12]') })
  git(folder, 'init', '--quiet', '--initial-branch', 'main')
  git(folder, 'add', '--all')
  git(folder, 'commit', '--quiet', '--message', 'a shop')
  write(folder, { [spec]: shop(attack) })
  const words = ['diff', '--base', 'HEAD', ...little]
  const run = await meshc(folder, words)
  assert.is(run.code, 2)
  assert.match(run.stdout, /UNKNOWN\n[\s\S]*the expression `\.\*\\pL\.\{20\}` about the header x-id/)
  const denied = await meshc(folder, [...words, '--deny', 'unknown'])
  assert.is(denied.code, 1)
  assert.match(
    denied.stderr,
    / {2}unknown: prod: shop\/web, anyone else → cart\.shop:8080: VirtualService shop\/cart/,
  )
  assert.match(denied.stderr, / {2}unknown: prod: meshc cannot decide whether `web` reaches `cart` .*: /)

  // The expectation has no proof without a change, either. A reviewer suppresses the finding in a separate
  // change.
  git(folder, 'commit', '--quiet', '--all', '--message', 'an expression')
  const unproved = await meshc(folder, [...words, '--deny', 'unknown'])
  assert.is(unproved.code, 1)
  assert.match(
    unproved.stderr,
    /^error: 1 change is denied\n {2}unknown: prod: meshc cannot decide whether `web` reaches `cart`/,
  )
  write(folder, {
    [spec]: `${shop(attack)}suppress: [{ code: MESH3803, because: the gateway checks the header, until: 2099-01-31 }]\n`,
  })
  assert.is((await meshc(folder, [...words, '--deny', 'unknown'])).code, 1)
  git(folder, 'commit', '--quiet', '--all', '--message', 'a suppression')
  assert.is((await meshc(folder, [...words, '--deny', 'unknown'])).code, 0)
})

test('invalid limits are refused', async () => {
  const folder = project({ [spec]: shop('v[12]') })
  const cases = [
    ['--time-limit', '0s', /`--time-limit` is `0s`\n.*it is a duration, as in `500ms`, `10s` or `2m`/],
    ['--time-limit', 'soon', /`--time-limit` is `soon`/],
    ['--memory-limit', '64', /`--memory-limit` is `64`\n.*it is a size, as in `64Mi` or `1Gi`/],
  ] as const
  for (const [option, word, message] of cases) {
    const { code, stderr } = await meshc(folder, ['validate', option, word])
    assert.is(code, 2)
    assert.match(stderr, message)
  }
})

test('an editor waits less: what a build answers can be unknown there', () => {
  const workspace = getWorkspace({ [spec]: shop('.*a.{15}') })
  const listCodes = (diagnostics: readonly { readonly code: string }[]) => diagnostics.map(({ code }) => code)
  assert.equal(listCodes(compile(spec, workspace, undefined, usualLimits).diagnostics), [])
  const environment = { name: 'prod', entry: spec, output: 'out/prod' }
  const view = getView(environment, workspace, '2026-01-01', () => undefined, getEditorLimits)
  assert.equal(listCodes(view.result.diagnostics), ['MESH3803'])
  assert.ok(getEditorLimits().total < usualLimits.time)
})

test.run()
