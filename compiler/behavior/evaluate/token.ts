import type { JwtRule, RequestAuthentication, Workload } from '../model.ts'
import type { Token } from '../request.ts'
import type { At, Step } from '../result.ts'
import { findClaim } from './claims.ts'
import type { IndexedModel } from './indexed-model.ts'
import { isPreflight, type Message, tokenText } from './message.ts'
import { queryParameters } from './paths.ts'

/** The fate of a request where tokens are verified. */
type Verified =
  | {
      readonly passes: true
      readonly message: Message
      /** The token whose claims conditions read. */
      readonly claims: VerifiedToken | undefined
      readonly steps: readonly Step[]
    }
  | { readonly passes: false; readonly status: 401 | 403; readonly steps: readonly Step[] }

export interface VerifiedToken {
  readonly token: Token
  readonly spaceDelimited: readonly string[]
}

/**
 * A request without a token passes; one with a token passes if an issuer that is known has made it. Headers that any of the
 * rules writes are taken from all requests first. See convertToEnvoyJwtConfig in pilot/pkg/security/authn/policy_applier.go of
 * istio/istio.
 */
export function verifyToken(indexed: IndexedModel, workload: Workload, sent: Message): Verified {
  const rules = listJwtRules(indexed.requestAuthenticationsOf(workload))
  if (rules.length === 0) return { passes: true, message: sent, claims: undefined, steps: [] }
  const message = removeOutputs(
    sent,
    rules.map(({ rule }) => rule),
  )
  if (isPreflight(message)) return makePass(message, undefined, 'a preflight needs none', [])
  // Each rule reads the text at every place that it names.
  const looked = rules.map(({ rule, at }) => ({ rule, at, texts: listTokenTexts(rule, message) }))
  const carried = looked.filter(({ texts }) => texts.length > 0)
  if (carried.length === 0)
    return makePass(
      message,
      undefined,
      'none is there',
      rules.map(({ at }) => at),
    )
  const errors = carried.map(({ rule, at, texts }) => ({
    rule,
    at,
    error: texts.map(text => findError(rule, text, message)).find(error => error !== undefined),
  }))
  const valid = errors.find(({ error }) => error === undefined)
  if (valid !== undefined) {
    const { rule, at } = valid
    const token = message.token!.token
    return makePass(
      writeClaimHeaders(message, rule, token),
      { token, spaceDelimited: rule.spaceDelimitedClaims },
      `${rule.issuer} has made it${token.sub ? ` for ${token.sub}` : ''}`,
      [at],
    )
  }
  // The filter asks for one of the rules, or for all whose places have a token: the last failure replaces that of an unknown issuer.
  const [first] = errors
  const replacing =
    first?.error?.isOfUnknownIssuer === true
      ? errors.findLast(({ error }) => error?.isOfUnknownIssuer !== true)
      : undefined
  const { error, at } = replacing ?? first!
  const { status, says } = error!
  return { passes: false, status, steps: [{ step: 'token', says: `refused: ${says}`, at: [at] }] }
}

interface TokenError {
  readonly status: 401 | 403
  readonly isOfUnknownIssuer?: true
  readonly says: string
}

const makePass = (
  message: Message,
  claims: VerifiedToken | undefined,
  says: string,
  at: readonly At[],
): Verified => ({ passes: true, message, claims, steps: [{ step: 'token', says, at }] })

interface RuleAt {
  readonly rule: JwtRule
  readonly at: At
}

/** Lists all rules for a workload, in the order in which Istio writes them. */
const listJwtRules = (policies: readonly RequestAuthentication[]): readonly RuleAt[] =>
  policies
    .flatMap(policy =>
      policy.rules.map((rule, index) => ({
        rule,
        at: { object: policy, path: ['spec', 'jwtRules', index] },
      })),
    )
    .toSorted((a, b) => (a.rule.issuer < b.rule.issuer ? -1 : a.rule.issuer > b.rule.issuer ? 1 : 0))

/** The texts at the places where a rule expects a token. Places in the rule replace the default places. */
function listTokenTexts(rule: JwtRule, message: Message): readonly string[] {
  const isUsual =
    rule.fromHeaders.length === 0 && rule.fromParams.length === 0 && rule.fromCookies.length === 0
  const headers = isUsual ? usualHeaders : rule.fromHeaders
  const params = isUsual ? usualParams : rule.fromParams
  const parameters = queryParameters(message.path)
  const cookies = indexCookies(message)
  return [
    ...headers.flatMap(({ name, prefix }) => {
      const [value] = message.headers.get(name) ?? []
      if (value === undefined) return []
      const at = value.indexOf(prefix)
      return at === -1 ? [] : [value.slice(at + prefix.length)]
    }),
    ...params.flatMap(name => parameters.get(name) ?? []),
    ...rule.fromCookies.flatMap(name => cookies.get(name) ?? []),
  ]
}

const usualHeaders = [{ name: 'authorization', prefix: 'Bearer ' }]
const usualParams = ['access_token']

/** The first of each name. */
const indexCookies = ({ headers }: Message): ReadonlyMap<string, string> =>
  new Map(
    (headers.get('cookie') ?? [])
      .flatMap(value => value.split(';'))
      .flatMap(pair => {
        const [name = '', value] = pair.trim().split('=', 2)
        return value === undefined ? [] : [[name, value] as const]
      })
      .toReversed(),
  )

/** Finds the error of a text in the place of a token, by one rule. */
function findError(rule: JwtRule, text: string, message: Message): TokenError | undefined {
  const token = text.replace(/^[^\w-]+/, '') === tokenText ? message.token?.token : undefined
  if (token === undefined) return { status: 401, says: 'it is no token' }
  if (token.iss !== rule.issuer)
    return { status: 401, isOfUnknownIssuer: true, says: `its issuer ${token.iss} is not known` }
  if (token.expired) return { status: 401, says: 'it has expired' }
  if (rule.audiences.length > 0) {
    const audience = findClaim(token, ['aud'], [])
    const meant = Array.isArray(audience) ? audience : [audience]
    if (
      !rule.audiences.some(word =>
        meant.some(givenAudience => isSameAudience(String(givenAudience ?? ''), word)),
      )
    )
      return { status: 403, says: `it is not meant for ${rule.audiences.join(' or ')}` }
  }
  if (token.badSignature) return { status: 401, says: 'its signature is not right' }
  return undefined
}

/** Envoy compares audiences without their scheme and last slash. */
const isSameAudience = (a: string, b: string) => makeBareAudience(a) === makeBareAudience(b)
const makeBareAudience = (audience: string) => audience.replace(/^https?:\/\//, '').replace(/\/$/, '')

/** The request without the headers that only tokens may fill. */
function removeOutputs(message: Message, rules: readonly JwtRule[]): Message {
  const outputs = rules.flatMap(({ outputClaimToHeaders, payloadHeader }) => [
    ...outputClaimToHeaders.map(({ header }) => header),
    ...(payloadHeader === undefined ? [] : [payloadHeader]),
  ])
  if (outputs.length === 0) return message
  const headers = new Map(message.headers)
  for (const name of outputs) headers.delete(name)
  return { ...message, headers }
}

/** The request with the headers that a rule writes, and without the token if it takes that away. */
function writeClaimHeaders(message: Message, rule: JwtRule, token: Token): Message {
  const headers = new Map(message.headers)
  const computed = new Set(message.computed)
  for (const { header, claim } of rule.outputClaimToHeaders) {
    const value = findClaim(token, claim.split('.'), [])
    const text = printClaim(value)
    if (value === undefined || value === null || text === '') continue
    headers.set(header, [...(headers.get(header) ?? []), text ?? 'claim'])
    if (text === undefined) computed.add(header)
  }
  if (rule.payloadHeader !== undefined) {
    headers.set(rule.payloadHeader, ['payload'])
    computed.add(rule.payloadHeader)
  }
  if (rule.forwardOriginalToken) return { ...message, headers, computed }
  const carrier = message.token?.header
  if (carrier !== undefined) headers.delete(carrier)
  return { ...message, headers, computed, token: carrier === undefined ? message.token : undefined }
}

/** A claim in the form of a header value; undefined: a list or a map, whose JSON no policy compares. */
function printClaim(claim: unknown): string | undefined {
  if (typeof claim === 'number' && !Number.isInteger(claim)) return claim.toFixed(6)
  return typeof claim === 'object' && claim !== null ? undefined : String(claim)
}
