import fc from 'fast-check'
import { defined, maybe, often, pick, seldom, versionNames } from './names.ts'
import type { ServiceSpec } from './services.ts'
import {
  finishMatch,
  finishRefinement,
  headerChanges,
  keepingRest,
  matchDrafts,
  patience,
  redirects,
  refinementDrafts,
  weights,
} from './traffic.ts'

type Route = NonNullable<ServiceSpec['routes']>[number]
type Match = NonNullable<Route['when']>
type Rewrite = NonNullable<Route['rewrite']>

export const rewrites = fc.constantFrom<Rewrite>(
  { path: '/' },
  { path: '/v2/', host: 'backend.example.com' },
  { host: 'backend.example.com' },
)

const mirrorDrafts = fc.record({ version: fc.nat({ max: 2 }), share: fc.integer({ min: 1, max: 100 }) })
type MirrorDraft = typeof mirrorDrafts extends fc.Arbitrary<infer Draft> ? Draft : never

const routeDrafts = fc.record({
  match: matchDrafts,
  weights: fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 3, maxLength: 3 }),
  redirect: maybe(redirects),
  /** True if a redirect keeps the rest of the path, if there can be one. */
  keepsRest: often(fc.constant(true)),
  rewrite: seldom(rewrites),
  headers: maybe(headerChanges),
  mirror: maybe(mirrorDrafts),
  patience,
})
type RouteDraft = typeof routeDrafts extends fc.Arbitrary<infer Draft> ? Draft : never

/** The versions of a service, and the share of each of them. */
export const routingDrafts = fc.record({
  versions: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom(...versionNames),
      spec: fc.constantFrom('empty', 'version', 'labels'),
      weight: fc.integer({ min: 0, max: 10 }),
      refinement: seldom(refinementDrafts),
    }),
    { selector: ({ name }) => name, maxLength: 3 },
  ),
  kind: fc.constantFrom('traffic', 'active', 'routes'),
  active: fc.nat({ max: 2 }),
  mirror: maybe(mirrorDrafts),
  routes: fc.array(routeDrafts, { minLength: 1, maxLength: 3 }),
  /** True if the first route takes some requests on a path, and the others take paths within it. */
  nested: fc.boolean(),
  /** True if the last route takes the requests that the others leave. */
  rest: fc.boolean(),
})
type RoutingDraft = typeof routingDrafts extends fc.Arbitrary<infer Draft> ? Draft : never

/** The parts of a service that limit its routing. */
interface Circumstances {
  /** True if a port speaks HTTP; connections are only split by weight. */
  readonly seesRequests: boolean
  /** True if every request is a POST. */
  readonly onlyGrpc: boolean
  /** True if another part of the spec must name the paths of a route, so that none is a regular expression. */
  readonly plainPaths: boolean
}

/** Returns the versions, routes and shares of a service. */
export function finishRouting(draft: RoutingDraft, circumstances: Circumstances): Partial<ServiceSpec> {
  const versions = draft.versions.map(({ name }) => name)
  const fields =
    versions.length === 0
      ? {}
      : { versions: Object.fromEntries(draft.versions.map(each => finishVersion(each, circumstances))) }
  if (draft.kind !== 'routes' || !circumstances.seesRequests)
    return { ...fields, ...finishRest(draft, versions, circumstances.seesRequests) }
  const routes = draft.routes.map((route, index) => {
    const isRest = draft.rest && index === draft.routes.length - 1
    const match = draft.nested ? ({ ...route.match, by: nestedBy(index) } as const) : route.match
    return finishRoute({ ...route, match }, `route-${index + 1}`, isRest, versions, circumstances)
  })
  const leavesOver = versions.length > 1 && routes.at(-1)?.when !== undefined
  return { ...fields, routes, ...(leavesOver && finishRest(draft, versions, false)) }
}

const nestedBy = (index: number) => (index === 0 ? 'wide path' : 'narrow path')

/** Checks whether routes compare paths. */
export const comparesPaths = ({ kind, routes, nested }: RoutingDraft): boolean =>
  kind === 'routes' && (nested || routes.some(({ match }) => /path|regex/.test(match.by)))

/** Checks whether a route may change the path of its requests. */
export const rewritesPaths = ({ kind, routes }: RoutingDraft): boolean =>
  kind === 'routes' && routes.some(({ rewrite }) => rewrite?.path !== undefined)

const finishVersion = (
  { name, spec, refinement }: RoutingDraft['versions'][number],
  { seesRequests }: Circumstances,
) =>
  [
    name,
    {
      ...{
        empty: {},
        version: { version: `release-${name}` },
        labels: { labels: { track: `${name}.0` } },
      }[spec],
      ...(refinement && finishRefinement(refinement, seesRequests)),
    },
  ] as const

/** Returns the actions for requests and connections that no route takes. */
function finishRest(
  draft: RoutingDraft,
  versions: readonly string[],
  mirrors: boolean,
): Partial<ServiceSpec> {
  if (versions.length === 0) return {}
  const mirror = mirrors ? findMirror(draft.mirror, versions) : undefined
  if (draft.kind === 'active') {
    const active = pick(versions, draft.active)
    return { active, ...defined({ mirror: mirror?.version === active ? undefined : mirror?.shares }) }
  }
  const parts = draft.versions.map(version => version.weight)
  return { traffic: getTraffic(versions, parts, mirror), ...defined({ mirror: mirror?.shares }) }
}

interface Mirror {
  readonly version: string
  readonly shares: Record<string, string>
}

/** Returns the mirror to one of several versions. */
function findMirror(draft: MirrorDraft | undefined, versions: readonly string[]): Mirror | undefined {
  if (draft === undefined || versions.length < 2) return undefined
  const version = pick(versions, draft.version)
  return { version, shares: { [version]: `${draft.share}%` } }
}

/** Returns shares for these versions. The version that gets a mirror gets no other requests. */
function getTraffic(
  versions: readonly string[],
  parts: readonly number[],
  mirror: Mirror | undefined,
): Record<string, string> {
  const otherVersions = versions.filter(version => version !== mirror?.version)
  const shares = weights(otherVersions.map(version => parts[versions.indexOf(version)] ?? 0))
  return Object.fromEntries(otherVersions.map((version, index) => [version, `${shares[index]}%`]))
}

function finishRoute(
  draft: RouteDraft,
  name: string,
  isRest: boolean,
  versions: readonly string[],
  circumstances: Circumstances,
): Route {
  const when = isRest ? undefined : getCondition(draft, name, circumstances)
  if (draft.redirect !== undefined && !isRest) {
    const hasRest = when?.paths?.every(path => typeof path === 'string' && path.endsWith('*')) ?? false
    const redirect = draft.keepsRest && hasRest ? keepingRest(draft.redirect) : draft.redirect
    return { name, ...defined({ when, redirect }) }
  }
  const byPath = when?.paths?.every(path => typeof path === 'string') ?? false
  const mirror = findMirror(draft.mirror, versions)
  return {
    name,
    ...defined({
      when,
      traffic: versions.length > 0 ? getTraffic(versions, draft.weights, mirror) : undefined,
      rewrite: byPath || draft.rewrite?.path === undefined ? draft.rewrite : undefined,
      headers: draft.headers,
      mirror: mirror?.shares,
    }),
    ...draft.patience,
  }
}

function getCondition({ match }: RouteDraft, name: string, circumstances: Circumstances): Match {
  const by = match.by === 'regex' && circumstances.plainPaths ? 'path' : match.by
  const when = finishMatch({ ...match, by }, name)
  return circumstances.onlyGrpc && when.methods !== undefined ? { ...when, methods: ['POST'] } : when
}
