import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

export const openedHosts = defineRule<{ host: string; gateway: string }>(
  {
    code: 'MESH3313',
    severity: 'error',
    summary: 'A gateway opens the TLS of a host, or passes it on',
    message: p => `the gateway \`${p.gateway}\` both serves \`${p.host}\` and passes its TLS on`,
    help: () => 'keep it under `hosts` or under `passthrough`',
  },
  function* ({ gateways }, report) {
    for (const { name, hosts, passthrough } of gateways) {
      for (const host of passthrough) {
        const served = hosts.find(({ value }) => value === host.value)
        if (served === undefined) continue
        const params = { host: host.value, gateway: name.value }
        yield report(placeAt(findWrittenPlace(host)!), params, makeParty(served, 'it is served here'))
      }
    }
  },
)
