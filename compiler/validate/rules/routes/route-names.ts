import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { findRepeated } from '../../repeated.ts'
import { defineRule } from '../../rule.ts'

/** Access logs, traces and findings contain a route's name: it must identify the route. */
export const routeNames = defineRule<{ name: string; service: string }>(
  {
    code: 'MESH3102',
    severity: 'error',
    summary: 'The routes of a service have different names',
    message: p => `two routes of \`${p.service}\` are called \`${p.name}\``,
    help: () => 'name each route after the requests it takes',
  },
  function* (_, report, { routed }) {
    for (const { key: service, routes } of routed) {
      for (const [route, otherRoute] of findRepeated(routes, ({ name }) => name.value)) {
        const place = findWrittenPlace(route.name)
        if (place === undefined) continue
        yield report(
          placeAt(place),
          { name: route.name.value, service },
          makeParty(otherRoute.name, 'the other one'),
        )
      }
    }
  },
)
