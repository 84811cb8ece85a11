import { at, keyParty } from '../places.ts'
import { defineRule } from '../rule.ts'

export const usedEntrances = defineRule<{ service: string; gateway: string }>(
  {
    code: 'MESH3402',
    severity: 'warning',
    summary: 'A gateway that may call a service leads to it',
    message: p => `\`gateway/${p.gateway}\` may call \`${p.service}\`, and no host of it leads there`,
    help: p => `expose \`${p.service}\` at \`${p.gateway}\`, or do not allow it`,
  },
  function* (_, report, { gatewayRules }) {
    for (const {
      service: { key: service, exposures },
      allow: { from },
    } of gatewayRules) {
      if (from.kind !== 'gateway' || exposures.some(({ gateway }) => gateway === from.gateway)) continue
      const gateway = from.gateway.name.value
      yield report(at(from.origin), { service, gateway }, [keyParty(from.gateway.origin, 'the gateway')])
    }
  },
)
