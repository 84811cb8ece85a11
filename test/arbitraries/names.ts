import fc from 'fast-check'

/** Names of real meshes, and a few names that seem to have another meaning in YAML or JavaScript. */
export const serviceNames = [
  'cart',
  'checkout',
  'catalog',
  'payments',
  'orders',
  'inventory',
  'search',
  'reviews',
  'ratings',
  'shipping',
  'email',
  'accounts',
  'sessions',
  'pricing',
  'web',
  'mobile-bff',
  'recommendation-engine-with-a-very-long-name',
  'constructor',
  'null',
  'on',
  'y',
  'e2e',
] as const
export const namespaceNames = [
  'shop',
  'web',
  'payments',
  'data',
  'search-v2',
  '2nd-line',
  'constructor',
] as const
export const gatewayNames = ['public', 'partners', 'internal-tools', 'constructor'] as const
export const externalNames = [
  'stripe',
  'mail-provider',
  'geo',
  'warehouse',
  'legacy-erp',
  'constructor',
] as const
export const versionNames = [
  'v1',
  'v2',
  'v3',
  'stable',
  'canary',
  'blue',
  'green',
  '2024',
  'constructor',
] as const

/** Writes milliseconds as in a spec, in the largest exact unit. A spec accepts at most six digits. */
export function duration(exact: number): string {
  const milliseconds = exact > 999_999 ? Math.floor(exact / 1000) * 1000 : exact
  if (milliseconds % 3_600_000 === 0) return `${milliseconds / 3_600_000}h`
  if (milliseconds % 60_000 === 0) return `${milliseconds / 60_000}m`
  if (milliseconds % 1000 === 0) return `${milliseconds / 1000}s`
  return `${milliseconds}ms`
}

/** Draws a duration between two numbers of milliseconds, often a round duration. */
export const durations = (min: number, max: number): fc.Arbitrary<string> =>
  fc
    .oneof(
      fc.constantFrom(...[100, 250, 500, 1000, 1500, 5000, 10_000, 30_000, 60_000, 600_000, 86_400_000]),
      fc.integer({ min, max }),
    )
    .map(milliseconds => duration(Math.min(max, Math.max(min, milliseconds))))

export const wholeSeconds = (min: number, max: number): fc.Arbitrary<string> =>
  fc.integer({ min, max }).map(seconds => duration(seconds * 1000))

export const counts: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(1, 50, 100, 500, 1024, 1_000_000),
  fc.integer({ min: 1, max: 5000 }),
)

export const methodSets: fc.Arbitrary<readonly ('GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE')[]> =
  fc.uniqueArray(fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'), {
    minLength: 1,
    maxLength: 3,
  })

export const headerNames: fc.Arbitrary<string> = fc.constantFrom(
  'x-canary',
  'x-tenant',
  'end-user',
  'x-request-class',
  'accept-language',
  'x_legacy',
)
/** Headers that a route or gateway may write: the proxy reserves none of them. */
export const writableHeaderNames: fc.Arbitrary<string> = fc.constantFrom(
  'x-mesh',
  'x-frame-options',
  'x-seen-by',
  'cache-control',
  'strict-transport-security',
)
export const headerValues: fc.Arbitrary<string> = fc.constantFrom(
  'on',
  'deny',
  'no-store, max-age=0',
  'true',
  '0755',
  '~',
  'a: b # c',
  '{{ .Values.x }}',
  "it's",
  '{json: "1"}',
)
export const patterns: fc.Arbitrary<string> = fc.constantFrom(
  'jason',
  'on',
  'true',
  '1.10',
  'v1-*',
  '*',
  'de-DE',
  "o'neill",
  'yes',
)
export const regexes: fc.Arbitrary<string> = fc.constantFrom(
  'v[12]',
  '/items/[0-9]+',
  '(de|fr)-.*',
  '[^/]+\\.json',
  '\\d{1,3}',
)
const labelValues: fc.Arbitrary<string> = fc.constantFrom(
  'shop',
  'platform',
  'tier-1',
  '1.0',
  'true',
  '2024-01-01',
  'null',
)
/** Labels that have no meaning for Kubernetes or Istio. */
export const freeLabels: fc.Arbitrary<Record<string, string>> = fc.dictionary(
  fc.constantFrom('team', 'cost-center', 'example.com/tier', 'compliance.example.com/scope'),
  labelValues,
  { minKeys: 1, maxKeys: 2 },
)
export const reasons: fc.Arbitrary<string> = fc.constantFrom(
  'PCI scope',
  'the load balancer probes it',
  'until the client is fixed (#1204)',
  'probes come from the nodes: they have no identity',
)

/** Draws an optional value, or undefined half of the time. */
export const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof(fc.constant(undefined), arbitrary)

/** Draws a value that most specs have, or undefined one time in four. */
export const often = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 1, arbitrary: fc.constant(undefined) }, { weight: 3, arbitrary })

/** Draws a value that few specs have, or undefined three times in four. */
export const seldom = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

/** Removes the undefined fields of an object: a spec has no such fields. */
export function defined<T extends object>(fields: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [Key in keyof T]?: Exclude<T[Key], undefined> }
}

/** Returns the entry for a number. References are generated as numbers, so they survive shrinking. */
export function pick<T>(entries: readonly T[], index: number): T {
  const entry = entries[index % entries.length]
  if (entry === undefined) throw new Error('a pick from nothing')
  return entry
}
