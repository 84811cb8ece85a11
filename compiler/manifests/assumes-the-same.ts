import { fieldsOfObjects } from '../../schema/generated/field-facts.ts'
import { isMap } from '../source/document.ts'
import { isEqual } from '../source/is-equal.ts'

/** Tells whether two different specs imply the same objects beside their manifests, without a compilation. */
export function assumesTheSame(before: unknown, after: unknown): boolean {
  if (!isMap(before) || !isMap(after)) return isEqual(before, after)
  const [were, are] = [before['services'], after['services']]
  if (!isMap(were) || !isMap(are)) return isEqual(before, after)
  return (
    isEqual({ ...before, services: undefined }, { ...after, services: undefined }) &&
    isEqual(Object.keys(were), Object.keys(are)) &&
    Object.keys(were).every(key => isServiceAlike(were[key], are[key]))
  )
}

function isServiceAlike(before: unknown, after: unknown): boolean {
  if (!isMap(before) || !isMap(after)) return isEqual(before, after)
  const fields = Object.keys(before).filter(isShown)
  return (
    isEqual(fields, Object.keys(after).filter(isShown)) &&
    fields.every(field => isEqual(before[field], after[field]))
  )
}

const isShown = (field: string) => fieldsOfObjects.includes(field)
