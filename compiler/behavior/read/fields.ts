import type { SpecPath } from '../../diagnostics/diagnostic.ts'
import { isMap } from './values.ts'

/** What is known of each field of a kind. A rule for a list holds for each of its items. */
export type FieldRule =
  /** It is followed, with all that is below. */
  | { readonly rule: 'read' }
  /** No request is treated otherwise because of it, as far as results go. */
  | { readonly rule: 'without effect'; readonly reason: string }
  /** It matters and is not followed. */
  | { readonly rule: 'unmodelled'; readonly reason: string }
  | { readonly rule: 'fields'; readonly fields: Readonly<Record<string, FieldRule>> }
  /** A map with keys of the user's; some may have a rule of their own. */
  | { readonly rule: 'map'; readonly of: FieldRule; readonly besides: (key: string) => FieldRule | undefined }

export const read: FieldRule = { rule: 'read' }
export const withoutEffect = (reason: string): FieldRule => ({ rule: 'without effect', reason })
export const unmodelled = (reason: string): FieldRule => ({ rule: 'unmodelled', reason })
export const fields = (of: Readonly<Record<string, FieldRule>>): FieldRule => ({ rule: 'fields', fields: of })
export const mapOf = (
  of: FieldRule,
  besides: (key: string) => FieldRule | undefined = () => undefined,
): FieldRule => ({ rule: 'map', of, besides })

/** Every part of a value that the rule does not let pass, and why. */
export function unmodelledIn(
  whole: unknown,
  all: FieldRule,
  start: SpecPath,
): readonly { readonly path: SpecPath; readonly reason: string }[] {
  const found: { readonly path: SpecPath; readonly reason: string }[] = []
  // There is nearly never one: the way to it is walked, and written down only then.
  const way = [...start]
  look(whole, all)
  return found

  function look(value: unknown, rule: FieldRule): void {
    if (value === null || value === undefined) return
    if (rule.rule === 'read' || rule.rule === 'without effect') return
    if (rule.rule === 'unmodelled') tell(rule.reason)
    else if (Array.isArray(value))
      for (let index = 0; index < value.length; index++) lookBelow(index, value[index], rule)
    else if (isMap(value)) for (const key of Object.keys(value)) lookAt(key, value[key], rule)
  }

  function lookAt(key: string, value: unknown, rule: FieldRule & { readonly rule: 'fields' | 'map' }): void {
    if (value === null || value === undefined) return
    const of =
      rule.rule === 'map'
        ? (rule.besides(key) ?? rule.of)
        : Object.hasOwn(rule.fields, key)
          ? rule.fields[key]
          : undefined
    lookBelow(key, value, of ?? unknownField)
  }

  function lookBelow(key: string | number, value: unknown, rule: FieldRule): void {
    way.push(key)
    look(value, rule)
    way.pop()
  }

  function tell(reason: string): void {
    found.push({ path: [...way], reason })
  }
}

const unknownField = unmodelled('Istio has no such field')
