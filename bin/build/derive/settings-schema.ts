import { listQuoted } from '../../../compiler/diagnostics/suggest.ts'
import { isRuled } from '../../../compiler/mesh/passed-settings.ts'
import { getSettingShapes, type PassedSettings } from '../../../schema/istio-settings.ts'
import { type JsonSchema, readRecord } from '../../../schema/json-schema.ts'
import type { Shape, Shapes } from '../../../schema/shapes.ts'

/** The maps of a spec that pass through to Istio, each with the words for one of its fields. */
const places: readonly (readonly [path: readonly string[], settings: PassedSettings, words: string])[] = [
  [['istio', 'meshConfig'], 'meshConfig', 'a field of MeshConfig'],
  [['istio', 'values'], 'values', 'a value of the chart `istiod`'],
  [['gateways', '*', 'values'], 'gatewayValues', 'a value of the chart `gateway`'],
]

/**
 * Adds Istio's fields to the maps that pass through in the schema of editors, except for those that a field of the spec sets. It
 * restricts nothing: the compiler reports faults there, with suggestions.
 */
export function addSettings(schema: JsonSchema): JsonSchema {
  const definitions: Record<string, JsonSchema> = {}
  const withFields = places.reduce((whole, [path, settings, words]) => {
    const { shapes, root } = getSettingShapes(settings)
    const properties = makeFieldSchemas({ settings, shapes, words, definitions }, root, [])
    return change(whole, path, place => ({ ...place, properties }))
  }, schema)
  return { ...withFields, definitions }
}

/** Changes a part of a schema; a star is any entry of a map. */
function change(
  schema: JsonSchema,
  [step, ...rest]: readonly string[],
  edit: (place: JsonSchema) => JsonSchema,
): JsonSchema {
  if (step === undefined) return edit(schema)
  if (step === '*')
    return {
      ...schema,
      additionalProperties: change(readRecord(schema['additionalProperties']), rest, edit),
    }
  const properties = readRecord(schema['properties'])
  return {
    ...schema,
    properties: { ...properties, [step]: change(readRecord(properties[step]), rest, edit) },
  }
}

interface Context {
  readonly settings: PassedSettings
  readonly shapes: Shapes
  readonly words: string
  /** The shapes that are equal at all places. */
  readonly definitions: Record<string, JsonSchema>
}

/** Lists the fields of a shape at a path from the map. */
function makeFieldSchemas(context: Context, shape: Shape, path: readonly string[]): JsonSchema {
  const { settings, shapes, words } = context
  const entries = Object.entries(shape.properties ?? {}).flatMap(([key, name]) => {
    const place = [...path, key]
    const part = shapes[name]!
    if (isRuled(settings, place)) return []
    const description = `${words[0]!.toUpperCase()}${words.slice(1)}: ${describePossibleValues(part)}`
    const content = hasRuled(context, part, place)
      ? { properties: makeFieldSchemas(context, part, place) }
      : makePartSchema(context, name)
    return [[key, { description, markdownDescription: description, ...content }] as const]
  })
  return Object.fromEntries(entries)
}

/** Tells whether a field of the spec sets something in a part. */
const hasRuled = (context: Context, { properties = {} }: Shape, path: readonly string[]): boolean =>
  path.length < 4 &&
  Object.entries(properties).some(
    ([key, name]) =>
      isRuled(context.settings, [...path, key]) || hasRuled(context, context.shapes[name]!, [...path, key]),
  )

/** Makes the schema of a part that is equal at all places. */
function makePartSchema(context: Context, name: string): JsonSchema {
  const { shapes, definitions } = context
  const shape = shapes[name]!
  if (shape.enum !== undefined) return { anyOf: [{ enum: shape.enum.filter(word => word !== '') }, {}] }
  if (shape.items !== undefined) return { items: makePartSchema(context, shape.items) }
  // The language server of YAML begins a value by its type, and takes any other as well.
  if (shape.properties === undefined) return { anyOf: [{ type: shape.type ?? 'string' }, {}] }
  const key = name.replaceAll(/[^\w.]/g, '-')
  if (!Object.hasOwn(definitions, key)) {
    // A shape may hold itself.
    definitions[key] = {}
    definitions[key] = { properties: makePropertySchemas(context, name, shape.properties) }
  }
  return { $ref: `#/definitions/${key}` }
}

function makePropertySchemas(
  context: Context,
  owner: string,
  properties: NonNullable<Shape['properties']>,
): JsonSchema {
  const title = owner.split(/[./]/).at(-1)
  return Object.fromEntries(
    Object.entries(properties).map(([key, name]) => {
      const description = `A field of ${title}: ${describePossibleValues(context.shapes[name]!)}`
      return [key, { description, markdownDescription: description, ...makePartSchema(context, name) }]
    }),
  )
}

/** Describes the values that a part may have. */
function describePossibleValues({ type, enum: words, isSpan }: Shape): string {
  if (words !== undefined)
    return listQuoted(
      words.map(String).filter(word => word !== ''),
      'or',
    )
  if (isSpan === true) return 'an amount of time'
  const types = [type ?? []].flat().map(each => typeWords[each] ?? each)
  return types.length === 0 ? 'any value' : types.join(' or ')
}

const typeWords: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: '`true` or `false`',
  integer: 'a whole number',
  number: 'a number',
  object: 'a map',
  string: 'text',
}
