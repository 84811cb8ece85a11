import crds from './crds.json' with { type: 'json' }
import { isRecord } from './json-schema.ts'

/** A part of a CRD: what a value may be. The names of other parts are keys of `shapes`. */
interface Shape {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  /** True if the value is an amount of time as Go writes it, 1ms at least. */
  readonly isDuration?: boolean
  readonly properties?: Readonly<Record<string, string>>
  readonly required?: readonly string[]
  /** Lists of fields; of each list, an object has one at most. */
  readonly atMostOne?: readonly (readonly string[])[]
  /** The part that the values of a map are, whatever their keys. */
  readonly values?: string
  readonly items?: string
  /** True if the API server keeps fields that are not in `properties`. */
  readonly isOpen?: boolean
}

/** A fault for which the API server refuses an object. */
export interface ShapeFault {
  /** The way from the object to what is wrong. */
  readonly path: readonly (string | number)[]
  /** True if the key is wrong, not the value. */
  readonly isKey: boolean
  /** The fault, as what follows the name of the field: `must be a list`. */
  readonly fault: string
  /** A misspelt word, and all that could have been meant. */
  readonly misspelt?: { readonly word: string; readonly words: readonly string[] }
  /** The field that is not there. */
  readonly missing?: string
  /** The way to fix the fault. */
  readonly help?: string | undefined
}

// crds.json is made in this form: see test/oracle/crd-shapes.test.ts.
const shapes = () => crds.shapes as Readonly<Record<string, Shape>>
const kinds = () => crds.kinds as Readonly<Record<string, ShapesOfGroup>>
const kubernetesKinds = () => crds.kubernetes as Readonly<Record<string, ShapesOfGroup>>

/** The versions of each kind, and the shape of each. */
type ShapesOfGroup = Readonly<Record<string, Readonly<Record<string, string>>>>

/** The versions of each kind. */
export type KindsOfGroup = Readonly<Record<string, readonly string[]>>

/** The API groups of Kubernetes itself, which takes no other kinds in them. The name of its core group is empty. */
export const kubernetesGroups = (): Readonly<Record<string, KindsOfGroup>> => crds.builtIn

/** The API groups whose kinds are known: of Kubernetes, Istio, Argo CD, cert-manager, the Prometheus operator and Kiali. */
export const readKnownGroups = (): ReadonlyMap<string, KindsOfGroup> =>
  new Map([...Object.entries(kubernetesGroups()), ...Object.entries(kinds()).map(withVersions)])

const withVersions = ([group, shapes]: readonly [string, ShapesOfGroup]): readonly [string, KindsOfGroup] => [
  group,
  Object.fromEntries(Object.entries(shapes).map(([kind, byVersion]) => [kind, Object.keys(byVersion)])),
]

/**
 * Lists the faults of an object against the CRD of its kind and version, or against the schema that Kubernetes has for its own kind;
 * none for an unknown kind. The CRDs' rules in CEL are
 * held where they are of a common form only.
 */
export function* findShapeFaults(object: Readonly<Record<string, unknown>>): Iterable<ShapeFault> {
  const { apiVersion, kind, metadata, ...rest } = object
  yield* metadataFaults(metadata)
  const [version = '', group = ''] = String(apiVersion).split('/').reverse()
  const name = (kinds()[group] ?? kubernetesKinds()[group])?.[String(kind)]?.[version]
  if (name === undefined) return
  const shape = shapes()[name]!
  const required = (shape.required ?? []).filter(field => field !== 'metadata')
  yield* listFaults({ ...shape, required }, rest, [])
}

/** The fields of ObjectMeta that a person writes, and what they are. */
const metadataShapes: Readonly<Record<string, Shape>> = {
  labels: { type: 'object' },
  annotations: { type: 'object' },
  name: { type: 'string' },
  namespace: { type: 'string' },
  generateName: { type: 'string' },
  finalizers: { type: 'array' },
  ownerReferences: { type: 'array' },
}

/** Fields that the API server writes itself, and takes all the same. */
const fieldsOfServer = [
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
]

function* metadataFaults(metadata: unknown): Iterable<ShapeFault> {
  if (!isRecord(metadata)) return
  for (const [key, value] of Object.entries(metadata)) {
    const path = ['metadata', key]
    const shape = Object.hasOwn(metadataShapes, key) ? metadataShapes[key] : undefined
    if (shape === undefined && !fieldsOfServer.includes(key))
      yield unknownField(path, key, Object.keys(metadataShapes))
    if (shape === undefined) continue
    yield* listFaults({ ...shape, isOpen: true }, value, path)
    if (shape.type !== 'object' || !isRecord(value)) continue
    for (const [name, text] of Object.entries(value))
      yield* listFaults({ type: 'string' }, text, [...path, name])
  }
}

const unknownField = (path: ShapeFault['path'], word: string, words: readonly string[]): ShapeFault => ({
  path,
  isKey: true,
  fault: 'is no known field',
  misspelt: { word, words },
})

function* listFaults(shape: Shape, value: unknown, path: ShapeFault['path']): Iterable<ShapeFault> {
  // `kubectl apply` drops null.
  if (value === null || value === undefined) return
  const types = typeof shape.type === 'string' ? [shape.type] : (shape.type ?? [])
  if (types.length > 0 && !types.some(type => hasType(value, type))) {
    yield {
      path,
      isKey: false,
      fault: `must be ${types.map(getWord).join(' or ')}`,
      help: helpToWrite(shape, types, value),
    }
    return
  }
  if (Array.isArray(value)) {
    const fault = boundFault(value.length, shape.minItems, shape.maxItems, 'entries')
    if (fault !== undefined) yield { path, isKey: false, fault }
    const part = shape.items === undefined ? {} : shapes()[shape.items]!
    for (const [index, entry] of value.entries()) yield* listFaults(part, entry, [...path, index])
  } else if (isRecord(value)) yield* fieldFaults(shape, value, path)
  else yield* wordFaults(shape, value, path)
}

function* fieldFaults(
  { properties = {}, required = [], atMostOne = [], values, isOpen = false, type }: Shape,
  value: Readonly<Record<string, unknown>>,
  path: ShapeFault['path'],
): Iterable<ShapeFault> {
  const isThere = (field: string) => value[field] !== undefined && value[field] !== null
  for (const [key, entry] of Object.entries(value)) {
    const part = Object.hasOwn(properties, key) ? properties[key] : values
    if (part !== undefined) yield* listFaults(shapes()[part]!, entry, [...path, key])
    else if (!isOpen && type !== undefined) yield unknownField([...path, key], key, Object.keys(properties))
  }
  for (const field of required)
    if (!isThere(field)) yield { path, isKey: true, fault: `must have \`${field}\``, missing: field }
  for (const fields of atMostOne) {
    const [first, second] = fields.filter(isThere)
    if (second !== undefined)
      yield {
        path: [...path, second],
        isKey: true,
        fault: `must not stand beside \`${first}\``,
        help: 'keep one of the two',
      }
  }
}

function* wordFaults(shape: Shape, value: unknown, path: ShapeFault['path']): Iterable<ShapeFault> {
  const place = { path, isKey: false }
  if (shape.enum !== undefined && !shape.enum.includes(value)) {
    // Istio's CRDs have the empty word for a field that is not set.
    const words = shape.enum.map(String).filter(word => word !== '')
    yield { ...place, fault: `cannot be \`${value}\``, misspelt: { word: String(value), words } }
    return
  }
  if (typeof value === 'number') {
    const fault = boundFault(value, shape.minimum, shape.maximum)
    if (fault !== undefined) yield { ...place, fault }
  } else if (typeof value === 'string') {
    const fault = boundFault([...value].length, shape.minLength, shape.maxLength, 'characters')
    if (fault !== undefined) yield { ...place, fault }
    else if (shape.isDuration === true && !isDuration(value))
      yield { ...place, fault: 'must be an amount of time of 1ms or more, as `1.5s` or `1h30m`' }
    else if (shape.pattern !== undefined && !new RegExp(shape.pattern).test(value))
      yield { ...place, fault: `must match \`${shape.pattern}\`` }
  }
}

function boundFault(size: number, least = -Infinity, most = Infinity, unit?: string): string | undefined {
  const what = unit === undefined ? 'must be' : 'must have'
  const tail = unit === undefined ? '' : ` ${unit}`
  if (size < least) return `${what} ${least}${tail} or more`
  return size > most ? `${what} ${most}${tail} or less` : undefined
}

/** As Go reads it. See https://pkg.go.dev/time#ParseDuration */
function isDuration(text: string): boolean {
  if (!/^\+?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return false
  const parts = [...text.matchAll(/([\d.]+)([a-zµ]+)/g)]
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * milliseconds[unit!]!, 0) >= 1
}

const milliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 3.6e6,
}

function hasType(value: unknown, type: string): boolean {
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isRecord(value)
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type
}

/** Returns the way to write a scalar in YAML; undefined if the notation is not the fault. */
function helpToWrite({ isDuration }: Shape, types: readonly string[], value: unknown): string | undefined {
  if (isDuration === true && typeof value === 'number') return `write it with a unit: \`${value}s\``
  if (types.includes('string') && ['number', 'boolean'].includes(typeof value))
    return `put it in quotes: \`"${value}"\``
  if (typeof value !== 'string' || value.trim() === '') return undefined
  const [type = ''] = types
  const read: unknown = type === 'boolean' ? { true: true, false: false }[value] : Number(value)
  if (!hasType(read, type)) return undefined
  return `write it without quotes: \`${value}\``
}

const getWord = (type: string) =>
  ({
    array: 'a list',
    boolean: '`true` or `false`',
    integer: 'a whole number',
    number: 'a number',
    object: 'a map',
    string: 'text',
  })[type] ?? type
