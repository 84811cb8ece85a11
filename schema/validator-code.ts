import { Ajv } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'
import { isRecord, type JsonSchema, mapSchema, recordOf } from './json-schema.ts'

/**
 * The source of an ES module that exports a validator for each name in `validators`, which maps to the id of its schema.
 * `schemas` are these and all that they refer to, by id. The code may still `require` ajv's run-time helpers: bundle it.
 *
 * @param allErrors whether a validator goes on after the first error: its time is then quadratic in the errors
 */
export function validatorCode(
  schemas: Readonly<Record<string, JsonSchema>>,
  validators: Readonly<Record<string, string>>,
  allErrors: boolean,
): string {
  const ajv = new Ajv({
    allErrors,
    strict: true,
    // A constraint such as `anyOf: [{ required: [...] }]` names fields that the schema around it defines.
    strictRequired: false,
    // Lengths and patterns count UTF-16 code units, as zod's do; else the two would disagree on an emoji.
    unicode: false,
    unicodeRegExp: false,
    // Its only word would be that `unicode` is an old option.
    logger: false,
    // One function a definition: errors then begin at it (`#/definitions/Route/…`), and the code is shorter.
    inlineRefs: false,
    // Whoever shows an error words it from its keyword and params.
    messages: false,
    code: { source: true, esm: true },
  })
  for (const [id, schema] of Object.entries(schemas))
    ajv.addSchema(withNameFormsInPlace(withoutAnnotations(schema), id, schemas), id)
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
    const form = recordOf(schemas[file || id]?.['definitions'])[name ?? '']
    if (!isRecord(form)) throw new Error(`${id} refers to ${propertyNames['$ref']}, which is no definition`)
    return { ...part, propertyNames: withoutAnnotations(form) }
  })
}
