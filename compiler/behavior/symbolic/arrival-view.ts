import type { Pattern } from '../model.ts'
import type { Unmodelled } from '../result.ts'
import {
  always,
  type ClaimPart,
  type Condition,
  forwardedProtocol,
  makeConstantCondition,
  makeTextCondition,
  makeUnknownCondition,
  negateCondition,
  never,
  requireAll,
  requireAny,
  type TextPart,
} from './condition.ts'
import { matchesText } from './diagrams/atoms.ts'

/** A request, connection or handshake in the form that a server receives, including the changes on the way. */
export interface Arrival {
  readonly isHttp: boolean
  /** The identity that mutual TLS proves: `spiffe://…`. */
  readonly peer: string | undefined
  /** The port of the workload. */
  readonly port: number
  /** The Host header, with its port. */
  readonly authority: string
  readonly serverName: string
  /** The address of the client that has connected. */
  readonly address: SeenAddress
  /** The client address that a proxy in between reports. */
  readonly remoteAddress: SeenAddress
  readonly path: PathView
  readonly headers: HeaderView
  /** True if a token that was sent is still there. */
  readonly hasToken: boolean
}

/**
 * `sent`: the address of an outside client in the request; `forwarded`: the address in a header; undefined: no manifest has the
 * address.
 */
export type SeenAddress = 'sent' | 'forwarded' | number | undefined

/** The path in comparison with the sent path. */
export type PathView =
  | { readonly kind: 'sent' }
  /** By the first case that it begins as; of `path`, that it is. */
  | {
      readonly kind: 'rewritten'
      readonly cases: readonly {
        readonly from: string
        readonly to: string
        /** The part that is replaced: `from`, the rest of its segment as well, with the slash behind that, or all of the path. */
        readonly takes: 'beginning' | 'segment' | 'path'
      }[]
      readonly ignoreCase: boolean
    }
  | { readonly kind: 'constant'; readonly path: string }
  | { readonly kind: 'unknown'; readonly because: readonly Unmodelled[] }

/** The headers that are not as they were sent, by their names in lower case. */
export type HeaderView = ReadonlyMap<string, ChangedHeader>

export interface ChangedHeader {
  /** The values that it has whatever was sent. */
  readonly values: readonly string[]
  /** True if it has the sent values as well. */
  readonly isSentToo: boolean
  /** The value if the request was sent without one. */
  readonly otherwise?: string
  /** The values that it has of tokens. */
  readonly made?: readonly MadeValue[]
}

/** A value that a proxy makes of an accepted token, if the condition holds: a claim, a text, or unmodelled. */
export type MadeValue = { readonly when: Condition } & (
  | ClaimValue
  | { readonly text: string }
  | { readonly because: readonly Unmodelled[] }
)

interface ClaimValue {
  readonly part: ClaimPart
  /** The reasons why the value of a list claim is unknown; undefined for a claim that is not a list. */
  readonly because: readonly Unmodelled[] | undefined
}

/** The headers as a proxy of HTTP reads them. The proxy adds the scheme if no earlier proxy has set it. */
export function receiveHeaders(view: HeaderView, scheme: 'http' | 'https'): HeaderView {
  const changedHeader = view.get(forwardedProtocol) ?? { values: [], isSentToo: true }
  if (changedHeader.values.length > 0 || changedHeader.otherwise !== undefined) return view
  const next = changedHeader.isSentToo
    ? { ...changedHeader, otherwise: scheme }
    : { values: [scheme], isSentToo: false }
  return new Map(view).set(forwardedProtocol, next)
}

export function matchPath(view: PathView, pattern: Pattern): Condition {
  switch (view.kind) {
    case 'sent':
      return makeTextCondition('path', pattern)
    case 'rewritten': {
      const fold = view.ignoreCase ? ({ ignoreCase: true } as const) : {}
      return view.cases.reduceRight<Condition>((otherwise, { from, to, takes }) => {
        const taken = makeTextCondition('path', {
          match: takes === 'path' ? 'exact' : 'prefix',
          value: from,
          ...fold,
        })
        const { ignoreCase } = view
        const then =
          takes === 'path'
            ? requireAll([taken, makeConstantCondition(matchesText(pattern, to) === true)])
            : makeTextCondition('path', { match: 'rewritten', from, to, ignoreCase, takes, pattern })
        return requireAny([then, requireAll([negateCondition(taken), otherwise])])
      }, never)
    }
    case 'constant':
      return makeConstantCondition(matchesText(pattern, view.path) === true)
    case 'unknown':
      return makeUnknownCondition(view.because)
  }
}

/** Makes the condition that a header is there and matches the pattern. */
export function matchHeader(view: HeaderView, name: string, pattern: Pattern): Condition {
  const changed = view.get(name)
  if (changed === undefined) return makeTextCondition(`header ${name}`, pattern)
  const { values, isSentToo, otherwise, made = [] } = changed
  const fits = (value: string) => matchesText(pattern, value) === true
  return requireAny([
    makeConstantCondition(values.some(fits)),
    ...made.map(value => requireAll([value.when, madeIs(value, pattern)])),
    ...(isSentToo ? [makeTextCondition(`header ${name}`, pattern)] : []),
    ...(otherwise !== undefined && fits(otherwise) ? [isAbsent(`header ${name}`)] : []),
  ])
}

/** An empty claim makes no header. */
function madeIs(value: MadeValue, pattern: Pattern): Condition {
  if ('text' in value) return makeConstantCondition(matchesText(pattern, value.text) === true)
  if ('part' in value)
    return requireAny([
      requireAll([makeTextCondition(value.part, nonEmpty), makeTextCondition(value.part, pattern)]),
      value.because === undefined
        ? never
        : requireAll([{ kind: 'list', part: value.part }, listHeaderIs(pattern, value.because)]),
    ])
  return pattern.match === 'present' ? always : makeUnknownCondition(value.because)
}

/** An HTTP request that no proxy has changed, without known properties. */
export const plainArrival: Arrival = {
  isHttp: true,
  peer: undefined,
  port: 0,
  authority: '',
  serverName: '',
  address: undefined,
  remoteAddress: undefined,
  path: { kind: 'sent' },
  headers: new Map(),
  hasToken: true,
}

/** Matches the header of a claim that is a list: its JSON in base64, which begins with the letter of `[`. */
const listHeaderIs = (pattern: Pattern, because: readonly Unmodelled[]): Condition =>
  pattern.match === 'present' || pattern === nonEmpty
    ? always
    : (pattern.match === 'exact' || pattern.match === 'prefix') && /^[^Ww]/.test(pattern.value)
      ? never
      : makeUnknownCondition(because)

export function isAbsent(part: TextPart): Condition {
  return { kind: 'absent', part }
}

/** The pattern of a text that is there and not empty. */
export const nonEmpty: Pattern = { match: 'regex', value: '(?s:.+)' }

/** A word of a policy: `x*`, `*x`, `*`, or the text itself. */
export const parseWordPattern = (word: string, star: Pattern): Pattern =>
  word === '*'
    ? star
    : word.startsWith('*')
      ? { match: 'suffix', value: word.slice(1) }
      : word.endsWith('*')
        ? { match: 'prefix', value: word.slice(0, -1) }
        : { match: 'exact', value: word }

/** A cross-origin preflight, as Envoy knows one: Http::Utility::isCorsPreflight…. */
export const listPreflightConditions = (method: Condition, headers: HeaderView): readonly Condition[] => [
  method,
  matchHeader(headers, 'origin', nonEmpty),
  matchHeader(headers, 'access-control-request-method', nonEmpty),
]

export const matchMethod = (value: string): Condition =>
  makeTextCondition('method', { match: 'exact', value })
