import { AssignTag, CaseTag, ForTag, IfTag, Output, type Template, UnlessTag } from 'liquidjs'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { listQuoted } from '../diagnostics/suggest.ts'
import { unknownTemplateWord, wrongTemplateType } from './diagnostics.ts'
import {
  checkComparison,
  checkCondition,
  checkNumber,
  deriveTokenType,
  deriveType,
  listFields,
  meshType,
  type Variables,
} from './expression-types.ts'
import { FaultyPart, refusePart } from './faulty-part.ts'
import {
  anyType,
  conditionType,
  describeType,
  isLike,
  isScalarType,
  makeEntryType,
  makeObjectType,
  numberType,
  type ValueType,
} from './value-types.ts'

/** Finds the parts of a template that read absent values, or use a value in a way that its type does not allow. */
export function checkTemplate(templates: readonly Template[], file: string): readonly Diagnostic[] {
  const faults: FaultyPart[] = []
  checkAll(templates, { scope: new Map([['mesh', meshType]]), assigned: new Map(), faults })
  return faults.map(fault => fault.report(file))
}

/** The place that a part of a template has: its variables, and the faults of the parts before. */
interface Context extends Variables {
  readonly assigned: Map<string, ValueType>
  readonly faults: FaultyPart[]
}

function checkAll(templates: readonly Template[], context: Context): void {
  for (const template of templates) checkOne(template, context)
}

function checkOne(template: Template, context: Context): void {
  if (template instanceof Output) attempt(context, () => checkOutput(template, context))
  else if (template instanceof AssignTag) checkAssignment(template, context)
  else if (template instanceof ForTag) checkLoop(template, context)
  else if (template instanceof IfTag || template instanceof UnlessTag) checkBranches(template, context)
  else if (template instanceof CaseTag) checkCases(template, context)
}

function checkOutput({ value, token }: Output, context: Context): void {
  const type = deriveType(value, context)
  if (isScalarType(type) || type.kind === 'Markdown') return
  const help =
    type.kind === 'list' && isScalarType(type.inner)
      ? 'write the entries with `| join: ", "`, or as code with `| code`'
      : type.kind === 'list' || type.kind === 'map'
        ? 'loop over its entries with `for`'
        : type.kind === 'entry'
          ? 'its key is at `[0]`, and its value at `[1]`'
          : `write one of its fields: ${listQuoted(listFields(type))}`
  refusePart(wrongTemplateType, token, `${describeType(type)} cannot be written into a document`, help)
}

function checkAssignment(tag: AssignTag, context: Context): void {
  const { scope, assigned } = context
  const identifier = tag['identifier']
  const name = identifier.content
  const type = attempt(context, () => deriveType(tag['value'], context)) ?? anyType
  const before = assigned.get(name)
  attempt(context, () => {
    if (scope.has(name))
      refusePart(wrongTemplateType, identifier, `\`${name}\` cannot be assigned anew`, 'use another name')
    if (before !== undefined && !isLike(before, type))
      refusePart(
        wrongTemplateType,
        identifier,
        `\`${name}\` is ${describeType(before)}, and ${describeType(type)} is assigned`,
        'use another name',
      )
  })
  // Another branch may assign `nil` to the same name.
  if (before === undefined || before.kind === 'nothing') assigned.set(name, type)
}

function checkLoop(tag: ForTag, context: Context): void {
  const inner = attempt(context, () => deriveEntryType(tag, context)) ?? anyType
  attempt(context, () => {
    if (tag.variable === 'mesh' || tag.variable === 'forloop')
      refusePart(
        wrongTemplateType,
        tag.token,
        `a loop cannot name its entries \`${tag.variable}\``,
        'use another name',
      )
  })
  checkModifiers(tag, context)
  const scope = new Map([...context.scope, [tag.variable, inner], ['forloop', loopType]])
  checkAll(tag.templates, { ...context, scope })
  checkAll(tag.elseTemplates, context)
}

/** Derives the type of the entries that a loop is over. */
function deriveEntryType({ collection }: ForTag, variables: Variables): ValueType {
  const type = deriveTokenType(collection, variables)
  if (type.kind === 'list') return type.inner
  if (type.kind === 'map') return makeEntryType(type.inner)
  if (type.kind === 'any') return anyType
  return refusePart(
    wrongTemplateType,
    collection,
    `a loop is over a list or a map, not over ${describeType(type)}`,
  )
}

const modifiers = ['limit', 'offset', 'reversed']

function checkModifiers({ hash, token: place }: ForTag, context: Context): void {
  for (const [name, token] of Object.entries(hash.hash))
    attempt(context, () => {
      if (!modifiers.includes(name))
        refusePart(
          unknownTemplateWord,
          place,
          `a loop has no \`${name}\``,
          `it takes ${listQuoted(modifiers)}`,
        )
      if (token !== undefined) checkNumber(name, token, deriveTokenType(token, context))
    })
}

const loopType = makeObjectType('forloop', {
  index: numberType,
  index0: numberType,
  rindex: numberType,
  rindex0: numberType,
  length: numberType,
  first: conditionType,
  last: conditionType,
})

function checkBranches({ branches, elseTemplates }: IfTag | UnlessTag, context: Context): void {
  for (const { value, templates } of branches) {
    attempt(context, () => checkCondition(deriveType(value, context), value.initial.postfix[0]!))
    checkAll(templates, context)
  }
  checkAll(elseTemplates ?? [], context)
}

function checkCases(tag: CaseTag, context: Context): void {
  const type = attempt(context, () => deriveType(tag.value, context)) ?? anyType
  for (const { values, templates } of tag.branches) {
    for (const value of values)
      attempt(context, () => checkComparison('==', type, deriveTokenType(value, context), value))
    checkAll(templates, context)
  }
  checkAll(tag.elseTemplates, context)
}

/** Checks a part of a template; undefined if it is wrong. */
function attempt<Result>({ faults }: Context, run: () => Result): Result | undefined {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof FaultyPart)) throw error
    faults.push(error)
    return undefined
  }
}
