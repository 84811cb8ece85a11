import { makeKeyParty, placeAt } from '../../places.ts'
import { leadsTo, listRawEntrances } from '../../raw-entrances.ts'
import { defineRule } from '../../rule.ts'

export const usedEntrances = defineRule<{ service: string; gateway: string }>(
  {
    code: 'MESH3402',
    severity: 'warning',
    summary: 'A gateway that may call a service exposes it',
    message: p =>
      `\`gateway/${p.gateway}\` may call \`${p.service}\`, but no host of the gateway leads there`,
    help: p => `expose \`${p.service}\` at \`${p.gateway}\`, or remove this rule`,
  },
  function* (mesh, report, { gatewayRules }) {
    const raw = listRawEntrances(mesh)
    for (const {
      service,
      allow: { from },
    } of gatewayRules) {
      if (from.kind !== 'gateway') continue
      const { gateway } = from
      // A policy knows the pods that are called, not by which of their Services.
      if (service.samePods.some(({ exposures }) => exposures.some(exposure => exposure.gateway === gateway)))
        continue
      if (raw.some(entrance => leadsTo(entrance, gateway, service))) continue
      const params = { service: service.key, gateway: gateway.name.value }
      yield report(placeAt(from.origin), params, [makeKeyParty(gateway.origin, 'the gateway')])
    }
  },
)
