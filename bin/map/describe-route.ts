import { computeShare } from '../../compiler/behavior/cluster-share.ts'
import { listRulePlaces } from '../../compiler/behavior/index.ts'
import type { RouteName } from '../../compiler/behavior/lint/route-states.ts'
import type {
  HttpMatch,
  HttpRoute,
  L4Match,
  Pattern,
  TlsMatch,
  WeightedDestination,
} from '../../compiler/behavior/model.ts'
import { describeHost } from '../../compiler/behavior/request-words.ts'
import type { At } from '../../compiler/behavior/result.ts'
import type { NamedValue, RouteDetails } from '../../compiler/map/answers.ts'
import type { Place } from '../../compiler/provenance/place-reasons.ts'

/** Lists the matches, destinations and settings of a rule of a VirtualService, each with its places. */
export function listRouteDetails(
  route: RouteName,
  placesOf: (at: readonly At[]) => readonly Place[],
): Pick<RouteDetails, 'matches' | 'destinations' | 'settings' | 'places'> {
  const { virtualService, protocol, index } = route
  const rule = virtualService[protocol][index]!
  const at = listRulePlaces(route)
  const isHttp = protocol === 'http'
  return {
    matches: isHttp
      ? virtualService.http[index]!.matches.map(describeHttpMatch)
      : (rule.matches as readonly (L4Match | TlsMatch)[]).map(describeConnectionMatch),
    destinations: rule.destinations.map(destination => printDestination(destination, rule.destinations)),
    settings: isHttp ? listRouteSettings(virtualService.http[index]!, at, placesOf) : [],
    places: placesOf(at),
  }
}

function printDestination(destination: WeightedDestination, all: readonly WeightedDestination[]): string {
  const { host, subset, port } = destination
  const share = all.length > 1 ? `${computeShare(destination, all)} % to ` : 'to '
  return `${share}${describeHost(host)}${port === undefined ? '' : `:${port}`}${subset === '' ? '' : ` ${subset}`}`
}

function describeHttpMatch(match: HttpMatch): string {
  const { uri, method, authority, scheme, headers, withoutHeaders, queryParams, port } = match
  const { sourceLabels, sourceNamespace, gateways } = match
  return [
    ...describeNamedPattern('method', method),
    ...describeNamedPattern('path', uri),
    ...describeNamedPattern('host', authority),
    ...describeNamedPattern('scheme', scheme),
    ...Object.entries(headers).map(([name, pattern]) => `header ${name}: ${describePattern(pattern)}`),
    ...Object.entries(withoutHeaders).map(
      ([name, pattern]) => `no header ${name}: ${describePattern(pattern)}`,
    ),
    ...Object.entries(queryParams).map(([name, pattern]) => `query ${name}: ${describePattern(pattern)}`),
    ...(port === undefined ? [] : [`port ${port}`]),
    ...describeCallers(sourceLabels, sourceNamespace, gateways),
  ].join(', ')
}

const describeConnectionMatch = (match: L4Match | TlsMatch): string =>
  [
    ...('sniHosts' in match && match.sniHosts.length > 0 ? [`SNI ${match.sniHosts.join(', ')}`] : []),
    ...(match.port === undefined ? [] : [`port ${match.port}`]),
    ...(match.destinationSubnets.length === 0 ? [] : [`address ${match.destinationSubnets.join(', ')}`]),
    ...describeCallers(match.sourceLabels, match.sourceNamespace, match.gateways),
  ].join(', ')

const describeCallers = (
  labels: HttpMatch['sourceLabels'],
  namespace: string | undefined,
  gateways: readonly string[],
): readonly string[] => [
  ...Object.entries(labels).map(([name, value]) => `from ${name}=${value}`),
  ...(namespace === undefined ? [] : [`from namespace ${namespace}`]),
  ...(gateways.length === 0 ? [] : [`through ${gateways.join(', ')}`]),
]

const describeNamedPattern = (name: string, pattern: Pattern | undefined): readonly string[] =>
  pattern === undefined ? [] : [`${name} ${describePattern(pattern)}`]

function describePattern(pattern: Pattern): string {
  switch (pattern.match) {
    case 'present':
      return 'present'
    case 'exact':
    case 'template':
      return pattern.value
    case 'prefix':
      return `${pattern.value}*`
    case 'suffix':
      return `*${pattern.value}`
    case 'regex':
      return `~${pattern.value}`
  }
}

function listRouteSettings(
  route: HttpRoute,
  at: readonly At[],
  placesOf: (at: readonly At[]) => readonly Place[],
): readonly NamedValue[] {
  const { timeout, retries, rewrite, mirrors, fault, redirect, directResponse } = route
  const name = (label: string, field: string, value: string | undefined): readonly NamedValue[] =>
    value === undefined
      ? []
      : [
          {
            name: label,
            value,
            places: placesOf(at.map(({ object, path }) => ({ object, path: [...path, field] }))),
          },
        ]
  return [
    ...name(
      'timeout',
      'timeout',
      timeout === undefined ? 'none' : timeout === 0 ? 'none' : printMilliseconds(timeout),
    ),
    ...name('retries', 'retries', retries && printRetries(retries)),
    ...name('rewrite', 'rewrite', rewrite && printRewrite(rewrite)),
    ...name(
      'mirror',
      'mirrors',
      mirrors.length === 0
        ? undefined
        : mirrors
            .map(({ destination, percent }) => `${percent} % to ${describeHost(destination.host)}`)
            .join(', '),
    ),
    ...name('fault', 'fault', fault && printFault(fault)),
    ...name(
      'redirect',
      'redirect',
      redirect &&
        `${redirect.code} to ${redirect.authority ?? ''}${redirect.uri ?? redirect.prefixRewrite ?? ''}`,
    ),
    ...name('answer', 'directResponse', directResponse && `${directResponse.status}`),
  ]
}

const printRetries = ({ attempts, perTryTimeout, retryOn }: NonNullable<HttpRoute['retries']>) =>
  [
    `${attempts}`,
    ...(perTryTimeout === undefined ? [] : [`each within ${printMilliseconds(perTryTimeout)}`]),
    ...(retryOn === undefined ? [] : [`on ${retryOn}`]),
  ].join(', ')

const printRewrite = ({ uri, authority, uriRegex }: NonNullable<HttpRoute['rewrite']>) =>
  [
    ...(uri === undefined ? [] : [`path to ${uri}`]),
    ...(uriRegex === undefined ? [] : [`path ~${uriRegex.match} to ${uriRegex.rewrite}`]),
    ...(authority === undefined ? [] : [`host to ${authority}`]),
  ].join(', ')

const printFault = ({ delay, abort }: NonNullable<HttpRoute['fault']>) =>
  [
    ...(delay === undefined
      ? []
      : [`${delay.percent} % delayed by ${printMilliseconds(delay.milliseconds)}`]),
    ...(abort === undefined ? [] : [`${abort.percent} % answered with ${abort.status}`]),
  ].join(', ')

const printMilliseconds = (milliseconds: number): string =>
  milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`
