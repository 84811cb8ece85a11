import type { LocalLimit, LocalRate, RateLimit } from '../behavior/model.ts'
import type { Claim, Field, Proposal, Unsaid } from './claim.ts'
import type { ForeignMesh } from './foreign-mesh.ts'
import type { ForeignGateway } from './gateways.ts'
import { Unsayable } from './matches.ts'
import { findOwner, type PolicyOwner } from './policy-owner.ts'
import type { Tree } from './read-spec.ts'

/** The field of a service in a draft that holds the limits of its routes by their names, until the routes are there. */
export const routeLimits = 'routes.rateLimit'

/** Claims the EnvoyFilters that are nothing but rate limits of the form that the language writes. */
export function claimRateLimits(mesh: ForeignMesh, gateways: ReadonlyMap<string, ForeignGateway>): Proposal {
  const claims: Claim[] = []
  const unsaid: Unsaid[] = []
  const claimed = new Set<string>()
  for (const object of mesh.model.rateLimits)
    try {
      const owner = findOwner(mesh, { ...object, selector: object.workloads }, gateways, 'rateLimit')
      const place = `${owner.section}.${owner.key}`
      if (claimed.has(place)) throw new Unsayable('another one has its pods')
      claims.push({ objects: [object], fields: describeLimits(mesh, object, owner), isExact: true })
      claimed.add(place)
    } catch (error) {
      if (!(error instanceof Unsayable)) throw error
      unsaid.push({ object, reason: error.message })
    }
  return { claims, unsaid, ineffective: [] }
}

function describeLimits(mesh: ForeignMesh, { limits }: RateLimit, owner: PolicyOwner): readonly Field[] {
  const way = owner.section === 'services' ? 'inbound' : 'gateway'
  if (limits.some(limit => limit.way !== way)) throw new Unsayable('it is about other requests of its pods')
  const filters = limits.filter(({ route }) => route === undefined)
  const [filter] = filters
  if (filter === undefined || filters.length > 1) throw new Unsayable('it counts requests several times')
  const path = [owner.section, owner.key, 'rateLimit']
  const value = describeLimit(filter)
  return [
    ...(value === undefined ? [] : [{ path, value }]),
    ...limits.flatMap(limit => describeRouteLimit(mesh, limit)),
  ]
}

/** Says the limit of a route of the services that a gateway sends its requests to. */
function describeRouteLimit({ model, services }: ForeignMesh, limit: LocalLimit): readonly Field[] {
  const { route } = limit
  if (route === undefined) return []
  const host = route.virtualHost?.replace(/:\d+$/, '')
  if (host === undefined) throw new Unsayable('it is about routes of all hosts')
  const rules = model.virtualServices
    .filter(({ hosts }) => hosts.includes(host))
    .flatMap(({ http }) => {
      const index = http.findIndex(({ name }) => name === route.name)
      // A redirect is of the service that the next rule leads to.
      return index === -1
        ? []
        : http
            .slice(index)
            .filter(each => each.destinations.length > 0)
            .slice(0, 1)
    })
  const destinations = new Set(rules.flatMap(rule => rule.destinations.map(each => each.host)))
  const name = route.name.replace(/-fault$/, '')
  return services
    .filter(({ service }) => destinations.has(service.host))
    .map(({ key }) => ({ path: ['services', key, routeLimits, name], value: describeLimit(limit) }))
}

function describeLimit({ whole, perHeader }: LocalLimit): Tree | string | undefined {
  const headers = Object.fromEntries(perHeader.map(rate => [rate.header, describeRate(rate)]))
  const rate = whole && describeRate(whole)
  if (perHeader.length === 0) return rate
  return { ...(typeof rate === 'string' ? { requests: rate } : rate), perHeader: headers }
}

function describeRate({ requests, milliseconds, burst }: LocalRate): Tree | string {
  const unit = units.get(milliseconds)
  if (unit === undefined) throw new Unsayable('it counts requests of another interval')
  const rate = `${requests}/${unit}`
  return burst === requests ? rate : { requests: rate, burst }
}

const units: ReadonlyMap<number, string> = new Map([
  [1000, 's'],
  [60_000, 'm'],
  [3_600_000, 'h'],
])
