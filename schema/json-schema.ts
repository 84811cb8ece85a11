/** A JSON Schema of draft 7 that is an object, as all are but `true` and `false`. */
export type JsonSchema = { readonly [keyword: string]: unknown }

/** The schema after `change` was made to every schema within it, and then to itself. */
export function mapSchema(schema: JsonSchema, change: (schema: JsonSchema) => JsonSchema): JsonSchema {
  const within = (value: unknown): unknown => (isRecord(value) ? mapSchema(value, change) : value)
  const entries = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (literals.has(keyword)) return [keyword, value]
    if (Array.isArray(value)) return [keyword, value.map(within)]
    return [keyword, schemasByName.has(keyword) && isRecord(value) ? mapValues(value, within) : within(value)]
  })
  return change(Object.fromEntries(entries))
}

/** Keywords that hold schemas under names that are not keywords: there `title` is a field. */
const schemasByName: ReadonlySet<string> = new Set([
  'definitions',
  'dependencies',
  'patternProperties',
  'properties',
])

/** Keywords that hold plain values. */
const literals: ReadonlySet<string> = new Set(['const', 'default', 'defaultSnippets', 'enum', 'examples'])

function mapValues(record: JsonSchema, change: (value: unknown) => unknown): JsonSchema {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}

/** Tells whether a value is an object with fields: not null, not a list. */
export function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The fields of a value that is an object; of any other, none. */
export function readRecord(value: unknown): { readonly [key: string]: unknown } {
  return isRecord(value) ? value : {}
}

/** The entries of a value that is a list; of any other, none. */
export function readList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
