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
    const led = new Set<string>()
    for (const { exposure } of exposures) led.add(`${exposure.gateway.name.value} ${exposure.host.value}`)
    for (const gateway of mesh.gateways) {
      const name = gateway.name.value
      for (const host of gateway.hosts) {
        if (led.has(`${name} ${host.value}`)) continue
        if (raw.some(entrance => servesHost(entrance, gateway, host.value))) continue
        yield report(placeAt(findWrittenPlace(host)!), { host: host.value, gateway: name })
      }
    }
  },
)
