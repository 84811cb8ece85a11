import type { HttpMatch, HttpRoute, Pattern, VirtualService } from '../model.ts'
import { plainRecord } from '../plain-record.ts'
import type { WrittenHttpRoute, WrittenVirtualService } from './virtual-services.ts'

/**
 * VirtualServices with the rules of their delegates in place of those that name them; delegates themselves are left out.
 * See mergeVirtualServices in pilot/pkg/model/virtualservice_controller.go of istio/istio.
 */
export function mergeDelegates(written: readonly WrittenVirtualService[]): readonly VirtualService[] {
  const delegates = new Map(
    written
      .filter(({ hosts }) => hosts.length === 0)
      .map(delegate => [`${delegate.namespace}/${delegate.name}`, delegate]),
  )
  return written
    .filter(({ hosts }) => hosts.length > 0)
    .map(root => {
      if (root.http.every(({ delegate }) => delegate === undefined)) return root
      const used = new Set<WrittenVirtualService>()
      const http = root.http.flatMap((rule): readonly HttpRoute[] => {
        if (rule.delegate === undefined) return [makePlainRoute(rule)]
        const { namespace, name } = rule.delegate
        const delegate = delegates.get(`${namespace}/${name}`)
        if (delegate === undefined) return []
        if (!delegate.exportTo.includes('*') && !delegate.exportTo.includes(root.namespace)) return []
        used.add(delegate)
        return delegate.http.flatMap(sub => mergeRoutes(rule, sub))
      })
      const unmodelled =
        used.size === 0
          ? root.unmodelled
          : [root, ...used].flatMap(({ unmodelled: unmodelledParts }) => unmodelledParts)
      return { ...root, http, unmodelled }
    })
}

/** Drops the fields that only this step needs. */
function makePlainRoute({ delegate, written, ...rule }: WrittenHttpRoute): HttpRoute {
  return rule
}

/** See mergeHTTPRoute in pilot/pkg/model/virtualservice.go of istio/istio. */
function mergeRoutes(root: WrittenHttpRoute, sub: WrittenHttpRoute): readonly HttpRoute[] {
  const matches = mergeMatches(root.matches, sub.matches)
  if (matches === undefined) return []
  const either = <Key extends keyof HttpRoute>(key: Key, ...written: readonly string[]): HttpRoute[Key] =>
    (written.length > 0 ? written : [key]).some(name => sub.written.has(name)) ? sub[key] : root[key]
  return [
    {
      ...makePlainRoute(sub),
      name: joinDelegate(root.name, sub.name),
      at: [...sub.at, ...root.at],
      matches,
      rewrite: either('rewrite'),
      directResponse: either('directResponse'),
      timeout: either('timeout'),
      retries: either('retries'),
      fault: either('fault'),
      mirrors: either('mirrors', 'mirror', 'mirrors', 'mirrorPercentage'),
      cors: either('cors', 'corsPolicy'),
      headers: either('headers'),
    },
  ]
}

const joinDelegate = (root: string, sub: string) =>
  root !== '' && sub !== '' ? `${root}-${sub}` : root || sub

/** Merges the matches; undefined if they conflict. */
function mergeMatches(
  root: readonly HttpMatch[],
  sub: readonly HttpMatch[],
): readonly HttpMatch[] | undefined {
  if (root.length === 0) return sub
  if (sub.length === 0) return root
  const merged: HttpMatch[] = []
  for (const below of sub) {
    const fitting = root.filter(above => !conflicts(above, below))
    if (fitting.length === 0) return undefined
    merged.push(...fitting.map(above => mergeMatch(above, below)))
  }
  return merged
}

const mergeMatch = (root: HttpMatch, sub: HttpMatch): HttpMatch => ({
  ...sub,
  name: joinDelegate(root.name, sub.name),
  uri: sub.uri ?? root.uri,
  scheme: sub.scheme ?? root.scheme,
  method: sub.method ?? root.method,
  authority: sub.authority ?? root.authority,
  headers: plainRecord(root.headers, sub.headers),
  withoutHeaders: plainRecord(root.withoutHeaders, sub.withoutHeaders),
  queryParams: plainRecord(root.queryParams, sub.queryParams),
  port: sub.port ?? root.port,
  sourceLabels: plainRecord(root.sourceLabels, sub.sourceLabels),
  sourceNamespace: sub.sourceNamespace ?? root.sourceNamespace,
  gateways: sub.gateways.length > 0 ? sub.gateways : root.gateways,
})

function conflicts(root: HttpMatch, sub: HttpMatch): boolean {
  return (
    patternsConflict(root.uri, sub.uri) ||
    patternsConflict(root.scheme, sub.scheme) ||
    patternsConflict(root.method, sub.method) ||
    patternsConflict(root.authority, sub.authority) ||
    Object.keys(sub.headers).some(name => patternsConflict(root.headers[name], sub.headers[name])) ||
    Object.keys(sub.withoutHeaders).some(name =>
      patternsConflict(root.withoutHeaders[name], sub.withoutHeaders[name]),
    ) ||
    Object.keys(sub.queryParams).some(name =>
      patternsConflict(root.queryParams[name], sub.queryParams[name]),
    ) ||
    root.ignoreUriCase !== sub.ignoreUriCase ||
    (root.port !== undefined && sub.port !== undefined && root.port !== sub.port) ||
    (root.sourceNamespace !== undefined && root.sourceNamespace !== sub.sourceNamespace) ||
    Object.entries(sub.sourceLabels).some(
      ([key, value]) => root.sourceLabels[key] !== undefined && root.sourceLabels[key] !== value,
    ) ||
    (root.gateways.length > 0 &&
      sub.gateways.length > 0 &&
      (root.gateways.length < sub.gateways.length ||
        sub.gateways.some(gateway => !root.gateways.includes(gateway))))
  )
}

/** See stringMatchConflict in pilot/pkg/model/virtualservice.go of istio/istio: an empty text counts as absent. */
function patternsConflict(root: Pattern | undefined, sub: Pattern | undefined): boolean {
  if (root === undefined || sub === undefined) return false
  const rootValue = getWord(root)
  const subValue = getWord(sub)
  if (root.match === 'regex' && rootValue !== '' && subValue !== '') return true
  if (sub.match === 'regex' && subValue !== '' && rootValue !== '') return true
  if (root.match === 'exact' && rootValue !== '')
    return sub.match === 'prefix' || (sub.match === 'exact' ? subValue : '') !== rootValue
  if (root.match === 'prefix' && rootValue !== '' && subValue !== '' && sub.match !== 'regex')
    return !subValue.startsWith(rootValue)
  return true
}

/** Presence is written as no word, or as the regular expression `*`. */
const getWord = (pattern: Pattern) => (pattern.match === 'present' ? '' : pattern.value)
