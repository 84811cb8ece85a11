import schema from '../../schema/generated/mesh-shape.json' with { type: 'json' }
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { listAlternativeSchemas, type Schema } from './explain-shape.ts'

/** The legal fields at a path of a spec. */
interface LegalFields {
  /** The fields of the language at the path; empty for a map with free names, or if the value is not a map. */
  readonly fields: readonly string[]
  /** True if any name may be a key, or any number an index. */
  readonly isOpen: boolean
}

/** Lists the fields that the language allows at a path; undefined if the path itself is unknown. */
export function listLegalFields(path: SpecPath): LegalFields | undefined {
  let places: readonly Schema[] = listAlternativeSchemas(schema as Schema)
  for (const step of path) {
    places = places.flatMap(place => listSteps(place, step)).flatMap(listAlternativeSchemas)
    if (places.length === 0) return undefined
  }
  return {
    fields: [...new Set(places.flatMap(({ properties = {} }) => Object.keys(properties)))],
    isOpen: places.some(
      ({ additionalProperties, items }) => typeof additionalProperties === 'object' || items !== undefined,
    ),
  }
}

function listSteps({ properties, additionalProperties, items }: Schema, step: string | number): Schema[] {
  if (typeof step === 'number' || (items !== undefined && /^\d+$/.test(step)))
    return items === undefined ? [] : [items]
  if (properties !== undefined && Object.hasOwn(properties, step)) return [properties[step]!]
  return typeof additionalProperties === 'object' ? [additionalProperties] : []
}
