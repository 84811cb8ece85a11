import { findTypeFields } from '../policies/types.ts'

/** The type of a value in a template. */
export type ValueType =
  | { readonly kind: 'text' | 'number' | 'condition' }
  /** Markdown that a filter made: no other filter takes it. */
  | { readonly kind: 'Markdown' }
  /** A literal without a value, such as `nil` and `empty`. */
  | { readonly kind: 'nothing' }
  /** A value of YAML that no schema describes. */
  | { readonly kind: 'any' }
  | { readonly kind: 'list' | 'map' | 'entry'; readonly inner: ValueType }
  | ObjectType

interface ObjectType {
  readonly kind: 'object'
  readonly name: string
  readonly fields: readonly string[]
  /** Gives the type of one of the fields. */
  typeOf(field: string): ValueType
}

export const textType: ValueType = { kind: 'text' }
export const numberType: ValueType = { kind: 'number' }
export const conditionType: ValueType = { kind: 'condition' }
export const anyType: ValueType = { kind: 'any' }
export const nothingType: ValueType = { kind: 'nothing' }
export const markdownType: ValueType = { kind: 'Markdown' }

export const makeListType = (inner: ValueType): ValueType => ({ kind: 'list', inner })

/** The type of an entry of a map in a loop: its key at the index 0, its value at 1. */
export const makeEntryType = (inner: ValueType): ValueType => ({ kind: 'entry', inner })

export const makeObjectType = (name: string, fields: Readonly<Record<string, ValueType>>): ValueType => ({
  kind: 'object',
  name,
  fields: Object.keys(fields),
  typeOf: field => fields[field]!,
})

const scalars: Readonly<Record<string, ValueType>> = {
  string: textType,
  int: numberType,
  double: numberType,
  bool: conditionType,
  dyn: anyType,
}

/** Parses a type in the words of `types`, which expressions of policies share. */
export function parseType(words: string): ValueType {
  const inner = /^(list<|map<string, )(.*)>$/.exec(words)
  if (inner !== null) return { kind: inner[1] === 'list<' ? 'list' : 'map', inner: parseType(inner[2]!) }
  const fields = findTypeFields(words)
  if (fields === undefined) return scalars[words]!
  return {
    kind: 'object',
    name: words,
    fields: Object.keys(fields),
    typeOf: field => parseType(fields[field]!),
  }
}

export const isScalarType = ({ kind }: ValueType): boolean =>
  kind === 'text' || kind === 'number' || kind === 'condition' || kind === 'any' || kind === 'nothing'

/** Tells whether a value of one type may replace one of another. */
export const isLike = (a: ValueType, b: ValueType): boolean =>
  [a, b].some(({ kind }) => kind === 'any' || kind === 'nothing') || describeType(a) === describeType(b)

/** Describes a type: `a list of texts`, ``a `Service` ``. */
export function describeType(type: ValueType): string {
  switch (type.kind) {
    case 'Markdown':
      return 'Markdown'
    case 'nothing':
      return 'nothing'
    case 'any':
      return 'any value'
    case 'entry':
      return 'an entry of a map'
    case 'object':
      return `${/^[AEIO]/.test(type.name) ? 'an' : 'a'} \`${type.name}\``
    case 'list':
    case 'map':
      return `a ${type.kind} of ${describeEntries(type.inner)}`
    default:
      return `a ${type.kind}`
  }
}

const describeEntries = (type: ValueType): string =>
  type.kind === 'object' ? `\`${type.name}\`` : `${describeType(type).replace(/^an? (\w+)/, '$1s')}`
