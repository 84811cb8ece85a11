import { readdirSync, readFileSync } from 'node:fs'
import { isRecord, type JsonSchema, readList, readRecord } from '../../../schema/json-schema.ts'

/** The facts of fields, each with the sections in which some field needs it: see `schema/spec/facts.ts`. */
const sectionsByFact: Readonly<Record<string, readonly string[]>> = {
  'x-about': ['services'],
  'x-topics': ['services', 'observability', 'defaults'],
}

/** A fact that a field lacks. */
interface MissingFact {
  /** The field with its section: `services.timeout`. */
  readonly field: string
  readonly fact: string
  /** The file with the schema of its section. */
  readonly file: string
}

/**
 * Prints the module of the facts of fields, for passes that load no schema.
 *
 * @param language the schema of the language, as zod derives it
 * @throws if a field lacks a fact
 */
export function printFieldFacts(language: JsonSchema): string {
  const missing = listMissingFacts(language)
  if (missing.length > 0)
    throw new Error(
      missing.map(({ field, fact, file }) => `${file}: ${field} lacks '${fact}' in its .meta`).join('\n'),
    )
  const topics = sectionsByFact['x-topics']!.map(section => {
    const byField = Object.entries(readSection(language, section).fields)
      .map(([name, field]): [string, unknown] => [name, findFact(field, 'x-topics')])
      .filter(([, topics]) => topics !== 'all')
    return [section, byField] as const
  })
  const services = Object.entries(readSection(language, 'services').fields)
  const listAbout = (thing: string) =>
    services.filter(([, field]) => readList(findFact(field, 'x-about')).includes(thing)).map(([name]) => name)
  const defaults = readSection(language, 'defaults').fields
  const requestFields = ['connections', 'loadBalancing'].map(section => {
    const fields = Object.entries(readParts(language, defaults[section]))
    return [
      section,
      fields.filter(([, field]) => findFact(field, 'x-requests') === true).map(([name]) => name),
    ]
  })
  return `/** The sections of a spec that are maps from names to entries. */
export const namedSections: readonly string[] = ${serializeValue(listNamedSections(language))}

/** The topics of fields, by section and field. A field that is not here has every topic. */
export const topicsOfFields: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> = new Map([
${topics.map(([section, fields]) => `  ['${section}', new Map<string, string[]>([\n${fields.map(entry => `    ${serializeValue(entry)},\n`).join('')}  ])],\n`).join('')}])

/** The fields of a service that its Kubernetes Service or its Deployments show. */
export const fieldsOfObjects: readonly string[] = ${serializeValue(listAbout('objects'))}

/** The fields of a service that have no meaning if it is never called, those that say who calls before the others. */
export const fieldsOfCalls = ${serializeValue([...listAbout('callers'), ...listAbout('calls')])} as const

/** The fields of two sections that are about requests, and have no effect where there are only connections. */
export const fieldsOfRequests = ${serializeValue(Object.fromEntries(requestFields))} as const
`
}

/** Lists the facts that fields lack, in the order of the fields. */
export function listMissingFacts(language: JsonSchema): readonly MissingFact[] {
  return Object.entries(sectionsByFact).flatMap(([fact, sections]) =>
    sections.flatMap(name => {
      const { id, fields } = readSection(language, name)
      return Object.entries(fields)
        .filter(([, field]) => findFact(field, fact) === undefined)
        .map(([field]) => ({ field: `${name}.${field}`, fact, file: findSchemaFile(id) }))
    }),
  )
}

function listNamedSections(language: JsonSchema): readonly string[] {
  return Object.entries(readRecord(language['properties']))
    .filter(([, section]) => listForms(section).some(form => isRecord(form['additionalProperties'])))
    .map(([name]) => name)
}

/** Reads the fields of a section, or of the entries of a section. */
function readSection(language: JsonSchema, name: string): { id: string; fields: JsonSchema } {
  const section = readRecord(language['properties'])[name]
  const forms = listForms(section).flatMap(form => [form, ...listForms(form['additionalProperties'])])
  const id = findDefinition(forms)
  return { id, fields: readRecord(readRecord(readRecord(language['definitions'])[id])['properties']) }
}

/** Reads the parts of a field that is a section, or a word in place of one. */
function readParts(language: JsonSchema, field: unknown): JsonSchema {
  const definition = readRecord(language['definitions'])[findDefinition(listForms(field))]
  return Object.assign({}, ...listForms(definition).map(form => readRecord(form['properties'])))
}

/** Finds the name of the definition that one of some forms refers to. */
const findDefinition = (forms: readonly JsonSchema[]): string =>
  String(forms.map(({ $ref }) => $ref).find(value => typeof value === 'string')).replace('#/definitions/', '')

/** Finds the file of a schema, which names it by its `id`. */
function findSchemaFile(id: string): string {
  const files = readdirSync('schema/spec').map(name => `schema/spec/${name}`)
  return files.find(file => readFileSync(file, 'utf8').includes(`id: '${id}'`)) ?? 'schema/spec'
}

/** Finds a fact in the field itself: a definition that it refers to has other uses. */
const findFact = (field: unknown, fact: string): unknown =>
  listForms(field)
    .map(form => form[fact])
    .find(value => value !== undefined)

/** Lists a schema with its alternatives. */
const listForms = (schema: unknown): readonly JsonSchema[] =>
  isRecord(schema)
    ? [schema, ...[...readList(schema['anyOf']), ...readList(schema['allOf'])].flatMap(listForms)]
    : []

const serializeValue = (value: unknown) => JSON.stringify(value)
