import { readFileSync } from 'node:fs'
import { loadAll } from 'js-yaml'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isRecord, type JsonSchema, readList, readRecord } from '../../schema/json-schema.ts'
import { resolvedTargets } from './schema-samples.ts'
import { hasKialiCrd, oracle, requireOracle } from './tools.ts'

const targets = suite('target schemas and the real CRDs')
const testCrds = await requireOracle(targets, 'crdFiles')

/** Kinds that no CRD defines: Kubernetes' own, and input of istioctl and of kustomize. */
const withoutCrd: readonly unknown[] = ['ConfigMap', 'IstioOperator', 'Kustomization', 'Namespace', 'Service']
/** Kiali is tested only if its CRD is available: see kiali-stand-in.yaml. */
const unasked: readonly unknown[] = hasKialiCrd ? [] : ['Kiali']

for (const [file, schema] of resolvedTargets()) {
  const form = readRecord(schema['x-manifest'])
  if (form['kind'] === undefined || [...withoutCrd, ...unasked].includes(form['kind'])) continue
  testCrds(`the CRD of ${form['kind']} admits each object that ${file} admits`, async () => {
    assert.equal(refusedBy(await getSpec(form), schema, file), [])
  })
}

targets('a field, a value, a type and a bound that a CRD does not have are reported', () => {
  const crd = {
    type: 'object',
    required: ['host'],
    properties: {
      host: { type: 'string', maxLength: 10 },
      mode: { type: 'string', enum: ['A', 'B'] },
      ports: { type: 'array', items: { type: 'integer', maximum: 9 } },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
    },
  }
  const target = {
    type: 'object',
    properties: {
      host: { type: 'string' },
      hots: { type: 'string' },
      mode: { type: 'string', enum: ['B', 'C'] },
      ports: { type: 'array', items: { type: 'string' } },
      labels: { type: 'object', additionalProperties: { type: 'number' } },
    },
  }
  assert.equal(refusedBy(crd, target, 'x'), [
    'x: the CRD requires host',
    'x.host: the CRD sets maxLength to 10',
    'x.hots: the CRD has no such field',
    'x.mode: the CRD has no value C',
    'x.ports[]: the CRD takes integer, not string',
    'x.ports[]: the CRD sets maximum to 9',
    'x.labels.*: the CRD takes string, not number',
  ])
})

targets.run()

interface Crd {
  readonly spec: {
    readonly group: string
    readonly names: { readonly kind: string }
    readonly versions: readonly {
      readonly name: string
      readonly served: boolean
      readonly schema: {
        readonly openAPIV3Schema: { readonly properties: Readonly<Record<string, JsonSchema>> }
      }
    }[]
  }
}

/** Returns the schema of the spec of a kind in its CRD, in the version that meshc writes. */
async function getSpec({ apiVersion, kind }: JsonSchema): Promise<JsonSchema> {
  const [group, version] = String(apiVersion).split('/')
  const texts = (await (await oracle()).crdFiles()).map(file => readFileSync(file, 'utf8'))
  const documents = texts.filter(text => text.includes(`kind: ${kind}\n`)).flatMap(text => loadAll(text))
  // A document of this kind by its publisher has this form.
  const crds = documents.filter(
    document => readRecord(document)['kind'] === 'CustomResourceDefinition',
  ) as Crd[]
  const spec = crds
    .filter(crd => crd.spec.group === group && crd.spec.names.kind === kind)
    .flatMap(crd => crd.spec.versions)
    .find(({ name, served }) => name === version && served)?.schema.openAPIV3Schema.properties['spec']
  if (spec === undefined)
    throw new Error(`no CRD serves ${kind} in ${apiVersion}: add a kind of Kubernetes itself to withoutCrd`)
  return spec
}

/** Lists the values that a target admits and a CRD refuses: unknown fields, values and types, and tighter bounds. */
function refusedBy(crd: JsonSchema, target: JsonSchema, path: string): readonly string[] {
  // The CRD takes any object here, such as the values of a chart, which Argo CD passes on.
  if (crd['x-kubernetes-preserve-unknown-fields'] === true && crd['properties'] === undefined) return []
  const type = crd['x-kubernetes-int-or-string'] === true ? undefined : crd['type']
  const fits =
    type === undefined || type === target['type'] || (type === 'number' && target['type'] === 'integer')
  const missing = readList(crd['required']).filter(field => !readList(target['required']).includes(field))
  const values = 'const' in target ? [target['const']] : readList(target['enum'])
  const unknown =
    crd['enum'] === undefined ? [] : values.filter(value => !readList(crd['enum']).includes(value))
  const looser = bounds.filter(([keyword, isWithin]) => {
    const limit = crd[keyword]
    const ownTarget = target[keyword] ?? (keyword === 'minimum' ? target['exclusiveMinimum'] : undefined)
    return typeof limit === 'number' && values.length === 0 && !isWithin(Number(ownTarget), limit)
  })
  return [
    ...missing.map(field => `${path}: the CRD requires ${field}`),
    ...(fits ? [] : [`${path}: the CRD takes ${type}, not ${target['type']}`]),
    ...unknown.map(value => `${path}: the CRD has no value ${value}`),
    ...looser.map(([keyword]) => `${path}: the CRD sets ${keyword} to ${crd[keyword]}`),
    ...partsRefused(crd, target, path),
  ]
}

const atLeast = (size: number, limit: number) => size >= limit
const atMost = (size: number, limit: number) => size <= limit

/**
 * Bounds, and a comparison of a target's bound with a CRD's. An unset bound is NaN, and is outside every
 * limit.
 */
const bounds: readonly (readonly [keyword: string, isWithin: (size: number, limit: number) => boolean])[] = [
  ...['minimum', 'minItems', 'minLength', 'minProperties'].map(keyword => [keyword, atLeast] as const),
  ...['maximum', 'maxItems', 'maxLength', 'maxProperties'].map(keyword => [keyword, atMost] as const),
]

/** Lists the refused values in the parts of an object, a map or a list. */
function partsRefused(crd: JsonSchema, target: JsonSchema, path: string): readonly string[] {
  const fields = Object.entries(readRecord(target['properties'])).map(
    ([name, part]) =>
      [readRecord(crd['properties'])[name] ?? crd['additionalProperties'], part, `${path}.${name}`] as const,
  )
  const entries = [crd['additionalProperties'], target['additionalProperties'], `${path}.*`] as const
  const items = [crd['items'], target['items'], `${path}[]`] as const
  return [...fields, entries, items].flatMap(([theirs, ours, place]) => {
    if (!isRecord(ours)) return []
    return isRecord(theirs) ? refusedBy(theirs, ours, place) : [`${place}: the CRD has no such field`]
  })
}
