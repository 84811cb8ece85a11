import type { Mesh, RateLimit } from '../mesh/mesh.ts'
import type { Parts } from './parts.ts'

/** Lists the rate limits of services, of gateways and of routes. */
export const listLimits = (
  { gateways }: Mesh,
  { limited, limitedRoutes }: Pick<Parts, 'limited' | 'limitedRoutes'>,
): readonly RateLimit[] => [
  ...limited.map(({ rateLimit }) => rateLimit),
  ...limitedRoutes.map(({ rateLimit }) => rateLimit),
  ...gateways.flatMap(({ rateLimit }) => (rateLimit === undefined ? [] : [rateLimit])),
]
