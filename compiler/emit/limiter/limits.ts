import { compare } from '../../diagnostics/compare.ts'
import {
  type Counted,
  countGateway,
  countRoute,
  countService,
  nameLimits,
} from '../../mesh/limit-descriptors.ts'
import type { Mesh, Rate, RateLimit, RateLimiter } from '../../mesh/mesh.ts'
import { parseRate } from '../../mesh/rate.ts'
import { because, type Reason } from '../../mesh/sourced.ts'
import { type Manifest, makeConfigMapManifest } from '../manifest.ts'

/**
 * Emits the limits of a rate-limit service in a ConfigMap; none while the spec does not use the service. Each limit is a line. See
 * https://github.com/envoyproxy/ratelimit#configuration
 */
export function emitLimits(mesh: Mesh, limiter: RateLimiter): readonly Manifest[] {
  const limits = listCounted(mesh, limiter)
  if (limits.length === 0) return []
  const lines = limits.map(({ limit, counted }) => `  - ${JSON.stringify(makeDescriptor(limit, counted))}\n`)
  const reasons = limits.flatMap(listLimitReasons)
  const words = `domain: ${JSON.stringify(limiter.domain.value)}\ndescriptors:\n${lines.join('')}`
  return [
    makeConfigMapManifest(
      mesh,
      {
        name: nameLimits(limiter),
        namespace: limiter.namespace,
        policy: 'policy:limiter-configuration',
        reasons,
      },
      { [`${limiter.name.value}.yaml`]: because(words, limiter.domain, ...reasons) },
    ),
  ]
}

interface CountedLimit {
  readonly limit: RateLimit
  readonly counted: Counted
}

/** Lists the limits that a rate-limit service counts, each once: the Services of the same pods have one limit together. */
function listCounted({ services, gateways }: Mesh, { name }: RateLimiter): readonly CountedLimit[] {
  const limits = [
    ...services.flatMap(service => [
      ...(service.samePods.find(({ rateLimit }) => rateLimit !== undefined)?.key === service.key
        ? [{ limit: service.rateLimit, counted: countService(service) }]
        : []),
      ...service.routes.map(route => ({ limit: route.rateLimit, counted: countRoute(service, route) })),
    ]),
    ...gateways.map(gateway => ({ limit: gateway.rateLimit, counted: countGateway(gateway) })),
  ]
  return limits
    .flatMap(({ limit, counted }) =>
      limit?.counted?.limiter.name.value === name.value ? [{ limit, counted }] : [],
    )
    .toSorted((a, b) =>
      compare(`${a.counted.key} ${a.counted.value.value}`, `${b.counted.key} ${b.counted.value.value}`),
    )
}

/** Makes the limits of all requests with an entry, and below them the limits by header value. */
const makeDescriptor = ({ whole, perHeader }: RateLimit, { key, value }: Counted): object => ({
  key,
  value: value.value,
  ...(whole !== undefined && { rate_limit: makeLimiterRate(whole) }),
  ...(perHeader.length > 0 && {
    descriptors: perHeader.map(({ header, rate }) => ({
      key: header.value,
      rate_limit: makeLimiterRate(rate),
    })),
  }),
})

function makeLimiterRate({ requests }: Rate): object {
  const { requests: count, seconds } = parseRate(requests.value)
  return { unit: units[seconds as keyof typeof units], requests_per_unit: count }
}

const units = { 1: 'second', 60: 'minute', 3600: 'hour' } as const

const listLimitReasons = ({ limit, counted }: CountedLimit): readonly Reason[] => [
  limit.origin,
  limit.counted!.by,
  counted.value,
  ...(limit.whole === undefined ? [] : [limit.whole.requests]),
  ...limit.perHeader.flatMap(({ header, rate }) => [header, rate.requests]),
]
