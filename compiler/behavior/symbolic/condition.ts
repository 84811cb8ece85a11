import type { JwtRule, Pattern } from '../model.ts'
import type { Unmodelled } from '../result.ts'
import type { TextPattern } from './diagrams/pattern.ts'
import type { AddressBlock, AuthorizerForm, TokenForm } from './token-forms.ts'

/**
 * A condition on a request, without its caller and destination, which are fixed before. The condition has three values: an unmodelled
 * part is neither true nor false.
 */
export type Condition =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'unknown'; readonly because: readonly Unmodelled[] }
  /** A text of the request that is there and matched. */
  | { readonly kind: 'text'; readonly part: TextPart; readonly pattern: TextPattern }
  /** A claim that one of the patterns matches: the claim is such a text, or a list with such a text. */
  | {
      readonly kind: 'item'
      readonly part: ClaimPart
      readonly patterns: readonly Pattern[]
      /** True if a claim that is a text counts as the list of its words. */
      readonly isDelimited: boolean
    }
  /** A claim that is a list. */
  | { readonly kind: 'list'; readonly part: ClaimPart }
  /** A text that is not there. */
  | { readonly kind: 'absent'; readonly part: TextPart }
  /**
   * A condition on the token as a server with these rules finds it. Conditions of one list of rules that say
   * the same hold for the same.
   */
  | {
      readonly kind: 'token'
      readonly rules: readonly JwtRule[]
      readonly says: string
      readonly holds: (token: TokenForm) => boolean
    }
  /** `authorizer`: its name; all requests to it get the same answer. */
  | {
      readonly kind: 'authorizer'
      readonly authorizer: string
      readonly holds: (answer: AuthorizerForm) => boolean
    }
  /**
   * `names`: the names that servers require; `holds`: whether the name in the certificate of an outside client, or a missing
   * certificate, meets the condition.
   */
  | {
      readonly kind: 'certificate'
      readonly names: readonly string[]
      readonly holds: (name: string | undefined) => boolean
    }
  | { readonly kind: 'address'; readonly block: AddressBlock }
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }

/** A text that a request has, or has not: `method`, `path`, `header x-user`, `query page`, `claim sub`. */
export type TextPart = 'method' | 'path' | `header ${string}` | `query ${string}` | ClaimPart

export type ClaimPart = `claim ${string}`

/** The header with which a proxy reports the scheme of a request. */
export const forwardedProtocol = 'x-forwarded-proto'

export const always: Condition = { kind: 'constant', value: true }
export const never: Condition = { kind: 'constant', value: false }
export const makeConstantCondition = (value: boolean): Condition => (value ? always : never)
export const makeUnknownCondition = (because: readonly Unmodelled[]): Condition => ({
  kind: 'unknown',
  because,
})

export function requireAll(conditions: readonly Condition[]): Condition {
  const open = conditions.filter(condition => condition !== always)
  if (open.includes(never)) return never
  return open.length === 0 ? always : open.length === 1 ? open[0]! : { kind: 'all', parts: open }
}

export function requireAny(conditions: readonly Condition[]): Condition {
  const open = conditions.filter(condition => condition !== never)
  if (open.includes(always)) return always
  return open.length === 0 ? never : open.length === 1 ? open[0]! : { kind: 'any', parts: open }
}

export function negateCondition(condition: Condition): Condition {
  if (condition.kind === 'constant') return makeConstantCondition(!condition.value)
  return condition.kind === 'not' ? condition.part : { kind: 'not', part: condition }
}

export const makeTextCondition = (part: TextPart, pattern: TextPattern): Condition => ({
  kind: 'text',
  part,
  pattern,
})
