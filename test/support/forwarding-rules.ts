import * as assert from 'uvu/assert'
import type { Compilation } from '../../compiler/compilation.ts'
import type { HttpRoute } from '../../schema/generated/virtual-service.ts'
import type { Declared, DeclaredExit, DeclaredRoute, DeclaredService, Level } from './declared.ts'
import { type Emitted, listObjects } from './output.ts'

/**
 * A rule of a VirtualService that forwards requests, and the declarations of the spec about these requests.
 */
interface ForwardingRule {
  /** A description of the rule, for messages. */
  readonly where: string
  readonly rule: HttpRoute
  /** The route of the service; undefined for an external system, which has no routes. */
  readonly route: DeclaredRoute | undefined
  /** The service that has the route. */
  readonly service: DeclaredService | undefined
  /** The egress gateway that the requests are sent to. */
  readonly exit: DeclaredExit | undefined
  /** The sections that may set the handling of the requests, the nearest first. */
  readonly levels: readonly Level[]
}

/**
 * Lists every rule that forwards requests, in sidecars and at gateways. Each rule is for one service or
 * external system. Its name is the route of the service, with `-fault` if the rule injects a fault.
 */
export function listForwardingRules(compilation: Compilation, declared: Declared): readonly ForwardingRule[] {
  return listObjects(compilation, 'VirtualService').flatMap(virtualService =>
    (virtualService.spec.http ?? [])
      .filter(({ redirect }) => redirect === undefined)
      .map(rule => forwardingRule(virtualService, rule, declared)),
  )
}

function forwardingRule(
  { namespace, name, spec: { hosts = [], gateways = [] } }: Emitted<'VirtualService'>,
  rule: HttpRoute,
  { services, externals }: Declared,
): ForwardingRule {
  const where = `VirtualService/${namespace}/${name} ${rule.name}`
  const receivers = new Set((rule.route ?? []).map(({ destination }) => destination.host))
  const external = externals.find(each => each.hosts.includes(hosts[0] ?? ''))
  if (external !== undefined) {
    const { exit, levels } = external
    const isOfCallers = gateways.includes('mesh')
    assert.equal([...receivers], [isOfCallers && exit !== undefined ? exit.host : hosts[0]], where)
    return {
      where,
      rule,
      route: undefined,
      service: undefined,
      exit: isOfCallers ? exit : undefined,
      levels: isOfCallers ? levels : levelsOfDoor,
    }
  }
  const routeName = rule.fault === undefined ? rule.name : rule.name?.replace(/-fault$/, '')
  const candidates = services.flatMap(service => {
    const route = service.routes.find(({ name }) => name === routeName)
    if (route === undefined) return []
    const isHere = gateways.includes('mesh') ? hosts.includes(service.host) : service.spec.expose != null
    const declaredReceivers = listReceivers(service, route, services)
    const leadsThere =
      declaredReceivers.size === receivers.size && [...receivers].every(host => declaredReceivers.has(host))
    return isHere && leadsThere ? [{ service, route }] : []
  })
  // A service that receives requests from a route of another service is not exposed itself.
  const [candidate] = candidates.toSorted(
    (a, b) => Number(namesService(b.route)) - Number(namesService(a.route)),
  )
  assert.ok(candidate, `${where} is a route of a declared service`)
  const { service, route } = candidate
  return { where, rule, route, service, exit: undefined, levels: route.levels }
}

/**
 * The levels of an egress gateway: the proxies of callers have the timeout and the retries, so it has
 * neither.
 */
const levelsOfDoor: readonly Level[] = [{ timeout: 'none', retries: 'none' }]

const namesService = ({ shares = {} }: DeclaredRoute) =>
  Object.keys(shares).some(key => key.startsWith('service/'))

/** Lists the hosts that receive the requests of a route. */
const listReceivers = (
  service: DeclaredService,
  { shares }: DeclaredRoute,
  services: readonly DeclaredService[],
): ReadonlySet<string> =>
  new Set(
    Object.keys(shares ?? { '': '100%' }).map(key => {
      const [kind, name] = key.split('/')
      if (kind !== 'service' || name === undefined) return service.host
      return services.find(each => each.key === name)?.host ?? ''
    }),
  )
