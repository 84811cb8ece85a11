import { isRecord, type JsonSchema, readList, readRecord } from '../../schema/json-schema.ts'

/** A place of the language where something can be written: the fields on the way to it, and what may stand there. */
export interface Place {
  /** `*` is any name of a map, `[]` an entry of a list. */
  readonly path: readonly string[]
  readonly schema: JsonSchema
}

/** Every place of a flat schema, the file itself among them, in the order in which a reader meets them. */
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

/** The fields of a place. */
export const listFields = ({ schema }: Place): readonly string[] =>
  Object.keys(readRecord(schema['properties']))

export const fieldAt = (schema: JsonSchema, field: string): JsonSchema =>
  readRecord(readRecord(schema['properties'])[field])

/** The values that are named one by one at a place, each with what it means. */
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
 * The text of a spec up to a place, as a person would have written it when the cursor stands there.
 *
 * @param name what a map has for `*`
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
