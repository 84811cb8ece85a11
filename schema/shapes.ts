import { isRecord } from './json-schema.ts'

/** A part of an object: what a value may be. The names of other parts are keys of a table of shapes. */
export interface Shape {
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
  /** True if the value is any amount of time as Go writes it. */
  readonly isSpan?: boolean
  readonly properties?: Readonly<Record<string, string>>
  readonly required?: readonly string[]
  /** Lists of fields; of each list, an object has one at most. */
  readonly atMostOne?: readonly (readonly string[])[]
  /** The part that the values of a map are, whatever their keys. */
  readonly values?: string
  readonly items?: string
  /** True if fields that are not in `properties` are kept. */
  readonly isOpen?: boolean
}

/** A fault of an object against its shape. */
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

/** Shapes by their keys. */
export type Shapes = Readonly<Record<string, Shape>>

export const makeUnknownFault = (
  path: ShapeFault['path'],
  word: string,
  words: readonly string[],
): ShapeFault => ({
  path,
  isKey: true,
  fault: 'is no known field',
  misspelt: { word, words },
})

/** Lists the faults of a value against its shape; the path of each begins with that of the value. */
export function* listFaults(
  shapes: Shapes,
  shape: Shape,
  value: unknown,
  path: ShapeFault['path'],
): Iterable<ShapeFault> {
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
    const part = shape.items === undefined ? {} : shapes[shape.items]!
    for (const [index, entry] of value.entries()) yield* listFaults(shapes, part, entry, [...path, index])
  } else if (isRecord(value)) yield* fieldFaults(shapes, shape, value, path)
  else yield* wordFaults(shape, value, path)
}

function* fieldFaults(
  shapes: Shapes,
  { properties = {}, required = [], atMostOne = [], values, isOpen = false, type }: Shape,
  value: Readonly<Record<string, unknown>>,
  path: ShapeFault['path'],
): Iterable<ShapeFault> {
  const isThere = (field: string) => value[field] !== undefined && value[field] !== null
  for (const [key, entry] of Object.entries(value)) {
    const part = Object.hasOwn(properties, key) ? properties[key] : values
    if (part !== undefined) yield* listFaults(shapes, shapes[part]!, entry, [...path, key])
    else if (!isOpen && type !== undefined)
      yield makeUnknownFault([...path, key], key, Object.keys(properties))
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
    else if (shape.isSpan === true && !isSpan(value))
      yield { ...place, fault: 'must be an amount of time, as `1.5s` or `1h30m`' }
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

const isSpan = (text: string): boolean => /^[-+]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h))+)$/.test(text)

/** Returns the way to write a scalar in YAML; undefined if the notation is not the fault. */
function helpToWrite(
  { isDuration, isSpan }: Shape,
  types: readonly string[],
  value: unknown,
): string | undefined {
  if ((isDuration === true || isSpan === true) && typeof value === 'number')
    return `write it with a unit: \`${value}s\``
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
