import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { loadAll } from 'js-yaml'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Compilation } from '../../compiler/compilation.ts'
import { rootFile } from '../../compiler/emit/argocd/names.ts'
import { chartValues } from '../arbitraries/chart-values.ts'
import { specs } from '../arbitraries/mesh.ts'
import { benchServices, benchSpec } from '../bench/mesh.ts'
import { compileText } from '../support/compile-text.ts'
import { declaredIn } from '../support/declared.ts'
import { compileEnvironment, compileSpec, diagnose, environments } from '../support/specs.ts'
import { withValues } from '../support/with-values.ts'
import type { CommandResult } from './command.ts'
import { writeOutput } from './outputs.ts'
import { oracle, requireOracle, withDirectory } from './tools.ts'

const chart = suite('chart')
const seed = Number(process.env['SEED'] ?? 20261124)
const testHelm = await requireOracle(chart, 'helm')

for (const name of environments) {
  testHelm(`helm lints out/${name}/chart in silence, and renders the objects of the manifests`, () =>
    withDirectory(async directory => {
      const compilation = compileEnvironment(name)
      await writeOutput(compilation, directory)
      await assertSilent(directory)
      assert.equal(await renderedObjects(directory), objectsBelow('manifests', compilation))
      assert.equal(await renderedObjects(directory, everything), everyObject(compilation))
    }),
  )

  testHelm(`each switch of out/${name}/chart removes its kind and nothing else`, () =>
    withDirectory(async directory => {
      await writeOutput(compileEnvironment(name), directory)
      const all = switchedObjects((await render(directory, everything)).stdout)
      const groups = new Set(all.map(({ group }) => `${group}.enabled`))
      const kinds = new Set(all.map(({ group, kind }) => `${group}.${kind}`))
      assert.ok(groups.size > 2 && kinds.size > 8, `${[...groups, ...kinds]}`)
      for (const path of [...groups, ...kinds]) {
        const left = all.filter(({ group, kind }) => ![`${group}.enabled`, `${group}.${kind}`].includes(path))
        assert.ok(left.length < all.length, `${path} removes something`)
        const rendered = await renderedObjects(directory, [...everything, '--set', `${path}=false`])
        assert.equal(rendered, left.map(({ object }) => object).sort(), path)
      }
    }),
  )
}

testHelm(`a chart with other values renders what the spec would with them (seed ${seed})`, () =>
  withDirectory(async directory => {
    const seen = { rendered: 0, refused: 0 }
    const drawn = specs().chain(spec => {
      const declared = declaredIn(compileSpec(spec))
      return chartValues(declared).map(values => ({ spec, declared, values }))
    })
    for (const [index, { spec, declared, values }] of fc.sample(drawn, { seed, numRuns: 100 }).entries()) {
      const folder = join(directory, `spec-${index}`)
      const unchanged = compileSpec(withValues(spec, declared, {}))
      await writeOutput(unchanged, folder)
      await assertSilent(folder)
      assert.equal(
        await renderedObjects(folder, everything),
        everyObject(unchanged),
        `spec ${index} as it is`,
      )
      const file = join(directory, `values-${index}.json`)
      await writeFile(file, JSON.stringify(values))
      const stated = `spec ${index} with ${JSON.stringify(values)}`
      const changed = diagnose(withValues(spec, declared, values))
      const result = await render(folder, [...everything, '-f', file])
      if (changed.ok) {
        seen.rendered++
        assert.is(result.status, 0, `${stated}: ${result.stderr}`)
        const due = everyObject(changed.value)
        const rendered = objectsIn(result.stdout).filter(
          object => due.includes(object) || !isNeedless(object),
        )
        assert.equal(rendered, due, stated)
      } else {
        const codes = changed.diagnostics
          .filter(({ severity }) => severity === 'error')
          .map(({ code }) => code)
        const judged = codes.filter(code => ['MESH3101', 'MESH3116', 'MESH3601'].includes(code))
        if (judged.length === 0) continue
        seen.refused++
        assert.is.not(result.status, 0, `${stated}, though ${codes}`)
      }
    }
    assert.ok(seen.rendered > 30 && seen.refused > 5, JSON.stringify(seen))
  }),
)

testHelm('a chart of 1,000 services is rendered to the objects of the manifests', () =>
  withDirectory(async directory => {
    const result = compileText(benchSpec(benchServices(1000)))
    assert.ok(result.ok)
    const compilation = result.value
    await writeOutput(compilation, directory)
    const objects = await renderedObjects(directory)
    assert.ok(objects.length > 4000)
    assert.equal(objects, objectsBelow('manifests', compilation))
  }),
)

/**
 * Checks whether an object is a VirtualService that only repeats the defaults of Istio. A chart keeps its
 * objects if its values leave a service without a timeout and with Istio's own retries. A spec then has no
 * such object.
 */
function isNeedless(object: string): boolean {
  const { kind, spec } = JSON.parse(object) as {
    readonly kind: string
    readonly spec: {
      readonly gateways?: readonly string[]
      readonly http?: readonly Readonly<Record<string, unknown>>[]
    }
  }
  if (kind !== 'VirtualService' || spec.gateways?.join() !== 'mesh') return false
  return (spec.http ?? []).every(
    ({ name: _name, route, ...more }) =>
      Object.keys(more).length === 0 &&
      (route as readonly object[]).every(target => Object.keys(target).join() === 'destination'),
  )
}

/** Values that no spec may have, and the message of Helm for each. */
const wrong: readonly (readonly [value: string, message: string])[] = [
  ['services.my-api.traffic.canary=20%', 'services.my-api: the weights add up to 110, not 100'],
  [
    'services.my-api.traffic=null',
    'services.my-api: nothing says which version gets its requests: set `traffic`',
  ],
  [
    'services.my-api.active=stable',
    '`active` gives everything to one version, `traffic` shares it: keep one',
  ],
  ['external.stripe.timeout=7s', 'external.stripe: 2 tries of 5s take 10s, more than the timeout of 7s'],
  [
    'services.my-api.traffic.beta=0%',
    "at '/services/my-api/traffic': additional properties 'beta' not allowed",
  ],
  ['services.my-ap.timeout=5s', "at '/services': additional properties 'my-ap' not allowed"],
  ['services.web.timeout=5min', "at '/services/web/timeout': '5min' does not match pattern"],
  ['services.web.timeout=5', "at '/services/web/timeout': got number, want string"],
  ['istio.controlPlane.replicas.min=6', 'istio.controlPlane has at least 6 replicas and at most 5'],
  ['gateways.public.replicas.max=0', "at '/gateways/public/replicas/max': minimum: got 0, want 1"],
  ['istio.virtualservice=false', "at '/istio': additional properties 'virtualservice' not allowed"],
  ['istio.enabled=no', "at '/istio/enabled': got string, want boolean"],
]

testHelm('values that no spec may say are refused in words that help', () =>
  withDirectory(async directory => {
    await writeOutput(compileEnvironment('prod'), directory)
    for (const [value, message] of wrong) {
      const { status, stderr } = await render(directory, [...everything, '--set', value])
      assert.is(status, 1, value)
      assert.ok(stderr.includes(message), `${value}: ${stderr}`)
    }
  }),
)

testHelm('the notes of the chart list the installed parts, and name a switch that is off', () =>
  withDirectory(async directory => {
    await writeOutput(compileEnvironment('prod'), directory)
    const { helm } = await oracle()
    const install = ['install', 'mesh', join(directory, 'chart'), '--dry-run=client', '--hide-secret']
    const { status, stdout, stderr } = await helm(install)
    assert.is(status, 0, stderr)
    assert.match(stdout, /NOTES:\nThe service mesh shop in prod: 2 services, 1 gateway, 1 external system/)
    assert.not.match(stdout, /Nothing for Istio/)
    const without = await helm([...install, '--set', 'istio.enabled=false'])
    assert.match(without.stdout, /Nothing for Istio is installed: `istio.enabled` is false\./)
  }),
)

chart.run()

const render = async (directory: string, options: readonly string[] = []): Promise<CommandResult> =>
  (await oracle()).helm(['template', 'mesh', join(directory, 'chart'), ...options])

async function renderedObjects(
  directory: string,
  options: readonly string[] = [],
): Promise<readonly string[]> {
  const { status, stdout, stderr } = await render(directory, options)
  assert.is(status, 0, stderr)
  assert.is(stderr, '')
  return objectsIn(stdout)
}

async function assertSilent(directory: string): Promise<void> {
  const { helm } = await oracle()
  const { status, stdout, stderr } = await helm(['lint', '--strict', join(directory, 'chart')])
  assert.is(status, 0, stdout + stderr)
  assert.not.match(stdout, /\[(INFO|WARNING|ERROR)\]/)
}

/**
 * Lists the objects of a folder that the chart has: all except the root Application, which an installation
 * without Helm owns.
 */
const objectsBelow = (folder: 'manifests' | 'argocd', compilation: Compilation): readonly string[] =>
  [...compilation.files()]
    .filter(({ path }) => path.startsWith(`${folder}/`) && path !== rootFile)
    .flatMap(({ text }) => objectsIn(text))
    .sort()

/** The option that adds the objects of Argo CD. */
const everything = ['--set', 'argocd.enabled=true']

const everyObject = (compilation: Compilation): readonly string[] =>
  [...objectsBelow('manifests', compilation), ...objectsBelow('argocd', compilation)].sort()

/** Lists the objects of a text as comparable lines. The lines and the keys of each object are sorted. */
const objectsIn = (text: string): readonly string[] =>
  loadAll(text)
    .filter(object => object !== null && object !== undefined)
    .map(object => JSON.stringify(canonical(object)))
    .sort()

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, entry]) => [key, canonical(entry)]))
}

/**
 * Lists objects as lines, each with its switches. The comment `# Source:` names the template, whose path
 * gives the switches.
 */
const switchedObjects = (rendered: string) =>
  rendered.split(/^---$/m).flatMap(text => {
    const [, folder, file] = /^# Source: [^/]+\/templates\/([^/]+)\/([^/]+)\.yaml$/m.exec(text) ?? []
    const [, kind] = /^kind: (.*)$/m.exec(text) ?? []
    if (kind === undefined) return []
    assert.is(file!.replace(/-\d+$/, ''), kind.toLowerCase())
    const group = folder!.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
    return [{ group, kind: kind.charAt(0).toLowerCase() + kind.slice(1), object: objectsIn(text)[0]! }]
  })
