import { isRecord, type JsonSchema, readList, readRecord } from '../../schema/json-schema.ts'

/** A place of the language: the fields on the path to it, and the schema of its values. */
export interface Place {
  /** `*` stands for any name in a map, and `[]` for an entry of a list. */
  readonly path: readonly string[]
  readonly schema: JsonSchema
}

/** Lists every place of a flat schema, including the file itself, in the order of reading. */
export function listPlaces(schema: JsonSchema, path: readonly string[] = []): readonly Place[] {
  const { properties, additionalProperties, items } = schema
  const parts: readonly (readonly [string, unknown])[] = [
    ...Object.entries(readRecord(properties)),
    ['*', additionalProperties],
    ['[]', items],
  ]
  return [
    { path, schema },
    ...parts.flatMap(([step, part]) => (isRecord(part) ? listPlaces(part, [...path, step]) : [])),
  ]
}

/** Lists the fields of a place. */
export const listFields = ({ schema }: Place): readonly string[] =>
  Object.keys(readRecord(schema['properties']))

export const fieldAt = (schema: JsonSchema, field: string): JsonSchema =>
  readRecord(readRecord(schema['properties'])[field])

/** Lists the values with a name at a place, each with its meaning. */
export function listWords({ schema }: Place): readonly (readonly [word: string, meaning: unknown])[] {
  const several = readList(schema['enum']).map((value, index): readonly [string, unknown] => [
    String(value),
    readList(schema['enumDescriptions'])[index],
  ])
  const snippets = readList(schema['defaultSnippets'])
    .map(readRecord)
    .filter(({ body }) => typeof body === 'string')
  return [
    ...several,
    ...snippets.map(({ label, description }): readonly [string, unknown] => [String(label), description]),
  ]
}

/**
 * Returns the text of a spec up to a place, as a person writes it before the cursor.
 *
 * @param name the key that replaces `*` in a map
 */
export function textUpTo(path: readonly string[], name = 'cart'): string {
  let text = ''
  let indent = ''
  let isOnLine = true
  for (const step of path) {
    if (!isOnLine) text += `\n${indent}`
    if (step === '[]') text += '- '
    else text += `${step === '*' ? name : step}:`
    isOnLine = step === '[]'
    indent += '  '
  }
  return isOnLine ? text : `${text}\n${indent}`
}
