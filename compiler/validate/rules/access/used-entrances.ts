import type { Caller, Gateway, Service } from '../../../mesh/mesh.ts'
import { makeKeyParty, placeAt } from '../../../mesh/spec-place.ts'
import { type Counting, listCounting } from '../../list-counting.ts'
import { leadsTo, listRawEntrances } from '../../raw-entrances.ts'
import { defineRule } from '../../rule.ts'

export const usedEntrances = defineRule<{ service: string; gateway: string }>(
  {
    code: 'MESH3402',
    severity: 'warning',
    summary: 'A gateway that may call a service exposes it',
    reads: [
      'gateways.*.authorize',
      'authorizers',
      'gateways.*.rateLimit',
      'services.*.routes',
      'rateLimiters',
    ],
    message: p =>
      `\`gateway/${p.gateway}\` may call \`${p.service}\`, but no host of the gateway leads there`,
    help: p => `expose \`${p.service}\` at \`${p.gateway}\`, or remove this rule`,
  },
  function* (mesh, report, { gatewayRules, sharing, limited, limitedRoutes }) {
    const raw = listRawEntrances(mesh)
    const counting = listCounting(mesh, { limited, limitedRoutes })
    for (const {
      service,
      allow: { from },
    } of gatewayRules) {
      if (from.kind !== 'gateway') continue
      const { gateway } = from
      // A policy knows the pods that are called, not by which of their Services.
      if (service.samePods.some(each => isExposed(each, gateway))) continue
      if (sharing.some(owner => isExposed(owner, gateway) && leadsOn(owner, service))) continue
      // The question to an authorizer or a rate limiter needs no host of the gateway.
      if (gateway.authorize?.authorizer.host.value === service.host.value) continue
      if (
        counting.some(({ caller, counted }) => isAsking(caller, gateway) && leadsToLimiter(counted, service))
      )
        continue
      if (raw.some(entrance => leadsTo(entrance, gateway, service))) continue
      const params = { service: service.key, gateway: gateway.name.value }
      yield report(placeAt(from.origin), params, [makeKeyParty(gateway.origin, 'the gateway')])
    }
  },
)

const isAsking = (caller: Caller, gateway: Gateway): boolean =>
  caller.kind === 'gateway' && caller.gateway === gateway

const leadsToLimiter = ({ limiter }: Counting['counted'], { host }: Service): boolean =>
  limiter.host.value === host.value

const isExposed = ({ exposures, passages }: Service, gateway: Gateway): boolean =>
  [...exposures, ...passages].some(entrance => entrance.gateway === gateway)

/** Tells whether a route of a service has the pods of another service as its destination. */
const leadsOn = ({ routes }: Service, { samePods }: Service): boolean =>
  routes.some(({ shares, mirror }) =>
    [...shares, ...mirror].some(share => share.service !== undefined && samePods.includes(share.service)),
  )
