import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import { suggestName } from '../../compiler/diagnostics/suggest.ts'
import { decisions } from '../../compiler/mesh/decisions.ts'
import { printSpecPath } from '../../compiler/provenance/paths.ts'
import { isRecord, type JsonSchema, readList, readRecord } from '../../schema/json-schema.ts'
import { Failure } from '../cli/failure.ts'

/** The explanation of a field of mesh.yaml. */
export interface ExplainedField {
  readonly path: string
  readonly summary: string
  /** The type in words, such as: a duration or `none`, such as `5s`. */
  readonly type: string
  /** The default values. */
  readonly defaults: readonly string[]
  /** The words that it may be, each with its meaning. */
  readonly words: ReadonlyMap<string, string>
  /** The fields in it, each with its summary. */
  readonly fields: ReadonlyMap<string, string>
}

/** Explains the field at a path, with the schema for editors; undefined if no section has this name. */
export function explainField(path: SpecPath, root: JsonSchema): ExplainedField | undefined {
  if (path[0] === undefined || !Object.hasOwn(readRecord(root['properties']), path[0])) return undefined
  let schema = root
  // The path with `<name>` for a name that users give, as decisions write it.
  const general: string[] = []
  for (const [index, step] of path.entries()) {
    const fields = readRecord(schema['properties'])
    if (typeof step === 'string' && Object.hasOwn(fields, step)) {
      schema = readRecord(fields[step])
      general.push(step)
    } else if (typeof step === 'number' && isRecord(schema['items'])) {
      schema = schema['items']
    } else if (isRecord(schema['additionalProperties'])) {
      schema = schema['additionalProperties']
      general.push('<name>')
    } else {
      const place = printSpecPath(path.slice(0, index))
      throw new Failure(
        `\`${place}\` has no field \`${step}\``,
        suggestName(String(step), Object.keys(fields)) ?? `\`meshc explain ${place}\` says what it is`,
      )
    }
  }
  const inner = [schema, readRecord(schema['items']), readRecord(schema['additionalProperties'])]
  const fields = Object.entries(readRecord(inner.find(part => 'properties' in part)?.['properties']))
  return {
    path: printSpecPath(path),
    summary: String(schema['description']),
    type: String(schema['errorMessage'] ?? schema['patternErrorMessage'] ?? 'a map').replace(/^must be /, ''),
    words: indexMeanings(schema),
    defaults: listDefaults(general),
    fields: new Map(fields.map(([name, field]) => [name, String(readRecord(field)['description'])])),
  }
}

/** Lists the words of a schema: those of an enumeration, and those that a snippet offers instead of another value. */
function indexMeanings(schema: JsonSchema): ReadonlyMap<string, string> {
  const meanings = readList(schema['enumDescriptions'])
  const enumerated = readList(schema['enum']).flatMap((word, index) =>
    word === null || meanings[index] === undefined ? [] : [[String(word), String(meanings[index])] as const],
  )
  const offered = readList(schema['defaultSnippets']).flatMap(snippet => {
    const { label, body, description } = readRecord(snippet)
    return body === label && typeof body === 'string' ? [[body, String(description)] as const] : []
  })
  return new Map([...enumerated, ...offered])
}

/**
 * Lists the defaults of a field that is not written; services and systems outside fall back on `defaults`.
 */
function listDefaults(path: readonly string[]): readonly string[] {
  const [section, , ...rest] = path
  const shared =
    section === 'services' || section === 'external' ? ['defaults', ...rest].join('.') : undefined
  return Object.values(decisions).flatMap(({ summary, set }: { summary: string; set?: string }) => {
    const field = set?.replaceAll(/<[^>]*>/g, '<name>')
    if (field === undefined) return []
    if (field === path.join('.')) return [summary]
    return field === shared ? [`${summary}; \`${field}\` sets it for all`] : []
  })
}
