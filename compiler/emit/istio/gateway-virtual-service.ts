import type { VirtualServiceSpec } from '../../../schema/generated/virtual-service.ts'
import { groupBy } from '../../basics/group-by.ts'
import { intersectMatches, listConditions } from '../../mesh/match.ts'
import type { Exposure, Gateway, Match, Mesh, Service } from '../../mesh/mesh.ts'
import { measurePath } from '../../mesh/path-owner.ts'
import { because, decided, type Sourced, text } from '../../mesh/sourced.ts'
import { type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'
import { withoutDeadMatches, withoutFalseAlarms } from './http-match.ts'
import { makeHttpRoutes } from './http-route.ts'

/** A service as a host of a gateway shows it. */
export interface Exposed {
  readonly service: Service
  readonly exposure: Exposure
}

/**
 * Emits one VirtualService a host of a gateway: the order in which Istio merges several is not defined. It repeats the
 * versions of each service, since the mesh VirtualService does not hold at a gateway (IST0140).
 */
export function emitGatewayVirtualServices(
  mesh: Mesh,
  gateway: Gateway,
  exposed: readonly Exposed[],
): readonly Manifest[] {
  const hosts = listGatewayHosts(gateway, exposed)
  const exposedByHost = groupBy(exposed, ({ exposure }) => [exposure.host.value])
  return hosts.flatMap(host => {
    const here = orderExposures(exposedByHost.get(host.value) ?? [])
    if (here.length === 0) return []
    // The object is there for all that is exposed on the host, each of its rules for one.
    const reasons = here.flatMap(({ exposure }) => [exposure.host, exposure.origin.at('gateway')])
    const spec: Sourceable<VirtualServiceSpec> = {
      hosts: because([host], ...reasons),
      gateways: because([text`${gateway.namespace}/${gateway.name}`], ...reasons),
      http: withoutFalseAlarms(withoutDeadMatches(here.flatMap(makeExposedRules))),
      exportTo: because([getVisibility(gateway)], ...reasons),
    }
    const name = text`${gateway.name}.${nameHost(host, hosts)}`
    return [
      makeManifest(
        mesh,
        'VirtualService',
        { name, namespace: gateway.namespace, policy: 'policy:route-shape', reasons },
        spec,
      ),
    ]
  })
}

/** The namespace of the pods of a gateway: they do not see a route that is visible only in the namespace of the Gateway. */
export const getVisibility = ({ namespace, workloadNamespace }: Gateway): Sourced<string> =>
  workloadNamespace.value === namespace.value ? decided('policy:visibility', '.') : workloadNamespace

/** Lists the hosts of a gateway, and then those that only its wildcards cover, sorted; each once. */
function listGatewayHosts(gateway: Gateway, exposed: readonly Exposed[]): readonly Sourced<string>[] {
  const hosts = new Map(gateway.hosts.map(host => [host.value, host]))
  const covered = exposed.map(({ exposure }) => exposure.host).filter(({ value }) => !hosts.has(value))
  for (const host of covered.toSorted((a, b) => (a.value < b.value ? -1 : 1)))
    if (!hosts.has(host.value)) hosts.set(host.value, host)
  return [...hosts.values()]
}

/**
 * The part of an object's name for a host: `any` for `*`, and `any.example.com` for `*.example.com`. If another host has this name,
 * `-any` is appended to its first label.
 */
export function nameHost(host: Sourced<string>, hosts: readonly Sourced<string>[]): Sourced<string> {
  if (!host.value.startsWith('*')) return host
  const taken: Sourced<string>[] = []
  for (let label = 'any'; ; label += '-any') {
    const name = host.value.replace('*', label)
    const namesake = hosts.find(({ value }) => value === name)
    if (namesake === undefined || namesake === host)
      return because(
        host.map(() => name),
        ...taken,
      )
    taken.push(namesake)
  }
}

/** Makes the rules for the routes of a service at a host of a gateway, in the order of the routes, without routes for other paths. */
export function makeExposedRules({ service, exposure }: Exposed) {
  const { origin, host, portOrigin } = exposure
  const entrance = exposedPaths(exposure)
  const port = { ...exposure.port, number: because(exposure.port.number, portOrigin) }
  const { jwt } = exposure.gateway
  return service.routes.flatMap(route => {
    const claims = route.when?.claims ?? []
    // Only a proxy that reads tokens knows claims: elsewhere Istio refuses the condition (IST0149).
    if (claims.length > 0 && jwt === undefined) return []
    const when = narrowed(route.when, entrance)
    if (when === 'never') return []
    // The reasons of a rule include the conditions of the route and of the exposure.
    const conditions =
      entrance === undefined
        ? []
        : [...listConditions(entrance), ...(route.when ? listConditions(route.when) : [])]
    return makeHttpRoutes(service, route, port, [port], when, exposure).map(rule =>
      because(
        rule,
        host,
        origin.at('gateway'),
        ...conditions,
        ...(claims.length > 0 && jwt !== undefined ? [jwt.origin] : []),
      ),
    )
  })
}

const exposedPaths = ({ origin, paths }: Exposure): Match | undefined =>
  paths.length === 0
    ? undefined
    : { origin, paths, headers: [], withoutHeaders: [], query: [], methods: [], claims: [] }

function narrowed(route: Match | undefined, entrance: Match | undefined): Match | undefined | 'never' {
  if (route === undefined || entrance === undefined) return route ?? entrance
  const both = intersectMatches(route, entrance)
  if (both.kind === 'unknown')
    throw new Error('paths that only an automaton could intersect reached the emitter')
  return both.kind === 'some' ? both.value : 'never'
}

/**
 * Sorts longer paths before shorter ones, so that none shadows another; every path is last. An exposure with several paths occurs
 * several times if paths of others come between.
 */
function orderExposures(exposed: readonly Exposed[]): readonly Exposed[] {
  const ordered: Exposed[] = []
  for (const next of exposed.flatMap(pathByPath).toSorted(mostSpecificFirst)) {
    const last = ordered.at(-1)
    if (last?.exposure.origin !== next.exposure.origin) ordered.push(next)
    else ordered[ordered.length - 1] = withPaths(last, [...last.exposure.paths, ...next.exposure.paths])
  }
  return ordered
}

const pathByPath = (exposed: Exposed): readonly Exposed[] =>
  exposed.exposure.paths.length < 2
    ? [exposed]
    : exposed.exposure.paths.map(path => withPaths(exposed, [path]))

const withPaths = ({ service, exposure }: Exposed, paths: Exposure['paths']): Exposed => ({
  service,
  exposure: { ...exposure, paths },
})

const mostSpecificFirst = (a: Exposed, b: Exposed): number =>
  specificity(b.exposure) - specificity(a.exposure) || (a.service.key < b.service.key ? -1 : 1)

const specificity = ({ paths: [path] }: Exposure) => measurePath(path?.value)
