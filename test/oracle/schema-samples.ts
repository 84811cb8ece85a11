import { readdirSync, readFileSync } from 'node:fs'
import { isRecord, type JsonSchema, mapSchema, readList, readRecord } from '../../schema/json-schema.ts'

/**
 * Returns the target schemas by file name. Each reference is replaced by its definition, whose name is the
 * title.
 */
export function resolvedTargets(): ReadonlyMap<string, JsonSchema> {
  const folder = 'schema/targets'
  const schemas = new Map<string, JsonSchema>(
    readdirSync(folder).map(file => [file, JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'))]),
  )
  const resolved = (schema: JsonSchema, file: string): JsonSchema =>
    mapSchema(schema, part => {
      if (typeof part['$ref'] !== 'string') return part
      const [neighbour, name] = part['$ref'].split('#/definitions/')
      const home = neighbour === '' || neighbour === undefined ? file : neighbour
      const whole = readRecord(schemas.get(home))
      return resolved(
        name === undefined ? whole : { ...readRecord(readRecord(whole['definitions'])[name]), title: name },
        home,
      )
    })
  return new Map([...schemas].map(([file, schema]) => [file, resolved(schema, file)]))
}

/**
 * Values that conform to a schema and together have all parts that it lists, and the parts that no value has.
 */
interface Samples {
  readonly values: readonly unknown[]
  readonly missing: readonly string[]
}

/**
 * Returns the seeds and some of their neighbors. Each chosen neighbor has a field, a word of an enumeration
 * or the end of a range that no value before it has.
 */
export function getSamples(
  schema: JsonSchema,
  seeds: readonly unknown[],
  conforms: (value: unknown) => boolean,
): Samples {
  const missing = new Set(listParts(schema))
  const bringsNew = (value: unknown) => {
    const parts = partsUsed(schema, value).filter(part => missing.has(part))
    if (parts.length === 0 || !conforms(value)) return false
    for (const part of parts) missing.delete(part)
    return true
  }
  for (const seed of seeds) bringsNew(seed)
  // Small changes come first: a field beside its usual fields comes before the same field with all its
  // required parts.
  const candidates = seeds.flatMap(seed =>
    [...neighbours(schema, seed)].map(value => ({ value, change: Math.abs(getSize(value) - getSize(seed)) })),
  )
  const samples = candidates.sort((a, b) => a.change - b.change).filter(({ value }) => bringsNew(value))
  return { values: [...seeds, ...samples.map(({ value }) => value)], missing: [...missing] }
}

const getSize = (value: unknown) => JSON.stringify(value).length

/** Generates values that differ in one place. Some do not conform, since a constraint excludes them. */
function* neighbours(schema: JsonSchema, value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    for (const [index, entry] of value.entries())
      for (const neighbour of neighbours(readRecord(schema['items']), entry))
        yield value.with(index, neighbour)
  } else if (isRecord(value)) {
    const fields = readRecord(schema['properties'])
    const necessary = Object.entries(value).filter(([name]) => readList(schema['required']).includes(name))
    for (const [name, entry] of Object.entries(value))
      for (const neighbour of neighbours(readRecord(fields[name] ?? schema['additionalProperties']), entry))
        yield { ...value, [name]: neighbour }
    for (const [name, field] of Object.entries(fields))
      if (!(name in value))
        for (const neighbour of leastAndNeighbours(readRecord(field))) {
          yield { ...value, [name]: neighbour }
          // The new field may exclude a field of the value.
          yield { ...Object.fromEntries(necessary), [name]: neighbour }
        }
  } else yield* words(schema)
}

function* leastAndNeighbours(schema: JsonSchema): Generator<unknown> {
  const least = getLeast(schema)
  yield least
  yield* neighbours(schema, least)
}

/** Lists the values that a schema names: of an enumeration, the ends of a range, and both booleans. */
function words({ const: only, enum: listed, type, minimum, maximum }: JsonSchema): readonly unknown[] {
  if (only !== undefined) return [only]
  if (type === 'boolean') return [true, false]
  return listed === undefined ? [minimum, maximum].filter(end => end !== undefined) : readList(listed)
}

/** Makes a value with only the parts that the schema requires. */
function getLeast(schema: JsonSchema): unknown {
  const { type, anyOf, additionalProperties, propertyNames, minProperties } = schema
  if (type === 'array') return [getLeast(readRecord(schema['items']))]
  if (type === 'string') return words(schema)[0] ?? textFor(schema)
  if (type !== 'object') return words(schema)[0] ?? 1
  if (isRecord(additionalProperties))
    return minProperties === undefined
      ? {}
      : { [textFor(readRecord(propertyNames))]: getLeast(additionalProperties) }
  const fields = readRecord(schema['properties'])
  const asked = [
    ...readList(schema['required']),
    ...readList(readRecord(readList(anyOf)[0])['required']),
  ].map(String)
  const more = Object.keys(fields).filter(name => !asked.includes(name))
  const lacking = Math.max(0, Number(minProperties ?? 0) - asked.length)
  return Object.fromEntries(
    [...asked, ...more.slice(0, lacking)].map(name => [name, getLeast(readRecord(fields[name]))]),
  )
}

/** Texts that together have every form that a target schema requires of a string. */
const texts = [
  ...[
    'a',
    'a.example.com',
    'a/b',
    'a/*',
    'a.yaml',
    'system',
    '/a',
    'https://a.example.com',
    '10.0.0.1',
    '1.31.4',
  ],
  ...[
    '10s',
    '2160h',
    '100m',
    '64Mi',
    '80',
    '503',
    '5xx',
    'GET',
    'request.headers[a]',
    '{"keys":[]}',
    '0 0 * * *',
  ],
]

function textFor({ pattern, minLength, maxLength }: JsonSchema): string {
  const form = new RegExp(String(pattern ?? ''))
  const isLongEnough = (text: string) =>
    text.length >= Number(minLength ?? 0) && text.length <= Number(maxLength ?? Infinity)
  const text = texts.find(candidate => form.test(candidate) && isLongEnough(candidate))
  if (text === undefined) throw new Error(`none of the texts is of the form ${pattern}`)
  return text
}

/**
 * Lists every field and every value of a schema, with the definition that contains it:
 * `HttpRedirect.redirectCode=301`.
 */
function listParts(schema: JsonSchema, path = ''): readonly string[] {
  const place = getPlace(schema, path)
  const { properties, additionalProperties, items } = schema
  return [
    ...words(schema).map(word => `${place}=${word}`),
    ...Object.entries(readRecord(properties)).flatMap(([name, field]) => [
      `${place}.${name}`,
      ...listParts(readRecord(field), `${place}.${name}`),
    ]),
    ...(isRecord(additionalProperties) ? listParts(additionalProperties, `${place}.*`) : []),
    ...(isRecord(items) ? listParts(items, `${place}[]`) : []),
  ]
}

/** Lists the parts of a schema that a value has. */
function partsUsed(schema: JsonSchema, value: unknown, path = ''): readonly string[] {
  const place = getPlace(schema, path)
  if (Array.isArray(value))
    return value.flatMap(entry => partsUsed(readRecord(schema['items']), entry, `${place}[]`))
  if (!isRecord(value)) return [`${place}=${value}`]
  const fields = readRecord(schema['properties'])
  return Object.entries(value).flatMap(([name, entry]) =>
    name in fields
      ? [`${place}.${name}`, ...partsUsed(readRecord(fields[name]), entry, `${place}.${name}`)]
      : partsUsed(readRecord(schema['additionalProperties']), entry, `${place}.*`),
  )
}

/** Returns the place that a sample covers: a named type counts once in all places, but each use of a plain value counts. */
const getPlace = ({ title, type }: JsonSchema, path: string) =>
  type === 'object' && title !== undefined ? String(title) : path
