import { type Form, isSection, type Section, type Setting } from './settings.ts'

/** The JSON Schema that Helm holds values against: closed, so that a misspelt name does not go unheard. */
export function printValuesSchema({ entries }: Section): string {
  const schema = {
    // Helm 3 knows no later one.
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    additionalProperties: false,
    properties: {
      ...getSchemas(entries),
      global: { description: 'What Helm gives to the parts of a chart of charts', type: 'object' },
    },
    definitions: schemaDefinitions,
  }
  return `${JSON.stringify(schema, null, 1)}\n`
}

const getSchemas = (entries: Section['entries']): Readonly<Record<string, object>> =>
  Object.fromEntries(Object.entries(entries).map(([key, entry]) => [key, getSchema(entry)]))

const getSchema = (entry: Setting | Section): object =>
  isSection(entry)
    ? { type: 'object', additionalProperties: false, properties: getSchemas(entry.entries) }
    : formSchema(entry.form)

const formSchema = (form: Form): object =>
  typeof form === 'string' ? { $ref: `#/definitions/${form}` } : { enum: form }

const schemaDefinitions = {
  switch: { type: 'boolean' },
  timeout: {
    description: 'A duration such as `30s`, `250ms` or `5m`, or `none`',
    type: 'string',
    pattern: '^(none|[1-9][0-9]{0,5}(ms|s|m|h))$',
  },
  share: {
    description: 'A percentage such as `90%` or `0.5%`',
    type: 'string',
    pattern: '^(100(\\.0{1,2})?|[1-9]?[0-9](\\.[0-9]{1,2})?)%$',
  },
  count: { type: 'integer', minimum: 1, maximum: 100 },
} satisfies Record<Extract<Form, string>, object>
