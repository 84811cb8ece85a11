import { findSyntaxErrorQuickly } from '../../../mesh/regular-expression.ts'
import { isAddress, isRange } from '../../address-ranges.ts'
import { isHostWithin, overlapsHost } from '../../hosts.ts'
import {
  isMap,
  listAt,
  type ManifestMap,
  mapAt,
  numberAt,
  readDuration,
  readText,
  readTexts,
} from '../values.ts'
import { checkDuration, checkExportTo, checkPort } from './common.ts'
import {
  checkEntriesAt,
  checkListAt,
  checkMapAt,
  checkOneOf,
  checkTextsAt,
  type Fault,
  isEmptyAt,
  isPresent,
  makeFault,
  makeFaultIf,
  type Problem,
  placeProblem,
} from './faults.ts'
import {
  checkCorsName,
  checkHeaders,
  checkMatchedName,
  isRoutingClaim,
  namesAuthorityTwice,
} from './headers.ts'
import { checkDomain, checkLabels, isDnsLabel, isDomain, isFullDomain, isGatewayDomain } from './names.ts'

/** See ValidateVirtualService in pkg/config/validation/validation.go of istio/istio. */
export function checkVirtualService(spec: ManifestMap, namespace: string): Fault {
  const hosts = readTexts(spec, 'hosts')
  const gateways = readTexts(spec, 'gateways')
  const isForGateways = gateways.length > 0 && !gateways.includes('mesh')
  return (
    (hosts.length === 0 ? findDelegateFault(spec) : undefined) ??
    findGatewayNamesFault(spec) ??
    (isForGateways ? undefined : checkListAt(spec, 'http', findClaimsFault)) ??
    findHostsFault(spec, hosts, isForGateways) ??
    makeFaultIf(
      ['http', 'tls', 'tcp'].every(key => isEmptyAt(spec, key)),
      'it has no rule',
    ) ??
    checkListAt(spec, 'http', route => findHttpRouteFault(route, hosts.length === 0)) ??
    checkListAt(spec, 'tls', route => findTlsRouteFault(route, hosts, isForGateways)) ??
    checkListAt(spec, 'tcp', findTcpRouteFault) ??
    checkExportTo(spec, namespace, false)
  )
}

/** Finds the fault of a VirtualService without hosts, which is for others to name. */
function findDelegateFault(spec: ManifestMap): Fault {
  const key = ['gateways', 'tls', 'tcp'].find(name => !isEmptyAt(spec, name))
  return key === undefined ? undefined : makeFault(`\`${key}\` of a delegate, which has no hosts`, key)
}

/** See validateGatewayNames: after a name without a namespace it looks at no other. */
function findGatewayNamesFault(value: unknown): Fault {
  for (const [index, name] of readTexts(value, 'gateways').entries()) {
    const slash = name.indexOf('/')
    if (slash < 0)
      return makeFaultIf(!isFullDomain(name), `no name of a Gateway: \`${name}\``, 'gateways', index)
    if (!isDnsLabel(name.slice(0, slash)) || !isDnsLabel(name.slice(slash + 1)))
      return makeFault(`no name of a Gateway: \`${name}\``, 'gateways', index)
  }
  return undefined
}

const findClaimsFault = (route: unknown): Fault =>
  checkListAt(route, 'match', match => {
    const claim = ['headers', 'withoutHeaders']
      .flatMap(key => Object.keys(mapAt(match, key) ?? {}))
      .find(isRoutingClaim)
    return claim === undefined
      ? undefined
      : makeFault(`a claim of a token, outside of gateways: \`${claim}\``)
  })

function findHostsFault(spec: ManifestMap, hosts: readonly string[], isForGateways: boolean): Fault {
  const hasSni = listAt(spec, 'tls').some(route =>
    listAt(route, 'match').some(match => !isEmptyAt(match, 'sniHosts')),
  )
  return (
    checkTextsAt(spec, 'hosts', host => {
      const fits = isForGateways ? isGatewayDomain(host, hasSni) : isDomain(host)
      if (!fits && !isAddress(host)) return `no domain: \`${host}\``
      return !isForGateways && host === '*' ? 'the host `*` of sidecars' : undefined
    }) ??
    checkTextsAt(spec, 'hosts', host => {
      const twin = hosts.slice(hosts.indexOf(host) + 1).find(later => overlapsHost(host, later))
      return twin === undefined ? undefined : `\`${host}\` and \`${twin}\` overlap`
    })
  )
}

/** See validateHTTPRoute in virtualservice.go. */
const findHttpRouteFault = (value: unknown, isDelegate: boolean): Fault => {
  const route = isMap(value) ? value : {}
  return (
    findActionsFault(route, isDelegate) ??
    checkListAt(route, 'match', findMatchFault) ??
    checkHeaders(route) ??
    checkMapAt(route, 'corsPolicy', findCorsFault) ??
    checkMapAt(route, 'fault', findInjectionFault) ??
    checkMapAt(route, 'mirror', findDestinationFault) ??
    checkListAt(route, 'mirrors', mirror => checkMapAt(mirror, 'destination', findDestinationFault)) ??
    checkMapAt(route, 'redirect', redirect => findRedirectFault(redirect, listAt(route, 'match'))) ??
    checkMapAt(route, 'directResponse', findDirectResponseFault) ??
    checkMapAt(route, 'retries', findRetriesFault) ??
    checkMapAt(route, 'rewrite', findRewriteFault) ??
    makeFaultIf(namesAuthorityTwice(route), 'the authority is set more than once') ??
    checkListAt(route, 'route', checkHeaders) ??
    findDestinationsFault(route) ??
    checkDuration(route, 'timeout')
  )
}

/** See validateHTTPRouteConflict in virtualservice.go. */
function findActionsFault(route: ManifestMap, isDelegate: boolean): Fault {
  const has = (key: string) => isPresent(route, key) && !(key === 'route' && isEmptyAt(route, key))
  const isRoot = has('delegate') && !isDelegate
  if (isRoot) {
    const beside = ['redirect', 'route'].find(has)
    return makeFaultIf(beside !== undefined, `\`delegate\` and \`${beside}\` exclude each other`)
  }
  if (has('delegate')) return makeFault('a delegate with a delegate', 'delegate')
  const answer = ['redirect', 'directResponse'].find(has)
  if (answer === undefined && !has('route'))
    return makeFault('neither `route`, `redirect` nor `directResponse`')
  const beside =
    answer && ['route', 'fault', 'rewrite', 'directResponse'].find(key => key !== answer && has(key))
  return (
    makeFaultIf(beside !== undefined, `\`${answer}\` and \`${beside}\` exclude each other`) ??
    makeFaultIf(has('mirror') && !isEmptyAt(route, 'mirrors'), '`mirror` and `mirrors` exclude each other')
  )
}

/** See validateHTTPRouteMatchRequest in virtualservice.go. */
const findMatchFault = (match: unknown): Fault =>
  checkEntriesAt(
    match,
    'headers',
    (name, pattern) => placeProblem(checkMatchedName(name)) ?? findPatternFault(pattern),
  ) ??
  checkEntriesAt(
    match,
    'withoutHeaders',
    (name, pattern) =>
      placeProblem(checkMatchedName(name)) ??
      (readText(pattern, 'regex') === '*' ? findSeveralPatternsFault(pattern) : findPatternFault(pattern)),
  ) ??
  checkMapAt(match, 'uri', uri => findSeveralPatternsFault(uri) ?? findRegexAtFault(uri)) ??
  checkMapAt(match, 'scheme', findPatternFault) ??
  checkMapAt(match, 'method', findPatternFault) ??
  checkMapAt(match, 'authority', findPatternFault) ??
  checkEntriesAt(match, 'queryParams', (_, pattern) => findPatternFault(pattern)) ??
  checkLabels(match, 'sourceLabels') ??
  findGatewayNamesFault(match) ??
  makeFaultIf(
    !isEmptyAt(match, 'sourceNamespace') && !isDnsLabel(readText(match, 'sourceNamespace')!),
    'no namespace',
    'sourceNamespace',
  )

/** See validateStringMatch. */
const findPatternFault = (pattern: unknown): Fault =>
  findSeveralPatternsFault(pattern) ??
  makeFaultIf(readText(pattern, 'prefix') === '', 'an empty prefix', 'prefix') ??
  findRegexAtFault(pattern)

const findSeveralPatternsFault = (pattern: unknown): Fault =>
  isMap(pattern) ? checkOneOf(pattern, 'exact', 'prefix', 'regex') : undefined

/** See validateStringMatchRegexp. */
const findRegexAtFault = (pattern: unknown): Fault => {
  const regex = readText(pattern, 'regex')
  return regex === undefined ? undefined : placeProblem(findRegexProblem(regex), 'regex')
}

/** Counts the bytes of a text in UTF-8. */
const countBytes = (text: string): number => new TextEncoder().encode(text).length

/** See validateStringRegexp. */
const findRegexProblem = (regex: string): Problem =>
  regex === ''
    ? 'an empty regular expression'
    : countBytes(regex) > 1024
      ? 'a regular expression of more than 1024 bytes'
      : findSyntaxErrorQuickly(regex)

/** See validateCORSPolicy. */
const findCorsFault = (cors: ManifestMap): Fault =>
  checkListAt(
    cors,
    'allowOrigins',
    origin =>
      findSeveralPatternsFault(origin) ??
      makeFaultIf(
        ['exact', 'prefix', 'regex'].every(key => isEmptyAt(origin, key)),
        'an origin without a word',
      ) ??
      findRegexAtFault(origin),
  ) ??
  checkTextsAt(cors, 'allowMethods', method =>
    corsMethods.has(method) ? undefined : `no method: \`${method}\``,
  ) ??
  checkTextsAt(cors, 'allowHeaders', checkCorsName) ??
  checkTextsAt(cors, 'exposeHeaders', checkCorsName) ??
  checkDuration(cors, 'maxAge') ??
  makeFaultIf(
    (readDuration(cors, 'maxAge') ?? 0) % 1000 !== 0,
    'a duration with a fraction of a second',
    'maxAge',
  )

const corsMethods: ReadonlySet<string> = new Set(
  'GET HEAD POST PUT PATCH DELETE CONNECT OPTIONS TRACE *'.split(' '),
)

/** See validateHTTPFaultInjection. */
const findInjectionFault = (injection: ManifestMap): Fault =>
  makeFaultIf(
    !isPresent(injection, 'abort') && !isPresent(injection, 'delay'),
    'neither `abort` nor `delay`',
  ) ??
  checkMapAt(
    injection,
    'abort',
    abort =>
      findShareFault(abort) ??
      checkOneOf(abort, 'httpStatus', 'grpcStatus', 'http2Error') ??
      makeFaultIf(isPresent(abort, 'http2Error'), 'an error of HTTP/2', 'http2Error') ??
      makeFaultIf(
        isPresent(abort, 'grpcStatus') && !grpcStatuses.has(readText(abort, 'grpcStatus')!),
        'no status of gRPC',
        'grpcStatus',
      ),
  ) ??
  checkMapAt(
    injection,
    'delay',
    delay =>
      findShareFault(delay) ??
      makeFaultIf(isPresent(delay, 'exponentialDelay'), 'a delay that grows', 'exponentialDelay') ??
      checkDuration(delay, 'fixedDelay'),
  )

/** See validatePercentage. */
const findShareFault = (injection: ManifestMap): Fault => {
  const share = numberAt(mapAt(injection, 'percentage'), 'value') ?? 0
  return makeFaultIf(share > 0 && share < 0.0001, 'a share of less than 0.0001 per cent', 'percentage')
}

/** See SupportedGRPCStatus in pkg/util/grpc/grpc.go. */
const grpcStatuses: ReadonlySet<string> = new Set([
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
])

/** See validateDestination. */
const findDestinationFault = (destination: ManifestMap): Fault => {
  const host = readText(destination, 'host') ?? ''
  return (
    placeProblem(host === '*' ? 'the host `*` of a destination' : checkDomain(host), 'host') ??
    makeFaultIf(
      !isEmptyAt(destination, 'subset') && !isDnsLabel(readText(destination, 'subset')!),
      'no name of a subset',
      'subset',
    ) ??
    checkMapAt(destination, 'port', port => placeProblem(checkPort(numberAt(port, 'number')), 'number'))
  )
}

/** See validateHTTPRouteDestinations and validateRouteDestinations. One destination gets all, whatever its weight. */
function findDestinationsFault(route: unknown): Fault {
  const destinations = listAt(route, 'route')
  const sum = destinations.reduce<number>((total, entry) => total + (numberAt(entry, 'weight') ?? 0), 0)
  return (
    checkListAt(route, 'route', entry => checkMapAt(entry, 'destination', findDestinationFault)) ??
    makeFaultIf(destinations.length > 1 && sum === 0, 'all weights are 0', 'route')
  )
}

/** See validateHTTPRedirect. */
function findRedirectFault(redirect: ManifestMap, matches: readonly unknown[]): Fault {
  const has = (key: string) => !isEmptyAt(redirect, key)
  const isPort = isPresent(redirect, 'port')
  const code = numberAt(redirect, 'redirectCode') ?? 0
  const scheme = readText(redirect, 'scheme') ?? ''
  const isPrefixed = matches.every(
    match => mapAt(match, 'uri') === undefined || isPresent(mapAt(match, 'uri'), 'prefix'),
  )
  return (
    checkOneOf(redirect, 'port', 'derivePort') ??
    makeFaultIf(has('uri') && has('prefixRewrite'), '`uri` and `prefixRewrite` exclude each other') ??
    makeFaultIf(
      has('prefixRewrite') && !isPrefixed,
      'a prefix is replaced where a match is of no prefix',
      'prefixRewrite',
    ) ??
    makeFaultIf(
      !(
        ['uri', 'prefixRewrite', 'authority', 'scheme'].some(has) ||
        isPort ||
        isPresent(redirect, 'derivePort')
      ),
      'a redirect to the same place',
    ) ??
    makeFaultIf(code !== 0 && code < 300, `no status of a redirect: ${code}`, 'redirectCode') ??
    makeFaultIf(!['', 'http', 'https'].includes(scheme), 'neither `http` nor `https`', 'scheme')
  )
}

/** See validateHTTPDirectResponse. */
const findDirectResponseFault = (response: ManifestMap): Fault =>
  checkMapAt(
    response,
    'body',
    body =>
      checkOneOf(body, 'string', 'bytes') ??
      makeFaultIf(countBytes(readText(body, 'string') ?? '') > 1024 * 1024, 'a body of more than 1 MB'),
  )

/** See validateHTTPRetry. */
const findRetriesFault = (retries: ManifestMap): Fault =>
  makeFaultIf(
    (numberAt(retries, 'attempts') ?? 0) === 0 &&
      (isPresent(retries, 'perTryTimeout') ||
        !isEmptyAt(retries, 'retryOn') ||
        isPresent(retries, 'retryRemoteLocalities')),
    'a policy for tries of which there are none',
  ) ??
  checkDuration(retries, 'perTryTimeout') ??
  checkDuration(retries, 'backoff') ??
  placeProblem(findRetryOnProblem(readText(retries, 'retryOn') ?? ''), 'retryOn')

function findRetryOnProblem(words: string): Problem {
  if (words === '') return undefined
  const wrong = words.split(',').find(word => !retryConditions.has(word) && !isKnownStatus(word))
  return wrong === undefined ? undefined : `no condition of a retry: \`${wrong}\``
}

/** Tells whether `http.StatusText` of Go has a text for a status. */
function isKnownStatus(word: string): boolean {
  if (!/^\+?\d{1,9}$/.test(word)) return false
  const status = Number(word)
  return knownStatuses.some(([first, last]) => status >= first && status <= last)
}

const knownStatuses: readonly (readonly [number, number])[] = [
  [100, 103],
  [200, 208],
  [226, 226],
  [300, 305],
  [307, 308],
  [400, 418],
  [421, 426],
  [428, 429],
  [431, 431],
  [451, 451],
  [500, 508],
  [510, 511],
]

/** See supportedRetryOnPolicies. */
const retryConditions: ReadonlySet<string> = new Set([
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'retriable-4xx',
  'refused-stream',
  'retriable-status-codes',
  'retriable-headers',
  'envoy-ratelimited',
  'http3-post-connect-failure',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
])

/** See validateHTTPRewrite. */
function findRewriteFault(rewrite: ManifestMap): Fault {
  const regex = mapAt(rewrite, 'uriRegexRewrite')
  return (
    makeFaultIf(
      !isEmptyAt(rewrite, 'uri') && regex !== undefined,
      '`uri` and `uriRegexRewrite` exclude each other',
    ) ??
    makeFaultIf(
      isEmptyAt(rewrite, 'uri') && isEmptyAt(rewrite, 'authority') && regex === undefined,
      'it rewrites nothing',
    ) ??
    checkMapAt(
      rewrite,
      'uriRegexRewrite',
      held =>
        makeFaultIf(isEmptyAt(held, 'match') || isEmptyAt(held, 'rewrite'), 'no `match` or no `rewrite`') ??
        placeProblem(findRegexProblem(readText(held, 'match')!), 'match'),
    )
  )
}

/** See validateTLSRoute. */
const findTlsRouteFault = (route: unknown, hosts: readonly string[], isForGateways: boolean): Fault =>
  makeFaultIf(isEmptyAt(route, 'match'), 'no `match`') ??
  checkListAt(
    route,
    'match',
    match =>
      makeFaultIf(isEmptyAt(match, 'sniHosts'), 'no name of a server', 'sniHosts') ??
      checkTextsAt(match, 'sniHosts', name => findSniProblem(name, hosts, isForGateways)) ??
      findL4MatchFault(match),
  ) ??
  makeFaultIf(isEmptyAt(route, 'route'), 'no `route`') ??
  findDestinationsFault(route)

/** See validateSniHost. */
function findSniProblem(name: string, hosts: readonly string[], isForGateways: boolean): Problem {
  if (!(isForGateways ? isGatewayDomain(name, true) : isDomain(name)))
    return isAddress(name) ? undefined : `no domain: \`${name}\``
  return hosts.some(host => isHostWithin(name, host)) ? undefined : `\`${name}\` is within none of the hosts`
}

/** See validateTCPRoute. */
const findTcpRouteFault = (route: unknown): Fault =>
  checkListAt(route, 'match', findL4MatchFault) ??
  makeFaultIf(isEmptyAt(route, 'route'), 'no `route`') ??
  findDestinationsFault(route)

/** See validateTLSMatch and validateTCPMatch. */
const findL4MatchFault = (match: unknown): Fault =>
  checkTextsAt(match, 'destinationSubnets', findSubnetProblem) ??
  checkLabels(match, 'sourceLabels') ??
  findGatewayNamesFault(match)

/** See ValidateIPSubnet in agent/validation.go. */
const findSubnetProblem = (range: string): Problem =>
  isRange(range) ? undefined : `no address or CIDR: \`${range}\``
