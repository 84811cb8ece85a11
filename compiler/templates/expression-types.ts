import { type Filter, type Token, TypeGuards, type Value } from 'liquidjs'
import { listQuoted, suggestNearest } from '../diagnostics/suggest.ts'
import {
  templateSyntax,
  unknownTemplateField,
  unknownTemplateWord,
  wrongTemplateType,
} from './diagnostics.ts'
import { refusePart, type TextRange } from './faulty-part.ts'
import { type ArgumentKind, type FilterType, filterTypes, takesType } from './filters.ts'
import {
  anyType,
  conditionType,
  describeType,
  isLike,
  isScalarType,
  makeListType,
  nothingType,
  numberType,
  parseType,
  textType,
  type ValueType,
} from './value-types.ts'

/** The variables that an expression can name, with their types. */
export interface Variables {
  /** The variables of the loops around the expression, and `mesh`. */
  readonly scope: ReadonlyMap<string, ValueType>
  /** The variables that the template assigned before. */
  readonly assigned: ReadonlyMap<string, ValueType>
}

/** The type of `mesh`. */
export const meshType = parseType('Mesh')

/** Derives the type of an expression with its filters; throws a `FaultyPart` if it has none. */
export function deriveType(value: Value, variables: Variables): ValueType {
  let type = deriveUnfilteredType(value.initial.postfix, variables)
  // The last filter of an output may be the engine's own, which is not in the text.
  for (const filter of value.filters)
    if (filter['token'].input !== '') type = deriveFilteredType(type, filter, variables)
  return type
}

/** Derives the type of operands and the operators behind them. */
function deriveUnfilteredType(postfix: readonly Token[], variables: Variables): ValueType {
  const operands: ValueType[] = []
  for (const token of postfix) {
    if (!TypeGuards.isOperatorToken(token)) {
      operands.push(deriveTokenType(token, variables))
      continue
    }
    const { operator } = token
    const second = operands.pop()
    const first = operator === 'not' ? nothingType : operands.pop()
    if (second === undefined || first === undefined)
      return refusePart(templateSyntax, token, `\`${operator}\` lacks a value`)
    if (operator === 'not' || operator === 'and' || operator === 'or')
      for (const side of [first, second]) checkCondition(side, token)
    else checkComparison(operator, first, second, token)
    operands.push(conditionType)
  }
  if (operands.length > 1)
    return refusePart(templateSyntax, postfix.at(-1)!, 'an operator is missing before this value')
  return operands[0]!
}

/** Derives the type of a literal, a range or a variable with the steps behind it. */
export function deriveTokenType(token: Token, variables: Variables): ValueType {
  if (TypeGuards.isQuotedToken(token)) return textType
  if (TypeGuards.isNumberToken(token)) return numberType
  if (TypeGuards.isLiteralToken(token))
    return typeof token.content === 'boolean' ? conditionType : nothingType
  if (TypeGuards.isRangeToken(token)) {
    for (const end of [token.lhs, token.rhs]) checkNumber('a range', end, deriveTokenType(end, variables))
    return makeListType(numberType)
  }
  if (!TypeGuards.isPropertyAccessToken(token))
    return refusePart(wrongTemplateType, token, 'a value cannot be made of this')
  const [first, ...rest] = token.props
  let type =
    token.variable === undefined
      ? findVariableType(first!, variables)
      : deriveTokenType(token.variable, variables)
  for (const step of token.variable === undefined ? rest : token.props)
    type = deriveStepType(type, step, variables)
  return type
}

function findVariableType(token: Token, { scope, assigned }: Variables): ValueType {
  if (!TypeGuards.isWordToken(token) && !TypeGuards.isQuotedToken(token))
    return refusePart(unknownTemplateField, token, 'a variable begins with its name')
  const name = token.content
  const type = scope.get(name) ?? assigned.get(name)
  if (type !== undefined) return type
  const names = [...scope.keys(), ...assigned.keys()]
  const help = listFields(meshType).includes(name)
    ? `write \`mesh.${name}\``
    : (suggestNearest(name, names) ?? `there is ${listQuoted(names)}`)
  return refusePart(unknownTemplateField, token, `there is no variable \`${name}\``, help)
}

/** Derives the type of a part of a value: `.name`, `["name"]`, `[0]` or `[variable]`. */
function deriveStepType(type: ValueType, step: Token, variables: Variables): ValueType {
  if (type.kind === 'any') {
    if (!TypeGuards.isWordToken(step)) deriveTokenType(step, variables)
    return anyType
  }
  if (TypeGuards.isWordToken(step) || TypeGuards.isQuotedToken(step))
    return findNamedType(type, step.content, step)
  if (type.kind === 'entry' && TypeGuards.isNumberToken(step)) {
    if (step.content === 0) return textType
    if (step.content === 1) return type.inner
  }
  const index = deriveTokenType(step, variables)
  if (type.kind === 'map' && isLike(index, textType)) return type.inner
  if (type.kind === 'list' && isLike(index, numberType)) return type.inner
  return refusePart(unknownTemplateField, step, `${describeType(type)} has no part at ${describeType(index)}`)
}

/** Finds the type of the part of a value that a name names: a field, an entry, or one of the names that lists have. */
function findNamedType(type: ValueType, name: string, place: TextRange): ValueType {
  if (type.kind === 'object') return findFieldType(type, name, place)
  if (name === 'size' && ['list', 'map', 'text'].includes(type.kind)) return numberType
  if (type.kind === 'map') return type.inner
  if ((name === 'first' || name === 'last') && type.kind === 'list') return type.inner
  const help = type.kind === 'list' ? 'loop over its entries, or take the `first`' : undefined
  return refusePart(unknownTemplateField, place, `${describeType(type)} has no \`${name}\``, help)
}

function findFieldType(
  type: ValueType & { readonly kind: 'object' },
  field: string,
  place: TextRange,
): ValueType {
  if (type.fields.includes(field)) return type.typeOf(field)
  const near = suggestNearest(field, type.fields)
  const help = `${near === undefined ? '' : `${near} `}it has ${listQuoted(type.fields)}`
  return refusePart(unknownTemplateField, place, `${describeType(type)} has no field \`${field}\``, help)
}

export const listFields = (type: ValueType): readonly string[] => (type.kind === 'object' ? type.fields : [])

/** Derives the type that a filter makes of its input. */
function deriveFilteredType(input: ValueType, filter: Filter, variables: Variables): ValueType {
  const { name, args } = filter
  const token = filter['token']
  const place = { begin: token.begin, end: token.begin + name.length }
  const type = findFilterType(name, place)
  if (!takesType(type, input))
    return refusePart(wrongTemplateType, place, `\`${name}\` does not take ${describeType(input)}`)
  const kinds = [...type.needs, ...(type.may ?? [])]
  if (args.length < type.needs.length || args.length > kinds.length)
    return refusePart(
      wrongTemplateType,
      token,
      `\`${name}\` takes ${describeCount(type.needs.length, kinds.length)}, and has ${args.length}`,
    )
  const types = args.map((argument, index) => {
    if (Array.isArray(argument))
      return refusePart(wrongTemplateType, token, `\`${name}\` takes no argument with a name`)
    return deriveArgumentType(name, kinds[index]!, input, argument, variables)
  })
  checkCompared(name, kinds, input, types, place)
  return type.gives(input, types)
}

function findFilterType(name: string, place: TextRange): FilterType {
  if (Object.hasOwn(filterTypes, name)) return filterTypes[name]!
  const legal = Object.keys(filterTypes)
  const help = suggestNearest(name, legal) ?? `a template has ${listQuoted(legal)}`
  return refusePart(unknownTemplateWord, place, `there is no filter \`${name}\``, help)
}

const describeCount = (least: number, most: number): string =>
  `${least === most ? least : `${least} or ${most}`} ${most === 1 ? 'argument' : 'arguments'}`

/** Derives the type of an argument of a filter; for the name of a field, the type of that field. */
function deriveArgumentType(
  filter: string,
  kind: ArgumentKind,
  input: ValueType,
  argument: Token,
  variables: Variables,
): ValueType {
  if (kind === 'field') return findFieldArgumentType(filter, input, argument)
  const given = deriveTokenType(argument, variables)
  const isRight =
    kind === 'scalar'
      ? isScalarType(given)
      : isLike(given, kind === 'same' ? input : kind === 'text' ? textType : numberType)
  if (!isRight)
    return refusePart(wrongTemplateType, argument, `\`${filter}\` does not take ${describeType(given)} here`)
  return given
}

function findFieldArgumentType(filter: string, input: ValueType, argument: Token): ValueType {
  if (!TypeGuards.isQuotedToken(argument))
    return refusePart(wrongTemplateType, argument, `\`${filter}\` takes the name of a field in quotes`)
  if (input.kind !== 'list' || input.inner.kind === 'any') return anyType
  const place = { begin: argument.begin + 1, end: argument.end - 1 }
  if (input.inner.kind !== 'object')
    return refusePart(
      wrongTemplateType,
      place,
      `the entries of the list are ${describeType(input.inner)} each, which has no fields`,
    )
  return findFieldType(input.inner, argument.content, place)
}

/** Checks that a filter that compares the entries of a list, or a field of each, compares scalars. */
function checkCompared(
  filter: string,
  kinds: readonly ArgumentKind[],
  input: ValueType,
  argumentTypes: readonly ValueType[],
  place: TextRange,
): void {
  const isSort = filter.startsWith('sort')
  const key = kinds[0] === 'field' && filter !== 'map' ? argumentTypes[0] : undefined
  const compared = key ?? (isSort && input.kind === 'list' ? input.inner : undefined)
  // Without a value to compare with, `where` asks for a part that is set.
  const isPresence = compared?.kind === 'object' && kinds.includes('scalar') && argumentTypes.length === 1
  if (compared !== undefined && !isScalarType(compared) && !isPresence)
    refusePart(wrongTemplateType, place, `\`${filter}\` does not compare ${describeType(compared)}`)
}

/** Checks that a value may be a condition. */
export function checkCondition(type: ValueType, token: Token): void {
  if (type.kind !== 'list' && type.kind !== 'map') return
  refusePart(
    wrongTemplateType,
    token,
    `${describeType(type)} is no condition: an empty one counts as true, too`,
    'compare its size: `.size > 0`',
  )
}

/** Checks that an operator compares values of two types. */
export function checkComparison(operator: string, left: ValueType, right: ValueType, token: Token): void {
  if (allowsComparison(operator, left, right)) return
  const words = `\`${operator}\` does not compare ${describeType(left)} with ${describeType(right)}`
  refusePart(wrongTemplateType, token, words)
}

function allowsComparison(operator: string, left: ValueType, right: ValueType): boolean {
  if (operator === 'contains') {
    const isText = isLike(left, textType) && isScalarType(right)
    const isEntry = left.kind === 'list' && isScalarType(left.inner) && isLike(left.inner, right)
    return isText || isEntry
  }
  if (operator === '==' || operator === '!=') {
    const isEmptiness = left.kind === 'nothing' || right.kind === 'nothing'
    return isEmptiness || (isLike(left, right) && isScalarType(left))
  }
  return isLike(left, numberType) && isLike(right, numberType)
}

/** Checks that a value is a number. */
export function checkNumber(what: string, token: Token, type: ValueType): void {
  if (!isLike(type, numberType))
    refusePart(wrongTemplateType, token, `${what} takes a number, and this is ${describeType(type)}`)
}
