import { compare } from '../diagnostics/compare.ts'
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { isMap } from '../source/document.ts'
import { isEqual } from '../source/is-equal.ts'
import { listLegalFields } from '../source/legal-fields.ts'
import type { Claim } from './claim.ts'

/** A spec as plain data, with the comments of its fields by their paths as JSON. */
export interface Draft {
  readonly spec: Readonly<Record<string, unknown>>
  readonly comments: ReadonlyMap<string, string>
}

type Tree = Record<string, unknown>

/**
 * Makes the spec that claims say, with nothing said twice: what most services share stands under `defaults`, and no field repeats
 * its default. Fields are in the order of the reference.
 *
 * @param chooseShared chooses the value of a setting under `defaults` from those that services have; undefined: that of meshc
 */
export function assembleDraft(
  head: Readonly<Record<string, unknown>>,
  claims: readonly Claim[],
  chooseShared: ChooseShared = findMostFrequent,
): Draft {
  const spec: Tree = structuredClone(head) as Tree
  const comments = new Map<string, string>()
  for (const { fields } of claims)
    for (const { path, value, comment } of fields) {
      const place = setField(spec, path, value)
      if (comment !== undefined) comments.set(JSON.stringify(place), comment)
    }
  liftDefaults(spec, chooseShared)
  liftNamespaces(spec)
  shortenPorts(spec)
  return { spec: sortFields(dropEmpty(spec), []) as Draft['spec'], comments }
}

/** Sets a field, and gives its path; lists at one path add up, without repetition: the path is that of the first new entry. */
function setField(spec: Tree, path: SpecPath, value: unknown): SpecPath {
  let holder = spec
  for (const step of path.slice(0, -1)) {
    const inner = holder[step]
    if (!isMap(inner)) holder[step] = {}
    holder = holder[step] as Tree
  }
  const key = path.at(-1)!
  const present = holder[key]
  if (Array.isArray(present) && Array.isArray(value)) {
    const added = value.filter(entry => !present.some(each => isEqual(each, entry)))
    holder[key] = [...present, ...added]
    return [...path, present.length]
  }
  // A section that only has to be there keeps what is in it.
  if (!isMap(value)) holder[key] = value
  else if (!isMap(present) || Object.keys(value).length > 0) holder[key] = structuredClone(value)
  return Array.isArray(value) ? [...path, 0] : path
}

/** The settings of requests that `defaults` has, with what meshc decides where nothing says them, and what Istio does. */
const settings = [
  { field: 'timeout', meshc: '30s', istio: 'none' },
  {
    field: 'retries',
    meshc: { attempts: 2, perTryTimeout: '10s', on: ['connect-failure', 'refused-stream', 'unavailable'] },
    istio: 'istio-default',
  },
  {
    field: 'circuitBreaker',
    meshc: { consecutiveErrors: 5, interval: '30s', ejectFor: '30s', maxEjected: '50%' },
    istio: 'none',
  },
  { field: 'connections', meshc: { max: 100, pending: 100, connectTimeout: '5s' }, istio: 'unlimited' },
  { field: 'loadBalancing', meshc: { policy: 'least-request' }, istio: { policy: 'least-request' } },
] as const

type ChooseShared = (values: readonly unknown[], istio: unknown, field: string) => unknown

/** Chooses as authors of a spec have chosen already: the values of its `defaults`. */
export const chooseWritten =
  (defaults: unknown): ChooseShared =>
  (_values, _istio, field) => {
    const value = isMap(defaults) ? defaults[field] : undefined
    const meshc = settings.find(setting => setting.field === field)!.meshc
    return isMap(value) && isMap(meshc) ? { ...meshc, ...value } : value
  }

function liftDefaults(spec: Tree, chooseShared: ChooseShared): void {
  const services = listEntries(spec, 'services')
  const externals = listEntries(spec, 'external')
  for (const { field, meshc, istio } of settings) {
    const holders = (field === 'loadBalancing' ? services : [...services, ...externals]).filter(holder =>
      field === 'timeout' || field === 'retries' ? hasRequests(holder) : isCalled(holder),
    )
    const values = holders.map(holder => holder[field] ?? istio)
    const shared = chooseShared(values, istio, field) ?? meshc
    if (!isEqual(shared, meshc)) setField(spec, ['defaults', field], shared)
    for (const holder of holders) {
      const value = holder[field] ?? istio
      if (isEqual(value, shared)) delete holder[field]
      else holder[field] = isMap(value) && isMap(shared) ? withoutShared(value, shared) : value
    }
  }
}

/** Names a namespace once: where only one has services, services need not name it. */
function liftNamespaces(spec: Tree): void {
  const sections = ['services', 'gateways', 'external'].map(section => listEntries(spec, section))
  const [services = []] = sections
  const namespaces = (isMap(spec['namespaces']) ? spec['namespaces'] : {}) as Record<string, Tree>
  for (const namespace of Object.values(namespaces))
    if (namespace['mtls'] === (spec['mtls'] ?? 'strict')) delete namespace['mtls']
  const named = new Set(services.map(({ namespace }) => String(namespace)))
  const all = new Set([...named, ...Object.keys(namespaces)])
  const [only] = named
  if (all.size === 1 && services.length > 1) {
    for (const service of services) delete service['namespace']
    if (namespaces[only!] === undefined) setField(spec, ['namespaces', only!], {})
    return
  }
  const implied = new Set(sections.slice(0, 2).flatMap(list => list.map(({ namespace }) => namespace)))
  for (const [name, namespace] of Object.entries(namespaces))
    if (Object.keys(namespace).length === 0 && implied.has(name)) delete namespaces[name]
}

const listEntries = (spec: Tree, section: string): readonly Tree[] =>
  Object.values(isMap(spec[section]) ? spec[section] : {}) as Tree[]

/** Tells whether a service or system is called at all. */
const isCalled = (holder: Tree): boolean => holder['port'] !== undefined || holder['ports'] !== undefined

/** Tells whether the mesh sees the requests to a service or system, and not only connections. */
function hasRequests({ port, ports, tls }: Tree): boolean {
  const all = [...(isMap(port) ? [port] : []), ...(isMap(ports) ? Object.values(ports) : [])]
  return (
    tls === 'originate' ||
    all.some(each => isMap(each) && requestProtocols.some(word => each[word] !== undefined))
  )
}

const requestProtocols = ['http', 'http2', 'grpc', 'grpc-web']

/** Finds the value that most have; of several, the preferred one. */
export function findMostFrequent(values: readonly unknown[], preferred: unknown): unknown {
  const counts = new Map<string, number>()
  for (const value of values) {
    const key = JSON.stringify(value)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const first = JSON.stringify(preferred)
  const [most] = [...counts].toSorted(
    ([a, countA], [b, countB]) => countB - countA || Number(b === first) - Number(a === first),
  )
  return most === undefined ? undefined : JSON.parse(most[0])
}

/** Leaves out the fields of a map that `defaults` gives it, unless a field of the defaults would be added to it. */
function withoutShared(value: Readonly<Record<string, unknown>>, shared: Readonly<Record<string, unknown>>) {
  if (Object.keys(shared).some(key => !Object.hasOwn(value, key))) return value
  return Object.fromEntries(Object.entries(value).filter(([key, part]) => !isEqual(part, shared[key])))
}

/** Writes a port whose name says its protocol as a number. */
function shortenPorts(spec: Tree): void {
  for (const service of listEntries(spec, 'services'))
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

/** Puts the fields of sections into the order of the language, and names into that of the alphabet. */
export function sortFields(value: unknown, path: SpecPath): unknown {
  if (Array.isArray(value)) return value.map((entry, index) => sortFields(entry, [...path, index]))
  if (!isMap(value)) return value
  const order = listLegalFields(path)?.fields ?? []
  const rank = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length)
  const isOfNames = order.length === 0 && path.length === 1
  const sorted = Object.keys(value).toSorted((a, b) => (isOfNames ? compare(a, b) : rank(a) - rank(b)))
  return Object.fromEntries(sorted.map(key => [key, sortFields(value[key], [...path, key])]))
}
