/** Names of hosts as Istio compares them. See pkg/config/host/name.go and names.go of istio/istio. */

import { weakMemo } from '../basics/weak-memo.ts'

export const isWildcard = (host: string): boolean => host.startsWith('*')

/** Tells whether a host is equal to another host or matches its wildcard. Both hosts may be wildcards. */
export function isHostWithin(host: string, outer: string): boolean {
  if (!isWildcard(outer)) return host === outer
  if (!isWildcard(host)) return host.endsWith(outer.slice(1))
  return host.length >= outer.length && host.slice(1).endsWith(outer.slice(1))
}

/** Tells whether some name matches both hosts. Both hosts may be wildcards. */
export const overlapsHost = (a: string, b: string): boolean => isHostWithin(a, b) || isHostWithin(b, a)

/** The order of hosts from the most specific: names before wildcards, the longer first, then by letters. */
export function compareSpecificity(a: string, b: string): number {
  if (isWildcard(a) !== isWildcard(b)) return isWildcard(a) ? 1 : -1
  if (a.length !== b.length) return b.length - a.length
  return a < b ? -1 : a > b ? 1 : 0
}

const hasWildcard = weakMemo((hosts: ReadonlyMap<string, unknown>) => [...hosts.keys()].some(isWildcard))

/**
 * The most specific host that matches a name: the name itself, else the longest wildcard. The caller must not change the map
 * afterwards.
 */
export function findMostSpecific<Value>(name: string, hosts: ReadonlyMap<string, Value>): Value | undefined {
  const exact = hosts.get(name)
  if (exact !== undefined) return exact
  if (!hasWildcard(hosts)) return undefined
  // A wildcard may cut anywhere: `*foo.com` has `barfoo.com`.
  const text = isWildcard(name) ? name.slice(1) : name
  for (let start = 0; start <= text.length; start++) {
    const host = hosts.get(`*${text.slice(start)}`)
    if (host !== undefined) return host
  }
  return undefined
}

/** A short name in full, as it is meant in a namespace. */
export const expandHost = (host: string, namespace: string): string =>
  host === '' || host === '*' || host.includes('.') || host.includes(':')
    ? host
    : `${host}.${namespace}.svc.cluster.local`
