/** Parses a duration of the spec (`250ms`, `30s`, `5m`, `24h`) into milliseconds. */
export function parseDuration(duration: string): number {
  const count = Number.parseInt(duration, 10)
  if (duration.endsWith('ms')) return count
  if (duration.endsWith('s')) return count * 1000
  if (duration.endsWith('m')) return count * 60_000
  return count * 3_600_000
}

/** A duration of the spec as Istio writes one: in seconds, or in milliseconds where those are not whole. */
export function printIstioDuration(duration: string): string {
  const total = parseDuration(duration)
  return total % 1000 === 0 ? `${total / 1000}s` : `${total}ms`
}
