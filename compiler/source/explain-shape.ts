import schema from '../../schema/generated/mesh-shape.json' with { type: 'json' }
import type { Diagnostic, SpecPath } from '../diagnostics/diagnostic.ts'
import { findNearestName, findOnlyNear, listQuoted } from '../diagnostics/suggest.ts'
import {
  missingField,
  unitMissing,
  unknownField,
  unknownWord,
  unquoted,
  wrongType,
  wrongValue,
} from './diagnostics.ts'
import { isMap } from './document.ts'

/** A map with more unknown fields gets only their number: a suggestion for each takes long. */
const mostUnknown = 100

/** The keywords that mesh-shape.json uses. */
export interface Schema {
  readonly $ref?: string
  readonly definitions?: Readonly<Record<string, Schema>>
  readonly type?: string | readonly string[]
  readonly title?: string
  readonly examples?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean | Schema
  readonly propertyNames?: Schema
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly anyOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
}

/**
 * Explains why a file does not have the shape of mesh-shape.json, each fault at the smallest wrong place. The validator has already
 * refused the file; this function finds the messages.
 *
 * @param shape a definition of mesh-shape.json that the file must have, if it is not a spec
 */
export function explainShape(
  value: unknown,
  file: string,
  shape: Schema = schema as Schema,
): readonly Diagnostic[] {
  const diagnostics = [...explainFaults(shape, value, [], file)]
  if (diagnostics.length === 0 && !hasGap(value))
    throw new Error(`${file} is refused by mesh-shape.json for a reason that cannot be explained`)
  return diagnostics
}

/** Tells whether a number or a word of YAML would be right as text. */
const fitsQuoted = (schema: Schema, value: unknown) =>
  admitsType(schema, String(value)) && admitsScalar(schema, String(value))

/** Tells whether a text would be right as a number. */
const fitsUnquoted = (schema: Schema, value: unknown) =>
  typeof value === 'string' &&
  value.trim() !== '' &&
  admitsType(schema, Number(value)) &&
  admitsScalar(schema, Number(value))

/** Advises about a list in place of a single value. */
function helpForList(
  entries: readonly unknown[],
  branches: readonly Schema[],
  path: SpecPath,
): string | undefined {
  const isOne = (entry: unknown) =>
    branches.some(branch => isScalar(entry) && admitsType(branch, entry) && admitsScalar(branch, entry))
  const [first] = entries
  if (entries.length === 0 || !entries.every(isOne)) return undefined
  if (entries.length === 1) return `write it without brackets: \`${inline(first)}\``
  const field = fieldName(path)
  if (field === 'extends')
    return 'a spec extends one other, which may extend the next; files of one layer are named with `include`'
  // A list may contain an entry several times.
  return typeof path.at(-2) === 'number'
    ? `write an entry for each: ${listQuoted(entries.map(entry => `- ${field}: ${inline(entry)}`))}`
    : 'it takes one value only'
}

/** Tells whether a value was left out that `parse` has refused and spoken of. */
const hasGap = (value: unknown): boolean =>
  value === undefined || (typeof value === 'object' && value !== null && Object.values(value).some(hasGap))

/** @param above the previous entry of the list */
function* explainFaults(
  unresolved: Schema,
  value: unknown,
  path: SpecPath,
  file: string,
  above?: unknown,
): Iterable<Diagnostic> {
  if (value === undefined || (value === null && admitsNull(unresolved))) return
  const branches = listAlternativeSchemas(unresolved)
  const fitting = branches.filter(branch => admitsType(branch, value))
  const at = { path, file }
  const field = fieldName(path)
  const isQuoted =
    !fitting.some(branch => admitsScalar(branch, value)) &&
    branches.some(branch => fitsUnquoted(branch, value))
  if (fitting.length === 0 || isQuoted) {
    const unit = branches.find(branch => typeof value === 'number' && hasUnit(branch))
    if (unit !== undefined) {
      yield unitMissing(at, {
        field,
        value: String(value),
        unit: unit.title ?? '',
        example: withUnit(unit, Number(value)),
        isOnly: hasOneUnit(unit, Number(value)),
      })
    } else if (isScalar(value) && branches.some(branch => fitsQuoted(branch, value))) {
      yield unquoted(at, { field, actual: describeActual(value) })
    } else {
      const expected = [...new Set(branches.map(describeKind))].join(' or ')
      const example = getExample(unresolved.examples === undefined ? (branches[0] ?? {}) : unresolved, value)
      const help = Array.isArray(value)
        ? helpForList(value, branches, path)
        : branches.some(branch => fitsUnquoted(branch, value))
          ? `write it without quotes: \`${String(value)}\``
          : undefined
      yield wrongType(at, {
        field,
        expected,
        actual: describeActual(value),
        ...example,
        ...(help && { help }),
      })
    }
    return
  }
  if (isMap(value)) {
    // The map meant is the one of several that knows most of these keys.
    const meant = fitting.toSorted((a, b) => knownKeys(b, value) - knownKeys(a, value))[0]!
    yield* explainMap(meant, value, path, file, above)
  } else if (Array.isArray(value)) {
    const { items, minItems = 0, maxItems = Number.POSITIVE_INFINITY } = fitting[0]!
    if (value.length < minItems)
      yield wrongValue(at, {
        field,
        value: '[]',
        expected: 'a list with an entry',
        ...getExample(fitting[0]!),
      })
    if (value.length > maxItems) {
      yield wrongValue(at, {
        field,
        value: `${value.length} entries`,
        expected: `a list of at most ${maxItems}`,
      })
    }
    if (items !== undefined)
      for (const [index, entry] of value.entries())
        yield* explainFaults(items, entry, [...path, index], file, value[index - 1])
  } else if (!fitting.some(branch => admitsScalar(branch, value))) {
    const words = fitting.flatMap(listSchemaWords)
    const forms = fitting.filter(branch => listSchemaWords(branch).length === 0)
    if (forms.length === 0) yield unknownWord(at, { field, value: String(value), legal: words })
    else {
      const names = [
        ...forms.map(form => describeForm(form, value)),
        ...(words.length > 0 ? [listQuoted(words, 'or')] : []),
      ]
      yield wrongValue(at, {
        field,
        value: cutValue(value),
        expected: names.join(' or '),
        ...likeIt(forms[0]!, value),
      })
    }
  }
}

function* explainMap(
  schema: Schema,
  value: Record<string, unknown>,
  path: SpecPath,
  file: string,
  above: unknown,
): Iterable<Diagnostic> {
  const { properties = {}, additionalProperties, propertyNames, required = [] } = schema
  const unknown = Object.keys(value).filter(
    key => additionalProperties === false && !Object.hasOwn(properties, key),
  )
  const misspelt = unknown.slice(0, mostUnknown)
  const explained = new Set(misspelt)
  const fields = Object.keys(properties)
  const near = new Set(misspelt.map(key => findNearestName(key, fields)))
  const meantBy = fieldsMeant(misspelt, fields, value)
  for (const name of required) {
    // One mistake has one message: a misspelled or renamed field is not reported as missing, too.
    const isMeant = near.has(name) || misspelt.some(key => fits(properties[name] ?? {}, value[key], file))
    if (!Object.hasOwn(value, name) && !isMeant) {
      const example = listAlternativeSchemas(properties[name] ?? {})[0]
      const shown = properties[name]?.examples?.[0] ?? example?.examples?.[0]
      yield missingField(
        { path, file },
        {
          field: name,
          isDashToo: isMap(above) && !Object.keys(value).some(key => Object.hasOwn(above, key)),
          ...(shown !== undefined && { example: `${name}: ${inline(shown)}` }),
        },
      )
    }
  }
  for (const [key, entry] of Object.entries(value)) {
    const here = { path: [...path, key], file, part: 'key' as const }
    if (Object.hasOwn(properties, key)) yield* explainFaults(properties[key]!, entry, [...path, key], file)
    else if (additionalProperties === false) {
      if (!explained.has(key)) continue
      const field = meantBy.get(key)
      const meant = field !== undefined && fits(properties[field]!, entry, file) ? field : undefined
      const untold = key === misspelt.at(-1) ? unknown.length - misspelt.length : 0
      yield unknownField(here, { field: key, legal: fields, meant, untold })
    } else {
      const names = propertyNames === undefined ? [] : listAlternativeSchemas(propertyNames)
      if (names.length > 0 && !names.some(name => admitsScalar(name, key))) {
        const words = names.flatMap(listSchemaWords)
        if (words.length > 0) yield unknownWord(here, { field: fieldName(path), value: key, legal: words })
        else
          yield wrongValue(here, {
            field: fieldName(path),
            value: cutValue(key),
            expected: names[0] === undefined ? 'a name' : describeForm(names[0], key),
            ...likeIt(names[0]!, key),
          })
      }
      if (typeof additionalProperties === 'object')
        yield* explainFaults(additionalProperties, entry, [...path, key], file)
    }
  }
}

/** The field that each misspelt one must have been, if nothing else in the map is or means that one. */
function fieldsMeant(
  misspelt: readonly string[],
  fields: readonly string[],
  value: Record<string, unknown>,
): ReadonlyMap<string, string> {
  const meant = new Map<string, string>()
  const ways = new Map<string, number>()
  for (const key of misspelt) {
    const field = findOnlyNear(key, fields)
    if (field === undefined || Object.hasOwn(value, field)) continue
    meant.set(key, field)
    ways.set(field, (ways.get(field) ?? 0) + 1)
  }
  for (const [key, field] of meant) if (ways.get(field) !== 1) meant.delete(key)
  return meant
}

/** Tells whether a value has the shape that a schema asks for. */
function fits(schema: Schema, value: unknown, file: string): boolean {
  for (const _ of explainFaults(schema, value, [], file)) return false
  return true
}

/** The alternative schemas, one of which must match. References are followed, and null is omitted: layers use it to remove a value. */
export function listAlternativeSchemas(schema: Schema): readonly Schema[] {
  if (schema.$ref !== undefined) {
    const target = getDefinition(schema.$ref)
    return listAlternativeSchemas(target).map(alternative => ({
      ...alternative,
      ...(schema.title !== undefined && { title: schema.title }),
    }))
  }
  // A reference with further keywords is in an allOf of one entry: draft-07 ignores the keywords beside $ref.
  if (schema.allOf !== undefined) return schema.allOf.flatMap(listAlternativeSchemas)
  if (schema.anyOf === undefined) return schema.type === 'null' ? [] : [schema]
  return schema.anyOf.flatMap(listAlternativeSchemas)
}

function getDefinition(reference: string): Schema {
  const name = reference.slice(reference.lastIndexOf('/') + 1)
  const definition = (schema as Schema).definitions?.[name]
  if (definition === undefined)
    throw new Error(`mesh-shape.json refers to ${reference}, which it does not define`)
  return definition
}

const listTypes = ({ type, const: constant, enum: words }: Schema): readonly string[] => {
  if (type !== undefined) return typeof type === 'string' ? [type] : type
  if (constant !== undefined) return [typeof constant]
  return words === undefined ? [] : [...new Set(words.map(word => typeof word))]
}

/** Tells whether a layer may take this away with null. */
function admitsNull(schema: Schema): boolean {
  if (schema.$ref !== undefined) return admitsNull(getDefinition(schema.$ref))
  const parts = schema.anyOf ?? schema.allOf
  return parts === undefined ? listTypes(schema).includes('null') : parts.some(admitsNull)
}

function admitsType(schema: Schema, value: unknown): boolean {
  const types = listTypes(schema)
  if (types.length === 0) return true
  if (value === null) return types.includes('null')
  if (Array.isArray(value)) return types.includes('array')
  if (typeof value === 'number') return types.includes('number') || types.includes('integer')
  return types.includes(typeof value)
}

function admitsScalar(schema: Schema, value: unknown): boolean {
  if (schema.const !== undefined) return value === schema.const
  if (schema.enum !== undefined) return schema.enum.includes(value)
  if (typeof value === 'string') {
    const length = [...value].length
    return (
      length >= (schema.minLength ?? 0) &&
      length <= (schema.maxLength ?? Number.POSITIVE_INFINITY) &&
      (schema.pattern === undefined || new RegExp(schema.pattern, 'u').test(value))
    )
  }
  if (typeof value === 'number') {
    const whole = !listTypes(schema).includes('integer') || Number.isInteger(value)
    return whole && value >= (schema.minimum ?? value) && value <= (schema.maximum ?? value)
  }
  return true
}

const isScalar = (value: unknown) => typeof value !== 'object'
const listSchemaWords = ({ const: constant, enum: words }: Schema): readonly string[] =>
  constant !== undefined ? [String(constant)] : (words ?? []).map(String)
const hasUnit = ({ title }: Schema) => title !== undefined && /duration|percentage|amount of/.test(title)
const knownKeys = ({ properties = {} }: Schema, value: object) =>
  Object.keys(value).filter(key => Object.hasOwn(properties, key)).length

/** A percentage has one unit, and whole CPUs are counted as Kubernetes counts them; a time or memory could be in any. */
const hasOneUnit = (schema: Schema, value: number) =>
  value >= 1 &&
  (describeKind(schema).includes('percentage') || (describeKind(schema).includes('CPU') && value < 20)) &&
  admitsScalar(schema, withUnit(schema, value))

function withUnit({ title = '' }: Schema, value: number): string {
  if (title.includes('percentage')) return `${value}%`
  if (title.includes('CPU')) return `${Math.max(1, Math.round(value < 20 ? value * 1000 : value))}m`
  return title.includes('memory') ? `${value}Mi` : `${Math.max(1, Math.round(value))}s`
}

function describeKind(schema: Schema): string {
  if (schema.title !== undefined) return schema.title
  const words = listSchemaWords(schema)
  if (words.length > 0) return listQuoted(words, 'or')
  const type = listTypes(schema)[0]
  const names: Readonly<Record<string, string>> = {
    object: 'a map',
    array: 'a list',
    string: 'text',
    integer: 'a whole number',
    number: 'a number',
    boolean: '`true` or `false`',
  }
  return names[type ?? ''] ?? 'another value'
}

function describeActual(value: unknown): string {
  if (value === null || value === undefined) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  return typeof value === 'string'
    ? 'text'
    : `the ${typeof value === 'number' ? 'number' : 'word'} \`${String(value)}\``
}

/** An example; for a number, sooner a map than a word. */
function getExample({ examples = [] }: Schema, value?: unknown): { readonly example?: string } {
  const map = typeof value === 'number' ? examples.find(isMap) : undefined
  const example = map ?? examples[0]
  return example === undefined ? {} : { example: inline(example) }
}

/** Describes the required form of a value, with the limits that it exceeds, if any. */
function describeForm(schema: Schema, value: unknown): string {
  const { minimum, maximum, maxLength = Number.POSITIVE_INFINITY } = schema
  const kind = describeKind(schema)
  if (typeof value === 'string' && [...value].length > maxLength)
    return `${kind} of at most ${maxLength} characters`
  if (typeof value !== 'number' || !Number.isInteger(value)) return kind
  const from = minimum !== undefined && !kind.includes(' from ') ? ` from ${minimum}` : ''
  const to = maximum !== undefined && !kind.includes(' to ') ? ` to ${maximum}` : ''
  return `${kind}${from}${to}`
}

/** The example of a form, or the value itself if it can be written in that form. */
function likeIt(schema: Schema, value: unknown): { readonly example?: string } {
  if (typeof value !== 'string') return getExample(schema)
  const written = [value.trim().toLowerCase().replaceAll(/[_ ]+/g, '-'), withoutFraction(value)]
  const example = written.find(text => text !== '' && admitsScalar(schema, text))
  return example === undefined ? getExample(schema) : { example }
}

/** `1.5s` as `1500ms`, and a share rounded down to a whole one; empty: the text is not such an amount. */
function withoutFraction(value: string): string {
  const [, amount = '', unit = ''] = /^(\d*\.\d+)(s|m|h|%)$/.exec(value) ?? []
  if (unit === '%') return `${Math.max(1, Math.floor(Number(amount)))}%`
  const [factor, smaller] = { s: [1000, 'ms'], m: [60, 's'], h: [60, 'm'] }[unit] ?? []
  return factor === undefined ? '' : `${Math.round(Number(amount) * Number(factor))}${smaller}`
}

/** A value as one line of YAML. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, entry]) => `${key}: ${inline(entry)}`)
      .join(', ')} }`
  }
  return String(value)
}

const cutValue = (value: unknown) =>
  String(value).length > 60 ? `${String(value).slice(0, 57)}…` : String(value)

/** The nearest name on the path to a value: an index in a list has none. */
function fieldName(path: SpecPath): string {
  const name = path.findLast(step => typeof step === 'string')
  return name === undefined ? 'the spec' : String(name)
}
