import { isMap } from '../source/document.ts'
import { isEqual } from '../source/is-equal.ts'

/** The fields of a spec about the calls of a service, of which its Service and its Deployments show nothing. */
const aboutCalls: ReadonlySet<string> = new Set([
  'owner',
  'traffic',
  'active',
  'mirror',
  'routes',
  'fault',
  'expose',
  'jwt',
  'allow',
  'timeout',
  'retries',
  'circuitBreaker',
  'connections',
  'loadBalancing',
  'objective',
])

/**
 * Tells whether two specs that differ have the same running beside their manifests, as can be seen without compiling
 * them.
 */
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
  const isShown = (field: string) => !aboutCalls.has(field)
  const fields = Object.keys(before).filter(isShown)
  return (
    isEqual(fields, Object.keys(after).filter(isShown)) &&
    fields.every(field => isEqual(before[field], after[field]))
  )
}
