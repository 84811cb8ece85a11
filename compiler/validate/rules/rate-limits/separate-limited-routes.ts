import type { Exposure, Route, Service } from '../../../mesh/mesh.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Envoy knows a route of a gateway by its host and its name. */
export const separateLimitedRoutes = defineRule<{
  route: string
  service: string
  otherService: string
  host: string
}>(
  {
    code: 'MESH3455',
    severity: 'error',
    summary: 'A route with a rate limit has a name that no other service has on the same host',
    reads: ['services.*.expose', 'gateways', 'services.*.routes'],
    message: p =>
      `the rate limit of the route \`${p.route}\` of \`${p.service}\` would hold for a route of \`${p.otherService}\`, too: both are on ${p.host}`,
    help: () => 'rename one of the two routes',
  },
  function* ({ services }, report, { limitedRoutes }) {
    for (const { service, route } of limitedRoutes) {
      const namesake = findNamesake(services, service, route)
      if (namesake === undefined) continue
      const params = {
        route: route.name.value,
        service: service.key,
        otherService: namesake.service.key,
        host: namesake.exposure.host.value,
      }
      yield report(placeAt(route.name.place!), params, makeParty(namesake.route.name, 'the other one'))
    }
  },
)

interface Namesake {
  readonly service: Service
  readonly exposure: Exposure
  readonly route: Route
}

function findNamesake(services: readonly Service[], service: Service, { name }: Route): Namesake | undefined {
  for (const otherService of services) {
    if (otherService === service) continue
    const route = otherService.routes.find(candidate => candidate.name.value === name.value)
    if (route === undefined) continue
    const exposure = otherService.exposures.find(({ gateway, host }) =>
      service.exposures.some(each => each.gateway === gateway && each.host.value === host.value),
    )
    if (exposure !== undefined) return { service: otherService, exposure, route }
  }
  return undefined
}
