import fc from 'fast-check'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import { authorizeDrafts, finishAuthorize } from './authorizers.ts'
import { denyDrafts, finishDeny } from './denials.ts'
import {
  defined,
  maybe,
  methodSets,
  namespaceNames,
  patterns,
  pick,
  reasons,
  seldom,
  serviceNames,
} from './names.ts'
import { isHttp, type PortDraft } from './ports.ts'
import { rewrites } from './routing.ts'
import type { ServiceSpec } from './services.ts'
import { claims, type JwtSpec, jwtDrafts } from './tokens.ts'
import { corses, headerChanges } from './traffic.ts'

type Allow = NonNullable<ServiceSpec['allow']>[number]
type Expose = NonNullable<ServiceSpec['expose']>[number]

const conditionDrafts = fc.record({
  methods: maybe(methodSets),
  paths: maybe(fc.constantFrom<string[]>(['/api/*'], ['/healthz', '/v1/*'], ['/'])),
  ports: fc.boolean(),
  jwt: fc.boolean(),
  /** True if only the claims require a token, without `jwt: required`. */
  onlyClaims: fc.boolean(),
  claims: maybe(claims),
  /** The number of the issuer that the draft names, if the service accepts tokens of named issuers. */
  issuer: maybe(fc.nat({ max: 2 })),
  headers: seldom(
    fc.dictionary(
      fc.constantFrom('x-tenant', 'x-team'),
      fc.oneof(patterns, fc.uniqueArray(patterns, { minLength: 1, maxLength: 2 })),
      { minKeys: 1, maxKeys: 2 },
    ),
  ),
  because: maybe(reasons),
})
type ConditionDraft = typeof conditionDrafts extends fc.Arbitrary<infer Draft> ? Draft : never

/** The gateways that expose a service, and its callers. */
export const accessDrafts = fc.record({
  expose: fc.array(
    fc.record({
      gateway: fc.nat({ max: 1 }),
      host: fc.nat({ max: 2 }),
      whole: fc.boolean(),
      exact: fc.boolean(),
      rewrite: maybe(rewrites),
      headers: maybe(headerChanges),
      cors: maybe(corses),
      /** True if the draft names the port although it need not. */
      port: fc.boolean(),
      conditions: conditionDrafts,
    }),
    { maxLength: 2 },
  ),
  /** The gateway that passes connections on to the service. */
  passage: maybe(fc.record({ gateway: fc.nat({ max: 1 }), byPort: fc.boolean(), exact: fc.boolean() })),
  jwt: maybe(jwtDrafts),
  deny: seldom(denyDrafts),
  authorize: seldom(authorizeDrafts),
  allow: fc.array(
    fc.record({
      from: fc.oneof(
        {
          weight: 6,
          arbitrary: fc.record({
            kind: fc.constant('service'),
            index: fc.nat({ max: serviceNames.length - 1 }),
          }),
        },
        fc.record({ kind: fc.constant('namespace'), index: fc.nat({ max: namespaceNames.length }) }),
        fc.record({ kind: fc.constant('external-caller'), index: fc.nat({ max: 1 }) }),
        fc.record({ kind: fc.constant('anyone'), index: fc.constant(0) }),
      ),
      conditions: conditionDrafts,
    }),
    { maxLength: 4 },
  ),
})
type AccessDraft = typeof accessDrafts extends fc.Arbitrary<infer Draft> ? Draft : never

/** The service whose access is generated, and its surroundings. */
interface Destination {
  readonly name: string
  readonly ports: readonly PortDraft[]
  /** True if a rule of the service compares the paths of requests, so that a gateway must not change them. */
  readonly comparesPaths: boolean
  /** True if a route of the service changes paths before a policy reads them. */
  readonly rewritesPaths: boolean
  /** The other services. */
  readonly callers: readonly string[]
  readonly namespaces: readonly string[]
  readonly gateways: NonNullable<MeshFile['gateways']>
  /** Gateways and hosts, with the paths that services already use: `gateway host` to paths. */
  readonly taken: Map<string, string[]>
}

/** Returns the fields of a service that determine the callers and their requests. */
export function finishAccess(draft: AccessDraft, destination: Destination): Partial<ServiceSpec> {
  const ports = provenPorts(destination)
  const seesRequests = ports.some(isHttpPort)
  const requests = seesRequests ? finishExposures(draft, ports, destination) : []
  const passage = findPassage(draft, ports, destination)
  // A service has one rule for each gateway.
  const isFree = passage !== undefined && requests.every(({ gateway }) => gateway !== passage.gateway)
  const exposures = isFree ? [...requests, passage] : requests
  const jwt = seesRequests ? draft.jwt : undefined
  const allow = finishAllow(draft, exposures, jwt, destination)
  return defined({
    expose: exposures.length > 0 ? exposures.map(({ expose }) => expose) : undefined,
    jwt,
    allow: allow.length > 0 ? allow : undefined,
    deny:
      draft.deny &&
      finishDeny(draft.deny, {
        ports,
        jwt,
        callers: destination.callers,
        namespaces: destination.namespaces,
      }),
    authorize: draft.authorize && finishAuthorize(draft.authorize, ports),
  })
}

const isHttpPort = ({ protocol }: PortDraft) => isHttp(protocol)

/** Lists the ports on which a proxy can identify a caller: mTLS may be used there. */
const provenPorts = ({ ports }: Destination) =>
  ports.filter(({ mtls, sidecar }) => mtls !== 'off' && sidecar === undefined)

interface Exposure {
  readonly gateway: string
  readonly expose: Expose
  readonly conditions: ConditionDraft
}

function finishExposures(
  draft: AccessDraft,
  ports: readonly PortDraft[],
  { name, comparesPaths, gateways, taken, ports: all }: Destination,
): readonly Exposure[] {
  const names = Object.keys(gateways)
  if (names.length === 0) return []
  const exposures: Exposure[] = []
  for (const { conditions, ...expose } of draft.expose) {
    const gateway = pick(names, expose.gateway)
    const served = pick(gateways[gateway]?.hosts ?? [], expose.host)
    // A wildcard covers hosts below its domain.
    const host = expose.exact
      ? served.replace(/^\*(\.|$)/, 'shop$1').replace(/^shop$/, 'shop.example.org')
      : served
    if (exposures.some(exposure => exposure.gateway === gateway)) continue
    const paths = taken.get(`${gateway} ${host}`) ?? []
    const whole = expose.whole && !paths.includes('/*')
    taken.set(`${gateway} ${host}`, [...paths, whole ? '/*' : `/${name}`])
    const port = ports.find(isHttpPort)
    const isOnly = all.length === 1
    exposures.push({
      gateway,
      expose: {
        gateway,
        host,
        ...defined({
          paths: whole ? undefined : expose.exact ? [`/${name}`, `/${name}/index.html`] : [`/${name}/*`],
          rewrite: whole || comparesPaths ? undefined : expose.rewrite,
          headers: expose.headers,
          cors: expose.cors,
          port: expose.port || !isOnly ? port?.name : undefined,
        }),
      },
      conditions,
    })
  }
  return exposures
}

const noConditions: ConditionDraft = {
  methods: undefined,
  paths: undefined,
  ports: false,
  jwt: false,
  onlyClaims: false,
  claims: undefined,
  issuer: undefined,
  headers: undefined,
  because: undefined,
}

/** Finds a passage for connections: a TCP port, or a TLS passthrough host, that no service has yet. */
function findPassage(
  { passage }: AccessDraft,
  ports: readonly PortDraft[],
  { gateways, taken }: Destination,
): Exposure | undefined {
  const names = Object.keys(gateways)
  if (passage === undefined || names.length === 0) return undefined
  const gateway = pick(names, passage.gateway)
  const [listener] = Object.keys(gateways[gateway]?.tcp ?? {})
  const [host] = gateways[gateway]?.passthrough?.slice(passage.exact ? -1 : 0) ?? []
  const tls = ports.find(({ protocol }) => protocol === 'tls' || protocol === 'https')
  const opaque = ports.find(port => !isHttpPort(port))
  const [way, port] =
    passage.byPort || tls === undefined ? [listener, opaque] : [passage.exact ? exactHost(host) : host, tls]
  if (way === undefined || port === undefined || taken.has(`${gateway} through ${way}`)) return undefined
  taken.set(`${gateway} through ${way}`, [])
  const isPort = way === listener
  return {
    gateway,
    expose: { gateway, ...(isPort ? { tcp: way } : { host: way }), port: port.name },
    conditions: noConditions,
  }
}

/** Returns a host that a wildcard covers. */
const exactHost = (host: string | undefined) => host?.replace('*', 'one')

function finishAllow(
  draft: AccessDraft,
  exposures: readonly Exposure[],
  accepted: JwtSpec | undefined,
  destination: Destination,
): Allow[] {
  const { callers, namespaces, ports } = destination
  const allows: Allow[] = []
  const provesNobody = provenPorts(destination).length === 0
  const add = (from: string, conditions: ConditionDraft) => {
    if (allows.some(allow => allow.from === from) || (provesNobody && from !== 'anyone')) return
    const paths = destination.rewritesPaths ? undefined : conditions.paths
    allows.push({ from, ...finishConditions({ ...conditions, paths }, accepted, destination) })
  }
  for (const { gateway, expose, conditions } of exposures) {
    // A gateway that rewrites paths changes them before a policy reads them.
    const paths = conditions.paths && expose.rewrite === undefined ? expose.paths : undefined
    // A gateway that reads tokens refuses tokens of other issuers.
    const reader = destination.gateways[gateway]?.jwt
    const jwt = conditions.jwt && (reader == null || takesAll(reader, accepted))
    add(`gateway/${gateway}`, { ...conditions, jwt, ports: false, paths })
  }
  for (const { from, conditions } of draft.allow) {
    if (from.kind === 'service') {
      if (callers.length > 0) add(pick(callers, from.index), conditions)
    } else if (from.kind === 'namespace') {
      add(`namespace/${pick(namespaces, from.index)}`, conditions)
    } else if (from.kind === 'external-caller') {
      const account = pick(['exporter', 'web'], from.index)
      add(`external-caller/partner.example.com/ns/billing/sa/${account}`, conditions)
    } else if (!ports.some(({ sidecar }) => sidecar === 'off'))
      add('anyone', { ...conditions, because: conditions.because ?? 'everyone may look' })
  }
  const direct = ports.filter(({ sidecar }) => sidecar === 'off')
  const exceptions = direct.length > 0 ? direct : ports.filter(({ mtls }) => mtls !== undefined).slice(0, 1)
  if (exceptions.length > 0 && !allows.some(({ from }) => from === 'anyone')) {
    const because = 'probes come from the nodes: they have no identity'
    allows.push({ from: 'anyone', ports: exceptions.map(({ name }) => name), because })
  }
  return allows
}

/** Checks whether a reader of tokens accepts all issuers of another reader. */
const takesAll = (reader: JwtSpec, accepted: JwtSpec | undefined): boolean =>
  accepted?.issuers == null
    ? reader.issuers === undefined && reader.issuer === accepted?.issuer
    : accepted.issuers?.every(name => reader.issuers?.includes(name)) === true

/** Returns the conditions on a caller. Conditions on requests need HTTP ports, and gRPC accepts only POST. */
function finishConditions(
  draft: ConditionDraft,
  accepted: JwtSpec | undefined,
  destination: Destination,
): Partial<Allow> {
  const proven = provenPorts(destination)
  if (proven.length === 0) return defined({ because: draft.because })
  const http = proven.filter(isHttpPort)
  const jwt = accepted !== undefined && draft.jwt
  const names = accepted?.issuers ?? []
  const issuers =
    jwt && draft.issuer !== undefined && names.length > 0 ? [pick(names, draft.issuer)] : undefined
  const conditions = [draft.methods, draft.paths, draft.headers]
  const asksRequests = http.length > 0 && (conditions.some(condition => condition !== undefined) || jwt)
  if (!asksRequests)
    return defined({
      ports: draft.ports ? proven.map(({ name }) => name) : undefined,
      because: draft.because,
    })
  const mustName = draft.ports || destination.ports.some(port => !http.includes(port))
  const methods = new Set<NonNullable<Allow['methods']>[number]>(draft.methods)
  if (http.some(({ protocol }) => protocol.startsWith('grpc'))) methods.add('POST')
  if (http.every(({ protocol }) => protocol === 'grpc'))
    for (const method of methods) if (method !== 'POST') methods.delete(method)
  return defined({
    methods: draft.methods ? [...methods] : undefined,
    paths: draft.paths,
    ports: mustName ? http.map(({ name }) => name) : undefined,
    jwt: jwt && !(draft.onlyClaims && (draft.claims ?? issuers)) ? ('required' as const) : undefined,
    issuers,
    claims: jwt ? draft.claims : undefined,
    headers: draft.headers,
    because: draft.because,
  })
}
