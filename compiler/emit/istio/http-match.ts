import type {
  HeaderMatches,
  HttpMatch,
  HttpRedirect,
  HttpRewrite,
  HttpRoute,
} from '../../../schema/generated/virtual-service.ts'
import type { Match, StringMatch } from '../../mesh/mesh.ts'
import { because, Sourced } from '../../mesh/sourced.ts'
import { unwrapTree } from '../plain-tree.ts'
import { type Bare, type Sourceable, unwrapValue } from '../sourceable.ts'

/**
 * A match in Istio's form: one item for each path, since items are alternatives but the fields of an item are not. Undefined if every
 * request matches.
 *
 * @param port the port in the match if the rule is for one of several ports
 */
export function makeHttpMatches(
  match: Match | undefined,
  port: Sourced<number> | undefined,
): readonly Sourceable<HttpMatch>[] | undefined {
  if (match === undefined && port === undefined) return undefined
  const conditions: Sourceable<HttpMatch> = {
    ...(match !== undefined && matchConditions(match)),
    ...(port !== undefined && { port }),
  }
  const paths = match?.paths ?? []
  if (paths.length === 0) return Object.keys(conditions).length === 0 ? undefined : [conditions]
  return paths.map(path => because({ uri: stringMatch(path, anyValue), ...conditions }, path))
}

function matchConditions({ methods, headers, withoutHeaders, query, claims }: Match): Sourceable<HttpMatch> {
  const compared = { ...makeConditionFields(headers, {}), ...Object.fromEntries(claims.map(claimMatch)) }
  return {
    ...(methods.length > 0 && { method: methodMatch(methods) }),
    ...(headers.length + claims.length > 0 && { headers: compared }),
    ...(withoutHeaders.length > 0 && {
      withoutHeaders: Object.fromEntries(withoutHeaders.map(name => [name.value, because({}, name)])),
    }),
    ...(query.length > 0 && { queryParams: makeConditionFields(query, anyValue) }),
  }
}

function methodMatch(methods: readonly Sourced<string>[]) {
  if (methods.length === 1) return { exact: methods[0]! }
  return because({ regex: methods.map(({ value }) => value).join('|') }, ...methods)
}

const makeConditionFields = <Present extends object>(conditions: Match['headers'], present: Present) =>
  Object.fromEntries(conditions.map(([name, condition]) => [name, stringMatch(condition, present)]))

/**
 * A claim is among the headers, under a name that istiod recognizes as a claim: with dots, or with brackets if a claim name has dots
 * itself. See istio pkg/jwt/routing_claim.go.
 */
function claimMatch([path, values]: Match['claims'][number]) {
  const isPlain = path.every(name => /^[-A-Za-z0-9_]+$/.test(name))
  const steps = isPlain ? path.map(name => `.${name}`) : path.map(name => `[${name}]`)
  return [`@request.auth.claims${steps.join('')}`, matchAny(values)] as const
}

/** One comparison for several values, one of which must match. Istio has no form for the mere presence of a claim. */
function matchAny(values: readonly Sourced<StringMatch>[]) {
  const [first] = values
  if (values.length === 1 && first !== undefined && !('present' in first.value))
    return stringMatch(first, anyValue)
  return because({ regex: values.map(({ value }) => makeExpression(value)).join('|') }, ...values)
}

function makeExpression(value: StringMatch): string {
  if ('present' in value) return '.+'
  if ('regex' in value) return value.regex
  return 'exact' in value ? escapePattern(value.exact) : `${escapePattern(value.prefix)}.*`
}

/** The expression for any value at all, where Istio has no form for mere presence. */
const anyValue = { regex: '.*' }

/** Makes one comparison; a regular expression matches the whole value, as Envoy does. */
function stringMatch<Present extends object>(condition: Sourced<StringMatch>, present: Present) {
  return condition.map(value => ('present' in value ? present : value))
}

/**
 * Drops matches that an earlier rule takes word by word. Rules that are dead as the spec has them were refused
 * before; these are only so for a fault or a gateway that narrows them.
 */
export function withoutDeadMatches(
  routes: readonly Sourceable<HttpRoute>[],
): readonly Sourceable<HttpRoute>[] {
  if (routes.length < 2) return routes
  const taken = new Set<string>()
  return routes.flatMap(route => {
    const { match } = unwrapValue<HttpRoute>(route)
    if (match === undefined) return [route]
    const matches = unwrapValue<readonly HttpMatch[]>(match)
    const words = matches.map(sourceable => JSON.stringify(unwrapTree(sourceable)))
    const alive = matches.filter((_, index) => !taken.has(words[index]!))
    for (const word of words) taken.add(word)
    if (alive.length === matches.length) return [route]
    if (alive.length === 0) return []
    return [rewrapped({ ...unwrapValue<HttpRoute>(route), match: alive }, route)]
  })
}

/**
 * Prevents a false report of a dead rule by `istioctl analyze`, which considers a prefix under an earlier, shorter prefix covered,
 * though methods or sources differ (IST0131). The analyzer does not evaluate regular expressions, so such a prefix becomes one. If
 * the rule replaces the prefix, it must stay a prefix, and a condition that every request meets distinguishes the two. meshc has
 * refused really dead rules before.
 */
export function withoutFalseAlarms(
  routes: readonly Sourceable<HttpRoute>[],
): readonly Sourceable<HttpRoute>[] {
  if (routes.length < 2) return routes
  const earlier = new EarlierPrefixes()
  return routes.map(route => {
    const { match: matches, rewrite, redirect } = unwrapValue<HttpRoute>(route)
    if (matches === undefined) return route
    const rewritten = rewrite && unwrapValue<HttpRewrite>(rewrite).uri
    const { prefixRewrite, uri: redirected } = redirect ? unwrapValue<HttpRedirect>(redirect) : {}
    const replacesPrefix = rewritten !== undefined || prefixRewrite !== undefined
    const replacing = [rewritten, prefixRewrite, redirected].filter(path => path instanceof Sourced)
    const prefixes: MarkedPrefix[] = []
    const changed = unwrapValue<readonly HttpMatch[]>(matches).map(match => {
      const { uri, headers } = unwrapValue<HttpMatch>(match)
      if (!(uri instanceof Sourced)) return match
      const { prefix } = uri.value
      if (prefix === undefined) return match
      const text = because(unwrapValue<string>(prefix), uri, ...replacing)
      const shorter = earlier.listShorter(text.value)
      const marks = replacesPrefix ? 1 + Math.max(-1, ...shorter.map(({ marks }) => marks)) : 0
      prefixes.push({ prefix: text, marks })
      if (shorter.length === 0) return match
      const reasons = [...replacing, ...shorter.map(({ prefix }) => prefix)]
      if (!replacesPrefix) {
        const regex = because({ regex: `${escapePattern(text.value)}.*` }, uri, ...reasons)
        return rewrapped({ ...unwrapValue<HttpMatch>(match), uri: regex }, match)
      }
      const present = alwaysThere.slice(0, marks).map(name => [name, because({}, uri, ...reasons)] as const)
      const marked = { ...(headers && unwrapValue<HeaderMatches>(headers)), ...Object.fromEntries(present) }
      return rewrapped({ ...unwrapValue<HttpMatch>(match), headers: marked }, match)
    })
    for (const prefix of prefixes) earlier.add(prefix)
    return rewrapped({ ...unwrapValue<HttpRoute>(route), match: changed }, route)
  })
}

/** The prefix of a rule, and how many conditions mark it. */
interface MarkedPrefix {
  readonly prefix: Sourced<string>
  readonly marks: number
}

/** The prefixes of the rules before a rule, by their texts: a host of a gateway can have thousands of rules. */
class EarlierPrefixes {
  private readonly byText = new Map<string, { readonly place: number; readonly prefix: MarkedPrefix }[]>()
  private readonly lengths = new Set<number>()
  private count = 0

  add(prefix: MarkedPrefix): void {
    const text = prefix.prefix.value
    const entry = { place: this.count++, prefix }
    this.lengths.add(text.length)
    const entries = this.byText.get(text)
    if (entries === undefined) this.byText.set(text, [entry])
    else entries.push(entry)
  }

  /** Lists the earlier prefixes that a text begins with and is longer than, in their order. */
  listShorter(text: string): readonly MarkedPrefix[] {
    return [...this.lengths]
      .filter(length => length < text.length)
      .flatMap(length => this.byText.get(text.slice(0, length)) ?? [])
      .sort((a, b) => a.place - b.place)
      .map(({ prefix }) => prefix)
  }
}

/** The names that HTTP gives the parts of a request line: every request has them. */
const alwaysThere = [':method', ':path', ':scheme', ':authority']

/** Replaces a value and keeps its origins. */
const rewrapped = <T>(value: Bare<T>, before: Sourceable<T>): Sourceable<T> =>
  before instanceof Sourced ? because(value, before) : value

const escapePattern = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
