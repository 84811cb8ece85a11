import { readFileSync } from 'node:fs'
import { loadAll } from 'js-yaml'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type FieldRule,
  type Form,
  fields,
  listOf,
  mapOf,
  read,
} from '../../compiler/behavior/read/fields.ts'
import { specFields } from '../../compiler/behavior/read/kinds.ts'
import { type JsonSchema, readRecord } from '../../schema/json-schema.ts'
import { oracle, requireOracle } from './tools.ts'

const behavior = suite('fields that behavior is read from, and the real CRDs')
const testCrds = await requireOracle(behavior, 'crdFiles')

/** Values of each type. A form of a type takes some values of its type, and no value of another type. */
const samples: Readonly<Record<string, readonly unknown[]>> = {
  string: ['a', '5s'],
  integer: [80, 200],
  number: [50.5],
  boolean: [true],
  array: [['a']],
  object: [{ a: 'a' }],
}

testCrds('every field of every kind is modelled, has no effect, or is reported', async () => {
  const texts = (await (await oracle()).crdFiles())
    .filter(file => file.endsWith('crd-all.gen.yaml'))
    .map(file => readFileSync(file, 'utf8'))
  const documents = texts.flatMap(text => loadAll(text)).map(readRecord)
  const result = Object.entries(specFields).flatMap(([kind, rule]) => {
    const versions = documents
      .map(({ spec }) => readRecord(spec))
      .filter(spec => readRecord(spec['names'])['kind'] === kind)
      // A CRD lists its versions, and each has a schema.
      .flatMap(spec => spec['versions'] as readonly Version[])
    assert.ok(versions.length > 0, kind)
    return versions.flatMap(({ name, schema }) =>
      differences(schema.openAPIV3Schema.properties['spec'] ?? {}, rule, `${kind} ${name}: spec`),
    )
  })
  assert.equal(result, [])
})

behavior('a field that only one side has is reported', () => {
  const text = { type: 'string' }
  const crd: JsonSchema = {
    properties: {
      hosts: { type: 'array', items: text },
      http: { items: { properties: { match: text, retries: text } } },
      tcp: { items: { properties: { match: text } } },
      labels: { additionalProperties: text },
    },
  }
  const rule = fields({
    hosts: read,
    http: listOf(fields({ match: read, retry: read })),
    tcp: fields({ match: read }),
    labels: mapOf(read),
    tls: read,
  })
  assert.equal(differences(crd, rule, 'spec'), [
    'spec.http.retries is in the CRD only',
    'spec.http.retry is no field of the CRD',
    'spec.tcp is a list in the CRD',
    'spec.tls is no field of the CRD',
  ])
})

behavior.run()

interface Version {
  readonly name: string
  readonly schema: { readonly openAPIV3Schema: { readonly properties: Readonly<Record<string, JsonSchema>> } }
}

/** Lists the places at which the table and the schema of a CRD have different fields. */
function differences(schema: JsonSchema, rule: FieldRule, path: string): readonly string[] {
  if (rule.rule === 'read') return rule.form === undefined ? [] : misfits(schema, rule.form, path)
  if (rule.rule === 'list')
    return schema['items'] === undefined
      ? [`${path} is no list in the CRD`]
      : differences(readRecord(schema['items']), rule.item, path)
  if (rule.rule !== 'fields' && rule.rule !== 'map') return []
  if (schema['items'] !== undefined) return [`${path} is a list in the CRD`]
  if (rule.rule === 'map')
    return schema['additionalProperties'] === undefined
      ? [`${path} is no map in the CRD`]
      : differences(readRecord(schema['additionalProperties']), rule.item, `${path}.*`)
  const properties = readRecord(schema['properties'])
  const names = [...new Set([...Object.keys(properties), ...Object.keys(rule.fields)])].sort()
  return names.flatMap(name => {
    const field = rule.fields[name]
    if (field === undefined) return [`${path}.${name} is in the CRD only`]
    if (!Object.hasOwn(properties, name)) return [`${path}.${name} is no field of the CRD`]
    return differences(readRecord(properties[name]), field, `${path}.${name}`)
  })
}

/**
 * Lists a fault if a form and the schema of a CRD take different values. It tries a few samples of each type.
 */
function misfits(schema: JsonSchema, form: Form, path: string): readonly string[] {
  const type = String(schema['type'])
  const ownSchema = Array.isArray(schema['enum']) ? schema['enum'] : (samples[type] ?? [])
  const fit = ownSchema.filter(value => form.fits(value))
  const others = Object.entries(samples).flatMap(([second, values]) =>
    second === type || (second === 'integer' && type === 'number') ? [] : values,
  )
  const isKept = Array.isArray(schema['enum']) ? fit.length === ownSchema.length : fit.length > 0
  return isKept && !others.some(value => form.fits(value))
    ? []
    : [`${path} is ${type} in the CRD, not ${form.words}`]
}
