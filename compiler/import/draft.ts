import { compare } from '../diagnostics/compare.ts'
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { isMap } from '../source/document.ts'
import { isEqual } from '../source/is-equal.ts'
import { listLegalFields } from '../source/legal-fields.ts'
import type { Claim } from './claim.ts'
import { liftDefaults } from './lift-defaults.ts'
import { routeLimits } from './rate-limits.ts'

/** A spec as plain data, with the comments of its fields by their paths as JSON. */
export interface Draft {
  readonly spec: Readonly<Record<string, unknown>>
  readonly comments: ReadonlyMap<string, string>
}

type Tree = Record<string, unknown>

/**
 * Makes the spec of some claims without repetition: a value that most services share is under `defaults`, and no field repeats its
 * default. Fields are in the order of the reference.
 *
 * @param unshared the fields that are not under `defaults`
 * @param written the existing `defaults` of an author; undefined: the draft has its own
 */
export function assembleDraft(
  head: Readonly<Record<string, unknown>>,
  claims: readonly Claim[],
  unshared: ReadonlySet<unknown> = new Set(),
  written?: Readonly<Tree>,
): Draft {
  const spec: Tree = structuredClone(head) as Tree
  const comments = new Map<string, string>()
  const joined = new Map<unknown, JoinedList>()
  for (const { fields } of claims)
    for (const { path, value, comment } of fields) {
      const place = setField(spec, path, value, joined)
      if (comment !== undefined) comments.set(JSON.stringify(place), comment)
    }
  const usualScope = spec['access'] === 'open' ? 'all' : 'declared'
  if (spec['sidecarScope'] === usualScope) delete spec['sidecarScope']
  applyRouteLimits(listSectionEntries(spec, 'services'))
  liftDefaults(
    spec,
    listSectionEntries(spec, 'services'),
    listSectionEntries(spec, 'external'),
    unshared,
    written,
  )
  liftNamespaces(spec)
  shortenPorts(spec)
  return { spec: sortFields(dropEmpty(spec), []) as Draft['spec'], comments }
}

/**
 * Sets a field, and returns its path. Lists at one path are joined without repetition; the path is then that of the first new entry.
 *
 * @param joined the lists that earlier calls have joined
 */
function setField(
  spec: Tree,
  path: SpecPath,
  value: unknown,
  joined: Map<unknown, JoinedList> = new Map(),
): SpecPath {
  let holder = spec
  for (const step of path.slice(0, -1)) {
    const inner = holder[step]
    if (!isMap(inner) && value === undefined) return path
    if (!isMap(inner)) holder[step] = {}
    holder = holder[step] as Tree
  }
  const key = path.at(-1)!
  const present = holder[key]
  if (Array.isArray(present) && Array.isArray(value)) {
    const place = [...path, present.length]
    const list = joined.get(present) ?? new JoinedList(present)
    joined.set(list.entries, list)
    list.join(value)
    holder[key] = list.entries
    return place
  }
  // A section that only has to exist keeps its content.
  if (value === undefined) delete holder[key]
  else if (!isMap(value)) holder[key] = value
  else if (!isMap(present) || Object.keys(value).length > 0) holder[key] = structuredClone(value)
  return Array.isArray(value) ? [...path, 0] : path
}

/** A list that other lists are joined to. A spec can have thousands of raw objects, and each is a list of its own until then. */
class JoinedList {
  readonly entries: unknown[] = []
  /** The entries by a key that equal entries share. */
  readonly #byKey = new Map<string, unknown[]>()

  constructor(entries: readonly unknown[]) {
    this.#add(entries)
  }

  /** Adds the entries of a list that are not there. */
  join(list: readonly unknown[]): void {
    this.#add(list.filter(entry => !this.#byKey.get(makeKey(entry))?.some(each => isEqual(each, entry))))
  }

  #add(entries: readonly unknown[]): void {
    for (const entry of entries) {
      this.entries.push(entry)
      const key = makeKey(entry)
      const alike = this.#byKey.get(key)
      if (alike === undefined) this.#byKey.set(key, [entry])
      else alike.push(entry)
    }
  }
}

/** Makes a key that equal values share, whatever the order of their fields. */
const makeKey = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    isMap(part) ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1))) : part,
  ) ?? ''

/** Gives routes the limits that claims about their names hold. */
function applyRouteLimits(services: readonly Tree[]): void {
  for (const service of services) {
    const limits = service[routeLimits]
    delete service[routeLimits]
    if (!isMap(limits) || !Array.isArray(service['routes'])) continue
    service['routes'] = service['routes'].map((route: Readonly<Tree>) =>
      Object.hasOwn(limits, String(route['name']))
        ? { ...route, rateLimit: limits[String(route['name'])] }
        : route,
    )
  }
}

/** Names a namespace once: where only one has services, services need not name it. */
function liftNamespaces(spec: Tree): void {
  const services = listSectionEntries(spec, 'services')
  const gateways = listSectionEntries(spec, 'gateways')
  const namespaces = (isMap(spec['namespaces']) ? spec['namespaces'] : {}) as Record<string, Tree>
  for (const namespace of Object.values(namespaces))
    if (namespace['mtls'] === (spec['mtls'] ?? 'strict')) delete namespace['mtls']
  const dropImplied = (holders: readonly Tree[]) => {
    for (const { namespace } of holders)
      if (
        namespaces[String(namespace)] !== undefined &&
        Object.keys(namespaces[String(namespace)]!).length === 0
      )
        delete namespaces[String(namespace)]
  }
  const named = new Set(services.map(({ namespace }) => String(namespace)))
  dropImplied(gateways.filter(({ namespace }) => !named.has(String(namespace))))
  const all = new Set([...named, ...Object.keys(namespaces)])
  const [only] = named
  if (all.size === 1 && services.length > 1) {
    for (const service of services) delete service['namespace']
    if (namespaces[only!] === undefined) setField(spec, ['namespaces', only!], {})
  } else dropImplied([...services, ...gateways])
}

const listSectionEntries = (spec: Tree, section: string): readonly Tree[] =>
  Object.values(isMap(spec[section]) ? spec[section] : {}) as Tree[]

/** Writes a port as a number if its name implies its protocol. */
function shortenPorts(spec: Tree): void {
  for (const service of listSectionEntries(spec, 'services'))
    for (const [name, port] of Object.entries(isMap(service['ports']) ? service['ports'] : {})) {
      const [protocol, ...others] = Object.keys(port as Tree)
      if (others.length === 0 && (name === protocol || name.startsWith(`${protocol}-`)))
        (service['ports'] as Tree)[name] = (port as Tree)[protocol!]
    }
}

function dropEmpty(value: unknown): unknown {
  if (!isMap(value)) return value
  return Object.fromEntries(
    Object.entries(value).filter(([, part]) => !isMap(part) || Object.keys(part).length > 0),
  )
}

/** Sorts the fields of sections in the order of the language, and names alphabetically. */
export function sortFields(value: unknown, path: SpecPath): unknown {
  if (Array.isArray(value)) return value.map((entry, index) => sortFields(entry, [...path, index]))
  if (!isMap(value)) return value
  const order = listLegalFields(path)?.fields ?? []
  const rank = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length)
  const isOfNames = order.length === 0 && path.length === 1
  const sorted = Object.keys(value).toSorted((a, b) => (isOfNames ? compare(a, b) : rank(a) - rank(b)))
  return Object.fromEntries(sorted.map(key => [key, sortFields(value[key], [...path, key])]))
}
