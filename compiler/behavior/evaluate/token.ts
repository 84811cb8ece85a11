import type { JwtRule, RequestAuthentication, Workload } from '../model.ts'
import type { Token } from '../request.ts'
import type { At, Step } from '../result.ts'
import { claimAt } from './claims.ts'
import { isPreflight, type Message, tokenText } from './message.ts'
import { queryParameters } from './paths.ts'
import type { World } from './world.ts'

/** What becomes of a request where tokens are verified. */
export type Verified =
  | {
      readonly passes: true
      readonly message: Message
      /** The token whose claims conditions see. */
      readonly claims: VerifiedToken | undefined
      readonly steps: readonly Step[]
    }
  | { readonly passes: false; readonly status: 401 | 403; readonly steps: readonly Step[] }

export interface VerifiedToken {
  readonly token: Token
  readonly spaceDelimited: readonly string[]
  /** The header, if any, that holds the payload in a form that nobody compares. */
  readonly payloadHeader: string | undefined
  readonly at: At
}

/**
 * A request without a token passes; one with a token passes if an issuer that is known has made it. See
 * convertToEnvoyJwtConfig in pilot/pkg/security/authn/policy_applier.go of istio/istio.
 */
export function verifyToken(world: World, workload: Workload, message: Message): Verified {
  const rules = rulesOf(world.requestAuthenticationsOf(workload))
  if (rules.length === 0) return { passes: true, message, claims: undefined, steps: [] }
  if (isPreflight(message)) return pass(message, undefined, 'a preflight needs none', [])
  // What stands at a place where a rule looks, rule by rule.
  const found = rules.map(({ rule, at }) => ({ rule, at, texts: textsFor(rule, message) }))
  const carried = found.filter(({ texts }) => texts.length > 0)
  if (carried.length === 0)
    return pass(
      message,
      undefined,
      'none is there',
      rules.map(({ at }) => at),
    )
  const errors = carried.map(({ rule, at, texts }) => ({
    rule,
    at,
    error: firstOf(texts.map(text => errorOf(rule, text, message))),
  }))
  const valid = errors.find(({ error }) => error === undefined)
  if (valid !== undefined && everyTextIsGood(rules, found, message)) {
    const { rule, at } = valid
    const token = message.token!.token
    const verified: VerifiedToken = {
      token,
      spaceDelimited: rule.spaceDelimitedClaims,
      payloadHeader: rule.payloadHeader,
      at,
    }
    return pass(
      rewritten(message, rule, token, verified),
      verified,
      `${rule.issuer} has made it${token.sub ? ` for ${token.sub}` : ''}`,
      [at],
    )
  }
  const { error, at } =
    errors.find(({ error: of }) => of !== undefined && of.status === 403) ?? errors.at(-1)!
  const { status, says } = error ?? { status: 401 as const, says: 'a token beside it is not valid' }
  return { passes: false, status, steps: [{ step: 'token', says: `refused: ${says}`, at: [at] }] }
}

interface TokenError {
  readonly status: 401 | 403
  readonly says: string
}

const pass = (
  message: Message,
  claims: VerifiedToken | undefined,
  says: string,
  at: readonly At[],
): Verified => ({ passes: true, message, claims, steps: [{ step: 'token', says, at }] })

interface RuleAt {
  readonly rule: JwtRule
  readonly at: At
}

/** All rules for a workload, in the order in which Istio writes them. */
const rulesOf = (policies: readonly RequestAuthentication[]): readonly RuleAt[] =>
  policies
    .flatMap(policy =>
      policy.rules.map((rule, index) => ({
        rule,
        at: { object: policy, path: ['spec', 'jwtRules', index] },
      })),
    )
    .toSorted((a, b) => (a.rule.issuer < b.rule.issuer ? -1 : a.rule.issuer > b.rule.issuer ? 1 : 0))

/** The texts at the places where a rule looks for a token; the places of its own replace the usual ones. */
function textsFor(rule: JwtRule, message: Message): readonly string[] {
  const isUsual =
    rule.fromHeaders.length === 0 && rule.fromParams.length === 0 && rule.fromCookies.length === 0
  const headers = isUsual ? usualHeaders : rule.fromHeaders
  const params = isUsual ? usualParams : rule.fromParams
  const parameters = queryParameters(message.path)
  const cookies = cookiesOf(message)
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

const cookiesOf = ({ headers }: Message): ReadonlyMap<string, string> =>
  new Map(
    (headers.get('cookie')?.[0] ?? '').split(';').flatMap(pair => {
      const [name = '', value] = pair.trim().split('=', 2)
      return value === undefined ? [] : [[name, value] as const]
    }),
  )

/** What is wrong with a text where a token should be, by one rule. */
function errorOf(rule: JwtRule, text: string, message: Message): TokenError | undefined {
  const token = text.replace(/^[^\w-]+/, '') === tokenText ? message.token?.token : undefined
  if (token === undefined) return { status: 401, says: 'it is no token' }
  if (token.iss !== rule.issuer) return { status: 401, says: `its issuer ${token.iss} is not known` }
  if (token.expired) return { status: 401, says: 'it has expired' }
  if (rule.audiences.length > 0) {
    const audience = claimAt(token, ['aud'], [])
    const meant = Array.isArray(audience) ? audience : [audience]
    if (!rule.audiences.some(word => meant.some(of => isSameAudience(String(of ?? ''), word))))
      return { status: 403, says: `it is not meant for ${rule.audiences.join(' or ')}` }
  }
  if (token.badSignature) return { status: 401, says: 'its signature is not right' }
  return undefined
}

/** Envoy compares audiences without their scheme and last slash. */
const isSameAudience = (a: string, b: string) => bareAudience(a) === bareAudience(b)
const bareAudience = (audience: string) => audience.replace(/^https?:\/\//, '').replace(/\/$/, '')

/** With several rules one valid token is enough; with one, everything that it finds must be valid. */
function everyTextIsGood(
  rules: readonly RuleAt[],
  found: readonly (RuleAt & { readonly texts: readonly string[] })[],
  message: Message,
): boolean {
  if (rules.length > 1) return true
  return found[0]!.texts.some(text => errorOf(found[0]!.rule, text, message) === undefined)
}

const firstOf = (errors: readonly (TokenError | undefined)[]): TokenError | undefined =>
  errors.includes(undefined) ? undefined : errors[0]

/** The request with the headers that a rule writes, and without the token if it takes that away. */
function rewritten(message: Message, rule: JwtRule, token: Token, verified: VerifiedToken): Message {
  const headers = new Map(message.headers)
  for (const { header, claim } of rule.outputClaimToHeaders) {
    const value = claimAt(token, claim.split('.'), [])
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      headers.set(header, [String(value)])
    else headers.delete(header)
  }
  if (verified.payloadHeader !== undefined) headers.set(verified.payloadHeader, ['payload'])
  if (rule.forwardOriginalToken) return { ...message, headers }
  const carrier = message.token?.header
  if (carrier !== undefined) headers.delete(carrier)
  return { ...message, headers, token: carrier === undefined ? message.token : undefined }
}
