import { isMap } from '../source/document.ts'
import { isEqual } from '../source/is-equal.ts'

/** What a spec says of the calls of a service, of which its Service and its Deployments show nothing. */
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

/** Whether two specs that differ have the same running beside their manifests, as can be seen without compiling them. */
export function supposesTheSame(before: unknown, after: unknown): boolean {
  return isEqual(shown(before), shown(after))
}

/** A spec without what bears on calls alone. */
function shown(spec: unknown): unknown {
  if (!isMap(spec) || !isMap(spec['services'])) return spec
  const services = Object.entries(spec['services']).map(([key, service]) => [
    key,
    isMap(service) ? Object.entries(service).filter(([field]) => !aboutCalls.has(field)) : service,
  ])
  return { ...spec, services }
}
