import { placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

export const usedExits = defineRule<{ gateway: string }>(
  {
    code: 'MESH3321',
    severity: 'warning',
    summary: 'An external system goes through each egress gateway',
    reads: ['external.*.through'],
    message: p => `no external system goes through the egress gateway \`${p.gateway}\``,
    help: p => `set \`through: ${p.gateway}\` at an external system, or remove the gateway`,
  },
  function* ({ gateways, externals }, report) {
    for (const gateway of gateways) {
      if (!gateway.isEgress.value || externals.some(({ through }) => through?.gateway === gateway)) continue
      yield report(placeAtKey(gateway.origin), { gateway: gateway.name.value })
    }
  },
)
