import fc from 'fast-check'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import { defined, maybe, methodSets, patterns } from './names.ts'
import { isHttp, type PortDraft } from './ports.ts'
import type { ServiceSpec } from './services.ts'

type Authorizers = NonNullable<MeshFile['authorizers']>
type Authorize = NonNullable<ServiceSpec['authorize']>
type GatewayAuthorize = NonNullable<NonNullable<NonNullable<MeshFile['gateways']>[string]>['authorize']>

const headerNames = fc.constantFrom<string[][]>(['x-user'], ['x-auth-*', 'set-cookie'])

const common = {
  timeout: fc.constantFrom('250ms', '1s', '2m'),
  failOpen: fc.boolean(),
  statusOnError: fc.constantFrom(403 as const, 429 as const, 503 as const),
}

/** The authorizers of a spec, in namespaces of other owners: one uses gRPC and one uses HTTP. */
export const authorizers: fc.Arbitrary<Authorizers> = fc.record({
  opa: fc.record(
    { grpc: fc.constantFrom('opa.policy:9191', 'opa.policy.svc.cluster.local:9191'), ...common },
    { requiredKeys: ['grpc'] },
  ),
  constructor: fc.record(
    {
      http: fc.constant('oauth2-proxy.auth:4180'),
      ...common,
      path: fc.constantFrom('/', '/oauth2/auth'),
      sendHeaders: headerNames,
      forwardHeaders: headerNames,
      refusalHeaders: headerNames,
      responseHeaders: headerNames,
    },
    { requiredKeys: ['http'] },
  ),
})

const requests = fc.record({
  methods: maybe(methodSets),
  exceptMethods: maybe(fc.constant(['OPTIONS'] as const)),
  paths: maybe(fc.constantFrom<string[][]>(['/asked/*'], ['/asked', '/asked/*'])),
  exceptPaths: maybe(fc.constantFrom<string[][]>(['/asked/health'], ['/oauth2/*', '/healthz'])),
  headers: maybe(fc.dictionary(fc.constantFrom('x-tenant', 'x-team'), patterns, { minKeys: 1, maxKeys: 1 })),
  ports: fc.boolean(),
})

/** The authorizer of a service or gateway, and the requests that it checks. */
export const authorizeDrafts = fc.record({
  by: fc.constantFrom('opa', 'constructor'),
  requests: maybe(fc.array(requests, { minLength: 1, maxLength: 2 })),
})
type AuthorizeDraft = typeof authorizeDrafts extends fc.Arbitrary<infer Draft> ? Draft : never

/** Returns the authorizer of a service; undefined for a service that sees no requests. */
export function finishAuthorize(draft: AuthorizeDraft, ports: readonly PortDraft[]): Authorize | undefined {
  const names = ports.flatMap(({ name, protocol }) => (isHttp(protocol) ? [name] : []))
  if (names.length === 0) return undefined
  return defined({
    by: draft.by,
    requests: draft.requests?.map(each =>
      defined({ ...getRequests(each), ports: each.ports ? names : undefined }),
    ),
  })
}

/** Returns the authorizer of a gateway. */
export const finishGatewayAuthorize = (draft: AuthorizeDraft): GatewayAuthorize =>
  defined({ by: draft.by, requests: draft.requests?.map(getRequests) })

const getRequests = ({
  methods,
  exceptMethods,
  paths,
  exceptPaths,
  headers,
}: NonNullable<AuthorizeDraft['requests']>[number]) =>
  defined({
    methods: methods && [...methods],
    exceptMethods: exceptMethods && [...exceptMethods],
    paths,
    exceptPaths,
    headers,
  })

/** Lists the authorizers that a service or gateway of a spec names; undefined if there are none. */
export function listAskedAuthorizers(
  all: Authorizers,
  owners: readonly ({ readonly authorize?: unknown } | null | undefined)[],
): Authorizers | undefined {
  const names = new Set(owners.map(owner => (owner?.authorize as Authorize | undefined)?.by))
  const asked = Object.entries(all).filter(([name]) => names.has(name))
  return asked.length === 0 ? undefined : Object.fromEntries(asked)
}
