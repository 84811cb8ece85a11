import type { VirtualServiceSpec } from '../../../schema/generated/virtual-service.ts'
import { intersectMatches } from '../../mesh/match.ts'
import type { Exposure, Gateway, Match, Mesh, Service, StringMatch } from '../../mesh/mesh.ts'
import { because, decided, type Sourced } from '../../mesh/sourced.ts'
import { type Manifest, manifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'
import { withoutDeadMatches, withoutFalseAlarms } from './http-match.ts'
import { httpRoutes } from './http-route.ts'

/** A service as a host of a gateway shows it. */
export interface Exposed {
  readonly service: Service
  readonly exposure: Exposure
}

/**
 * One VirtualService a host of a gateway: the order in which Istio merges several is not defined.
 * It repeats the versions of each service, since the mesh VirtualService does not hold at a gateway (IST0140).
 */
export function gatewayVirtualServices(
  mesh: Mesh,
  gateway: Gateway,
  exposed: readonly Exposed[],
): readonly Manifest[] {
  return gateway.hosts.flatMap(host => {
    const here = exposed
      .filter(({ exposure }) => exposure.host.value === host.value)
      .toSorted(mostSpecificFirst)
    if (here.length === 0) return []
    const spec: Sourceable<VirtualServiceSpec> = {
      hosts: [because(host.value, host, ...here.map(({ exposure }) => exposure.host))],
      gateways: [
        because(`${gateway.namespace.value}/${gateway.name.value}`, gateway.namespace, gateway.name),
      ],
      http: withoutFalseAlarms(withoutDeadMatches(here.flatMap(rules))),
      exportTo: [decided('policy:visibility', '.')],
    }
    const name = because(`${gateway.name.value}.${host.value}`, gateway.name, host)
    return [
      manifest(
        mesh,
        'VirtualService',
        { name, namespace: gateway.namespace, policy: 'policy:route-shape' },
        spec,
      ),
    ]
  })
}

function rules({ service, exposure }: Exposed) {
  const entrance = exposedPaths(exposure)
  return service.routes.flatMap(route => {
    const when = narrowed(route.when, entrance)
    if (when === 'never') return []
    return httpRoutes(service, route, exposure.port, false, when, exposure).map(rule =>
      because(rule, exposure.origin),
    )
  })
}

const exposedPaths = ({ origin, paths }: Exposure): Match | undefined =>
  paths.length === 0 ? undefined : { origin, paths, headers: [], withoutHeaders: [], query: [], methods: [] }

function narrowed(route: Match | undefined, entrance: Match | undefined): Match | undefined | 'never' {
  if (route === undefined || entrance === undefined) return route ?? entrance
  const both = intersectMatches(route, entrance)
  if (both.kind === 'unknown')
    throw new Error('paths that only an automaton could intersect reached the emitter')
  return both.kind === 'some' ? both.value : 'never'
}

/** Longer paths before shorter ones, so that none hides another; every path last. */
function mostSpecificFirst(a: Exposed, b: Exposed): number {
  return specificity(b.exposure) - specificity(a.exposure) || (a.service.key < b.service.key ? -1 : 1)
}

const specificity = ({ paths }: Exposure) => Math.max(0, ...paths.map(length))

const length = ({ value }: Sourced<StringMatch>) =>
  'exact' in value ? 10_000 + value.exact.length : 'prefix' in value ? value.prefix.length : 0
