import { listQuoted } from '../../../compiler/diagnostics/suggest.ts'
import { isRecord, type JsonSchema, readList, readRecord } from '../../../schema/json-schema.ts'
import { printFlowYaml } from './flow-yaml.ts'

/**
 * The schema of specs in the form that suits editors. It accepts the same files as that of the language, and is flat: each field has
 * its own texts and all its types. For alternatives or references, an editor has to choose the text that it shows, and the form that
 * it completes; the language server of YAML often chooses wrong.
 *
 * @param language the schema of the language, as zod derives it: draft 7, and `anyOf` with null for removable values
 */
export function deriveEditorSchema(language: JsonSchema): JsonSchema {
  const { $schema, definitions, ...root } = language
  return { $schema, ...makeFlatSchema(root, readRecord(definitions)) }
}

/** A place in the schema: the forms of a field, each with its references resolved, and the field's own texts. */
interface Place {
  readonly forms: readonly JsonSchema[]
  readonly ownSchema: JsonSchema
  /** The definition that it is, if it is one. */
  readonly name: string | undefined
}

function resolvePlace(part: JsonSchema, definitions: JsonSchema): Place {
  const { $ref, allOf, anyOf, ...ownSchema } = part
  // zod writes a reference with further keywords as an `allOf` of one.
  const target = typeof $ref === 'string' ? definitions[getReferenceName($ref)] : readList(allOf)[0]
  if (isRecord(target)) {
    const place = resolvePlace(target, definitions)
    const name = typeof $ref === 'string' ? getReferenceName($ref) : place.name
    return { forms: place.forms, ownSchema: { ...place.ownSchema, ...ownSchema }, name }
  }
  const places = readList(anyOf).map(form => resolvePlace(readRecord(form), definitions))
  const name = places.find(place => place.name !== undefined)?.name
  if (places.length === 0) return { forms: [ownSchema], ownSchema, name }
  const inner =
    places.length === 2 && places.some(({ forms }) => forms[0]?.['type'] === 'null')
      ? places[0]?.ownSchema
      : {}
  return { forms: places.flatMap(({ forms }) => forms), ownSchema: { ...inner, ...ownSchema }, name }
}

const getReferenceName = (reference: string) => reference.replace('#/definitions/', '')

/** @param description that of the list or map around, for an entry without its own */
function makeFlatSchema(part: JsonSchema, definitions: JsonSchema, description?: unknown): JsonSchema {
  const { ownSchema: jsonSchema, ...rest } = resolvePlace(part, definitions)
  const place = {
    ...rest,
    ownSchema: description === undefined ? jsonSchema : { description, ...jsonSchema },
  }
  const words = place.forms.flatMap(makeWordList)
  const isNullable = place.forms.some(({ type }) => type === 'null')
  const forms = place.forms.filter(form => form['type'] !== 'null' && makeWordList(form).length === 0)
  const types = [
    ...forms.flatMap(({ type }) => type ?? []),
    ...new Set(words.map(({ value }) => typeof value)),
    ...(isNullable ? ['null'] : []),
  ].map(String)
  const ordered = [...new Set(types)].toSorted((a, b) => typeOrder.indexOf(a) - typeOrder.indexOf(b))
  if (new Set(forms.map(({ type }) => type)).size < forms.length)
    throw new Error(`two forms of what is called "${place.ownSchema['description']}" have the same type`)
  const flattened = {
    ...(ordered.length > 0 && { type: ordered.length === 1 ? ordered[0] : ordered }),
    ...getExplanation(place, forms, words),
    ...Object.assign({}, ...forms.map(form => getConstraints(form, place.ownSchema, definitions))),
    ...makeChoice(words, forms, isNullable),
  }
  const snippets = listSnippets(place, words, flattened)
  return { ...flattened, ...(snippets.length > 0 && { defaultSnippets: snippets }) }
}

/** A map comes before a list, and a list before a text: an author who begins a value by its key wants the fuller form. */
const typeOrder = ['object', 'array', 'string', 'integer', 'number', 'boolean', 'null']

/** A single allowed value, with its meaning. */
interface Word {
  readonly value: unknown
  readonly meaning: unknown
}

function makeWordList({
  const: only,
  enum: several,
  description,
  enumDescriptions,
}: JsonSchema): readonly Word[] {
  if (only !== undefined) return [{ value: only, meaning: description }]
  return readList(several).map((value, index) => ({ value, meaning: readList(enumDescriptions)[index] }))
}

/** Finds the constraints of a form, and its parts. */
function getConstraints(
  form: JsonSchema,
  { description, examples }: JsonSchema,
  definitions: JsonSchema,
): JsonSchema {
  const { properties, additionalProperties, propertyNames, items, ...rest } = form
  const kept = Object.entries(rest).filter(([keyword]) => !keyword.startsWith('x-') && !restated.has(keyword))
  return {
    ...Object.fromEntries(kept),
    ...(isRecord(properties) && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([field, schema]) => [
          field,
          makeFlatSchema(readRecord(schema), definitions),
        ]),
      ),
    }),
    ...(isRecord(propertyNames) && { propertyNames: nameSchema(propertyNames, definitions) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        isRecord(additionalProperties) && Object.keys(additionalProperties).length > 0
          ? makeFlatSchema(additionalProperties, definitions, description)
          : additionalProperties,
    }),
    ...(isRecord(items) && {
      items: withSnippetsBelow(
        makeFlatSchema({ ...withExamples(items, examples), ...items }, definitions, description),
      ),
    }),
  }
}

/**
 * An entry of a list in which no map brings its snippet along with its key: in the line of the dash, the language server of
 * YAML forgets that the dash is part of the indentation. In an `allOf` it finds the snippet only in the line below.
 */
function withSnippetsBelow(entry: JsonSchema): JsonSchema {
  const fields = Object.entries(readRecord(entry['properties'])).map(([name, field]) => {
    const { defaultSnippets, ...rest } = readRecord(field)
    const isMoved = defaultSnippets !== undefined && 'additionalProperties' in rest && !('properties' in rest)
    return [name, isMoved ? { ...rest, allOf: [{ defaultSnippets }] } : field]
  })
  return fields.length === 0 ? entry : { ...entry, properties: Object.fromEntries(fields) }
}

/** The form of the names in a map. An editor offers a snippet with a whole entry there, and not only the name. */
function nameSchema(names: JsonSchema, definitions: JsonSchema): JsonSchema {
  const { title } = names
  const called = typeof title === 'string' ? { title: title.replace(/^an? /, '') } : {}
  return { ...makeFlatSchema(names, definitions), ...called, doNotSuggest: true }
}

/** Keywords with a value of their own in the result. */
const restated: ReadonlySet<string> = new Set([
  'const',
  'defaultSnippets',
  'description',
  'enum',
  'enumDescriptions',
  'examples',
  'title',
  'type',
])

/** The entries of the lists that are given as examples. */
function withExamples(items: JsonSchema, examples: unknown): JsonSchema {
  const entries = readList(examples).flatMap(readList)
  return entries.length > 0 && !('$ref' in items) ? { examples: entries } : {}
}

/** Words without other texts are an enum. Words beside other texts, or a removable word, are part of the pattern. */
function makeChoice(
  words: readonly Word[],
  jsonSchemas: readonly JsonSchema[],
  isNullable: boolean,
): JsonSchema {
  if (words.length === 0) return {}
  if (jsonSchemas.length === 0 && (words.length > 1 || !isNullable || typeof words[0]?.value !== 'string')) {
    const all = isNullable
      ? [...words, { value: null, meaning: 'Removes the value that a lower layer sets' }]
      : words
    return { enum: all.map(({ value }) => value), enumDescriptions: all.map(({ meaning }) => meaning) }
  }
  const text = jsonSchemas.find(({ type }) => type === 'string')
  const patterns = [
    ...words.map(({ value }) => `^${String(value).replaceAll('.', '\\.')}$`),
    ...readList(text && [text['pattern']]),
  ]
  return { pattern: patterns.join('|') }
}

/** The explanation of a field, for a reader and for an author with a wrong value. */
function getExplanation(
  { ownSchema: jsonSchema, forms, name }: Place,
  jsonSchemas: readonly JsonSchema[],
  words: readonly Word[],
): JsonSchema {
  const { title, description, 'x-names': kind } = jsonSchema
  const isScalar = jsonSchemas.every(({ type }) => type !== 'object' && type !== 'array')
  const examples = readList(jsonSchema['examples'] ?? forms[0]?.['examples'])
  const [example] = examples
  const shown = example === undefined ? '' : `\`${printFlowYaml(example)}\``
  // A word may be written as a number and as text.
  const names = [...new Set(words.map(({ value }) => String(value)))]
  const expected = [
    ...jsonSchemas.map(form => form['title'] ?? jsonSchema['title'] ?? kindNames.get(form['type'])),
    ...(names.length > 0 ? [listQuoted(names, 'or')] : []),
  ]
  const isWord = words.some(({ value }) => value === example)
  const such = jsonSchemas.length === 0 || shown === '' || isWord ? '' : `, such as ${shown}`
  // For a map with fields, `errorMessage` would also replace the name of an unknown field; a text beside the map can have its own.
  const hasFields = jsonSchemas.some(form => 'properties' in form)
  const wrong = hasFields ? 'patternErrorMessage' : 'errorMessage'
  const isText = words.length > 0 || jsonSchemas.some(({ type }) => type === 'string')
  return {
    ...(!isScalar && (name ?? title) !== undefined && { title: name === undefined ? title : asWords(name) }),
    ...(description !== undefined && {
      description,
      markdownDescription: `${description}${isScalar || shown === '' ? '' : `\n\nFor example: ${shown}`}`,
    }),
    // An editor offers examples as values; a map or list it would offer as `[object Object]`.
    ...(isScalar && jsonSchemas.length > 0 && examples.length > 0 && { examples }),
    ...((isText || !hasFields) &&
      expected.every(form => form !== undefined) &&
      expected.length > 0 && { [wrong]: `must be ${expected.join(' or ')}${such}` }),
    ...(kind !== undefined && { 'x-names': kind }),
  }
}

const kindNames: ReadonlyMap<unknown, string> = new Map([
  ['array', 'a list'],
  ['boolean', '`true` or `false`'],
  ['integer', 'a whole number'],
  ['number', 'a number'],
  ['object', 'a map'],
  ['string', 'text'],
])

const asWords = (name: string) => name.replace(/(?<=[a-z])[A-Z]/g, letter => ` ${letter.toLowerCase()}`)

/** Lists the snippets that an editor can offer: those of the language, words beside other forms, and an entry of a map. */
function listSnippets(
  { ownSchema: jsonSchema, forms }: Place,
  words: readonly Word[],
  flattened: JsonSchema,
): readonly Snippet[] {
  const snippets = [jsonSchema, ...forms].map(({ defaultSnippets }) => defaultSnippets).find(Array.isArray)
  if (snippets !== undefined) return snippets
  if (words.length > 0 && flattened['enum'] === undefined)
    return words.map(({ value, meaning }) => ({ label: String(value), description: meaning, body: value }))
  const { propertyNames, additionalProperties } = flattened
  const example = readList(jsonSchema['examples'] ?? forms[0]?.['examples'])[0]
  const [entry] = Object.entries(readRecord(example))
  if (
    !isRecord(propertyNames) ||
    entry === undefined ||
    Object.keys(readRecord(additionalProperties)).length === 0
  )
    return []
  const label = String(propertyNames['title'] ?? 'entry')
  return [{ label, description: jsonSchema['description'], body: withPlaceholders({ [entry[0]]: entry[1] }) }]
}

interface Snippet {
  readonly label: string
  readonly description: unknown
  readonly body: unknown
}

/** An example in which every name and value can be replaced, one after the other. */
function withPlaceholders(example: unknown): unknown {
  let count = 0
  const placeholder = (text: unknown) => `\${${++count}:${text}}`
  const within = (value: unknown, depth: number): unknown => {
    if (Array.isArray(value)) return value.map(entry => within(entry, depth + 1))
    if (!isRecord(value)) return placeholder(value)
    return Object.fromEntries(
      // Only the name of the entry itself is free; the fields in it are those of the language.
      Object.entries(value).map(([key, entry]) => [
        depth === 0 ? placeholder(key) : key,
        within(entry, depth + 1),
      ]),
    )
  }
  return within(example, 0)
}
