import { listNetworks } from '../../../mesh/clusters.ts'
import { placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

export const usedEastWest = defineRule<{ gateway: string }>(
  {
    code: 'MESH3478',
    severity: 'warning',
    summary: 'An east-west gateway joins several networks',
    reads: ['clusters.*.network'],
    message: p =>
      `the east-west gateway \`${p.gateway}\` joins nothing: the clusters do not have two networks`,
    help: () => 'give clusters whose pods cannot reach each other different networks, or remove the gateway',
  },
  function* ({ clusters, gateways }, report) {
    if (listNetworks({ clusters }).length > 1) return
    for (const gateway of gateways)
      if (gateway.isEastWest.value)
        yield report(placeAtKey(gateway.origin.at('eastWest')), { gateway: gateway.name.value })
  },
)
