import {
  AssignTag,
  CaseTag,
  type Filter,
  ForTag,
  IfTag,
  Output,
  type Template,
  type Token,
  TypeGuards,
  UnlessTag,
  type Value,
} from 'liquidjs'
import type { Diagnostic, DiagnosticFactory } from '../diagnostics/diagnostic.ts'
import type { Location } from '../diagnostics/source.ts'
import { listQuoted, suggestNearest } from '../diagnostics/suggest.ts'
import {
  templateSyntax,
  unknownTemplateField,
  unknownTemplateWord,
  wrongTemplateType,
} from './diagnostics.ts'
import { filterTypes, takesType } from './filters.ts'
import {
  anyType,
  conditionType,
  describeType,
  isLike,
  isScalarType,
  makeEntryType,
  makeListType,
  makeObjectType,
  nothingType,
  numberType,
  parseType,
  textType,
  type ValueType,
} from './value-types.ts'

/** Is thrown where a part of a template is wrong: what the part is used for cannot be looked at. */
class FaultyPart extends Error {
  readonly fault: Diagnostic

  constructor(fault: Diagnostic) {
    super(fault.message)
    this.fault = fault
  }
}

type Scope = ReadonlyMap<string, ValueType>

const loopType = makeObjectType('forloop', {
  index: numberType,
  index0: numberType,
  rindex: numberType,
  rindex0: numberType,
  length: numberType,
  first: conditionType,
  last: conditionType,
})

const modifiers = ['limit', 'offset', 'reversed']

/** Finds the parts of a template that read what is not there, or use a value as its type does not allow. */
export function checkTemplate(templates: readonly Template[], file: string): readonly Diagnostic[] {
  const faults: Diagnostic[] = []
  const assigned = new Map<string, ValueType>()
  const mesh = parseType('Mesh')
  checkAll(templates, new Map([['mesh', mesh]]))
  return faults

  function checkAll(templates: readonly Template[], scope: Scope): void {
    for (const template of templates) checkOne(template, scope)
  }

  function checkOne(template: Template, scope: Scope): void {
    if (template instanceof Output) attempt(() => checkOutput(template, scope))
    else if (template instanceof AssignTag) checkAssignment(template, scope)
    else if (template instanceof ForTag) checkLoop(template, scope)
    else if (template instanceof IfTag || template instanceof UnlessTag) {
      for (const { value, templates } of template.branches) {
        attempt(() => checkCondition(typeOf(value, scope), value.initial.postfix[0]!))
        checkAll(templates, scope)
      }
      checkAll(template.elseTemplates ?? [], scope)
    } else if (template instanceof CaseTag) {
      const type = attempt(() => typeOf(template.value, scope)) ?? anyType
      for (const { values, templates } of template.branches) {
        for (const value of values)
          attempt(() => checkComparison('==', type, typeOfToken(value, scope), value))
        checkAll(templates, scope)
      }
      checkAll(template.elseTemplates, scope)
    }
  }

  function checkOutput({ value, token }: Output, scope: Scope): void {
    const type = typeOf(value, scope)
    if (isScalarType(type) || type.kind === 'Markdown') return
    const help =
      type.kind === 'list' && isScalarType(type.inner)
        ? 'write the entries with `| join: ", "`, or as code with `| code`'
        : type.kind === 'list' || type.kind === 'map'
          ? 'loop over its entries with `for`'
          : type.kind === 'entry'
            ? 'its key is at `[0]`, and its value at `[1]`'
            : `write one of its fields: ${listQuoted(fieldsOf(type))}`
    refuse(wrongTemplateType, token, `${describeType(type)} cannot be written into a document`, help)
  }

  function checkAssignment(tag: AssignTag, scope: Scope): void {
    const identifier = tag['identifier']
    const name = identifier.content
    const type = attempt(() => typeOf(tag['value'], scope)) ?? anyType
    attempt(() => {
      if (scope.has(name))
        refuse(wrongTemplateType, identifier, `\`${name}\` cannot be assigned anew`, 'use another name')
      const before = assigned.get(name)
      if (before !== undefined && !isLike(before, type))
        refuse(
          wrongTemplateType,
          identifier,
          `\`${name}\` is ${describeType(before)}, and ${describeType(type)} is assigned`,
          'use another name',
        )
    })
    // Another branch may assign `nil` to the same name.
    const before = assigned.get(name)
    if (before === undefined || before.kind === 'nothing') assigned.set(name, type)
  }

  function checkLoop(tag: ForTag, scope: Scope): void {
    const inner = attempt(() => typeOfEntries(tag, scope)) ?? anyType
    attempt(() => {
      if (tag.variable === 'mesh' || tag.variable === 'forloop')
        refuse(
          wrongTemplateType,
          tag.token,
          `a loop cannot name its entries \`${tag.variable}\``,
          'use another name',
        )
    })
    for (const [name, token] of Object.entries(tag.hash.hash))
      attempt(() => {
        if (!modifiers.includes(name))
          refuse(
            unknownTemplateWord,
            tag.token,
            `a loop has no \`${name}\``,
            `it takes ${listQuoted(modifiers)}`,
          )
        if (token !== undefined) checkNumber(name, token, typeOfToken(token, scope))
      })
    checkAll(tag.templates, new Map([...scope, [tag.variable, inner], ['forloop', loopType]]))
    checkAll(tag.elseTemplates, scope)
  }

  function typeOfEntries({ collection }: ForTag, scope: Scope): ValueType {
    const type = typeOfToken(collection, scope)
    if (type.kind === 'list') return type.inner
    if (type.kind === 'map') return makeEntryType(type.inner)
    if (type.kind === 'any') return anyType
    return refuse(
      wrongTemplateType,
      collection,
      `a loop is over a list or a map, not over ${describeType(type)}`,
    )
  }

  function typeOf(value: Value, scope: Scope): ValueType {
    const operands: ValueType[] = []
    for (const token of value.initial.postfix) {
      if (!TypeGuards.isOperatorToken(token)) {
        operands.push(typeOfToken(token, scope))
        continue
      }
      const { operator } = token
      const second = operands.pop()
      const first = operator === 'not' ? nothingType : operands.pop()
      if (second === undefined || first === undefined)
        return refuse(templateSyntax, token, `\`${operator}\` lacks a value`)
      if (operator === 'not' || operator === 'and' || operator === 'or')
        for (const side of [first, second]) checkCondition(side, token)
      else checkComparison(operator, first, second, token)
      operands.push(conditionType)
    }
    if (operands.length > 1)
      return refuse(templateSyntax, value.initial.postfix.at(-1)!, 'an operator is missing before this value')
    let type = operands[0]!
    // The last filter of an output may be the engine's own, which stands nowhere in the text.
    for (const filter of value.filters)
      if (filter['token'].input !== '') type = typeOfFiltered(type, filter, scope)
    return type
  }

  function typeOfFiltered(input: ValueType, filter: Filter, scope: Scope): ValueType {
    const { name, args } = filter
    const token = filter['token']
    const place = { begin: token.begin, end: token.begin + name.length }
    if (!Object.hasOwn(filterTypes, name)) {
      const legal = Object.keys(filterTypes)
      const help = suggestNearest(name, legal) ?? `a template has ${listQuoted(legal)}`
      return refuse(unknownTemplateWord, place, `there is no filter \`${name}\``, help)
    }
    const type = filterTypes[name]!
    if (!takesType(type, input))
      return refuse(wrongTemplateType, place, `\`${name}\` does not take ${describeType(input)}`)
    const kinds = [...type.needs, ...(type.may ?? [])]
    if (args.length < type.needs.length || args.length > kinds.length)
      return refuse(
        wrongTemplateType,
        token,
        `\`${name}\` takes ${describeCount(type.needs.length, kinds.length)}, and has ${args.length}`,
      )
    const types = args.map((argument, index) => {
      if (Array.isArray(argument))
        return refuse(wrongTemplateType, token, `\`${name}\` takes no argument with a name`)
      const kind = kinds[index]!
      if (kind === 'field') return typeOfFieldArgument(input, argument, name)
      const given = typeOfToken(argument, scope)
      const isRight =
        kind === 'scalar'
          ? isScalarType(given)
          : isLike(given, kind === 'same' ? input : kind === 'text' ? textType : numberType)
      if (!isRight)
        return refuse(wrongTemplateType, argument, `\`${name}\` does not take ${describeType(given)} here`)
      return given
    })
    const isSort = name.startsWith('sort')
    const key = kinds[0] === 'field' && name !== 'map' ? types[0] : undefined
    const compared = key ?? (isSort && input.kind === 'list' ? input.inner : undefined)
    // Without a value to compare with, `where` asks for a part that is set.
    const isPresence = compared?.kind === 'object' && kinds.includes('scalar') && args.length === 1
    if (compared !== undefined && !isScalarType(compared) && !isPresence)
      return refuse(wrongTemplateType, place, `\`${name}\` does not compare ${describeType(compared)}`)
    return type.gives(input, types)
  }

  function typeOfFieldArgument(input: ValueType, argument: Token, filter: string): ValueType {
    if (!TypeGuards.isQuotedToken(argument))
      return refuse(wrongTemplateType, argument, `\`${filter}\` takes the name of a field in quotes`)
    if (input.kind !== 'list' || input.inner.kind === 'any') return anyType
    const place = { begin: argument.begin + 1, end: argument.end - 1 }
    if (input.inner.kind !== 'object')
      return refuse(
        wrongTemplateType,
        place,
        `the entries of the list are ${describeType(input.inner)} each, which has no fields`,
      )
    return typeOfField(input.inner, argument.content, place)
  }

  function typeOfToken(token: Token, scope: Scope): ValueType {
    if (TypeGuards.isQuotedToken(token)) return textType
    if (TypeGuards.isNumberToken(token)) return numberType
    if (TypeGuards.isLiteralToken(token))
      return typeof token.content === 'boolean' ? conditionType : nothingType
    if (TypeGuards.isRangeToken(token)) {
      for (const end of [token.lhs, token.rhs]) checkNumber('a range', end, typeOfToken(end, scope))
      return makeListType(numberType)
    }
    if (!TypeGuards.isPropertyAccessToken(token))
      return refuse(wrongTemplateType, token, 'a value cannot be made of this')
    const [first, ...rest] = token.props
    let type =
      token.variable === undefined ? typeOfVariable(first!, scope) : typeOfToken(token.variable, scope)
    for (const step of token.variable === undefined ? rest : token.props) type = typeOfStep(type, step, scope)
    return type
  }

  function typeOfVariable(token: Token, scope: Scope): ValueType {
    if (!TypeGuards.isWordToken(token) && !TypeGuards.isQuotedToken(token))
      return refuse(unknownTemplateField, token, 'a variable begins with its name')
    const name = token.content
    const type = scope.get(name) ?? assigned.get(name)
    if (type !== undefined) return type
    const names = [...scope.keys(), ...assigned.keys()]
    const help = fieldsOf(mesh).includes(name)
      ? `write \`mesh.${name}\``
      : (suggestNearest(name, names) ?? `there is ${listQuoted(names)}`)
    return refuse(unknownTemplateField, token, `there is no variable \`${name}\``, help)
  }

  /** The type of a part of a value: `.name`, `["name"]`, `[0]` or `[variable]`. */
  function typeOfStep(type: ValueType, step: Token, scope: Scope): ValueType {
    if (type.kind === 'any') {
      if (!TypeGuards.isWordToken(step)) typeOfToken(step, scope)
      return anyType
    }
    const name = TypeGuards.isWordToken(step) || TypeGuards.isQuotedToken(step) ? step.content : undefined
    if (name !== undefined) {
      if (type.kind === 'object') return typeOfField(type, name, step)
      if (name === 'size' && ['list', 'map', 'text'].includes(type.kind)) return numberType
      if (type.kind === 'map') return type.inner
      if ((name === 'first' || name === 'last') && type.kind === 'list') return type.inner
      const help = type.kind === 'list' ? 'loop over its entries, or take the `first`' : undefined
      return refuse(unknownTemplateField, step, `${describeType(type)} has no \`${name}\``, help)
    }
    if (type.kind === 'entry' && TypeGuards.isNumberToken(step)) {
      if (step.content === 0) return textType
      if (step.content === 1) return type.inner
    }
    const index = typeOfToken(step, scope)
    if (type.kind === 'map' && isLike(index, textType)) return type.inner
    if (type.kind === 'list' && isLike(index, numberType)) return type.inner
    return refuse(unknownTemplateField, step, `${describeType(type)} has no part at ${describeType(index)}`)
  }

  function typeOfField(
    type: ValueType & { readonly kind: 'object' },
    field: string,
    place: { readonly begin: number; readonly end: number },
  ): ValueType {
    if (type.fields.includes(field)) return type.typeOf(field)
    const near = suggestNearest(field, type.fields)
    const help = `${near === undefined ? '' : `${near} `}it has ${listQuoted(type.fields)}`
    return refuse(unknownTemplateField, place, `${describeType(type)} has no field \`${field}\``, help)
  }

  function checkCondition(type: ValueType, token: Token): void {
    if (type.kind !== 'list' && type.kind !== 'map') return
    refuse(
      wrongTemplateType,
      token,
      `${describeType(type)} is no condition: an empty one counts as true, too`,
      'compare its size: `.size > 0`',
    )
  }

  function checkComparison(operator: string, left: ValueType, right: ValueType, token: Token): void {
    const words = `\`${operator}\` does not compare ${describeType(left)} with ${describeType(right)}`
    if (operator === 'contains') {
      const isText = isLike(left, textType) && isScalarType(right)
      const isEntry = left.kind === 'list' && isScalarType(left.inner) && isLike(left.inner, right)
      if (!isText && !isEntry) refuse(wrongTemplateType, token, words)
    } else if (operator === '==' || operator === '!=') {
      const isEmptiness = left.kind === 'nothing' || right.kind === 'nothing'
      if (!isEmptiness && !(isLike(left, right) && isScalarType(left)))
        refuse(wrongTemplateType, token, words)
    } else if (!isLike(left, numberType) || !isLike(right, numberType))
      refuse(wrongTemplateType, token, words)
  }

  function checkNumber(what: string, token: Token, type: ValueType): void {
    if (!isLike(type, numberType))
      refuse(wrongTemplateType, token, `${what} takes a number, and this is ${describeType(type)}`)
  }

  /** Looks at a part of a template; undefined where it is wrong. */
  function attempt<Result>(run: () => Result): Result | undefined {
    try {
      return run()
    } catch (error) {
      if (!(error instanceof FaultyPart)) throw error
      faults.push(error.fault)
      return undefined
    }
  }

  function refuse(
    diagnostic: DiagnosticFactory<{ readonly problem: string; readonly help: string | undefined }>,
    { begin, end }: { readonly begin: number; readonly end: number },
    problem: string,
    help?: string,
  ): never {
    const location: Location = { file, start: begin, end }
    throw new FaultyPart(diagnostic({ location }, { problem, help }))
  }
}

const fieldsOf = (type: ValueType): readonly string[] => (type.kind === 'object' ? type.fields : [])

const describeCount = (least: number, most: number): string =>
  `${least === most ? least : `${least} or ${most}`} ${most === 1 ? 'argument' : 'arguments'}`
