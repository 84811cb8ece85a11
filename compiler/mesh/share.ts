import type { Service, Share } from './mesh.ts'

/**
 * Names the receiver of a share in the form of the spec: `canary`, `service/orders-v2`; undefined if the service itself gets
 * everything.
 */
export function nameReceiver({ origin, service, version }: Share): string | undefined {
  if (service === undefined && version !== undefined) return version.name.value
  return origin === undefined ? undefined : String(origin.key)
}

/** Tells whether connections to a service are shared out: among its versions, or to other services. */
export const sharesConnections = ({ versions, namesServices, routes }: Service): boolean =>
  versions.length > 0 ||
  (namesServices && (routes.at(-1)?.shares ?? []).some(({ origin }) => origin !== undefined))
