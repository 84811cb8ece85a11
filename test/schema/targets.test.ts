import { readdirSync, readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isRecord, type JsonSchema, mapSchema, readList, readRecord } from '../../schema/json-schema.ts'
import { manifestKinds } from '../../schema/spec/patches.ts'

const targets = suite('target schemas')

const folder = 'schema/targets'
const schemas = new Map<string, JsonSchema>(
  readdirSync(folder).map(file => [file, JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'))]),
)

for (const [file, schema] of schemas) {
  const definitions = Object.entries(readRecord(schema['definitions']))

  targets(`${file} describes itself and each of its definitions`, () => {
    for (const [name, part] of [[schema['title'], schema], ...definitions]) {
      assert.match(String(name), /^[A-Z][A-Za-z0-9]+$/, 'it is named as a type is')
      assert.ok(readRecord(part)['description'], `${file} ${name} has a description`)
    }
  })

  targets(`${file} is closed: no object takes a field that is not listed`, () => {
    for (const { path, schema: part } of shapes(schema, file)) {
      if (part['properties'] !== undefined) assert.is(part['additionalProperties'], false, path)
      else if (part['type'] === 'object')
        assert.ok(isRecord(part['additionalProperties']), `${path} is a map`)
    }
  })

  targets(`${file} lists every field that it constrains`, () => {
    for (const { path, schema: part } of shapes(schema, file)) {
      const fields = Object.keys(readRecord(part['properties']))
      for (const field of fieldsConstrained(part))
        assert.ok(fields.includes(field), `${path} has no ${field}`)
    }
  })

  targets(`${file} has only keywords that a violation has words for`, () => {
    // A keyword inside an `if` selects a branch. No error reports it.
    const reported = JSON.parse(
      JSON.stringify(schema, (key, value) => (key === 'if' || key === 'x-manifest' ? undefined : value)),
    )
    mapSchema(reported, part => {
      for (const keyword of Object.keys(part)) assert.ok(wordedKeywords.has(keyword), keyword)
      return part
    })
  })

  targets(`${file} refers only to what there is, and defines only what is used`, () => {
    for (const reference of referencesIn(schema, file)) {
      const [second = '', name] = reference.split('#/definitions/')
      const target = readRecord(schemas.get(second))
      assert.ok(name === undefined ? target['title'] : readRecord(target['definitions'])[name], reference)
    }
    const used = [...schemas].flatMap(([from, jsonSchema]) => referencesIn(jsonSchema, from))
    for (const [name] of definitions)
      assert.ok(used.includes(`${file}#/definitions/${name}`), `nothing uses ${name} of ${file}`)
  })
}

targets('the kinds that a patch may name are the kinds that reach the cluster', () => {
  const forms = [...schemas.values()].flatMap(schema => schema['x-manifest'] ?? []).map(readRecord)
  for (const form of forms) {
    assert.match(String(form['apiVersion']), /^([-a-z.0-9]+\/)?v1(alpha1|alpha3|beta1)?$/)
    assert.ok(['Namespaced', 'Cluster', 'File'].includes(String(form['scope'])), String(form['kind']))
    assert.ok(['spec', 'fields'].includes(String(form['body'])), String(form['kind']))
  }
  // The inputs of istioctl and kustomize, and the Argo CD objects that deliver the other files.
  const others = ['IstioOperator', 'Kustomization', 'AppProject', 'Application']
  const reaching = forms.map(form => form['kind']).filter(kind => !others.includes(String(kind)))
  assert.equal(reaching.sort(), [...manifestKinds].sort())
})

targets('the kinds that reach the cluster have a sync wave, and no others', () => {
  const forms = [...schemas.values()].flatMap(schema => schema['x-manifest'] ?? []).map(readRecord)
  const waved = forms.filter(({ wave }) => Number.isInteger(wave)).map(({ kind }) => String(kind))
  assert.equal(waved.sort(), [...manifestKinds].sort())
})

targets.run()

/** The keywords that name a type, the keywords that annotate, and the keywords whose errors `violations` can describe. */
const wordedKeywords: ReadonlySet<string> = new Set([
  ...['$ref', '$schema', 'definitions', 'description', 'title'],
  ...['additionalProperties', 'items', 'properties', 'propertyNames', 'type'],
  ...['allOf', 'anyOf', 'dependencies', 'else', 'required', 'then'],
  ...['const', 'enum', 'exclusiveMinimum', 'maximum', 'maxLength', 'minimum', 'minLength', 'pattern'],
  ...['maxItems', 'maxProperties', 'minItems', 'minProperties', 'uniqueItems'],
])

interface Place {
  readonly path: string
  readonly schema: JsonSchema
}

/** The schema and the schemas within it that define fields. Constraints only narrow fields, so the list has none. */
function shapes(schema: JsonSchema, path: string): readonly Place[] {
  const within = ['properties', 'definitions'].flatMap(keyword =>
    Object.entries(readRecord(schema[keyword])).map(([name, part]) => [`${keyword}/${name}`, part] as const),
  )
  const below = ['items', 'additionalProperties'].map(keyword => [keyword, schema[keyword]] as const)
  return [
    { path, schema },
    ...[...within, ...below].flatMap(([step, part]) =>
      isRecord(part) ? shapes(part, `${path}/${step}`) : [],
    ),
  ]
}

/** The fields that the constraints of an object name. */
function fieldsConstrained(schema: JsonSchema): readonly string[] {
  const dependencies = readRecord(schema['dependencies'])
  const parts = [
    ...['allOf', 'anyOf', 'if', 'then', 'else'].flatMap(keyword => schema[keyword] ?? []),
    ...Object.values(dependencies).flat(),
  ]
  return [
    ...readList(schema['required']).map(String),
    ...Object.keys(dependencies),
    // A dependency lists the names of fields.
    ...parts.flatMap(part =>
      isRecord(part)
        ? [...Object.keys(readRecord(part['properties'])), ...fieldsConstrained(part)]
        : String(part),
    ),
  ]
}

/** Lists the references in the schema of a file: `file.json`, or `file.json#/definitions/Name`. */
function referencesIn(value: unknown, file: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(part => referencesIn(part, file))
  return Object.entries(readRecord(value)).flatMap(([keyword, part]) =>
    keyword === '$ref' ? String(part).replace(/^(?=#)/, file) : referencesIn(part, file),
  )
}
