import type {
  CountedRequests,
  LimiterConfig,
  LimiterDescriptor,
  LimiterEntry,
  LimiterFilter,
  LocalLimit,
  LocalRate,
} from './model.ts'

/** Describes the effect of a limit on a request; undefined: the limit alone has no effect. */
export function describeRateLimit({
  whole,
  perHeader,
}: Pick<LocalLimit, 'whole' | 'perHeader'>): string | undefined {
  const parts = [
    ...(whole === undefined ? [] : [describeRate(whole)]),
    ...perHeader.map(rate => `${describeRate(rate)} for each value of the header \`${rate.header}\``),
  ]
  return parts.length === 0 ? undefined : `${parts.join(', and ')}, at each instance`
}

/**
 * Describes the effect of a rate-limit service on a request; undefined: it has no effect. If no manifest has the limits of the
 * domain, the text lists the entries that the service counts.
 */
export function describeSharedLimit(
  { domain, cluster, isClosed }: LimiterFilter,
  descriptors: CountedRequests['descriptors'],
  configs: readonly LimiterConfig[],
): string | undefined {
  if (descriptors.length === 0) return undefined
  const host = cluster.slice(cluster.lastIndexOf('|') + 1)
  const limits = configs.filter(config => config.domain === domain).flatMap(config => config.descriptors)
  const isKnown = configs.some(config => config.domain === domain)
  const parts = descriptors.flatMap(entries =>
    isKnown ? describeLimits(entries, limits) : [entries.map(describeEntry).join(' and ')],
  )
  if (parts.length === 0) return isClosed ? `500 possible while \`${host}\` does not answer` : undefined
  const words = isKnown
    ? `${parts.join(', and ')}, as \`${host}\` counts them for all instances`
    : `\`${host}\` counts by ${parts.join(', and by ')} in the domain \`${domain}\``
  return `429 possible: ${words}${isClosed ? '; 500 possible while it does not answer' : ''}`
}

const describeEntry = ({ key, value, header }: LimiterEntry): string =>
  value !== undefined
    ? `\`${key}: ${value}\``
    : header !== undefined
      ? `each value of the header \`${header}\``
      : 'the address of the client'

/** Describes the limits of the requests with these entries. See GetLimit in src/config/config_impl.go of envoyproxy/ratelimit. */
function describeLimits(
  [entry, ...rest]: readonly LimiterEntry[],
  limits: readonly LimiterDescriptor[],
): readonly string[] {
  if (entry === undefined) return []
  const { key, value } = entry
  const named = limits.filter(limit => limit.key === key)
  const exact = named.filter(limit => limit.value === value)
  // A value has its own limit, or shares the limit for every value. A header may have any value that has a limit.
  const matched =
    value === undefined ? named : exact.length > 0 ? exact : named.filter(limit => limit.value === undefined)
  return matched.flatMap(limit => {
    const about =
      value !== undefined
        ? ''
        : limit.value === undefined
          ? ` for ${describeEntry(entry)}`
          : ` for ${describeEntry({ ...entry, value: limit.value })}`
    const words =
      rest.length > 0
        ? describeLimits(rest, limit.descriptors)
        : limit.rate === undefined
          ? []
          : [describeRate({ ...limit.rate, burst: limit.rate.requests })]
    return words.map(each => `${each}${about}`)
  })
}

function describeRate({ requests, milliseconds, burst }: LocalRate): string {
  const interval = intervals.get(milliseconds) ?? `${milliseconds / 1000} seconds`
  const rate = `${requests} ${requests === 1 ? 'request' : 'requests'} a ${interval}`
  return burst === requests ? rate : `${rate}, ${burst} at once`
}

const intervals: ReadonlyMap<number, string> = new Map([
  [1000, 'second'],
  [60_000, 'minute'],
  [3_600_000, 'hour'],
])
