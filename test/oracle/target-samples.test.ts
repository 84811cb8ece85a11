import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { printViolations, type TargetKind, targetKinds } from '../../schema/conform.ts'
import { manifestForms } from '../../schema/generated/targets.ts'
import { isRecord, type JsonSchema, readRecord } from '../../schema/json-schema.ts'
import { manifestKinds } from '../../schema/spec/patches.ts'
import { examples } from '../schema/examples.ts'
import { namespaceObject } from './objects.ts'
import { getSamples, resolvedTargets } from './schema-samples.ts'
import { type Finding, type Oracle, oracle, requireOracle, withDirectory } from './tools.ts'

const targets = suite('samples of the target schemas')
const testCheck = await requireOracle(targets, 'check')
const testIstioctl = await requireOracle(targets, 'istioctl')
const testHelm = await requireOracle(targets, 'helm', 'chart')

const schemas = [...resolvedTargets().values()]
const getSchema = (kind: TargetKind) =>
  readRecord(
    schemas.find(({ title, 'x-manifest': form }) => (isRecord(form) ? form['kind'] : title) === kind),
  )
const samplesByKind = new Map(
  targetKinds.map(kind => [
    kind,
    getSamples(getSchema(kind), examples[kind].good, value => printViolations(kind, value).length === 0),
  ]),
)

for (const [kind, { missing }] of samplesByKind)
  targets(`the samples of ${kind} have every field and every word that its schema lists`, () => {
    assert.equal(missing, [])
  })

for (const kind of [...manifestKinds, 'Application', 'AppProject', 'ConfigMap'] as const)
  testCheck(`the API server and istiod accept an object that conforms to ${kind}`, async () => {
    const { apiVersion, scope, body } = manifestForms[kind]
    const documents = samples(kind).map((sample, index) => {
      const namespace = scope === 'Namespaced' ? `shop-${index}` : undefined
      const metadata = { name: `sample-${index}`, namespace }
      return JSON.stringify({
        apiVersion,
        kind,
        metadata,
        ...(body === 'spec' ? { spec: sample } : readRecord(sample)),
      })
    })
    await withDirectory(async directory => {
      await writeFile(join(directory, 'samples.yaml'), documents.join('\n---\n'))
      assert.equal(refusals(await (await oracle()).check(directory)), [])
    })
  })

testCheck('istiod reads and accepts a mesh config that conforms', async () => {
  const meshConfigs = samples('HelmIstiodValues').flatMap(values => readRecord(values)['meshConfig'] ?? [])
  const texts = [...new Set(meshConfigs.map(meshConfig => JSON.stringify(meshConfig)))]
  await withDirectory(async folder => {
    const directory = join(folder, 'manifests')
    await mkdir(directory)
    await writeFile(join(directory, 'namespace.yaml'), JSON.stringify(namespaceObject({ name: 'shop' })))
    const sets = texts.map((_, index) => ({ directory, meshConfig: join(folder, `${index}.json`) }))
    for (const [index, text] of texts.entries()) await writeFile(join(folder, `${index}.json`), text)
    for (const [index, { findings }] of (await (await oracle()).checkAll(sets)).entries())
      assert.equal(refusals(findings), [], texts[index])
  })
})

testIstioctl('istioctl renders an IstioOperator that conforms', async () => {
  const { istioctl } = await oracle()
  // All samples are merged: no field of an IstioOperator excludes another, and a run of istioctl takes a
  // second.
  const everything = samples('IstioOperator').reduce(laidOver)
  for (const profile of ['default', 'minimal', 'empty'])
    assert.equal(
      await getFaults(istioctl, ['manifest', 'generate', '--filename', '-'], {
        apiVersion: 'install.istio.io/v1alpha1',
        kind: 'IstioOperator',
        metadata: { name: 'shop', namespace: 'istio-system' },
        spec: { ...readRecord(everything), profile },
      }),
      '',
    )
})

testHelm('helm renders values of the gateway chart that conform', async () => {
  // Only this chart has its own schema, and helm validates the values with it.
  const { helm, chart } = await oracle()
  for (const values of samples('HelmGatewayValues'))
    assert.equal(
      await getFaults(helm, ['template', 'public', chart('gateway'), '--values', '-'], values),
      '',
      JSON.stringify(values),
    )
})

testHelm('every value of the charts base, istiod and cni is one that they list or read', async () => {
  const { chart } = await oracle()
  assert.equal(valuesUnknownTo(chart('base'), getSchema('HelmBaseValues')), [])
  assert.equal(valuesUnknownTo(chart('istiod'), getSchema('HelmIstiodValues')), [])
  assert.equal(valuesUnknownTo(chart('cni'), getSchema('HelmCniValues')), [])
  const misspelt = { properties: { autoscaleMinimum: {}, global: { properties: { hubb: {}, hub: {} } } } }
  assert.equal(valuesUnknownTo(chart('istiod'), misspelt), ['autoscaleMinimum', 'global.hubb'])
})

targets.run()

function samples(kind: TargetKind): readonly unknown[] {
  return samplesByKind.get(kind)?.values ?? []
}

/** Lists the refusals. Only the analyzers report missing hosts, pods and secrets. */
function refusals(findings: readonly Finding[]): readonly string[] {
  return findings
    .filter(({ check, level }) => check !== 'analyze' && level === 'Error')
    .map(({ check, object, message }) => `${check}: ${object}: ${message}`)
}

/** Merges two values: it joins maps, concatenates lists, and takes the second of two plain values. */
function laidOver(first: unknown, second: unknown): unknown {
  if (Array.isArray(first) && Array.isArray(second)) return [...first, ...second]
  if (!isRecord(first) || !isRecord(second)) return second
  const joined = Object.entries(second).map(([key, value]) => [
    key,
    key in first ? laidOver(first[key], value) : value,
  ])
  return { ...first, ...Object.fromEntries(joined) }
}

/** Returns the error output of a program that fails on a file; empty if it succeeds. */
async function getFaults(
  program: Oracle['helm'],
  commandLine: readonly string[],
  file: unknown,
): Promise<string> {
  const { status, stderr } = await program(commandLine, { input: JSON.stringify(file) })
  return status === 0 ? '' : stderr
}

/** Lists the values of a target that a chart neither has in its values.yaml nor reads in a template. */
function valuesUnknownTo(chart: string, target: JsonSchema): readonly string[] {
  const defaults = readRecord(load(readFileSync(join(chart, 'values.yaml'), 'utf8')))[
    '_internal_defaults_do_not_set'
  ]
  const folder = join(chart, 'templates')
  const templates = readdirSync(folder)
    .map(file => readFileSync(join(folder, file), 'utf8'))
    .join('\n')
  const isRead = (path: string) =>
    new RegExp(`\\.Values\\.${path.replaceAll('.', '\\.')}(?![.\\w])`).test(templates)
  const unknown = (schema: JsonSchema, known: unknown, path: string): readonly string[] =>
    Object.entries(readRecord(schema['properties'])).flatMap(([name, field]) => {
      const place = path === '' ? name : `${path}.${name}`
      // The chart passes these on unchanged: the mesh config to istiod, which a test above covers, and
      // resources to pods.
      if ((place === 'meshConfig' || readRecord(field)['title'] === 'Resources') && isRead(place)) return []
      const isListed = isRecord(known) && name in known
      if (!isListed && !isRead(place)) return [place]
      return unknown(readRecord(field), readRecord(known)[name], place)
    })
  return unknown(target, defaults, '')
}
