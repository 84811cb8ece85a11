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
  /** A map with keys of the user's. */
  | { readonly rule: 'map'; readonly of: FieldRule }

export const read: FieldRule = { rule: 'read' }
export const withoutEffect = (reason: string): FieldRule => ({ rule: 'without effect', reason })
export const unmodelled = (reason: string): FieldRule => ({ rule: 'unmodelled', reason })
export const fields = (of: Readonly<Record<string, FieldRule>>): FieldRule => ({ rule: 'fields', fields: of })
export const mapOf = (of: FieldRule): FieldRule => ({ rule: 'map', of })

/** Every part of a value that the rule does not let pass, and why. */
export function* unmodelledIn(
  value: unknown,
  rule: FieldRule,
  path: SpecPath,
): Generator<{ readonly path: SpecPath; readonly reason: string }> {
  if (value === null || value === undefined) return
  if (rule.rule === 'read' || rule.rule === 'without effect') return
  if (rule.rule === 'unmodelled') {
    yield { path, reason: rule.reason }
    return
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* unmodelledIn(item, rule, [...path, index])
    return
  }
  if (!isMap(value)) return
  for (const key of Object.keys(value)) {
    const below = value[key]
    if (below === null || below === undefined) continue
    if (rule.rule === 'map') yield* unmodelledIn(below, rule.of, [...path, key])
    else {
      const of = Object.hasOwn(rule.fields, key) ? rule.fields[key] : undefined
      if (of === undefined) yield { path: [...path, key], reason: 'Istio has no such field' }
      else if (of.rule !== 'read' && of.rule !== 'without effect')
        yield* unmodelledIn(below, of, [...path, key])
    }
  }
}
