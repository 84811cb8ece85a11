import fc from 'fast-check'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import { defined, maybe, patterns } from './names.ts'
import type { ServiceSpec } from './services.ts'

export type JwtSpec = NonNullable<ServiceSpec['jwt']>
type Issuers = NonNullable<MeshFile['issuers']>
export type ClaimsSpec = NonNullable<NonNullable<ServiceSpec['allow']>[number]['claims']>

const places = {
  header: fc.constantFrom('x-token', 'x-forwarded-token'),
  prefix: fc.constantFrom('Token ', 'Bearer: '),
  parameter: fc.constantFrom('token', 'id_token'),
}

const claimHeaders = fc.constantFrom<Record<string, string>[]>(
  { 'x-subject': 'sub' },
  { 'x-subject': 'sub', 'x-roles': 'realm_access.roles' },
)

const audiences = fc.constantFrom<string[]>(['shop'], ['shop', 'https://api.example.com'])

/** The issuers of a spec. No two have the same `issuer`. */
export const issuers: fc.Arbitrary<Issuers> = fc.record({
  corp: issuerAt('https://login.corp.example.com'),
  partner: issuerAt('https://partner.example.net'),
  constructor: issuerAt('tokens@example.org'),
})

function issuerAt(issuer: string): fc.Arbitrary<NonNullable<Issuers[string]>> {
  return fc
    .record({
      ...Object.fromEntries(Object.entries(places).map(([name, place]) => [name, maybe(place)])),
      audiences: maybe(audiences),
      claimHeaders: maybe(claimHeaders),
      forward: maybe(fc.constant(true)),
    })
    .map(settings =>
      defined({ issuer, jwks: `https://keys.example.com/${encodeURIComponent(issuer)}`, ...settings }),
    )
}

/** The tokens of a service or gateway: of its own issuer, or of issuers of the spec. */
export const jwtDrafts: fc.Arbitrary<JwtSpec> = fc.oneof(
  fc.record(
    {
      issuer: fc.constantFrom('https://login.example.com', 'accounts@example.com'),
      jwks: fc.constant('https://login.example.com/.well-known/jwks.json'),
      audiences,
      ...places,
      claimHeaders,
      forward: fc.boolean(),
    },
    { requiredKeys: ['issuer', 'jwks'] },
  ),
  fc.record(
    {
      issuers: fc.subarray(['corp', 'partner', 'constructor'], { minLength: 1 }),
      audiences,
      header: places.header,
      forward: fc.boolean(),
    },
    { requiredKeys: ['issuers'] },
  ),
)

/** Lists the issuers that a service or gateway of a spec accepts; undefined if there are none. */
export function listUsedIssuers(
  all: Issuers,
  owners: readonly ({ readonly jwt?: unknown } | null | undefined)[],
): Issuers | undefined {
  const names = new Set(owners.flatMap(owner => (owner?.jwt as JwtSpec | undefined)?.issuers ?? []))
  const used = Object.entries(all).filter(([name]) => names.has(name))
  return used.length === 0 ? undefined : Object.fromEntries(used)
}

const claimValues = fc.oneof(patterns, fc.uniqueArray(patterns, { minLength: 1, maxLength: 2 }))

/** Conditions on the claims of a token, some of them nested. */
export const claims: fc.Arbitrary<ClaimsSpec> = fc
  .record({
    flat: maybe(
      fc.dictionary(fc.constantFrom('role', 'scope', 'https://example.com/tenant'), claimValues, {
        minKeys: 1,
        maxKeys: 2,
      }),
    ),
    realm: maybe(claimValues),
    client: maybe(claimValues),
    fallback: claimValues,
  })
  .map(({ flat, realm, client, fallback }) => {
    const nested = defined({
      realm_access: realm && { roles: realm },
      resource_access: client && { shop: { roles: client } },
    })
    const all = { ...flat, ...nested }
    return Object.keys(all).length === 0 ? { group: fallback } : all
  })
