import type { Caller, Gateway, Mesh, RateLimit } from '../mesh/mesh.ts'
import type { Parts } from './parts.ts'

/** A caller whose proxies call a rate-limit service, and the limit that makes them call it. */
export interface Counting {
  readonly caller: Caller
  readonly rateLimit: RateLimit
  readonly counted: NonNullable<RateLimit['counted']>
}

/**
 * Lists the services and gateways whose proxies call rate-limit services. A gateway has an entry for its own limit and for the limits
 * of its routes.
 */
export function listCounting(
  { gateways }: Pick<Mesh, 'gateways'>,
  { limited, limitedRoutes }: Pick<Parts, 'limited' | 'limitedRoutes'>,
): readonly Counting[] {
  const byGateway = (gateway: Gateway): Caller => ({ kind: 'gateway', gateway, origin: gateway.origin })
  const all = [
    ...limited.map(({ service, rateLimit }) => ({
      caller: { kind: 'service', service, origin: service.origin } as const,
      rateLimit,
    })),
    ...gateways.flatMap(gateway =>
      gateway.rateLimit === undefined ? [] : [{ caller: byGateway(gateway), rateLimit: gateway.rateLimit }],
    ),
    ...limitedRoutes.flatMap(({ service, rateLimit }) =>
      [...new Set(service.exposures.map(({ gateway }) => gateway))].map(gateway => ({
        caller: byGateway(gateway),
        rateLimit,
      })),
    ),
  ]
  return all.flatMap(({ caller, rateLimit }) => {
    const { counted } = rateLimit
    return counted === undefined ? [] : [{ caller, rateLimit, counted }]
  })
}
