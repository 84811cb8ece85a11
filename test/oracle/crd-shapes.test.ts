import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadAll } from 'js-yaml'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isRecord, type JsonSchema, readList, readRecord } from '../../schema/json-schema.ts'
import { consumerSource } from './parts/consumers.ts'
import { kialiStandIn, oracle, requireOracle } from './tools.ts'

const shapesOfCrds = suite('the shapes of foreign kinds')
const test = await requireOracle(shapesOfCrds, 'crdFiles')
const file = fileURLToPath(new URL('../../schema/crds.json', import.meta.url))

test('schema/crds.json agrees with the CRDs and the API server', async () => {
  const paths = (await (await oracle()).crdFiles()).filter(path => path !== process.env['KIALI_CRD'])
  // The shapes are the same on every machine, with or without the CRD of Kiali.
  const texts = [...new Set([...paths, kialiStandIn])].map(path => readFileSync(path, 'utf8'))
  const documents = texts.flatMap(text => loadAll(text)).map(readRecord)
  const api = join(await consumerSource('k8s.io/kubernetes'), 'api')
  const $comment =
    'Made by test/oracle/crd-shapes.test.ts from the CRDs that test/oracle/parts/crds.ts names, and from api/ of Kubernetes.'
  const builtIn = kindsIn(join(api, 'discovery'))
  const shapes = getShapes({
    kinds: documents.filter(isCrd).flatMap(listVersionsOfCrd),
    kubernetes: listKubernetesKinds(join(api, 'openapi-spec/v3')),
  })
  const made = `${JSON.stringify({ $comment, builtIn, ...shapes })}\n`
  if (process.env['UPDATE_GOLDEN'] !== undefined) writeFileSync(file, made)
  assert.ok(readFileSync(file, 'utf8') === made, 'stale: UPDATE_GOLDEN=1 makes it anew')
})

shapesOfCrds.run()

function isCrd({ kind }: JsonSchema): boolean {
  return kind === 'CustomResourceDefinition'
}

/**
 * Lists the kinds of each API group of Kubernetes with their versions, including those that are off by
 * default.
 */
function kindsIn(discovery: string): Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> {
  const groups: Record<string, Record<string, readonly string[]>> = {}
  for (const file of readdirSync(discovery).sort()) {
    const { kind, groupVersion, resources } = readRecord(
      JSON.parse(readFileSync(join(discovery, file), 'utf8')),
    )
    if (kind !== 'APIResourceList') continue
    const [version = '', group = ''] = String(groupVersion).split('/').reverse()
    const kinds = groups[group] ?? {}
    for (const { name, kind } of readList(resources).map(readRecord)) {
      // No manifest has a part of a resource such as `pods/log`.
      if (!String(name).includes('/')) kinds[String(kind)] = [...(kinds[String(kind)] ?? []), version]
    }
    groups[group] = kinds
  }
  return groups
}

/** A version of a kind, and its schema. */
interface KindVersion {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly schema: JsonSchema
}

/** Lists the served versions of the kind of a CRD. */
function listVersionsOfCrd(crd: JsonSchema): readonly KindVersion[] {
  const { group, names, versions } = readRecord(crd['spec'])
  return readList(versions)
    .map(readRecord)
    .filter(version => version['served'] === true)
    .map(({ name, schema }) => ({
      group: String(group),
      version: String(name),
      kind: String(readRecord(names)['kind']),
      schema: readRecord(readRecord(schema)['openAPIV3Schema']),
    }))
}

/** The API groups and versions of Kubernetes whose objects accompany those of a mesh. */
const groupsBesideMesh =
  /^(api__v1|apis__(apps|autoscaling|batch|networking\.k8s\.io|policy|rbac\.authorization\.k8s\.io|scheduling\.k8s\.io)__v\d)_openapi\.json$/

/** Lists the kinds of these groups, from the OpenAPI documents of the API server. */
function listKubernetesKinds(folder: string): readonly KindVersion[] {
  return readdirSync(folder)
    .filter(file => groupsBesideMesh.test(file))
    .sort()
    .flatMap(file => {
      const { components, paths } = readRecord(JSON.parse(readFileSync(join(folder, file), 'utf8')))
      const schemas = readRecord(readRecord(components)['schemas'])
      const resources = JSON.stringify(paths)
      return Object.entries(schemas).flatMap(([name, schema]) =>
        readList(readRecord(schema)['x-kubernetes-group-version-kind'])
          .map(readRecord)
          .filter(
            ({ kind, version }) =>
              name.endsWith(`.${version}.${kind}`) && resources.includes(`"#/components/schemas/${name}"`),
          )
          .map(({ group, version, kind }) => ({
            group: String(group),
            version: String(version),
            kind: String(kind),
            schema: readRecord(resolveReferences(schema, schemas)),
          })),
      )
    })
}

/**
 * Replaces references to OpenAPI schemas by the schemas. The status, which no manifest sets, is any object.
 */
function resolveReferences(part: unknown, schemas: JsonSchema): unknown {
  if (Array.isArray(part)) return part.map(entry => resolveReferences(entry, schemas))
  if (!isRecord(part)) return part
  const { $ref, allOf, oneOf, ...rest } = part
  const [only] = readList(allOf).map(readRecord)
  const name = String($ref ?? only?.['$ref'] ?? '').replace('#/components/schemas/', '')
  if (name !== '') return resolveReferences(schemas[name], schemas)
  // A quantity or a port is a number or a text.
  const types = readList(oneOf).map(choice => readRecord(choice)['type'])
  if (types.length > 0) return { type: types }
  const properties = isRecord(rest['properties']) ? rest['properties'] : undefined
  const isAny =
    rest['type'] === 'object' && properties === undefined && rest['additionalProperties'] === undefined
  const isKind = 'x-kubernetes-group-version-kind' in rest
  return {
    ...Object.fromEntries(
      Object.entries(rest).map(([key, value]) => [key, resolveReferences(value, schemas)]),
    ),
    ...(isAny && { 'x-kubernetes-preserve-unknown-fields': true }),
    ...(isKind &&
      properties?.['status'] !== undefined && {
        properties: {
          ...readRecord(resolveReferences({ ...properties, status: undefined }, schemas)),
          status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      }),
  }
}

/** Returns the shapes of versions of kinds. A part that several places share is written once. */
function getShapes(sections: Readonly<Record<string, readonly KindVersion[]>>): object {
  const keyByText = new Map<string, string>()
  const kindsBySection = Object.entries(sections).map(([section, versions]) => {
    const groups: Record<string, Record<string, Record<string, string>>> = {}
    for (const { group, version, kind, schema } of versions) {
      const kinds = groups[group] ?? {}
      kinds[kind] = { ...kinds[kind], [version]: getKey(schema) }
      groups[group] = kinds
    }
    return [section, groups]
  })
  const shapes = Object.fromEntries([...keyByText].map(([text, key]) => [key, JSON.parse(text)]))
  return { ...Object.fromEntries(kindsBySection), shapes }

  function getKey(schema: JsonSchema): string {
    const text = JSON.stringify(getShape(schema, getKey))
    const key = keyByText.get(text) ?? keyByText.size.toString(36)
    keyByText.set(text, key)
    return key
  }
}

/** Keywords that are copied unchanged. */
const kept = [
  'type',
  'enum',
  'required',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
]

/** Converts a part of a CRD to a `Shape` of schema/crds.ts. */
function getShape(schema: JsonSchema, keyOf: (part: JsonSchema) => string): JsonSchema {
  const { properties, items, additionalProperties, pattern } = schema
  const isIntOrString = schema['x-kubernetes-int-or-string'] === true
  const atMostOne = [...exclusiveFields(schema), ...listRules(schema).flatMap(exclusiveInRule)]
  const portRule = listRules(schema).includes('0 < self && self <= 65535')
  return {
    ...Object.fromEntries(kept.flatMap(keyword => (keyword in schema ? [[keyword, schema[keyword]]] : []))),
    ...(portRule && { minimum: 1, maximum: 65535 }),
    ...(isIntOrString && { type: ['integer', 'string'] }),
    ...(isPattern(pattern) && { pattern }),
    ...(schema['x-kubernetes-preserve-unknown-fields'] === true && { isOpen: true }),
    ...(listRules(schema).includes("duration(self) >= duration('1ms')") && { isDuration: true }),
    ...(atMostOne.length > 0 && { atMostOne }),
    ...(isRecord(properties) && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, part]) => [name, keyOf(readRecord(part))]),
      ),
    }),
    ...(isRecord(items) && { items: keyOf(items) }),
    ...(isRecord(additionalProperties) && { values: keyOf(additionalProperties) }),
  }
}

/** Checks whether JavaScript reads a pattern: only Go reads `(?i)`. */
function isPattern(pattern: unknown): boolean {
  if (typeof pattern !== 'string') return false
  try {
    return new RegExp(pattern) !== undefined
  } catch {
    return false
  }
}

const listRules = (schema: JsonSchema): readonly string[] =>
  readList(schema['x-kubernetes-validations']).map(rule => String(readRecord(rule)['rule']))

/**
 * Lists the fields of which at most one is set: Istio's `oneof`. No CRD here uses `oneOf` for anything else.
 */
function exclusiveFields(schema: JsonSchema): readonly (readonly string[])[] {
  const parts = [schema, ...readList(schema['allOf']).map(readRecord)]
  return parts.flatMap(part => {
    const fields = readList(part['oneOf'])
      .map(readRecord)
      .filter(choice => 'required' in choice)
      .map(choice => readList(choice['required']).map(String).join())
    return fields.length === 0 ? [] : [fields]
  })
}

/** Reads the fields of a rule such as `(has(self.a) ? 1 : 0) + (has(self.b) ? 1 : 0) <= 1`. */
function exclusiveInRule(rule: string): readonly (readonly string[])[] {
  if (!/^(\(has\(self\.\w+\) \? 1 : 0\)( \+ )?)+ <= 1$/.test(rule)) return []
  return [[...rule.matchAll(/self\.(\w+)/g)].map(([, field]) => field!)]
}
