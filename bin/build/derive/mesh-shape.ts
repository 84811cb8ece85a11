import { type JsonSchema, mapSchema, readRecord } from '../../../schema/json-schema.ts'

/**
 * The schema of the language with the material for error messages: the names of forms, and an example of each.
 *
 * @param others the schemas of other files, which become definitions with their references
 */
export function deriveMeshShape(
  language: JsonSchema,
  others: Readonly<Record<string, JsonSchema>>,
): JsonSchema {
  const definitions = Object.entries(others).map(([name, { definitions, $schema: _, ...schema }]) => ({
    ...readRecord(definitions),
    [name]: schema,
  }))
  return mapSchema(
    {
      ...language,
      definitions: Object.assign({}, ...definitions, readRecord(language['definitions'])),
    },
    part =>
      Object.fromEntries(
        Object.entries(part).filter(([keyword]) => !keyword.startsWith('x-') && !untold.has(keyword)),
      ),
  )
}

/** The keys for people who read or edit. */
const untold: ReadonlySet<string> = new Set(['defaultSnippets', 'description', 'enumDescriptions'])
