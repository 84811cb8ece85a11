import { expandHost } from '../hosts.ts'
import type { ManifestObject } from '../manifest-object.ts'
import type {
  Cors,
  Destination,
  HeaderChanges,
  HttpFault,
  HttpMatch,
  HttpRoute,
  L4Match,
  MeshSettings,
  ModelObject,
  Pattern,
  Redirect,
  RetryPolicy,
  VirtualService,
  WeightedDestination,
} from '../model.ts'
import { plainRecord } from '../plain-record.ts'
import { specFields } from './kinds.ts'
import { readObject } from './read-object.ts'
import { readExportTo } from './services.ts'
import {
  isMap,
  isTrueAt,
  listAt,
  mapAt,
  numberAt,
  readDuration,
  readLabels,
  readText,
  readTexts,
} from './values.ts'

/** A VirtualService before delegates are merged: its rules may name one. A delegate has no hosts. */
export interface WrittenVirtualService extends Omit<VirtualService, 'http'> {
  readonly http: readonly WrittenHttpRoute[]
}

export interface WrittenHttpRoute extends HttpRoute {
  readonly delegate: { readonly namespace: string; readonly name: string } | undefined
  /** The fields that are written in a delegate: it takes the others from the rule that names it. */
  readonly written: ReadonlySet<string>
}

/** See ResolveVirtualServiceShortnames in pilot/pkg/model/virtualservice.go of istio/istio. */
export function readVirtualService(source: ManifestObject, settings: MeshSettings): WrittenVirtualService {
  const spec = mapAt(source.value, 'spec')
  const object = readObject(source, specFields['VirtualService'])
  const { namespace } = object
  const gateways = readTexts(spec, 'gateways').map(name => readGatewayName(name, namespace))
  // Services have names in lower case; the hosts of Gateways are compared letter by letter. Envoy ignores the case of server names.
  const isOfMesh = gateways.length === 0 || gateways.includes('mesh')
  return {
    hosts: readTexts(spec, 'hosts').map(host => expandHost(isOfMesh ? host.toLowerCase() : host, namespace)),
    gateways: gateways.length > 0 ? gateways : ['mesh'],
    exportTo: readExportTo(readTexts(spec, 'exportTo'), settings.defaultVirtualServiceExportTo, namespace),
    http: listAt(spec, 'http').map((rule, index) => getHttpRoute(rule, ['spec', 'http', index], object)),
    tls: listAt(spec, 'tls').map((rule, index) => ({
      at: { object, path: ['spec', 'tls', index] },
      matches: listAt(rule, 'match').map(match => ({
        sniHosts: readTexts(match, 'sniHosts').map(host => host.toLowerCase()),
        ...getL4Match(match, namespace),
      })),
      destinations: listAt(rule, 'route').map(route => getWeightedDestination(route, namespace)),
    })),
    tcp: listAt(spec, 'tcp').map((rule, index) => ({
      at: { object, path: ['spec', 'tcp', index] },
      matches: listAt(rule, 'match').map(match => getL4Match(match, namespace)),
      destinations: listAt(rule, 'route').map(route => getWeightedDestination(route, namespace)),
    })),
    ...object,
  }
}

/** `mesh`, or `namespace/name`. See resolveGatewayName in pilot/pkg/model/config.go of istio/istio. */
function readGatewayName(name: string, namespace: string): string {
  if (name === 'mesh') return name
  if (name.startsWith('./')) return `${namespace}${name.slice(1)}`
  if (name.includes('/')) return name
  const [short, ofNamespace] = name.split('.', 2)
  return `${ofNamespace ?? namespace}/${short}`
}

function getHttpRoute(
  rule: unknown,
  path: readonly (string | number)[],
  object: ModelObject,
): WrittenHttpRoute {
  const { namespace } = object
  const delegate = mapAt(rule, 'delegate')
  const direct = mapAt(rule, 'directResponse')
  const rewrite = mapAt(rule, 'rewrite')
  const regex = mapAt(rewrite, 'uriRegexRewrite')
  return {
    name: readText(rule, 'name') ?? '',
    at: [{ object, path }],
    matches: listAt(rule, 'match').map((match, index) =>
      getHttpMatch(match, [...path, 'match', index], object),
    ),
    destinations: listAt(rule, 'route').map(route => ({
      headers: getHeaderChanges(route),
      ...getWeightedDestination(route, namespace),
    })),
    redirect: findRedirect(mapAt(rule, 'redirect')),
    directResponse: direct && { status: numberAt(direct, 'status') ?? 0, body: undefined },
    timeout: readDuration(rule, 'timeout'),
    retries: readRetries(mapAt(rule, 'retries')),
    rewrite: rewrite && {
      uri: readText(rewrite, 'uri') || undefined,
      authority: readText(rewrite, 'authority') || undefined,
      uriRegex: regex && { match: readText(regex, 'match') ?? '', rewrite: readText(regex, 'rewrite') ?? '' },
    },
    mirrors: listMirrors(rule, namespace),
    fault: findFault(mapAt(rule, 'fault')),
    cors: findCors(mapAt(rule, 'corsPolicy')),
    headers: getHeaderChanges(rule),
    delegate: delegate && {
      namespace: readText(delegate, 'namespace') || namespace,
      name: readText(delegate, 'name') ?? '',
    },
    written: new Set(isMap(rule) ? Object.keys(rule).filter(key => rule[key] !== null) : []),
  }
}

function getHttpMatch(match: unknown, path: readonly (string | number)[], object: ModelObject): HttpMatch {
  return {
    name: readText(match, 'name') ?? '',
    at: { object, path },
    uri: readPattern(match, 'uri'),
    ignoreUriCase: isTrueAt(match, 'ignoreUriCase'),
    scheme: readPattern(match, 'scheme'),
    method: readPattern(match, 'method'),
    authority: readPattern(match, 'authority'),
    headers: readPatterns(match, 'headers', readHeaderName),
    withoutHeaders: readPatterns(match, 'withoutHeaders', readHeaderName),
    queryParams: readPatterns(match, 'queryParams', name => name),
    port: numberAt(match, 'port') || undefined,
    sourceLabels: readLabels(match, 'sourceLabels'),
    sourceNamespace: readText(match, 'sourceNamespace') || undefined,
    gateways: readTexts(match, 'gateways').map(name => readGatewayName(name, object.namespace)),
  }
}

const readHeaderName = (name: string) => (name.startsWith('@') ? name : name.toLowerCase())

/** Reads a pattern; undefined: the field is absent. `{}` and the regular expression `*` only require presence. */
function readPattern(value: unknown, key: string): Pattern | undefined {
  const written = mapAt(value, key)
  return written === undefined ? undefined : getPattern(written)
}

function getPattern(written: unknown): Pattern {
  const exact = readText(written, 'exact')
  if (exact !== undefined) return { match: 'exact', value: exact }
  const prefix = readText(written, 'prefix')
  if (prefix !== undefined) return { match: 'prefix', value: prefix }
  const regex = readText(written, 'regex')
  return regex === undefined || regex === '*' ? { match: 'present' } : { match: 'regex', value: regex }
}

function readPatterns(value: unknown, key: string, named: (name: string) => string) {
  const patterns = plainRecord<Pattern>()
  for (const [name, written] of Object.entries(mapAt(value, key) ?? {}))
    patterns[named(name)] = getPattern(written)
  return patterns
}

const getL4Match = (match: unknown, namespace: string): L4Match => ({
  destinationSubnets: readTexts(match, 'destinationSubnets'),
  port: numberAt(match, 'port') || undefined,
  sourceLabels: readLabels(match, 'sourceLabels'),
  sourceNamespace: readText(match, 'sourceNamespace') || undefined,
  gateways: readTexts(match, 'gateways').map(name => readGatewayName(name, namespace)),
})

const getWeightedDestination = (route: unknown, namespace: string): WeightedDestination => ({
  ...getDestination(mapAt(route, 'destination'), namespace),
  weight: numberAt(route, 'weight') ?? 0,
})

const getDestination = (destination: unknown, namespace: string): Destination => ({
  host: expandHost(readText(destination, 'host') ?? '', namespace),
  subset: readText(destination, 'subset') ?? '',
  port: numberAt(mapAt(destination, 'port'), 'number'),
})

function getHeaderChanges(value: unknown): HeaderChanges {
  const request = mapAt(mapAt(value, 'headers'), 'request')
  if (request === undefined) return noChanges
  return {
    set: lowerCaseKeys(readLabels(request, 'set')),
    add: lowerCaseKeys(readLabels(request, 'add')),
    remove: readTexts(request, 'remove').map(name => name.toLowerCase()),
  }
}

const noChanges: HeaderChanges = { set: plainRecord(), add: plainRecord(), remove: [] }

function lowerCaseKeys(map: Readonly<Record<string, string>>) {
  const lowered = plainRecord<string>()
  for (const [name, value] of Object.entries(map)) lowered[name.toLowerCase()] = value
  return lowered
}

function findRedirect(redirect: unknown): Redirect | undefined {
  if (redirect === undefined) return undefined
  const derivePort = readText(redirect, 'derivePort')
  return {
    uri: readText(redirect, 'uri') || undefined,
    prefixRewrite: readText(redirect, 'prefixRewrite') || undefined,
    authority: readText(redirect, 'authority') || undefined,
    scheme: readText(redirect, 'scheme') || undefined,
    port: numberAt(redirect, 'port'),
    derivePort:
      derivePort === 'FROM_REQUEST_PORT' || derivePort === 'FROM_PROTOCOL_DEFAULT' ? derivePort : undefined,
    code: numberAt(redirect, 'redirectCode') || 301,
  }
}

export function readRetries(retries: unknown): RetryPolicy | undefined {
  if (retries === undefined) return undefined
  return {
    attempts: numberAt(retries, 'attempts') ?? 0,
    perTryTimeout: readDuration(retries, 'perTryTimeout'),
    retryOn: readText(retries, 'retryOn') || undefined,
  }
}

/** See MirrorPercent in pilot/pkg/networking/core/route/route.go of istio/istio. */
function listMirrors(rule: unknown, namespace: string): HttpRoute['mirrors'] {
  const mirror = mapAt(rule, 'mirror')
  const percentage = mapAt(rule, 'mirrorPercentage')
  const all = [
    ...(mirror === undefined
      ? []
      : [
          {
            destination: getDestination(mirror, namespace),
            percent:
              percentage === undefined
                ? (numberAt(rule, 'mirrorPercent') ?? 100)
                : (numberAt(percentage, 'value') ?? 0),
          },
        ]),
    ...listAt(rule, 'mirrors')
      .filter(at => mapAt(at, 'destination') !== undefined)
      .map(at => {
        const share = mapAt(at, 'percentage')
        return {
          destination: getDestination(mapAt(at, 'destination'), namespace),
          percent: share === undefined ? 100 : (numberAt(share, 'value') ?? 0),
        }
      }),
  ]
  return all.filter(({ percent }) => percent > 0)
}

/** See TranslateFault in pilot/pkg/networking/core/route/route.go of istio/istio. */
function findFault(fault: unknown): HttpFault | undefined {
  const delay = mapAt(fault, 'delay')
  const abort = mapAt(fault, 'abort')
  const milliseconds = readDuration(delay, 'fixedDelay')
  const status = numberAt(abort, 'httpStatus')
  const isDelayed = delay !== undefined && milliseconds !== undefined
  const isAborted = abort !== undefined && status !== undefined
  if (!isDelayed && !isAborted) return undefined
  return {
    delay: isDelayed
      ? { percent: findPercentage(delay) ?? numberAt(delay, 'percent') ?? 0, milliseconds }
      : undefined,
    abort: isAborted ? { percent: findPercentage(abort) ?? 0, status } : undefined,
  }
}

const findPercentage = (fault: unknown) => {
  const percentage = mapAt(fault, 'percentage')
  return percentage && (numberAt(percentage, 'value') ?? 0)
}

function findCors(policy: unknown): Cors | undefined {
  if (policy === undefined) return undefined
  const origins = listAt(policy, 'allowOrigins')
  const unmatched = readText(policy, 'unmatchedPreflights')
  return {
    allowOrigins:
      origins.length > 0
        ? origins.map(getPattern)
        : readTexts(policy, 'allowOrigin').map(value => ({ match: 'exact', value })),
    unmatchedPreflights: unmatched === 'IGNORE' || unmatched === 'FORWARD' ? unmatched : undefined,
  }
}
