import { weakMemo } from '../../basics/weak-memo.ts'
import { indexByHost } from '../index-by-host.ts'
import type { AuthorizationPolicy, AuthorizationRule, MeshSettings, Words, Workload } from '../model.ts'
import type { Unmodelled } from '../result.ts'
import {
  type Arrival,
  matchHeader,
  matchPath,
  nonEmpty,
  parseWordPattern,
  type SeenAddress,
} from './arrival-view.ts'
import { matchClaim, type TokenView } from './claim-condition.ts'
import {
  always,
  type Condition,
  makeConstantCondition,
  makeTextCondition,
  makeUnknownCondition,
  negateCondition,
  never,
  requireAll,
  requireAny,
} from './condition.ts'
import { matchesText } from './diagrams/atoms.ts'
import {
  type IdentityWord,
  isMeant,
  parseNamespace,
  parsePrincipal,
  parseServiceAccount,
  parseTrustDomain,
} from './identity-words.ts'
import { parseAddress, parseAddressBlock } from './token-forms.ts'

/** The facts that a server knows when it asks a policy. */
export interface PolicyContext extends TokenView {
  readonly settings: MeshSettings
  readonly workload: Workload
  readonly arrival: Arrival
}

/**
 * Makes the condition that a rule of a policy matches. On a connection without HTTP, an ALLOW rule with an HTTP condition never
 * matches, and a rule of another action loses the condition.
 *
 * See istio pilot/pkg/security/authz/model/model.go.
 */
export function matchRule(
  policy: AuthorizationPolicy,
  rule: AuthorizationRule,
  index: number,
  context: PolicyContext,
): Condition {
  const at = (...path: readonly (string | number)[]): readonly Unmodelled[] => [
    { object: policy, path: ['spec', 'rules', index, ...path] },
  ]
  const demands = getDemands(policy, context)
  const { arrival } = context
  try {
    const sources = rule.from.map((source, number) => {
      const path = ['from', number, 'source'] as const
      return requireAll([
        demands.principals(source.principals),
        demands.requestPrincipals(source.requestPrincipals),
        demands.namespaces(source.namespaces),
        demands.serviceAccounts(source.serviceAccounts),
        demands.trustDomains(source.trustDomains),
        demands.addresses(source.ipBlocks, arrival.address, at(...path, 'ipBlocks')),
        demands.addresses(source.remoteIpBlocks, arrival.remoteAddress, at(...path, 'remoteIpBlocks')),
      ])
    })
    const operations = rule.to.map(operation =>
      requireAll([
        demands.hosts(operation.hosts),
        demands.ports(operation.ports),
        demands.methods(operation.methods),
        demands.paths(operation.paths),
      ]),
    )
    const conditions = rule.when.map((condition, number) =>
      whenMatches(condition.key, condition, demands, context, at('when', number)),
    )
    return requireAll([
      sources.length === 0 ? always : requireAny(sources),
      operations.length === 0 ? always : requireAny(operations),
      ...conditions,
    ])
  } catch (problem) {
    if (problem === onlyHttp) return never
    throw problem
  }
}

/** Ends an ALLOW rule that has a condition on HTTP, for a connection without HTTP. */
const onlyHttp = Symbol('only HTTP')

type TokenIs = PolicyContext['tokenIs']

type Demands = ReturnType<typeof getDemands>

function getDemands(policy: AuthorizationPolicy, context: PolicyContext) {
  const { arrival, settings, tokenIs } = context
  const demandSome = (
    { values, notValues }: Words,
    isSome: (words: readonly string[]) => Condition,
  ): Condition =>
    requireAll([
      values.length === 0 ? always : isSome(values),
      notValues.length === 0 ? always : negateCondition(isSome(notValues)),
    ])
  const demand = (words: Words, is: (word: string) => Condition): Condition =>
    demandSome(words, selected => requireAny(selected.map(is)))
  const httpWords = (words: Words, make: () => Condition): Condition => {
    if (words.values.length + words.notValues.length === 0) return always
    if (arrival.isHttp) return make()
    if (policy.action === 'ALLOW') throw onlyHttp
    return always
  }
  const http =
    (is: (word: string) => Condition) =>
    (words: Words): Condition =>
      httpWords(words, () => demand(words, is))
  const claimIs = (path: readonly string[], words: readonly string[], because: readonly Unmodelled[]) =>
    matchClaim(
      path,
      words.map(word => parseWordPattern(word, nonEmpty)),
      context,
      because,
    )
  const peer =
    (wordOf: (word: string) => IdentityWord) =>
    (words: Words): Condition =>
      demand(words, word =>
        makeConstantCondition(arrival.peer !== undefined && isMeant(wordOf(word), arrival.peer)),
      )

  return {
    http,
    demand,
    principals: peer(word => parsePrincipal(word, settings)),
    namespaces: peer(parseNamespace),
    serviceAccounts: peer(word => parseServiceAccount(word, policy.namespace)),
    trustDomains: peer(word => parseTrustDomain(word, settings)),
    claim: (path: readonly string[], words: Words, because: readonly Unmodelled[]) =>
      httpWords(words, () => demandSome(words, selected => claimIs(path, selected, because))),
    requestPrincipals: http(word => requestPrincipalIs(word, tokenIs)),
    addresses: (words: Words, address: SeenAddress, because: readonly Unmodelled[]): Condition =>
      demand(words, word => addressIs(word, address, because)),
    hosts: (words: Words): Condition =>
      httpWords(words, () => demandSome(words, selected => hostIs(selected, arrival.authority))),
    ports: (words: Words): Condition =>
      demand(words, word => makeConstantCondition(Number(word) === arrival.port)),
    methods: http(word => makeTextCondition('method', parseWordPattern(word, { match: 'present' }))),
    paths: http(word =>
      matchPath(
        arrival.path,
        /\{\*\*?\}/.test(word) ? { match: 'template', value: word } : parseWordPattern(word, nonEmpty),
      ),
    ),
  }
}

const hostIs = (words: readonly string[], authority: string): Condition =>
  makeConstantCondition(
    selectByHostName(words)([getHostName(authority)]).some(
      word => matchesText(folded(parseWordPattern(word, { match: 'present' })), authority) === true,
    ),
  )

/** The policy of a gateway may name thousands of hosts. */
const selectByHostName = weakMemo((words: readonly string[]) =>
  indexByHost(words, word => [getHostName(word).includes('*') ? '*' : getHostName(word)]),
)

const getHostName = (authority: string): string => authority.split(':', 1)[0]!.toLowerCase()

function whenMatches(
  key: string,
  words: Words,
  demands: Demands,
  { arrival, workload }: PolicyContext,
  because: readonly Unmodelled[],
): Condition {
  switch (key) {
    case 'source.ip':
      return demands.addresses(words, arrival.address, because)
    case 'remote.ip':
      return demands.addresses(words, arrival.remoteAddress, because)
    case 'source.namespace':
      return demands.namespaces(words)
    case 'source.principal':
      return demands.principals(words)
    case 'source.serviceAccount':
      return demands.serviceAccounts(words)
    case 'source.trustDomain':
      return demands.trustDomains(words)
    case 'request.auth.principal':
      return demands.requestPrincipals(words)
    case 'request.auth.audiences':
      return demands.claim(['aud'], words, because)
    case 'request.auth.presenter':
      return demands.claim(['azp'], words, because)
    case 'destination.port':
      return demands.ports(words)
    case 'destination.ip':
      return demands.demand(words, word =>
        addressIs(word, workload.address === undefined ? undefined : parseAddress(workload.address), because),
      )
    case 'connection.sni':
      return demands.demand(words, word =>
        makeConstantCondition(matchesText(parseWordPattern(word, nonEmpty), arrival.serverName) === true),
      )
  }
  const names = [...key.matchAll(/\[([^\]]*)\]/g)].map(([, name]) => name!)
  if (key.startsWith('request.headers[') && names[0] !== undefined) {
    const name = names[0].toLowerCase()
    if (isHeaderOfProxies(name))
      return makeUnknownCondition(
        because.map(each => ({ ...each, reason: { code: 'header-set-by-proxies' } })),
      )
    if (name.startsWith(':') || name === 'host') return makeUnknownCondition(because)
    if (arrival.headers.get(name)?.values.some(isComputed) === true)
      return makeUnknownCondition(
        because.map(each => ({ ...each, reason: { code: 'header-with-computed-value' } })),
      )
    return demands.http(word =>
      matchHeader(arrival.headers, name, parseWordPattern(word, { match: 'present' })),
    )(words)
  }
  if (key.startsWith('request.auth.claims[')) return demands.claim(names, words, because)
  return makeUnknownCondition(because)
}

/**
 * Tells whether Envoy writes or drops a header of each request itself. See
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers
 */
const isHeaderOfProxies = (name: string): boolean =>
  /^(?:x-envoy-.*|x-request-id|x-forwarded-(?:for|client-cert)|(?:proxy-)?connection|keep-alive|transfer-encoding|upgrade)$/.test(
    name,
  )

/** Tells whether the value that a route gives a header is a format string of Envoy: `%REQ(x-user)%`. */
const isComputed = (value: string): boolean => value.includes('%')

/** `issuer/subject`, split at the last `/`: see istio pilot/pkg/security/authz/model/generator.go. */
function requestPrincipalIs(word: string, tokenIs: TokenIs): Condition {
  const slash = word.lastIndexOf('/')
  const issuer = slash < 0 ? word : word.slice(0, slash)
  const subject = slash < 0 ? '' : word.slice(slash + 1)
  const both = (isIssuer: (issuer: string) => boolean, isSubject: Condition) =>
    requireAll([tokenIs(`principal ${word}`, token => isIssuer(token.issuer)), isSubject])
  const anySubject = makeTextCondition('claim sub', nonEmpty)
  const isAny = (issuer: string) => issuer !== ''
  if (word === '*') return both(isAny, anySubject)
  if (word.startsWith('*')) {
    if (slash < 0)
      return both(isAny, makeTextCondition('claim sub', { match: 'suffix', value: word.slice(1) }))
    return both(
      tokenIssuer => (issuer === '*' ? isAny(tokenIssuer) : tokenIssuer.endsWith(issuer.slice(1))),
      makeTextCondition('claim sub', { match: 'exact', value: subject }),
    )
  }
  if (word.endsWith('*')) {
    if (slash < 0) return both(tokenIssuer => tokenIssuer.startsWith(word.slice(0, -1)), anySubject)
    return both(
      tokenIssuer => tokenIssuer === issuer,
      subject === '*'
        ? anySubject
        : makeTextCondition('claim sub', { match: 'prefix', value: subject.slice(0, -1) }),
    )
  }
  return both(
    tokenIssuer => tokenIssuer === issuer,
    makeTextCondition('claim sub', { match: 'exact', value: subject }),
  )
}

function addressIs(word: string, address: SeenAddress, because: readonly Unmodelled[]): Condition {
  const block = parseAddressBlock(word)
  if (block === undefined || address === undefined) return makeUnknownCondition(because)
  if (address === 'forwarded')
    return makeUnknownCondition(
      because.map(each => ({ ...each, reason: { code: 'x-forwarded-for-address' } })),
    )
  return address === 'sent'
    ? { kind: 'address', block }
    : makeConstantCondition(address >= block.first && address <= block.last)
}

const folded = (pattern: ReturnType<typeof parseWordPattern>) =>
  pattern.match === 'present' ? pattern : ({ ...pattern, ignoreCase: true } as const)
