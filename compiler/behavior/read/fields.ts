import type { SpecPath } from '../../diagnostics/diagnostic.ts'
import type { UnmodelledReason } from '../unmodelled-reasons.ts'
import { isMap } from './values.ts'

/** The rule of a field: the known effect of its values. */
export type FieldRule =
  /** It is followed, with all that is below. */
  | { readonly rule: 'read'; readonly form?: Form }
  /** A field that changes no request, as far as results go. */
  | { readonly rule: 'without effect'; readonly reason: string }
  /** It matters and is not modelled. */
  | { readonly rule: 'unmodelled'; readonly reason: UnmodelledReason }
  | {
      readonly rule: 'fields'
      readonly fields: Readonly<Record<string, FieldRule>>
      readonly required: readonly string[]
      /** The reason why a map without fields is not modelled; undefined: it is. */
      readonly whenEmpty: UnmodelledReason | undefined
    }
  /** A map with keys of the user's; some may have a rule of their own. */
  | {
      readonly rule: 'map'
      readonly item: FieldRule
      readonly besides: (key: string) => FieldRule | undefined
    }
  | { readonly rule: 'list'; readonly item: FieldRule }

/** The values that an API server takes for a field; `words`: a noun phrase, such as `a text`. */
export interface Form {
  readonly words: string
  fits(value: unknown): boolean
}

export const read: FieldRule = { rule: 'read' }
export const withoutEffect = (reason: string): FieldRule => ({ rule: 'without effect', reason })
export const unmodelled = (reason: UnmodelledReason): FieldRule => ({ rule: 'unmodelled', reason })
export const fields = (
  fieldRules: Readonly<Record<string, FieldRule>>,
  required: readonly string[] = [],
  whenEmpty?: UnmodelledReason,
): FieldRule => ({ rule: 'fields', fields: fieldRules, required, whenEmpty })
export const mapOf = (
  fieldRule: FieldRule,
  besides: (key: string) => FieldRule | undefined = () => undefined,
): FieldRule => ({ rule: 'map', item: fieldRule, besides })
export const listOf = (fieldRule: FieldRule): FieldRule => ({ rule: 'list', item: fieldRule })

const formed = (words: string, fits: Form['fits']): FieldRule => ({ rule: 'read', form: { words, fits } })
const isText = (value: unknown): value is string => typeof value === 'string'

export const text = formed('a text', isText)
export const texts = formed('a list of texts', value => Array.isArray(value) && value.every(isText))
/** An API server drops null values. */
export const textMap = formed(
  'a map of texts',
  value => isMap(value) && Object.values(value).every(entry => entry === null || isText(entry)),
)
export const flag = formed('true or false', value => typeof value === 'boolean')
export const oneOf = (...words: readonly string[]): FieldRule =>
  formed(`one of ${words.join(', ')}`, value => isText(value) && words.includes(value))
export const wholeNumber = (least: number, most: number): FieldRule =>
  formed(
    `a whole number from ${least} to ${most}`,
    value => typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most,
  )
export const percent = formed(
  'a number from 0 to 100',
  value => typeof value === 'number' && value >= 0 && value <= 100,
)
/** A duration as protobuf and Go write it. See https://pkg.go.dev/time#ParseDuration */
export const isDuration = (value: unknown): value is string =>
  isText(value) && /^(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:h|ms|us|µs|ns|m|s))+)$/.test(value)
export const duration = formed('a duration', isDuration)
/** See https://www.rfc-editor.org/rfc/rfc3339 */
export const time = formed(
  'a time',
  value =>
    isText(value) &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(value) &&
    !Number.isNaN(Date.parse(value)),
)
/** A port; 0 means no port. */
export const optionalPort = wholeNumber(0, 65_535)
export const port = wholeNumber(1, 65_535)
export const portOrName = formed('a port or its name', value =>
  isText(value) ? value !== '' : Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535,
)
/** See https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
export const objectName = formed(
  'a name of Kubernetes',
  value => isText(value) && value.length <= 253 && /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/.test(value),
)

/** A part of a value that an API server refuses. */
export interface Misfit {
  readonly path: SpecPath
  readonly reason: UnmodelledReason
}

/** The first part of a value that does not fit, with its path from there; undefined where all of it does. */
export function findMisfit(value: unknown, rule: FieldRule): Misfit | undefined {
  if (value === null || value === undefined) return undefined
  switch (rule.rule) {
    case 'read':
      return rule.form === undefined || rule.form.fits(value) ? undefined : misfit(rule.form.words)
    case 'list':
      return Array.isArray(value) ? misfitInList(value, rule.item) : misfit('a list')
    case 'map':
    case 'fields':
      return isMap(value) ? misfitInMap(value, rule) : misfit('a map')
    default:
      return undefined
  }
}

const misfit = (form: string): Misfit => ({ path: [], reason: { code: 'value-of-other-form', form } })

function misfitInList(list: readonly unknown[], rule: FieldRule): Misfit | undefined {
  for (let index = 0; index < list.length; index++) {
    const foundMisfit = list[index] === null ? misfit('a value of the list') : findMisfit(list[index], rule)
    // There is nearly never one: the way to it is written down only then.
    if (foundMisfit !== undefined) return { ...foundMisfit, path: [index, ...foundMisfit.path] }
  }
  return undefined
}

function misfitInMap(
  map: Readonly<Record<string, unknown>>,
  rule: Extract<FieldRule, { readonly rule: 'fields' | 'map' }>,
): Misfit | undefined {
  for (const key of Object.keys(map)) {
    const field = rule.rule === 'map' ? (rule.besides(key) ?? rule.item) : findField(rule.fields, key)
    const foundMisfit = field && findMisfit(map[key], field)
    if (foundMisfit !== undefined) return { ...foundMisfit, path: [key, ...foundMisfit.path] }
  }
  if (rule.rule === 'map') return undefined
  for (const key of rule.required)
    if (!Object.hasOwn(map, key) || map[key] === null)
      return { path: [], reason: { code: 'missing-field', field: key } }
  return undefined
}

const findField = (fieldRules: Readonly<Record<string, FieldRule>>, key: string) =>
  Object.hasOwn(fieldRules, key) ? fieldRules[key] : undefined

/** Lists every part of a value that the rule does not let pass, and why. */
export function listUnmodelledFields(
  whole: unknown,
  all: FieldRule,
  start: SpecPath,
): readonly { readonly path: SpecPath; readonly reason: UnmodelledReason }[] {
  const foundUnmodelled: { readonly path: SpecPath; readonly reason: UnmodelledReason }[] = []
  // There is nearly never one: the way to it is walked, and written down only then.
  const way = [...start]
  look(whole, all)
  return foundUnmodelled

  function look(value: unknown, rule: FieldRule): void {
    if (value === null || value === undefined) return
    if (rule.rule === 'read' || rule.rule === 'without effect') return
    if (rule.rule === 'unmodelled') tell(rule.reason)
    else if (Array.isArray(value)) {
      const fieldRule = rule.rule === 'list' ? rule.item : rule
      for (let index = 0; index < value.length; index++) lookBelow(index, value[index], fieldRule)
    } else if (rule.rule === 'list') look(value, rule.item)
    else if (isMap(value)) {
      const keys = Object.keys(value)
      if (keys.length === 0 && rule.rule === 'fields' && rule.whenEmpty !== undefined) tell(rule.whenEmpty)
      for (const key of keys) lookAt(key, value[key], rule)
    }
  }

  function lookAt(key: string, value: unknown, rule: FieldRule & { readonly rule: 'fields' | 'map' }): void {
    if (value === null || value === undefined) return
    const field = rule.rule === 'map' ? (rule.besides(key) ?? rule.item) : findField(rule.fields, key)
    lookBelow(key, value, field ?? unknownField)
  }

  function lookBelow(key: string | number, value: unknown, rule: FieldRule): void {
    way.push(key)
    look(value, rule)
    way.pop()
  }

  function tell(reason: UnmodelledReason): void {
    foundUnmodelled.push({ path: [...way], reason })
  }
}

const unknownField = unmodelled({ code: 'unknown-field' })
