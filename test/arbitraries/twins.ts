import fc from 'fast-check'
import { defined, pick, seldom } from './names.ts'
import type { ServiceSpec } from './services.ts'

/** The ways in which a second Service of the same pods differs from the first. */
export const twinDrafts = fc.record({
  /** True if the second Service leads to a port of its own, false if it leads to the ports of the first. */
  hasOwnPort: fc.boolean(),
  mtls: seldom(fc.constant('permissive' as const)),
  caller: fc.nat({ max: 20 }),
})
type TwinDraft = typeof twinDrafts extends fc.Arbitrary<infer Draft> ? Draft : never

/** Makes the name of a second Service for the pods of a service. */
export const twinName = (name: string): string => `${name}-too`

/** Checks whether two services, by their names, select the same pods. */
export const areTwins = (a: string, b: string): boolean => a === b || twinName(a) === b || twinName(b) === a

/**
 * Makes a second Service of the pods of a service.
 *
 * @param callers the services that may call it on its own port
 */
export function finishTwin(
  { hasOwnPort, mtls, caller }: TwinDraft,
  name: string,
  service: ServiceSpec,
  callers: readonly string[],
): ServiceSpec {
  const { namespace, jwt, port, ports, allow, deny, authorize, workload } = service
  const access =
    hasOwnPort && callers.length > 0
      ? { port: defined({ http: 9464, mtls }), allow: [{ from: pick(callers, caller) }] }
      : { port, ports, allow, deny, authorize }
  return defined({
    namespace,
    jwt,
    ...access,
    workload: defined({
      labels: workload?.labels ?? { app: service.name ?? name },
      serviceAccount: workload?.serviceAccount ?? service.name ?? name,
      machines: workload?.machines,
    }),
  })
}
