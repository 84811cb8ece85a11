import { Ajv } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'
import { isRecord, type JsonSchema, mapSchema, readList, readRecord } from './json-schema.ts'

/**
 * The source of an ES module that exports a validator for each name in `validators`, which maps to the id of its schema.
 * `schemas` are these and all that they refer to, by id. The code may still `require` ajv's run-time helpers: bundle it.
 *
 * @param saysWhy whether a validator collects everything that is wrong: its time is then quadratic in the errors. One that does
 *   not says yes or no, from a schema that means the same in half the code
 */
export function generateValidators(
  schemas: Readonly<Record<string, JsonSchema>>,
  validators: Readonly<Record<string, string>>,
  saysWhy: boolean,
): string {
  const ajv = new Ajv({
    allErrors: saysWhy,
    strict: true,
    allowUnionTypes: true,
    // A constraint such as `anyOf: [{ required: [...] }]` names fields that the schema around it defines.
    strictRequired: false,
    // Lengths and patterns count UTF-16 code units, as zod's do; else the two would disagree on an emoji.
    unicode: false,
    unicodeRegExp: false,
    // Its only word would be that `unicode` is an old option.
    logger: false,
    // One function a definition: errors then begin at it (`#/definitions/Route/…`), and the code is shorter.
    inlineRefs: false,
    // The caller that shows an error words it from its keyword and params.
    messages: false,
    code: { source: true, esm: true },
  })
  for (const [id, schema] of Object.entries(schemas)) {
    const read = withNameFormsInPlace(withoutAnnotations(schema), id, schemas)
    ajv.addSchema(saysWhy ? read : mapSchema(read, mergedForms), id)
  }
  return standalone.default(ajv, { ...validators })
}

/** Keywords that people and editors read and validation does not. See https://code.visualstudio.com/docs/languages/json */
const annotations: ReadonlySet<string> = new Set([
  '$comment',
  'default',
  'defaultSnippets',
  'deprecated',
  'deprecationMessage',
  'description',
  'doNotSuggest',
  'enumDescriptions',
  'errorMessage',
  'examples',
  'markdownDescription',
  'markdownEnumDescriptions',
  'patternErrorMessage',
  'suggestSortText',
  'title',
])

/** The schema as validation reads it. The code carries what it is compiled from, and annotations are most of that. */
function withoutAnnotations(schema: JsonSchema): JsonSchema {
  return mapSchema(schema, part =>
    Object.fromEntries(
      Object.entries(part).filter(([keyword]) => !keyword.startsWith('x-') && !annotations.has(keyword)),
    ),
  )
}

/** The schema with what `propertyNames` refers to put there itself: an error from elsewhere would not tell the name. */
function withNameFormsInPlace(
  schema: JsonSchema,
  id: string,
  schemas: Readonly<Record<string, JsonSchema>>,
): JsonSchema {
  return mapSchema(schema, part => {
    const { propertyNames } = part
    if (!isRecord(propertyNames) || typeof propertyNames['$ref'] !== 'string') return part
    const [file, name] = propertyNames['$ref'].split('#/definitions/')
    const form = readRecord(schemas[file || id]?.['definitions'])[name ?? '']
    if (!isRecord(form)) throw new Error(`${id} refers to ${propertyNames['$ref']}, which is no definition`)
    return { ...part, propertyNames: withoutAnnotations(form) }
  })
}

/**
 * `anyOf: [{ type: string, pattern }, { type: null }]` as `{ type: [string, null], pattern }`: such keywords ask nothing of values
 * of another type. Without, each form that a value does not have is an error, made and forgotten.
 */
function mergedForms(schema: JsonSchema): JsonSchema {
  const keywords = Object.keys(schema)
  if (keywords.length !== 1) return schema
  const { allOf, anyOf } = schema
  if (Array.isArray(allOf) && allOf.length === 1) return allOf[0]
  if (!Array.isArray(anyOf)) return schema
  const forms: readonly JsonSchema[] = anyOf
  const types = forms.flatMap(({ type }) => type)
  const kinds = types.map(type => (type === 'integer' ? 'number' : type))
  if (kinds.includes(undefined) || new Set(kinds).size < kinds.length) return schema
  const general = forms.flatMap(form => Object.keys(form).filter(keyword => ofEveryType.has(keyword)))
  if (general.length === 0) return Object.assign({}, ...forms, { type: types })
  const [form = {}, jsonSchema = {}] = forms
  const isListOrNull = forms.length === 2 && jsonSchema['type'] === 'null' && Object.keys(form).length === 2
  const values = form['enum'] ?? ('const' in form ? [form['const']] : undefined)
  return isListOrNull && values !== undefined ? { type: types, enum: [...readList(values), null] } : schema
}

/** Keywords that ask something of values of every type. */
const ofEveryType: ReadonlySet<string> = new Set([
  '$ref',
  'allOf',
  'anyOf',
  'const',
  'enum',
  'if',
  'not',
  'oneOf',
])
