import { isRecord, type JsonSchema, readList, readRecord } from '../../schema/json-schema.ts'
import schema from '../../schema/mesh.schema.json' with { type: 'json' }
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import type { Location } from '../diagnostics/source.ts'
import type { SourceMapEntry } from '../emit/print.ts'
import { readName } from '../mesh/caller.ts'
import { isMap, type SpecDocument } from '../source/document.ts'
import type { Layers } from '../source/layers.ts'

/** Something that a spec gives a name, by which other places refer to it. A version is one of its service. */
export type Named =
  | {
      readonly kind: 'service' | 'issuer' | 'authorizer' | 'limiter' | 'gateway' | 'external' | 'namespace'
      readonly name: string
    }
  | { readonly kind: 'version'; readonly name: string; readonly service: string }

/** A place in a file that names something. */
export interface Mention {
  readonly named: Named
  /** The value that names it, or whose key does, in the file's own spec. */
  readonly path: SpecPath
  readonly part: 'key' | 'value'
  /** The whole text of that key or value: `gateway/public`. */
  readonly text: string
  /** The start of the name in that text. */
  readonly start: number
  /** True if it is described here, rather than only named. */
  readonly isDeclaration: boolean
}

/** Makes the key that identifies a name. */
export const makeNameKey = (named: Named): string =>
  named.kind === 'version' ? `version ${named.service} ${named.name}` : `${named.kind} ${named.name}`

/**
 * Lists every place of a file that names something, in the order of the file; names in the texts of patches are not among
 * them.
 */
export function mentionsIn(document: SpecDocument): readonly Mention[] {
  const mentions: Mention[] = []
  walk(document.value, [], language(), mentions)
  return mentions
}

/**
 * Lists the mentions in patches whose target contains a name from the spec: the origins of the object's name include the named
 * entity.
 *
 * @param nameOf the emitted name of an object, `Kind/namespace/name`; undefined if there is no such object
 */
export function mentionsInPatches(
  layers: Layers,
  nameOf: (object: string) => SourceMapEntry | undefined,
): readonly (Mention & { readonly file: string })[] {
  const patches: unknown = layers.value['patches']
  if (!Array.isArray(patches)) return []
  return patches.flatMap((patch, index) => {
    const { kind, namespace, name: text } = isMap(patch) ? patch : {}
    const name = nameOf(`${kind}/${namespace}/${text}`)
    const path = ['patches', index, 'name']
    const file = layers.definitionsOf(path)[0]?.file
    if (name === undefined || typeof text !== 'string' || file === undefined) return []
    const mention = (named: Named, start: number) =>
      ({ named, path, part: 'value', text, start, isDeclaration: false, file }) as const
    const origins = name.origins.filter(origin => typeof origin !== 'string')
    const things = origins.flatMap(origin => {
      const [section, key] = origin.map(String)
      const kind = sectionKinds.find(([name]) => name === section)?.[1]
      const isKey = origin.length === 2 && kind !== undefined && key !== undefined
      return isKey && beginsWithName(text, key) ? [mention({ kind, name: key }, 0)] : []
    })
    // Rules about a service have the name `cart.shop`. An object whose name comes from one entity alone does not contain its namespace.
    const home = text.slice(text.indexOf('.') + 1)
    const isOfThing = home === text && things.length > 0
    const isOfHome = !isOfThing && origins.some(origin => isHome(origin, home, layers))
    if (!isOfHome) return things
    return [...things, mention({ kind: 'namespace', name: home }, text.length - home.length)]
  })
}

/** The location of a mention: only the name, or the whole text if its style hides the name. */
export interface MentionLocation extends Location {
  readonly style: 'bare' | 'quoted' | 'hidden'
}

/** Locates a mention in the text of its file. */
export function locateMention(mention: Mention, document: SpecDocument): MentionLocation {
  const { path, part, text, start, named } = mention
  // A value may have several lines, of which `spanOf` has the first.
  const span = part === 'key' ? document.spanOf(path, part) : (document.entryAt(path) ?? { start: 0, end: 0 })
  const { source } = document
  const written = source.text.slice(span.start, span.end)
  const style =
    written === text ? 'bare' : /^["']/.test(written) && written.slice(1, -1) === text ? 'quoted' : 'hidden'
  if (style === 'hidden') return { file: source.name, start: span.start, end: span.end, style }
  const begin = span.start + start + (style === 'quoted' ? 1 : 0)
  return { file: source.name, start: begin, end: begin + named.name.length, style }
}

type Read = (text: string, path: SpecPath) => readonly (readonly [Named, start: number])[]

const sectionKinds = [
  ['services', 'service'],
  ['issuers', 'issuer'],
  ['authorizers', 'authorizer'],
  ['rateLimiters', 'limiter'],
  ['gateways', 'gateway'],
  ['external', 'external'],
] as const

const readPlainName =
  (kind: Exclude<Named['kind'], 'version'>): Read =>
  name => [[{ kind, name }, 0]]

const readVersion: Read = (name, path) => [[{ kind: 'version', name, service: String(path[1]) }, 0]]

/** A version, `service/orders-v2` or `service/orders-v2/canary`. */
const receiver: Read = (text, path) => {
  const [kind, service, name] = text.split('/')
  if (kind !== 'service' || service === undefined) return readVersion(text, path)
  const start = 'service/'.length
  return [
    [{ kind: 'service', name: service }, start],
    ...(name === undefined
      ? []
      : [[{ kind: 'version', name, service }, start + service.length + 1] as const]),
  ]
}

/** `web`, `gateway/public`, `external/stripe`. */
const readReference: Read = text => {
  const { kind, name } = readName(text)
  const isOfSpec = kind !== 'anyone' && kind !== 'external-caller' && kind !== 'workload'
  return isOfSpec ? [[{ kind, name }, text.length - name.length]] : []
}

/** A place of the spec, its steps separated by dots: `services.cart.versions.v1`. */
const place: Read = text => {
  const steps = text.split('.')
  let site: Site | undefined = language()
  let start = 0
  return steps.flatMap((step, index) => {
    site = site?.below.get(step) ?? site?.below.get('*')
    const namedParts = site?.key?.(step, steps.slice(0, index + 1)) ?? []
    const begin = start
    start += step.length + 1
    return namedParts.map(([named]) => [named, begin] as const)
  })
}

/** The readers of texts that contain a name by the schema; ports and hosts contain none here. */
const readers: Readonly<Record<string, Read>> = {
  service: readPlainName('service'),
  issuer: readPlainName('issuer'),
  authorizer: readPlainName('authorizer'),
  limiter: readPlainName('limiter'),
  gateway: readPlainName('gateway'),
  external: readPlainName('external'),
  namespace: readPlainName('namespace'),
  version: readVersion,
  receiver,
  caller: readReference,
  destination: readReference,
  place,
}

/** The name that the key or the value at a place of the language gives, and the sites below; `*` is any key or index. */
interface Site {
  readonly below: Map<string, Site>
  key?: Read
  /** True if the entry under the key describes the named entity. */
  isDeclaration?: boolean
  value?: Read
}

let knownSite: Site | undefined

/** Makes the site of every place of the language that names something. */
function language(): Site {
  if (knownSite === undefined) {
    knownSite = { below: new Map() }
    learn(schema, knownSite)
    // The control plane's own namespace is not offered there, but named.
    below(below(knownSite, 'istio'), 'namespace').value = readers['namespace']!
  }
  return knownSite
}

function learn(schema: JsonSchema, site: Site): void {
  const { 'x-names': kind, properties, additionalProperties, items } = schema
  const read = typeof kind === 'string' ? readers[kind] : undefined
  const entries = readRecord(additionalProperties)
  if (read !== undefined && isRecord(additionalProperties))
    Object.assign(below(site, '*'), { key: read, isDeclaration: isMapSchema(entries) })
  else if (read !== undefined) site.value = read
  for (const [field, part] of Object.entries(readRecord(properties)))
    learn(readRecord(part), below(site, field))
  for (const part of [entries, readRecord(items)])
    if (Object.keys(part).length > 0) learn(part, below(site, '*'))
  for (const part of [...readList(schema['anyOf']), ...readList(schema['allOf'])])
    learn(readRecord(part), site)
}

function below(site: Site, step: string): Site {
  const next: Site = site.below.get(step) ?? { below: new Map() }
  site.below.set(step, next)
  return next
}

const isMapSchema = ({ type, anyOf }: JsonSchema): boolean =>
  [type].flat().includes('object') || readList(anyOf).some(part => isMapSchema(readRecord(part)))

function walk(value: unknown, path: SpecPath, site: Site, mentions: Mention[]): void {
  const entries = Array.isArray(value) ? value.entries() : isMap(value) ? Object.entries(value) : []
  for (const [key, entry] of entries) {
    const below = site.below.get(String(key)) ?? site.below.get('*')
    if (below === undefined) continue
    const here = [...path, key]
    const mention = (part: Mention['part'], text: string, read: Read | undefined, isDeclaration: boolean) => {
      for (const [named, start] of read?.(text, here) ?? [])
        mentions.push({ named, path: here, part, text, start, isDeclaration })
    }
    // A null removes its entry and does not describe it.
    if (typeof key === 'string')
      mention('key', key, below.key, below.isDeclaration === true && entry !== null)
    if (typeof entry === 'string') mention('value', entry, below.value, false)
    walk(entry, here, below, mentions)
  }
}

/** Tells whether the name of an object begins with the name of an entity: `cart`, `cart.ports`, `public-tls`. */
const beginsWithName = (text: string, name: string) =>
  text === name || text.startsWith(`${name}.`) || text.startsWith(`${name}-`)

/** Tells whether an origin sets the name of this namespace. */
function isHome(origin: SpecPath, namespace: string, layers: Layers): boolean {
  const [section, key] = origin
  if (section === 'namespaces') return key === namespace
  return origin.at(-1) === 'namespace' && layers.definitionsOf(origin)[0]?.value === namespace
}
