import { noCertificate, unnamedClient } from '../../../compiler/behavior/client-certificate.ts'
import type { RegionCondition, RequestRegion } from '../../../compiler/behavior/compare/difference.ts'
import { evaluate } from '../../../compiler/behavior/evaluate/evaluate.ts'
import { type Message, makeMessage } from '../../../compiler/behavior/evaluate/message.ts'
import { dropQuery, normalizePath, queryParameters } from '../../../compiler/behavior/evaluate/paths.ts'
import type { BehaviorModel } from '../../../compiler/behavior/model.ts'
import type { Request, Token } from '../../../compiler/behavior/request.ts'
import { matchesText } from '../../../compiler/behavior/symbolic/diagrams/atoms.ts'
import { parseAddress } from '../../../compiler/behavior/symbolic/token-forms.ts'

/** Checks whether a request meets all conditions of a region. */
export function isInRegion(
  region: RequestRegion,
  request: Request,
  sides: readonly BehaviorModel[],
): boolean {
  const written = makeMessage(request)
  return sides.some(side => {
    const path = normalizePath(written.path, side.settings.pathNormalization)
    return (
      path !== undefined && region.every(condition => meets(condition, request, { ...written, path }, side))
    )
  })
}

function meets(condition: RegionCondition, request: Request, message: Message, side: BehaviorModel): boolean {
  const { part: subject, examples } = condition
  const [kind, ...rest] = subject.split(' ')
  const name = rest.join(' ')
  const isOneOf = (values: readonly Value[]) =>
    values.some(value => examples.some(example => isAlike(condition, value, example)))
  switch (kind) {
    case 'authorizer':
      return isOneOf([findAnswer(request, name)])
    case 'certificate': {
      const { certificate = unnamedClient } = request.from
      return isOneOf([certificate === noCertificate ? undefined : certificate])
    }
    case 'token':
      return tokenWords(request.jwt).some(words => examples.includes(words))
    case 'address':
      return isOneOf([getAddress(request, side)])
    case 'method':
      return isOneOf([message.method])
    case 'path':
      return isOneOf([dropQuery(message.path)])
    case 'header':
      return isOneOf(message.headers.get(name) ?? [undefined])
    case 'query':
      return isOneOf([queryParameters(message.path).get(name)])
    case 'claim':
      return isOneOf([getClaim(request.jwt, name)])
    default:
      throw new Error(`there is no reader for the ${subject} of a request`)
  }
}

const findAnswer = ({ extAuthz = 'allow' }: Request, authorizer: string): string =>
  typeof extAuthz === 'string' ? extAuthz : extAuthz.includes(authorizer) ? 'deny' : 'allow'

/** A text, a claim with a list, or no value. */
type Value = string | readonly string[] | undefined

/** Checks whether two values are of one class. */
function isAlike({ part: subject, classes }: RegionCondition, left: Value, right: Value): boolean {
  const ofTexts = classes.some(each => !('compares' in each) || each.compares === 'text')
  if (classes.length === 0 || ofTexts) {
    if (typeof left !== typeof right) return false
    if (left === undefined || right === undefined) return true
  }
  if (subject.startsWith('authorizer ') || subject === 'certificate') return left === right
  return classes.every(each => {
    const [a, b] = [left, right].map(value => {
      if (!('compares' in each)) {
        const address = parseAddress(String(value))!
        return each.first <= address && address <= each.last
      }
      const { patterns, compares } = each
      const texts =
        typeof value === 'string'
          ? compares === 'words'
            ? value.split(' ')
            : [value]
          : compares === 'text'
            ? []
            : (value ?? [])
      return texts.some(text => patterns.some(pattern => matchesText(pattern, text)))
    })
    return a === b
  })
}

/** Returns the address of a request: its own address, the address of its workload, or an assumed address. */
function getAddress(request: Request, side: BehaviorModel): string {
  const { ip, gateway } = request.from
  if (ip !== undefined) return ip
  const { client } = evaluate(side, request)
  // The address of a caller behind a gateway is that of the gateway.
  const sender = side.workloads.find(({ namespace, name }) => `${namespace}/${name}` === client)
  return (gateway === undefined ? sender?.address : undefined) ?? '203.0.113.10'
}

/**
 * Lists the words by which a comparison names tokens like this one. They include the words for an unknown
 * issuer. They also include `none` if the token is in a custom place, which some policies do not read.
 */
function tokenWords(token: Token | undefined): readonly string[] {
  if (token === undefined) return ['none']
  const { iss, expired, badSignature, header, prefix, param, cookie } = token
  const quality = expired || badSignature ? 'invalid, ' : ''
  const place =
    param ??
    cookie ??
    (header === undefined || (header === 'authorization' && prefix === 'Bearer ') ? undefined : header)
  const written = [iss, 'https://stranger.example'].map(
    issuer => `${quality}of ${issuer}${place === undefined ? '' : ` in ${place}`}`,
  )
  return place === undefined ? written : ['none', ...written]
}

function getClaim(token: Token | undefined, path: string): Value {
  if (path === 'sub') return token?.sub
  if (path === 'aud') return token?.aud
  const value = path
    .split('.')
    .reduce<unknown>(
      (at, name) =>
        typeof at === 'object' && at !== null
          ? Object.entries(at).find(([key]) => key === name)?.[1]
          : undefined,
      token?.claims,
    )
  if (Array.isArray(value)) return value.filter(each => typeof each === 'string')
  return typeof value === 'string' ? value : undefined
}
