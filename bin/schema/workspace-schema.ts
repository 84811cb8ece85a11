import { isRecord, type JsonSchema, readList, readRecord } from '../../schema/json-schema.ts'
import type { Names, ProjectNames } from './project-names.ts'

/**
 * The schema of specs with the names of a project. Editors offer these names at each `x-names` of the language.
 *
 * An unknown name is accepted like any other. Usually its entry follows in a minute, or is in another file that is newer than this
 * schema; an error mark would be wrong more often than right. `meshc validate`, which knows all layers, reports unknown names with
 * suggestions.
 *
 * @param schema that of the language, in the form for editors
 */
export function deriveWorkspaceSchema(schema: JsonSchema, names: ProjectNames): JsonSchema {
  const shared = sharedNames(names)
  const named = withNames(schema, kind => (kind in shared ? shared[kind as keyof typeof shared] : noNames))
  const properties = readRecord(named['properties'])
  const services = readRecord(readRecord(schema['properties'])['services'])
  // Many services have the same versions and ports: the first of them describes them for all.
  const definitions = new Map<string, { readonly name: string; readonly parts: JsonSchema }>()
  const namedServices = Object.entries(
    readRecord(makeNamedProperties(services, names.services)['properties']),
  ).map(([name, entry]) => {
    const versions = names.versions.get(name)
    const ownNames = { version: versions, receiver: versions, port: names.ports.get(name) }
    if (ownNames.version === undefined && ownNames.port === undefined) return [name, entry]
    const key = JSON.stringify([ownNames.version, ownNames.port].map(named => [...(named ?? [])]))
    const definition = definitions.get(key) ?? { name, parts: partsOfService(services, ownNames) }
    definitions.set(key, definition)
    return [name, { ...readRecord(entry), allOf: [{ $ref: `#/definitions/${definition.name}` }] }]
  })
  const withKnown = {
    ...readRecord(properties['services']),
    allOf: [{ properties: Object.fromEntries(namedServices) }],
  }
  return {
    ...named,
    properties: { ...properties, services: withKnown },
    definitions: {
      ...readRecord(schema['definitions']),
      ...Object.fromEntries([...definitions.values()].map(({ name, parts }) => [name, parts])),
    },
  }
}

/** Makes the schema parts that a service with its own names has in addition to those of all services. */
const partsOfService = (
  { additionalProperties }: JsonSchema,
  names: Readonly<Record<'version' | 'receiver' | 'port', Names | undefined>>,
): JsonSchema => partsWithNames(readRecord(additionalProperties), kind => names[kind as keyof typeof names])

/** The names that are the same in all places, by their kind in `x-names`; names inside a service are not. */
function sharedNames(names: ProjectNames) {
  const {
    services,
    clusters,
    issuers,
    authorizers,
    limiters,
    gateways,
    externals,
    namespaces,
    revisions,
    hosts,
    versions,
  } = names
  const all = (what: string, names: Names, prefix = '') =>
    [...names].map(([name, about]): [string, string] => [
      prefix + name,
      about === '' ? what : `${what} ${about}`,
    ])
  return {
    service: services,
    cluster: clusters,
    issuer: issuers,
    authorizer: authorizers,
    limiter: limiters,
    gateway: gateways,
    external: externals,
    namespace: namespaces,
    revision: revisions,
    host: new Map(all('Host', hosts)),
    caller: new Map([
      ...all('Service', services),
      ...all('Gateway for', gateways, 'gateway/'),
      ...all('Every service of this namespace', namespaces, 'namespace/'),
      ['anyone', 'Whoever reaches it'],
    ]),
    receiver: new Map([
      ...all('Service', services, 'service/'),
      ...[...versions].flatMap(([service, names]) => all('Version', names, `service/${service}/`)),
    ]),
    destination: new Map([...all('Service', services), ...all('External', externals, 'external/')]),
    place: new Map([
      ...all('Service', services, 'services.'),
      ...all('Gateway for', gateways, 'gateways.'),
      ...all('External', externals, 'external.'),
    ]),
  }
}

const noNames: Names = new Map()

/** The names of a kind; undefined if a schema has no names of that kind. */
type NamesOf = (kind: string) => Names | undefined

/** A schema with names wherever it asks for some. */
function withNames(schema: JsonSchema, namesOf: NamesOf): JsonSchema {
  const { 'x-names': _, ...rest } = schema
  const whole = { ...rest, ...mapSubschemas(rest, part => withNames(part, namesOf)) }
  const names = namesAt(schema, namesOf)
  if (names === undefined) return whole
  if (allowsMap(schema))
    return { ...whole, allOf: [...readList(schema['allOf']), makeNamedProperties(schema, names)] }
  // An editor would offer an example beside the names, as if it were a name.
  const { examples, ...ownNames } = whole
  return { ...ownNames, ...makeNameChoice(schema, names) }
}

/** Selects the parts of a schema with names, and inserts the names. The result applies in addition to the schema itself. */
function partsWithNames(schema: JsonSchema, namesOf: NamesOf): JsonSchema {
  const names = namesAt(schema, namesOf)
  if (names !== undefined)
    return allowsMap(schema) ? makeNamedProperties(schema, names) : makeNameChoice(schema, names)
  return mapSubschemas(schema, part => {
    const jsonSchema = partsWithNames(part, namesOf)
    return Object.keys(jsonSchema).length === 0 ? undefined : { doNotSuggest: true, ...jsonSchema }
  })
}

function namesAt(schema: JsonSchema, namesOf: NamesOf): Names | undefined {
  const kind = schema['x-names']
  return typeof kind === 'string' ? namesOf(kind) : undefined
}

const allowsMap = ({ type }: JsonSchema) => [type].flat().includes('object')

/** The names as keys of a map. */
function makeNamedProperties({ propertyNames, additionalProperties }: JsonSchema, names: Names): JsonSchema {
  const entry = readRecord(additionalProperties)
  const fitting = fittingNames(names, readRecord(propertyNames))
  return { properties: Object.fromEntries(fitting.map(([name, about]) => [name, stub(entry, about)])) }
}

/** The names as values, and any other. */
function makeNameChoice(schema: JsonSchema, names: Names): JsonSchema {
  const fitting = fittingNames(names, schema)
  if (fitting.length === 0) return {}
  const meanings = fitting.map(([, about]) => (about === '' ? schema['description'] : about))
  return { anyOf: [{ enum: fitting.map(([name]) => name), enumDescriptions: meanings }, {}] }
}

/** Selects the names that match the pattern of the schema: the names may come from an invalid spec. */
function fittingNames(names: Names, { pattern }: JsonSchema): readonly (readonly [string, string])[] {
  const form = new RegExp(typeof pattern === 'string' ? pattern : '', 'u')
  // The language server of YAML keeps its suggestions in a plain object: at `constructor` it fails, and suggests nothing.
  return [...names].filter(([name]) => form.test(name) && !(name in {}))
}

/** Makes the stub of an entry, with its description and its first form in an editor; the map describes the entry's content. */
function stub({ type, description, examples }: JsonSchema, about: string): JsonSchema {
  const text = about === '' ? description : `${description}: ${about}`
  return { type, description: text, ...(examples !== undefined && { examples }) }
}

/** The parts of a schema after a change, without those that it makes undefined. */
function mapSubschemas(schema: JsonSchema, change: (part: JsonSchema) => JsonSchema | undefined): JsonSchema {
  const { properties, additionalProperties, items } = schema
  const fields = Object.entries(readRecord(properties)).flatMap(([name, part]) => {
    const changed = change(readRecord(part))
    return changed === undefined ? [] : [[name, changed] as const]
  })
  const parts = {
    properties: fields.length === 0 ? undefined : Object.fromEntries(fields),
    additionalProperties: isRecord(additionalProperties) ? change(additionalProperties) : undefined,
    items: isRecord(items) ? change(items) : undefined,
  }
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined))
}
