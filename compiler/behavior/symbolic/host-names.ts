/** `*` or `*.example.com`. */
export const isWildcard = (host: string): boolean => host.startsWith('*')

/** Tells whether every host that `inner` matches is a host that `outer` matches. */
export function isHostWithin(inner: string, outer: string): boolean {
  if (!isWildcard(outer)) return inner === outer
  return inner.length >= outer.length && inner.endsWith(outer.slice(1))
}

/** Tells whether some host is one of both. */
export const overlapsHost = (a: string, b: string): boolean => isHostWithin(a, b) || isHostWithin(b, a)

/** The most specific of some hosts that matches a host: the host itself, else the longest wildcard. */
export function findMostSpecific(host: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  for (const candidate of candidates) {
    if (candidate === host) return candidate
    if (!isWildcard(candidate) || !isHostWithin(host, candidate)) continue
    if (best === undefined || candidate.length > best.length) best = candidate
  }
  return best
}
