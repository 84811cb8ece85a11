import { decisions } from '../../../compiler/mesh/decisions.ts'
import { isRecord, type JsonSchema, readList, readRecord } from '../../../schema/json-schema.ts'
import { printFlowYaml } from './flow-yaml.ts'

/** docs/reference.md: every section and field of mesh.yaml, its type, default and an example, from the schema of the language. */
export function printReference(banner: string, schema: JsonSchema): string {
  const sections = listSections(schema)
  const shownFallbacks = new Set(sections.flatMap(({ rows }) => rows.flatMap(({ fallbacks }) => fallbacks)))
  const untold = Object.entries(decisions).filter(
    ([, { set, summary }]) => set !== undefined && !shownFallbacks.has(summary),
  )
  if (untold.length > 0)
    throw new Error(`no field has the default of ${untold.map(([name]) => name).join(', ')}`)
  return [
    `<!-- ${banner} -->`,
    '',
    '# Reference',
    '',
    'The fields of `mesh.yaml`. A field may be absent: another layer may set it, or a default applies. The value `null` removes the value',
    'that a lower layer sets. If a mandatory field is absent in all layers, meshc reports a diagnostic. The column *type* lists the values',
    'of a field; the [diagnostics](diagnostics/README.md) list the values that do not fit together. The column *default* states what applies',
    'if no layer sets the field. `meshc explain defaults` prints the same in a terminal, together with the policies that no field changes.',
    '',
    ...sections.flatMap(listSectionLines),
  ].join('\n')
}

/** A map of the language that has a heading of its own. */
interface Section {
  readonly name: string
  readonly schema: JsonSchema
  /** The places of the field in a spec, such as `services.<name>`. */
  readonly places: readonly string[]
  readonly rows: readonly Row[]
}

/** The file itself and every definition, in the order in which a reader meets them. */
function listSections(root: JsonSchema): readonly Section[] {
  const definitions = readRecord(root['definitions'])
  const foundDefinitions = new Map<string, { readonly schema: JsonSchema; readonly places: string[] }>()
  const meet = (schema: JsonSchema, place: string): void => {
    for (const [part, path] of listSubschemas(schema)) {
      const name = findReference(part)
      if (name === undefined) meet(part, join(place, path))
      else {
        const section = foundDefinitions.get(name) ?? { schema: readRecord(definitions[name]), places: [] }
        foundDefinitions.set(name, section)
        section.places.push(join(place, path))
        meet(section.schema, join(place, path))
      }
    }
  }
  meet(root, '')
  return [
    { name: 'mesh.yaml', schema: root, places: [], rows: listFieldRows(root, '', [''], definitions) },
    ...[...foundDefinitions].map(([name, { schema, places }]) => ({
      name,
      schema,
      places: [...new Set(places)],
      rows: listFieldRows(schema, '', places, definitions),
    })),
  ]
}

/** The schemas inside a schema, each with its path from there. */
function listSubschemas(schema: JsonSchema): readonly [JsonSchema, string][] {
  const fields = Object.entries(readRecord(schema['properties'])).map(
    ([name, field]): [JsonSchema, string] => [readRecord(field), name],
  )
  const entries = isRecord(schema['additionalProperties']) ? [schema['additionalProperties']] : []
  const alternatives = readList(schema['anyOf'])
  return [
    ...fields,
    ...entries.map((entry): [JsonSchema, string] => [entry, '<name>']),
    ...(isRecord(schema['items']) ? [[schema['items'], ''] satisfies [JsonSchema, string]] : []),
    ...alternatives.map((alternative): [JsonSchema, string] => [readRecord(alternative), '']),
  ]
}

const join = (...parts: readonly string[]) => parts.filter(part => part !== '').join('.')

/** The definition that a schema refers to, if it is only a reference. */
function findReference(schema: JsonSchema): string | undefined {
  const reference = schema['$ref'] ?? readRecord(readList(schema['allOf'])[0])['$ref']
  return typeof reference === 'string' ? reference.replace('#/definitions/', '') : undefined
}

function listSectionLines({ name, schema, places, rows }: Section): readonly string[] {
  const example = readList(schema['examples'])[0]
  const description = `${String(schema['description'])}.${places.length === 0 ? '' : ` At ${placeList(places)}.`}`
  return [
    `## ${name}`,
    '',
    description,
    '',
    ...(example === undefined ? [] : [`For example \`${printFlowYaml(example)}\`.`, '']),
    ...(rows.length === 0 || listAlternatives(schema).length > 1 ? [`It is ${getType(schema)}.`, ''] : []),
    ...(rows.length === 0 ? [] : [...makeFieldTable(rows), '']),
  ]
}

const mostPlaces = 4

function placeList(places: readonly string[]): string {
  const shown = places.slice(0, mostPlaces).map(place => `\`${place}\``)
  return places.length > mostPlaces
    ? `${shown.join(', ')} and ${places.length - mostPlaces} more places`
    : shown.join(', ')
}

interface Row {
  readonly field: string
  readonly summary: string
  readonly type: string
  /** The default values. */
  readonly fallbacks: readonly string[]
  readonly example: string
}

/** A row for each field; the fields of a map that has no heading follow it. */
function listFieldRows(
  schema: JsonSchema,
  prefix: string,
  places: readonly string[],
  definitions: JsonSchema,
): readonly Row[] {
  const required = readList(schema['required'])
  const rows = Object.entries(readRecord(schema['properties'])).flatMap(([name, value]) => {
    const field = readRecord(value)
    const path = join(prefix, name)
    const definition = readRecord(definitions[findReference(field) ?? ''])
    const example = readList(field['examples'] ?? definition['examples'])[0]
    const type = getType(field)
    const row: Row = {
      field: `\`${path}\``,
      summary: String(field['description'] ?? definition['description'] ?? ''),
      type: required.includes(name) ? `${type}, required` : type,
      fallbacks: places.flatMap(place => listFallbacks(join(place, path))),
      example: example === undefined ? '' : `\`${name}: ${printFlowYaml(example)}\``,
    }
    return [row, ...listAlternatives(field).flatMap(inner => listFieldRows(inner, path, places, definitions))]
  })
  const alternatives = readList(schema['anyOf']).map(readRecord)
  return [...rows, ...alternatives.flatMap(inner => listFieldRows(inner, prefix, places, definitions))]
}

/** Lists the defaults of a field, or of an entry of a map, that is not written. */
function listFallbacks(path: string): readonly string[] {
  return Object.values(decisions).flatMap(({ summary, set }) => {
    const field = set?.replaceAll(/<[^>]*>/g, '<name>')
    return field === path || field === `${path}.<name>` ? [summary] : []
  })
}

/** Lists the forms of a schema without the null that takes a field away. */
function listAlternatives(schema: JsonSchema): readonly JsonSchema[] {
  const alternatives = readList(schema['anyOf']).map(readRecord)
  return alternatives.length === 0 ? [schema] : alternatives.filter(({ type }) => type !== 'null')
}

/** Describes the type of a field in words. */
function getType(schema: JsonSchema): string {
  const name = findReference(schema)
  if (name !== undefined) return `[${name}](#${name.toLowerCase()})`
  const alternatives = listAlternatives(schema)
  if (alternatives.length > 1 || alternatives[0] !== schema)
    return [...new Set(alternatives.map(getType))].join(' or ')
  if ('const' in schema) return `\`${schema['const']}\``
  if (Array.isArray(schema['enum'])) return listCoded(schema['enum'])
  switch (schema['type']) {
    case 'array':
      return `a list of: ${getType(readRecord(schema['items']))}`
    case 'object':
      return typeOfMap(schema)
    case 'boolean':
      return '`true` or `false`'
    case 'integer':
      return typeof schema['title'] === 'string' ? schema['title'] : `a whole number${describeBounds(schema)}`
    case 'number':
      return `a number${describeBounds(schema)}`
    case 'string':
      return typeof schema['title'] === 'string' ? schema['title'] : 'text'
    default:
      return 'anything'
  }
}

const listCoded = (words: readonly unknown[]) => words.map(word => `\`${word}\``).join(', ')

function describeBounds({ minimum, maximum }: JsonSchema): string {
  return `${minimum === undefined ? '' : ` from ${minimum}`}${maximum === undefined ? '' : ` to ${maximum}`}`
}

function typeOfMap(schema: JsonSchema): string {
  const entry = schema['additionalProperties']
  if (!isRecord(entry)) return 'properties' in schema ? 'a map with the fields below' : 'a map'
  const key = readRecord(schema['propertyNames'])['title']
  const value = Object.keys(entry).length === 0 ? '' : ` to ${getType(entry)}`
  return `a map from ${typeof key === 'string' ? key : 'names'}${value}`
}

function makeFieldTable(rows: readonly Row[]): readonly string[] {
  const line = (cells: readonly string[]) => `|${cells.map(cell).join('|')}|`
  return [
    line(['field', 'description', 'type', 'default', 'example']),
    line(['---', '---', '---', '---', '---']),
    ...rows.map(({ field, summary, type, fallbacks, example }) =>
      line([field, summary, type, fallbacks.join('; '), example]),
    ),
  ]
}

const cell = (text: string) => (text === '' ? ' ' : ` ${text.replaceAll('|', '\\|')} `)
