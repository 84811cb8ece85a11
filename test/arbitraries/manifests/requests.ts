import type fc from 'fast-check'
import type { Caller, Request, Token } from '../../../compiler/behavior/request.ts'
import { type Draw, drawn } from './draw.ts'
import { type Fields, getFields, getText, listTexts, readList } from './fields.ts'
import { getMember, nearMiss, policyMember, printable } from './members.ts'

/**
 * Draws requests for the manifests: from their workloads, from outside, and from callers that only their
 * policies name. A request uses the hosts, routes and rules of one destination, and often misses them by a
 * little.
 */
export function requestsFor(objects: readonly unknown[]): fc.Arbitrary<Request> {
  const scene = getScene(objects.map(getFields))
  return drawn(draw => drawRequest(draw, scene))
}

interface Scene {
  readonly callers: readonly Caller[]
  /** The callers that no manifest contains. */
  readonly assumedCallers: readonly Caller[]
  /** The callers with a sidecar. */
  readonly proxied: readonly Caller[]
  readonly targets: readonly Target[]
  /** The targets that a route or a policy names. */
  readonly ruled: readonly Target[]
  readonly doors: readonly Door[]
  readonly virtualServices: readonly Fields[]
  readonly policies: readonly Fields[]
  readonly jwtRules: readonly Fields[]
  readonly hasCustom: boolean
  /** The callers whose address is in no manifest. */
  readonly unaddressed: readonly Caller[]
  /** True if a policy checks the address of a connection. */
  readonly asksAddress: boolean
  /** True if gateways trust the proxies in front of them. */
  readonly trustsProxies: boolean
  /** Paths of all patterns, which requests also use in unsuitable places. */
  readonly paths: readonly string[]
}

/** A port of a host that workloads call. */
interface Target {
  readonly host: string
  readonly port: number
  readonly protocol: 'http' | 'tcp' | 'tls'
  readonly namespace: string
  /** The selector of the pods behind the host. */
  readonly selector: Fields
  readonly shortNames: readonly string[]
}

/** A server of a gateway, for outside clients. */
interface Door {
  readonly gateway: NonNullable<Caller['gateway']>
  readonly name: string
  readonly port: number
  readonly protocol: 'http' | 'https' | 'tcp' | 'tls'
  readonly hosts: readonly string[]
}

function drawRequest(draw: Draw, scene: Scene): Request {
  if (scene.doors.length > 0 && (scene.targets.length === 0 || draw.percent(35)))
    return fromOutside(draw, scene)
  return fromWorkload(draw, scene)
}

function fromWorkload(draw: Draw, scene: Scene): Request {
  const target = draw.pick(draw.percent(70) && scene.ruled.length > 0 ? scene.ruled : scene.targets)
  const host =
    draw.percent(12) && target.shortNames.length > 0
      ? draw.pick(target.shortNames)
      : spelled(draw, target.host)
  const port = draw.percent(4) ? draw.pick([80, 8080, 9999]) : target.port
  // Without a proxy, the model knows nothing about a host outside the mesh.
  const isOutside = target.shortNames.length === 0
  const callers = isOutside && scene.proxied.length > 0 ? scene.proxied : scene.callers
  const caller = draw.pick(
    draw.percent(10) && scene.assumedCallers.length > 0 ? scene.assumedCallers : callers,
  )
  const protocol = draw.percent(6) ? draw.pick(['http', 'tcp'] as const) : target.protocol
  const rules = scene.policies.filter(policy => bearsOn(policy, target))
  const rule = draw.percent(75) ? getRule(draw, rules) : {}
  const from = dialling(
    draw,
    scene,
    draw.percent(60) ? (callerFor(draw, [...callers, ...scene.assumedCallers], rule) ?? caller) : caller,
  )
  const to = { host: draw.percent(2) ? 'unknown.example' : host, port }
  const plaintext = draw.percent(isOutside ? 0 : 8) ? { plaintext: true } : {}
  if (protocol !== 'http') return { from, to, protocol, ...plaintext }
  const routed = scene.virtualServices.filter(({ spec }) =>
    listTexts(getFields(spec)['hosts']).some(text => covers(text, target.host)),
  )
  return { from, to, ...plaintext, ...drawHttp(draw, scene, routed, rule, host) }
}

/** Gives a caller another address if a policy checks addresses, or if no manifest has its own address. */
function dialling(draw: Draw, { asksAddress, unaddressed }: Scene, caller: Caller): Caller {
  if (!asksAddress || !(unaddressed.includes(caller) || draw.percent(30))) return caller
  return { ...caller, ip: draw.pick(['10.245.0.2', '203.0.113.77', '192.0.2.200']) }
}

function fromOutside(draw: Draw, scene: Scene): Request {
  const door = draw.pick(scene.doors)
  const bound = scene.virtualServices.filter(({ spec }) =>
    listTexts(getFields(spec)['gateways']).some(text => text.endsWith(door.name)),
  )
  const hosts = [...door.hosts, ...bound.flatMap(({ spec }) => listTexts(getFields(spec)['hosts']))]
  const host = draw.percent(4) ? 'unknown.example' : spelled(draw, draw.pick(hosts))
  const { gateway, protocol, port } = door
  const from: Caller = {
    gateway,
    ...(protocol === 'https' && { scheme: 'https' }),
    ...draw.maybe(15, 'ip', () => draw.pick(['203.0.113.77', '198.51.100.7', '192.0.2.200'])),
    ...(protocol === 'https' &&
      draw.maybe(5, 'sni', () =>
        draw.pick(hosts.filter(givenHost => !givenHost.includes('*')).concat('other.example')),
      )),
  }
  const to = { host, port }
  if (protocol === 'tcp' || protocol === 'tls') return { from, to, protocol }
  const rule = draw.percent(50) ? getRule(draw, scene.policies) : {}
  const routed = bound.filter(({ spec }) =>
    listTexts(getFields(spec)['hosts']).some(text => covers(text, host)),
  )
  const http = drawHttp(draw, scene, routed.length > 0 ? routed : bound, rule, host)
  if (!scene.trustsProxies) return { from, to, ...http }
  return { from, to, ...http, headers: { ...http.headers, ...drawForwarded(draw) } }
}

/** Draws the headers of proxies in front of a gateway, or of a caller that imitates them. */
const drawForwarded = (draw: Draw): Readonly<Record<string, string>> => ({
  ...draw.maybe(70, 'x-forwarded-for', () =>
    draw.pick([
      '198.51.100.7',
      '203.0.113.5, 198.51.100.7',
      '198.51.100.7, 192.0.2.1',
      '203.0.113.5,198.51.100.7,192.0.2.1',
      '192.0.2.200 , 10.0.0.1',
      'nobody, 10.0.0.1',
    ]),
  ),
  ...draw.maybe(60, 'x-forwarded-proto', () => draw.pick(['https', 'http', 'HTTPS', ''])),
})

/** Checks whether a policy may select pods behind the target. */
function bearsOn({ metadata, spec }: Fields, target: Target): boolean {
  const { namespace } = getFields(metadata)
  const labels = getFields(getFields(getFields(spec)['selector'])['matchLabels'])
  const selects = Object.entries(labels).every(([key, value]) => (target.selector[key] ?? value) === value)
  return selects && (namespace === target.namespace || namespace === 'istio-system')
}

/** Draws a host that a pattern matches. */
function spelled(draw: Draw, host: string): string {
  if (host === '*') return 'anything.example.net'
  return host.replace(/^\*/, draw.pick(['www', 'a.b', 'api']))
}

function covers(pattern: string, host: string): boolean {
  if (pattern === '*' || pattern === host || host.startsWith(`${pattern}.`)) return true
  return pattern.startsWith('*.') && host.endsWith(pattern.slice(1))
}

/** Draws a rule of one of the policies. */
function getRule(draw: Draw, policies: readonly Fields[]): Fields {
  const rules = policies.flatMap(({ spec }) => readList(getFields(spec)['rules']).map(getFields))
  return rules.length === 0 ? {} : draw.pick(rules)
}

/** Draws a caller that the rule names, if there is one. */
function callerFor(draw: Draw, callers: readonly Caller[], rule: Fields): Caller | undefined {
  const sources = readList(rule['from']).map(first => getFields(getFields(first)['source']))
  const words = sources.flatMap(source => [
    ...listTexts(source['principals']),
    ...listTexts(source['notPrincipals']),
    ...listTexts(source['namespaces']).map(text => `ns/${text}/`),
    ...listTexts(source['serviceAccounts']).map(text => `/sa/${text.replace(/.*\//, '')}`),
  ])
  const meant = callers.filter(({ namespace, serviceAccount }) =>
    words.some(word =>
      `cluster.local/ns/${namespace}/sa/${serviceAccount}/`.includes(word.replaceAll('*', '')),
    ),
  )
  return meant.length === 0 ? undefined : draw.pick(meant)
}

type Http = Pick<Request, 'method' | 'path' | 'headers' | 'jwt' | 'extAuthz'>

function drawHttp(draw: Draw, scene: Scene, routed: readonly Fields[], rule: Fields, host: string): Http {
  const match = draw.percent(75) ? getMatch(draw, routed, scene) : {}
  const operations = readList(rule['to']).map(first => getFields(getFields(first)['operation']))
  const operation = operations.length === 0 ? {} : draw.pick(operations)
  const headers = drawHeaders(draw, match, rule, host)
  const cors = routed.some(({ spec }) => JSON.stringify(spec).includes('corsPolicy')) && draw.percent(20)
  const jwt = drawToken(draw, scene, rule, match)
  return {
    method: cors ? 'OPTIONS' : drawMethod(draw, match, operation),
    path: drawPath(draw, scene, match, operation),
    ...((Object.keys(headers).length > 0 || cors) && {
      headers: cors
        ? {
            ...headers,
            origin: draw.pick(['https://app.example.com', 'https://evil.example']),
            'access-control-request-method': 'GET',
          }
        : headers,
    }),
    ...(jwt && { jwt }),
    ...(scene.hasCustom && draw.percent(40) && { extAuthz: 'deny' as const }),
  }
}

/** Draws a condition of one of the routes, or of delegates. */
function getMatch(draw: Draw, routed: readonly Fields[], { virtualServices }: Scene): Fields {
  const rules = (list: readonly Fields[]) =>
    list.flatMap(({ spec }) => readList(getFields(spec)['http']).map(getFields))
  const ruleMaps = rules(routed)
  const delegated = ruleMaps.some(route => route['delegate'] !== undefined)
    ? rules(virtualServices.filter(({ spec }) => getFields(spec)['hosts'] === undefined))
    : []
  const matches = [...ruleMaps, ...delegated].flatMap(route => readList(route['match']).map(getFields))
  return matches.length === 0 ? {} : draw.pick(matches)
}

const knownMethods: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']

function drawMethod(draw: Draw, match: Fields, operation: Fields): string {
  const member = match['method'] === undefined ? '' : getMember(draw, getFields(match['method']))
  // Envoy refuses unknown methods, whatever the content of the manifests.
  if (knownMethods.includes(member) && draw.percent(75)) return member
  const methods = [...listTexts(operation['methods']), ...listTexts(operation['notMethods'])].filter(text =>
    knownMethods.includes(text),
  )
  if (methods.length > 0 && draw.percent(75)) return draw.pick(methods)
  return draw.pick(['GET', 'GET', 'POST', 'PUT', 'DELETE', 'HEAD'])
}

function drawPath(draw: Draw, { paths }: Scene, match: Fields, operation: Fields): string {
  const words = [...listTexts(operation['paths']), ...listTexts(operation['notPaths'])]
  const isFitting = match['uri'] !== undefined && draw.percent(80)
  const meant = isFitting
    ? getMember(draw, getFields(match['uri']))
    : words.length > 0 && draw.percent(75)
      ? policyMember(draw, draw.pick(words))
      : draw.pick(paths)
  const started = meant.startsWith('/') ? meant : `/${meant}`
  const path = draw.percent(20) ? nearMiss(draw, started) : started
  const parameters = Object.entries(getFields(match['queryParams']))
  if (parameters.length > 0 && draw.percent(75))
    return `${path}?${parameters.map(([name, first]) => `${name}=${printable(getMember(draw, getFields(first)))}`).join('&')}`
  return draw.percent(10) ? `${path}?${draw.pick(['debug=true', 'page=2&page=1', 'q=/admin'])}` : path
}

function drawHeaders(
  draw: Draw,
  match: Fields,
  rule: Fields,
  host: string,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {}
  const wanted = Object.entries(getFields(match['headers']))
  const unwanted = Object.entries(getFields(match['withoutHeaders']))
  for (const [list, share] of [
    [wanted, 85],
    [unwanted, 40],
  ] as const)
    for (const [name, first] of list)
      if (/^[a-z0-9-]+$/i.test(name) && draw.percent(share)) {
        const value = printable(getMember(draw, getFields(first)))
        headers[name.toLowerCase()] = draw.percent(12) ? nearMiss(draw, value) : value
      }
  for (const condition of readList(rule['when']).map(getFields)) {
    const name = /^request\.headers\[(.+)\]$/.exec(getText(condition['key']))?.[1]?.toLowerCase()
    if (name === undefined || !draw.percent(70) || name.startsWith(':')) continue
    const word = draw.pick([...listTexts(condition['values']), ...listTexts(condition['notValues'])])
    headers[name] ??= printable(policyMember(draw, word))
  }
  // A request has its host in another place, and a separate Host header is rare.
  delete headers['host']
  if (draw.percent(3)) headers['host'] = draw.pick([host.toUpperCase(), `${host}:1234`, 'stranger.example'])
  return headers
}

function drawToken(draw: Draw, { jwtRules }: Scene, rule: Fields, match: Fields): Token | undefined {
  const words = JSON.stringify(rule)
  const routed = [match['headers'], match['withoutHeaders']]
    .flatMap(each => Object.entries(getFields(each)))
    .filter(([name]) => name.startsWith('@'))
  const asks = routed.length > 0 || /request\.auth|equestPrincipals/.test(words)
  if (jwtRules.length === 0 || !draw.percent(asks ? 75 : 20)) return undefined
  const jwtRule = draw.pick(jwtRules)
  const headers = readList(jwtRule['fromHeaders']).map(getFields)
  const parameters = listTexts(jwtRule['fromParams'])
  const cookies = listTexts(jwtRule['fromCookies'])
  const cookie = cookies.length > 0 && draw.percent(60) ? draw.pick(cookies) : undefined
  const place = cookie === undefined && draw.percent(75) && headers.length + parameters.length > 0
  const header = place && headers.length > 0 ? draw.pick(headers) : undefined
  const audiences = listTexts(jwtRule['audiences'])
  const presenter = /presenter/.test(words) && draw.percent(70)
  return {
    iss: draw.percent(5) ? 'https://nobody.example' : getText(jwtRule['issuer']),
    ...draw.maybe(90, 'sub', () => draw.pick(['ann', 'ann', 'bob', 'team/ann'])),
    ...(audiences.length > 0 && draw.percent(85)
      ? { aud: draw.some([...audiences, 'another'], 1, 2) }
      : draw.maybe(20, 'aud', () => [draw.pick(['shop', 'admin'])])),
    ...(draw.percent(50) || presenter || routed.length > 0
      ? { claims: drawClaims(draw, rule, presenter, routed) }
      : {}),
    ...draw.maybe(5, 'expired', () => true),
    ...draw.maybe(4, 'badSignature', () => true),
    ...(header && {
      header: getText(header['name']),
      ...(header['prefix'] !== undefined && { prefix: getText(header['prefix']) }),
    }),
    ...(place && header === undefined && { param: draw.pick(parameters) }),
    ...(cookie !== undefined && { cookie }),
  }
}

/** The claims that a token has fields of their own for. */
const partsOfToken = ['iss', 'sub', 'aud']

function drawClaims(
  draw: Draw,
  rule: Fields,
  presenter: boolean,
  routed: readonly (readonly [name: string, pattern: unknown])[],
): Readonly<Record<string, unknown>> {
  const claims: Record<string, unknown> = draw.pick([
    {},
    { group: 'staff' },
    { group: ['staff', 'dev'] },
    { group: ['staff', 'admin'] },
    { group: 'staff admin', scope: 'shop staff' },
    { realm: { role: 'staff' } },
  ])
  const asked = Object.fromEntries(
    readList(rule['when'])
      .map(getFields)
      .flatMap(condition => {
        const keys = [...getText(condition['key']).matchAll(/\[([^\]]+)\]/g)].map(([, key]) => key!)
        if (!getText(condition['key']).startsWith('request.auth.claims')) return []
        if (keys[0] === undefined || partsOfToken.includes(keys[0])) return []
        const word = draw.pick([...listTexts(condition['values']), ...listTexts(condition['notValues'])])
        const value = draw.percent(70) ? policyMember(draw, word) : [policyMember(draw, word), 'more']
        const nested = keys.slice(1).reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)
        return [[keys[0], nested] as const]
      }),
  )
  const ofRoute = Object.fromEntries(
    routed.flatMap(([name, pattern]) => {
      const [claim, ...inner] = name.slice('@request.auth.claims'.length).match(/[^.[\]]+/g) ?? []
      if (claim === undefined || partsOfToken.includes(claim) || draw.percent(25)) return []
      const text = getMember(draw, getFields(pattern))
      const value = draw.pick([text, [text, 'more'], `more ${text}`])
      return [[claim, inner.reduceRight<unknown>((value, key) => ({ [key]: value }), value)] as const]
    }),
  )
  return { ...claims, ...(draw.percent(80) && asked), ...ofRoute, ...(presenter && { azp: 'app-1' }) }
}

function getScene(objects: readonly Fields[]): Scene {
  const listObjects = (kind: string) => objects.filter(first => first['kind'] === kind)
  const policies = listObjects('AuthorizationPolicy')
  const virtualServices = listObjects('VirtualService')
  const workloads = [...listObjects('Deployment'), ...listObjects('Pod')]
  const callers = workloads.map(getCaller)
  const gateways = listObjects('Gateway')
  const isGateway = ({ labels }: Caller) =>
    labels?.['istio'] === 'public' ||
    gateways.some(({ spec }) => selects(getFields(getFields(spec)['selector']), labels ?? {}))
  const inside = workloads
    .filter(workload => !hasGatewayTemplate(workload))
    .map(getCaller)
    .filter(caller => !isGateway(caller) && caller.namespace !== 'istio-system')
  const bare = listObjects('Namespace')
    .map(({ metadata }) => getFields(metadata))
    .filter(({ labels }) => getFields(labels)['istio-injection'] !== 'enabled')
    .map(({ name }) => name)
  const targets = [
    ...listObjects('Service').flatMap(first => targetsOfService(first, gateways)),
    ...listObjects('ServiceEntry').flatMap(targetsOfEntry),
  ]
  const isRouted = ({ spec }: Fields, target: Target) =>
    listTexts(getFields(spec)['hosts']).some(text => covers(text, target.host))
  return {
    callers: inside,
    assumedCallers: /nightly|batch/.test(JSON.stringify(policies)) ? assumedCallers : [],
    proxied: inside.filter(({ namespace, labels }) => {
      const wish = labels?.['sidecar.istio.io/inject']
      return wish === undefined ? !bare.includes(namespace) : wish === 'true'
    }),
    targets,
    ruled: targets.filter(
      target =>
        virtualServices.some(virtualService => isRouted(virtualService, target)) ||
        policies.some(policy => bearsOn(policy, target)),
    ),
    doors: gateways.flatMap(gateway => listDoors(gateway, callers, listObjects('Service'))),
    virtualServices,
    policies,
    jwtRules: listObjects('RequestAuthentication').flatMap(({ spec }) =>
      readList(getFields(spec)['jwtRules']).map(getFields),
    ),
    hasCustom: policies.some(({ spec }) => getFields(spec)['action'] === 'CUSTOM'),
    unaddressed: [...listObjects('Deployment').map(getCaller), ...assumedCallers],
    asksAddress: /[iI]pBlocks"|"(source|remote)\.ip"/.test(JSON.stringify(policies)),
    trustsProxies: listObjects('IstioOperator').some(({ spec }) =>
      JSON.stringify(spec).includes('numTrustedProxies'),
    ),
    paths: ['/', '/api', '/healthz', ...pathsIn(virtualServices), ...pathsIn(policies)],
  }
}

/** Callers that policies name, and some callers with a similar identity. */
const assumedCallers: readonly Caller[] = [
  { namespace: 'batch', serviceAccount: 'nightly' },
  { namespace: 'batch', serviceAccount: 'other' },
  { namespace: 'web', serviceAccount: 'nightly' },
]

const getTemplate = (workload: Fields): Fields =>
  workload['kind'] === 'Pod' ? workload : getFields(getFields(workload['spec'])['template'])

/** Tells whether the pods of a workload are gateways, whatever Gateway selects them: no application in them calls. */
const hasGatewayTemplate = (workload: Fields): boolean =>
  getFields(getFields(getTemplate(workload)['metadata'])['annotations'])['inject.istio.io/templates'] ===
  'gateway'

function getCaller(workload: Fields): Caller {
  const metadata = getFields(workload['metadata'])
  const template = getTemplate(workload)
  const labels = getFields(getFields(template['metadata'])['labels'])
  const account = getText(getFields(template['spec'])['serviceAccountName'])
  return {
    namespace: getText(metadata['namespace']),
    serviceAccount: account === '' ? 'default' : account,
    // The values of labels are texts.
    labels: labels as Readonly<Record<string, string>>,
  }
}

const selects = (selector: Fields, labels: Fields): boolean =>
  Object.keys(selector).length > 0 && Object.entries(selector).every(([key, value]) => labels[key] === value)

function targetsOfService({ metadata, spec }: Fields, gateways: readonly Fields[]): readonly Target[] {
  const name = getText(getFields(metadata)['name'])
  const namespace = getText(getFields(metadata)['namespace'])
  const selector = getFields(getFields(spec)['selector'])
  // No caller inside the mesh calls the outer gateways.
  if (gateways.some(gateway => selects(getFields(getFields(gateway['spec'])['selector']), selector)))
    return []
  return readList(getFields(spec)['ports'])
    .map(getFields)
    .map(port => ({
      host: `${name}.${namespace}.svc.cluster.local`,
      port: Number(port['port']),
      protocol: getProtocol(getText(port['appProtocol']) || getText(port['name'])),
      namespace,
      selector,
      shortNames: [`${name}.${namespace}`, `${name}.${namespace}.svc`, name],
    }))
}

function targetsOfEntry({ metadata, spec }: Fields): readonly Target[] {
  return listTexts(getFields(spec)['hosts']).flatMap(host =>
    readList(getFields(spec)['ports'])
      .map(getFields)
      .map(port => ({
        host,
        port: Number(port['number']),
        protocol: getProtocol(getText(port['protocol']).toLowerCase()),
        namespace: getText(getFields(metadata)['namespace']),
        selector: {},
        shortNames: [],
      })),
  )
}

function getProtocol(name: string): Target['protocol'] {
  if (/^(tls|https)(-|$)/.test(name)) return 'tls'
  return /^(tcp|mongo|redis|mysql)(-|$)/.test(name) ? 'tcp' : 'http'
}

function listDoors(
  { metadata, spec }: Fields,
  workloads: readonly Caller[],
  services: readonly Fields[],
): readonly Door[] {
  const selector = getFields(getFields(spec)['selector'])
  const workload = workloads.find(({ labels }) => selects(selector, labels ?? {}))
  if (workload === undefined) return []
  const service = services.find(
    givenService =>
      getFields(givenService['metadata'])['namespace'] === workload.namespace &&
      selects(getFields(getFields(givenService['spec'])['selector']), workload.labels ?? {}),
  )
  const ports = readList(getFields(service?.['spec'])['ports']).map(getFields)
  return readList(getFields(spec)['servers'])
    .map(getFields)
    .map(server => {
      const port = getFields(server['port'])
      const number = Number(port['number'])
      const isKnown = ports.some(givenPort => givenPort['port'] === number)
      const outside = isKnown
        ? number
        : Number(ports.find(givenPort => givenPort['targetPort'] === number)?.['port'] ?? number)
      return {
        // The values of a selector are labels, which are texts.
        gateway: {
          namespace: getText(workload.namespace),
          labels: selector as Readonly<Record<string, string>>,
        },
        name: getText(getFields(metadata)['name']),
        port: outside,
        protocol: doorProtocol(
          getText(port['protocol']).toUpperCase(),
          getText(getFields(server['tls'])['mode']),
        ),
        hosts: listTexts(server['hosts']).map(host => host.replace(/^.*\//, '')),
      }
    })
}

function doorProtocol(protocol: string, mode: string): Door['protocol'] {
  if (protocol === 'TCP' || protocol === 'MONGO') return 'tcp'
  if (protocol === 'TLS' || mode === 'PASSTHROUGH')
    return protocol.startsWith('HTTP') && protocol !== 'HTTPS' ? 'http' : 'tls'
  return protocol === 'HTTPS' ? 'https' : 'http'
}

/** Lists the texts in these objects that look like paths. */
function pathsIn(objects: readonly Fields[]): readonly string[] {
  const result = [...JSON.stringify(objects).matchAll(/"(\/[A-Za-z0-9/._-]*)"/g)].map(([, path]) => path!)
  return [...new Set(result)]
}
