import { isSubset } from '../behavior/is-subset.ts'
import type {
  AuthorizationPolicy,
  AuthorizationRule,
  Gateway,
  VirtualService,
  WeightedDestination,
} from '../behavior/model.ts'
import { isEqual } from '../source/is-equal.ts'
import { makeCallerNames, nameSources } from './allow.ts'
import type { ForeignMesh } from './foreign-mesh.ts'
import { Unsayable } from './matches.ts'

/** Tells whether a gateway is a way out: callers speak mutual TLS of the mesh to each of its servers. */
export const isExit = ({ servers }: Pick<Gateway, 'servers'>): boolean =>
  servers.length > 0 && servers.every(({ tls }) => tls?.mode === 'ISTIO_MUTUAL')

/** Finds the way out that requests to some hosts take: the egress gateway for which they have routes. */
export const findExit = (
  { gateways }: ForeignMesh['model'],
  routes: readonly VirtualService[],
): Gateway | undefined =>
  gateways.find(gateway => isExit(gateway) && routes.some(route => isAtGateway(route, gateway)))

/** Tells whether a VirtualService is for a gateway and for nothing else. */
const isAtGateway = ({ gateways }: VirtualService, { namespace, name }: Gateway): boolean =>
  isEqual(gateways, [`${namespace}/${name}`])

/**
 * Makes the routes of callers without the gateway: routes of requests have the host itself as their destination, and routes of
 * connections are dropped. The routes of the gateway follow from the spec.
 *
 * @throws {Unsayable} if callers do not use one door for each host
 */
export function withoutDoors(
  { destinationRules }: ForeignMesh['model'],
  exit: Gateway,
  routes: readonly VirtualService[],
): readonly VirtualService[] {
  const passDoor = (host: string, [door, ...others]: readonly WeightedDestination[]) => {
    const subset = destinationRules
      .filter(rule => rule.host === door?.host)
      .flatMap(({ subsets }) => subsets)
      .find(({ name }) => name === door?.subset)
    const tls = subset?.trafficPolicy?.tls
    if (door === undefined || others.length > 0 || tls?.mode !== 'ISTIO_MUTUAL' || tls.sni !== host)
      throw new Unsayable(`its callers do not go through the door for \`${host}\``)
    return door
  }
  return routes
    .filter(route => !isAtGateway(route, exit))
    .flatMap(route => {
      const [host, ...others] = route.hosts
      if (host === undefined || others.length > 0) throw new Unsayable('its VirtualService has several hosts')
      for (const { destinations } of [...route.tls, ...route.tcp]) passDoor(host, destinations)
      if (route.http.length === 0) return []
      const http = route.http.map(rule => {
        const { weight } = passDoor(host, rule.destinations)
        const { headers } = rule.destinations[0]!
        return { ...rule, destinations: [{ host, subset: '', port: undefined, weight, headers }] }
      })
      return [{ ...route, http }]
    })
}

/**
 * Lists the callers that the policies of a gateway allow at the doors of some hosts; undefined if no policy guards it.
 *
 * @param listKeys lists the keys of the callers with a service account that see the hosts
 * @throws {Unsayable} if a rule has other conditions than the caller and the hosts
 */
export function listPassingCallers(
  mesh: ForeignMesh,
  exit: Gateway,
  hosts: readonly string[],
  listKeys: (principal: string) => readonly string[],
): readonly Readonly<Record<string, string>>[] | undefined {
  const policies = mesh.model.authorizationPolicies.filter(policy => isOfExit(policy, exit))
  if (policies.length === 0) return undefined
  const nameCaller = makeCallerNames(mesh, new Map())
  const taken = new Map<string, number>()
  // Services of one account have a rule each, and all of these look alike.
  const nameNext = (principal: string) => {
    const count = taken.get(principal) ?? 0
    taken.set(principal, count + 1)
    const keys = listKeys(principal)
    return keys[count] ?? keys[0] ?? nameCaller(principal)
  }
  const callers = policies.flatMap(policy =>
    policy.rules
      .filter(rule => isForHosts(rule, hosts))
      .flatMap(({ from: sources }) =>
        (sources.length === 0 ? [undefined] : sources).flatMap(source =>
          nameSources(source, policy, nameNext),
        ),
      ),
  )
  return [...new Set(callers)].map(caller => ({
    from: caller,
    ...(caller === 'anyone' && { because: 'the imported manifests allow it' }),
  }))
}

/** Tells whether a policy allows callers of the proxies of a gateway. */
const isOfExit = ({ action, selector, targets }: AuthorizationPolicy, exit: Gateway): boolean =>
  action === 'ALLOW' &&
  targets.length === 0 &&
  Object.keys(selector).length > 0 &&
  isSubset(selector, exit.selector)

/** Tells whether a rule is for the doors of some hosts, by the SNI of mutual TLS. */
function isForHosts({ to, when }: AuthorizationRule, hosts: readonly string[]): boolean {
  const [names, ...others] = when
  if (names?.key !== 'connection.sni' || !names.values.some(name => hosts.includes(name))) return false
  if (!isEqual(names.values.toSorted(), hosts.toSorted()))
    throw new Unsayable('a policy lets callers through to some of its hosts')
  if (others.length + to.length + names.notValues.length > 0)
    throw new Unsayable('a policy of its gateway asks for more than the host')
  return true
}
