import { findClaimPath } from '../behavior/claim-path.ts'
import type { HttpMatch, Pattern } from '../behavior/model.ts'
import { isEqual } from '../source/is-equal.ts'
import { setNested } from './nested.ts'

/** A condition of the language, as `when` has it. */
export interface Condition {
  readonly headers?: Readonly<Record<string, unknown>>
  readonly withoutHeaders?: readonly string[]
  readonly query?: Readonly<Record<string, unknown>>
  readonly methods?: readonly string[]
  readonly paths?: readonly unknown[]
  readonly claims?: Readonly<Record<string, unknown>>
}

/** A reason why the language does not say a part of an object. */
export class Unsayable extends Error {}

/**
 * Describes the matches of a rule as conditions, one of which must hold.
 *
 * @param port the port of the requests; undefined if there are several
 * @throws {Unsayable} if a match has a condition that the language lacks
 */
export function describeMatches(
  matches: readonly HttpMatch[],
  port: number | undefined,
  host: string,
): readonly Condition[] {
  return mergeConditions(matches.map(match => describeMatch(match, port, host)))
}

function describeMatch(match: HttpMatch, port: number | undefined, host: string): Condition {
  const { uri, method, headers, withoutHeaders, queryParams, authority } = match
  if (match.port !== undefined && match.port !== port) throw new Unsayable('a route asks for a port')
  if (match.ignoreUriCase) throw new Unsayable('a route ignores the case of paths')
  if (match.scheme !== undefined) throw new Unsayable('a route asks for a scheme')
  if (authority !== undefined && !(authority.match === 'exact' && authority.value === host))
    throw new Unsayable('a route asks for an authority')
  if (Object.keys(match.sourceLabels).length > 0 || match.sourceNamespace !== undefined)
    throw new Unsayable('a route asks who calls')
  // Every request has the parts of a request line.
  const conditions = Object.fromEntries(
    Object.entries(headers).filter(
      ([name, { match }]) => !isClaimHeader(name) && (!name.startsWith(':') || match !== 'present'),
    ),
  )
  const claims = Object.entries(headers).filter(([name]) => isClaimHeader(name))
  return {
    ...(Object.keys(conditions).length > 0 && { headers: describeValues(conditions) }),
    ...(Object.keys(withoutHeaders).length > 0 && { withoutHeaders: listAbsent(withoutHeaders) }),
    ...(Object.keys(queryParams).length > 0 && { query: describeQuery(queryParams) }),
    ...(method !== undefined && { methods: listMethods(method) }),
    ...(uri !== undefined && { paths: [describePath(uri)] }),
    ...(claims.length > 0 && { claims: describeClaims(claims) }),
  }
}

const isClaimHeader = (name: string): boolean => findClaimPath(name) !== undefined

/** Tells whether a rule asks for a claim in some of its matches. */
export const asksForClaims = (matches: readonly HttpMatch[]): boolean =>
  matches.some(({ headers }) => Object.keys(headers).some(isClaimHeader))

function describeClaims(
  compared: readonly (readonly [string, Pattern])[],
): Readonly<Record<string, unknown>> {
  const claims: Record<string, unknown> = {}
  for (const [name, pattern] of compared)
    if (!setNested(claims, findClaimPath(name) ?? [], listClaimValues(pattern)))
      throw new Unsayable('a route asks for a claim twice')
  return claims
}

/** Lists the values of a claim: an expression that meshc writes for several is taken apart. */
function listClaimValues(pattern: Pattern): unknown {
  if (!('value' in pattern) || pattern.match !== 'regex') return describeValue(pattern)
  const values = pattern.value.split('|').map(part => {
    if (part === '.+') return '*'
    const isPrefix = part.endsWith('.*')
    const plain = (isPrefix ? part.slice(0, -2) : part).replace(/\\(\W)/g, '$1')
    if (plain === '' || plain.includes('*') || escapeRegex(plain) + (isPrefix ? '.*' : '') !== part)
      throw new Unsayable('a route asks for a claim by an expression')
    return isPrefix ? `${plain}*` : plain
  })
  return values.length === 1 ? values[0] : values
}

/** A path of the language: `/x`, `/x*`, or a regular expression. */
function describePath(pattern: Pattern): unknown {
  if (!('value' in pattern) || pattern.ignoreCase)
    throw new Unsayable('a route compares paths without their case')
  const { match, value } = pattern
  if (match === 'regex') {
    const prefix = findPrefix(value)
    return prefix === undefined ? { regex: value } : `${prefix}*`
  }
  if (match === 'exact') return value.includes('*') ? { regex: escapeRegex(value) } : value
  if (match === 'prefix') return value.includes('*') ? { regex: `${escapeRegex(value)}.*` } : `${value}*`
  throw new Unsayable(`a route compares paths by a ${match}`)
}

/**
 * The prefix in an expression of the form that meshc writes for a prefix that must not look like one; undefined: the expression has
 * more conditions.
 */
function findPrefix(regex: string): string | undefined {
  if (!regex.startsWith('/') || !regex.endsWith('.*')) return undefined
  const prefix = regex.slice(0, -2).replace(/\\(\W)/g, '$1')
  return !prefix.includes('*') && `${escapeRegex(prefix)}.*` === regex ? prefix : undefined
}

function describeValues(patterns: Readonly<Record<string, Pattern>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(patterns).map(([name, pattern]) => {
      if (name.startsWith('@')) throw new Unsayable('a route asks for a claim')
      return [name, describeValue(pattern)]
    }),
  )
}

/** Istio has no form for a parameter that only has to be there. */
const describeQuery = (patterns: Readonly<Record<string, Pattern>>): Readonly<Record<string, unknown>> =>
  describeValues(
    Object.fromEntries(
      Object.entries(patterns).map(([name, pattern]) => [
        name,
        pattern.match === 'regex' && pattern.value === '.*' ? { match: 'present' } : pattern,
      ]),
    ),
  )

function describeValue(pattern: Pattern): unknown {
  if (pattern.match === 'present') return '*'
  const { match, value } = pattern
  if (pattern.ignoreCase) throw new Unsayable('a route compares values without their case')
  if (match === 'regex') return { regex: value }
  if (match === 'exact' && value !== '') return value.includes('*') ? { regex: escapeRegex(value) } : value
  if (match === 'prefix') return value.includes('*') ? { regex: `${escapeRegex(value)}.*` } : `${value}*`
  throw new Unsayable(`a route compares values by a ${match}`)
}

function listAbsent(patterns: Readonly<Record<string, Pattern>>): readonly string[] {
  return Object.entries(patterns).map(([name, pattern]) => {
    if (pattern.match !== 'present') throw new Unsayable('a route asks for a header without a certain value')
    return name
  })
}

function listMethods(pattern: Pattern): readonly string[] {
  if ('value' in pattern && pattern.ignoreCase !== true) {
    const { match, value } = pattern
    const methods = match === 'exact' ? [value] : match === 'regex' ? value.split('|') : []
    if (methods.length > 0 && methods.every(method => /^[A-Z]+$/.test(method))) return methods
  }
  throw new Unsayable('a route compares methods by a pattern')
}

const escapeRegex = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** Drops a condition with paths if another condition is equal but has no paths: one of them must hold. */
export function dropNarrower(conditions: readonly Condition[]): readonly Condition[] {
  return conditions.filter(
    ({ paths, ...demands }) =>
      paths === undefined ||
      !conditions.some(
        ({ paths: widerPaths, ...wider }) => widerPaths === undefined && isEqual(wider, demands),
      ),
  )
}

/** Joins conditions that differ in their paths only, or in their methods only. */
export function mergeConditions(conditions: readonly Condition[]): readonly Condition[] {
  // A condition without a demand holds always.
  if (conditions.some(condition => Object.keys(condition).length === 0)) return []
  return (['paths', 'methods'] as const).reduce<readonly Condition[]>((merged, field) => {
    const groups = new Map<string, Condition>()
    for (const condition of merged) {
      const key = JSON.stringify({ ...condition, [field]: condition[field] !== undefined })
      const first = groups.get(key)
      const values = [
        ...new Map(
          [...(first?.[field] ?? []), ...(condition[field] ?? [])].map(value => [
            JSON.stringify(value),
            value,
          ]),
        ).values(),
      ]
      groups.set(key, first === undefined ? condition : { ...first, [field]: values })
    }
    return [...groups.values()]
  }, conditions)
}
