import { code, codes, type Markdown, markdown } from '../documents/markdown.ts'
import {
  anyType,
  isLike,
  isScalarType,
  makeListType,
  makeObjectType,
  markdownType,
  numberType,
  textType,
  type ValueType,
} from './value-types.ts'

/**
 * The value that an argument of a filter must have. A field is the name of a field of the list's entries, in quotes; `same`: the type
 * of the filter's own input.
 */
export type ArgumentKind = 'scalar' | 'text' | 'number' | 'field' | 'same'

/** The types of a filter. */
export interface FilterType {
  readonly takes: 'scalar' | 'number' | 'list' | 'texts' | 'sized' | 'shown' | 'any'
  readonly needs: readonly ArgumentKind[]
  /** The arguments that may be left out, behind those that it needs. */
  readonly may?: readonly ArgumentKind[]
  /** @param args the types of the arguments: of a field, its own */
  gives(input: ValueType, args: readonly ValueType[]): ValueType
}

const givesText = () => textType
const givesNumber = () => numberType
const givesInput = (input: ValueType) => input
const givesEntry = (input: ValueType) => ('inner' in input ? input.inner : anyType)

const nameGroup = (input: ValueType) =>
  'inner' in input && input.inner.kind === 'object' ? `Group<${input.inner.name}>` : 'Group'

const ofText: FilterType = { takes: 'scalar', needs: [], gives: givesText }
const ofNumber: FilterType = { takes: 'number', needs: [], gives: givesNumber }
const ofTwoNumbers: FilterType = { ...ofNumber, needs: ['number'] }
const ofList: FilterType = { takes: 'list', needs: [], gives: givesInput }
const selectFilter: FilterType = { ...ofList, needs: ['field'], may: ['scalar'] }

/** The filters of templates. None reads the time, makes a random choice, or reads a file. */
export const filterTypes: Readonly<Record<string, FilterType>> = {
  append: { ...ofText, needs: ['scalar'] },
  prepend: { ...ofText, needs: ['scalar'] },
  upcase: ofText,
  downcase: ofText,
  capitalize: ofText,
  strip: ofText,
  remove: { ...ofText, needs: ['text'] },
  replace: { ...ofText, needs: ['text', 'text'] },
  truncate: { ...ofText, may: ['number', 'text'] },
  url_encode: ofText,
  plus: ofTwoNumbers,
  minus: ofTwoNumbers,
  times: ofTwoNumbers,
  divided_by: ofTwoNumbers,
  modulo: ofTwoNumbers,
  at_least: ofTwoNumbers,
  at_most: ofTwoNumbers,
  round: { ...ofNumber, may: ['number'] },
  ceil: ofNumber,
  floor: ofNumber,
  abs: ofNumber,
  size: { takes: 'sized', needs: [], gives: givesNumber },
  join: { takes: 'texts', needs: [], may: ['text'], gives: givesText },
  first: { ...ofList, gives: givesEntry },
  last: { ...ofList, gives: givesEntry },
  reverse: ofList,
  compact: ofList,
  uniq: { ...ofList, takes: 'texts' },
  concat: { ...ofList, needs: ['same'] },
  sort: { ...ofList, may: ['field'] },
  sort_natural: { ...ofList, may: ['field'] },
  map: { ...ofList, needs: ['field'], gives: (_, [field]) => makeListType(field ?? anyType) },
  where: selectFilter,
  reject: selectFilter,
  find: { ...selectFilter, gives: givesEntry },
  group_by: {
    ...ofList,
    needs: ['field'],
    gives: (input, [field]) =>
      makeListType(makeObjectType(nameGroup(input), { name: field ?? anyType, items: input })),
  },
  default: {
    takes: 'any',
    needs: ['same'],
    gives: (input, [fallback]) => (input.kind === 'nothing' ? (fallback ?? input) : input),
  },
  code: { takes: 'shown', needs: [], gives: () => markdownType },
  raw: { takes: 'scalar', needs: [], gives: () => markdownType },
}

/** Tells whether a filter takes a value of a type. */
export function takesType({ takes }: FilterType, type: ValueType): boolean {
  const isOfTexts = type.kind === 'list' && isScalarType(type.inner)
  switch (takes) {
    case 'any':
      return type.kind !== 'Markdown'
    case 'scalar':
      return isScalarType(type)
    case 'number':
      return isLike(type, numberType)
    case 'list':
      return type.kind === 'list' || type.kind === 'any'
    case 'texts':
      return isOfTexts || type.kind === 'any'
    case 'sized':
      return type.kind === 'list' || isLike(type, textType)
    case 'shown':
      return isScalarType(type) || isOfTexts
  }
}

/** A value as code; empty for an absent one. */
export function showCode(value: unknown): string {
  if (Array.isArray(value)) return codes(value.map(printAsText)).text
  const shown = printAsText(value)
  return shown === '' ? '' : code(shown).text
}

/** A value as words of Markdown: nothing of it becomes a link, a heading or HTML. */
export const showMarkdown = (value: unknown): Markdown['text'] => markdown(printAsText(value))

/** A value as a text. A value that is not a scalar, of a part without a schema, is in the notation of JSON. */
function printAsText(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
