import { coversHost } from '../../../mesh/gateway-hosts.ts'
import type { Gateway } from '../../../mesh/mesh.ts'
import type { Parts } from '../../parts.ts'
import { findWrittenPlace, placeAt } from '../../places.ts'
import { listRawEntrances, servesHost } from '../../raw-entrances.ts'
import { defineRule } from '../../rule.ts'

/** A gateway answers 404 for a host that leads nowhere. */
export const exposedHosts = defineRule<{ host: string; gateway: string }>(
  {
    code: 'MESH3301',
    severity: 'warning',
    summary: 'Every host of a gateway leads to a service',
    covers: ['IST0132'],
    message: p => `no service is exposed at \`${p.host}\`: the gateway \`${p.gateway}\` answers 404`,
    help: p => `expose a service: \`expose: [{ gateway: ${p.gateway}, host: ${p.host} }]\``,
  },
  function* (mesh, report, { exposures }) {
    const raw = listRawEntrances(mesh)
    for (const gateway of mesh.gateways) {
      const name = gateway.name.value
      for (const host of gateway.hosts) {
        if (isLed(exposures, gateway, host.value)) continue
        if (raw.some(entrance => servesHost(entrance, gateway, host.value))) continue
        yield report(placeAt(findWrittenPlace(host)!), { host: host.value, gateway: name })
      }
    }
  },
)

/** Tells whether a service is exposed at a host of a gateway, or at one that this host covers. */
const isLed = (exposures: Parts['exposures'], gateway: Gateway, host: string) =>
  exposures.some(({ exposure }) => exposure.gateway === gateway && coversHost(host, exposure.host.value))
