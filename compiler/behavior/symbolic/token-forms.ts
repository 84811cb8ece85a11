import { weakMemo, weakMemoOfPair } from '../../basics/weak-memo.ts'
import type { JwtRule } from '../model.ts'
import { plainRecord } from '../plain-record.ts'
import type { Token } from '../request.ts'

/** The answer of a provider of CUSTOM policies. */
export type AuthorizerForm = 'allow' | 'deny'

/** A kind of token: its place, and the properties that a rule reads before the claims; undefined: the request has no token. */
export type TokenForm = PresentToken | undefined

export interface PresentToken {
  readonly issuer: string
  readonly isValid: boolean
  readonly place: TokenPlace
}

type TokenPlace =
  | { readonly kind: 'header'; readonly name: string; readonly prefix: string }
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'cookie'; readonly name: string }

const defaultPlace: TokenPlace = { kind: 'header', name: 'authorization', prefix: 'Bearer ' }

/** Lists the places where a rule looks for a token. Istio's defaults are the header of RFC 6750 and the parameter `access_token`. */
export function listTokenPlaces({ fromHeaders, fromParams, fromCookies }: JwtRule): readonly TokenPlace[] {
  const written: readonly TokenPlace[] = [
    ...fromHeaders.map(({ name, prefix }) => ({ kind: 'header' as const, name: name.toLowerCase(), prefix })),
    ...fromParams.map(name => ({ kind: 'parameter' as const, name })),
    ...fromCookies.map(name => ({ kind: 'cookie' as const, name })),
  ]
  return written.length === 0 ? [defaultPlace, { kind: 'parameter', name: 'access_token' }] : written
}

/**
 * The text that a rule reads at a place when a token was sent at a place. If the prefixes differ, the rule reads another text, which
 * is not a token to it.
 */
export function findSentToken(looked: TokenPlace, sent: TokenPlace): 'token' | 'other text' | undefined {
  if (isSamePlace(looked, sent)) return 'token'
  const isThere =
    looked.kind === 'header' &&
    sent.kind === 'header' &&
    looked.name === sent.name &&
    sent.prefix.includes(looked.prefix)
  return isThere ? 'other text' : undefined
}

export const isSamePlace = (a: TokenPlace, b: TokenPlace): boolean =>
  a.kind === b.kind &&
  a.name === b.name &&
  (a.kind !== 'header' || b.kind !== 'header' || a.prefix === b.prefix)

/**
 * Lists all kinds of tokens that some rule distinguishes, and one kind that no rule knows. The first kind is no token, so a witness
 * has a token only if it needs one. Equal lists share their forms, so values computed from a form are computed once.
 */
export const listTokenForms = (lists: readonly (readonly JwtRule[])[]): readonly TokenForm[] =>
  formsOfRules(lists.reduce((all, rules) => unionOfRules(all, rules)))

const unionOfRules = weakMemoOfPair((a: readonly JwtRule[], b: readonly JwtRule[]): readonly JwtRule[] => [
  ...new Set([...a, ...b]),
])

const formsOfRules = weakMemo((rules: readonly JwtRule[]): readonly TokenForm[] => {
  const issuers = selectDistinctTexts([...rules.map(({ issuer }) => issuer), foreignIssuer])
  const places: TokenPlace[] = []
  for (const place of [defaultPlace, ...rules.flatMap(listTokenPlaces)])
    if (!places.some(tokenPlace => isSamePlace(tokenPlace, place))) places.push(place)
  const forms: TokenForm[] = [undefined]
  for (const place of places)
    for (const issuer of issuers) for (const isValid of [true, false]) forms.push({ issuer, isValid, place })
  return forms
})

/** An issuer that no policy trusts. */
const foreignIssuer = 'https://stranger.example'

const selectDistinctTexts = (texts: readonly string[]): readonly string[] => [...new Set(texts)]

/** The claims of a token by the names that lead to each. */
type Claims = Readonly<Record<string, string | readonly string[]>>

/** Makes a token of a kind, with claims. The audience is a list, and the subject a text. */
export function makeToken({ issuer, isValid, place }: PresentToken, claims: Claims): Token {
  const { sub, aud, ...others } = claims
  return {
    iss: issuer,
    ...(typeof sub === 'string' ? { sub } : {}),
    ...(aud === undefined ? {} : { aud: [aud].flat() }),
    ...(Object.keys(others).length === 0 ? {} : { claims: nestClaims(others) }),
    ...(isValid ? {} : { badSignature: true }),
    ...(place.kind === 'parameter'
      ? { param: place.name }
      : place.kind === 'cookie'
        ? { cookie: place.name }
        : isSamePlace(place, defaultPlace)
          ? {}
          : { header: place.name, prefix: place.prefix }),
  }
}

/** `{ 'a.b': 'x' }` as `{ a: { b: 'x' } }`; the separator is a character that no claim name contains. */
function nestClaims(claims: Claims): Readonly<Record<string, unknown>> {
  const root = plainRecord<unknown>()
  for (const [path, value] of Object.entries(claims)) {
    const names = path.split(claimSeparator)
    let at = root
    for (const name of names.slice(0, -1)) {
      const inner = at[name]
      const next = isRecord(inner) ? inner : plainRecord<unknown>()
      at[name] = next
      at = next
    }
    at[names.at(-1)!] = value
  }
  return root
}

export const claimSeparator = '\u0000'

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The blocks of addresses that policies name cut all addresses of IPv4; one of each part, the default of clients first. */
export function listAddressForms(blocks: readonly AddressBlock[]): readonly number[] {
  const starts = new Set([0])
  for (const { first, last } of blocks) {
    starts.add(first)
    if (last < 0xffffffff) starts.add(last + 1)
  }
  const forms: number[] = []
  const seen = new Set<string>()
  for (const address of [parseAddress('203.0.113.10')!, ...starts]) {
    const key = blocks.map(({ first, last }) => Number(address >= first && address <= last)).join('')
    if (seen.has(key)) continue
    seen.add(key)
    forms.push(address === 0 ? 16_777_217 : address)
  }
  return forms
}

export interface AddressBlock {
  readonly first: number
  readonly last: number
}

/** The addresses of `10.0.0.0/8` or `10.1.2.3`; undefined for IPv6. */
export function parseAddressBlock(text: string): AddressBlock | undefined {
  const [address = '', length = '32'] = text.split('/')
  const number = parseAddress(address)
  const bits = Number(length)
  if (number === undefined || !Number.isInteger(bits) || bits < 0 || bits > 32) return undefined
  const size = 2 ** (32 - bits)
  const first = Math.floor(number / size) * size
  return { first, last: first + size - 1 }
}

/** A block as people write it. */
export function printAddressBlock({ first, last }: AddressBlock): string {
  const bits = 32 - Math.log2(last - first + 1)
  return bits === 32 ? printAddress(first) : `${printAddress(first)}/${bits}`
}

export function parseAddress(text: string): number | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || parts.some(part => !/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255))
    return undefined
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0)
}

export const printAddress = (address: number): string =>
  [24, 16, 8, 0].map(shift => Math.floor(address / 2 ** shift) % 256).join('.')
