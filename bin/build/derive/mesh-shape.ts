import { type JsonSchema, mapSchema } from '../../../schema/json-schema.ts'

/** The schema of the language with what finds the words for a mistake: the names of forms, and an example of each. */
export const deriveMeshShape = (language: JsonSchema): JsonSchema =>
  mapSchema(language, part =>
    Object.fromEntries(
      Object.entries(part).filter(([keyword]) => !keyword.startsWith('x-') && !untold.has(keyword)),
    ),
  )

/** The keys that are for people who read or edit. */
const untold: ReadonlySet<string> = new Set(['defaultSnippets', 'description', 'enumDescriptions'])
