import { groupBy } from '../../../basics/group-by.ts'
import { listCoveringHosts } from '../../../mesh/gateway-hosts.ts'
import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { isAt, listRawEntrances, servesHost } from '../../raw-entrances.ts'
import { defineRule } from '../../rule.ts'

/** A gateway answers 404 for a host that leads nowhere. */
export const exposedHosts = defineRule<{
  host: string
  gateway: string
  kind: 'host' | 'passthrough' | 'tcp'
}>(
  {
    code: 'MESH3301',
    severity: 'warning',
    summary: 'Every host of a gateway leads to a service',
    covers: ['IST0132'],
    message: p =>
      `no service is exposed at \`${p.host}\`: the gateway \`${p.gateway}\` ${p.kind === 'host' ? 'answers 404' : 'closes its connections'}`,
    help: p =>
      `expose a service: \`expose: [{ gateway: ${p.gateway}, ${p.kind === 'tcp' ? 'tcp' : 'host'}: ${p.host} }]\``,
  },
  function* (mesh, report, { exposures, passages }) {
    const raw = listRawEntrances(mesh)
    const exposuresByGateway = groupBy(exposures, ({ exposure }) => [exposure.gateway])
    const passagesByGateway = groupBy(passages, ({ passage }) => [passage.gateway])
    for (const gateway of mesh.gateways) {
      const name = gateway.name.value
      const passed = new Set(gateway.passthrough.map(({ value }) => value))
      // A host leads to the services that are exposed at it, or at a host that it covers.
      const leading = new Set(
        (exposuresByGateway.get(gateway) ?? []).flatMap(({ exposure }) =>
          listCoveringHosts(exposure.host.value),
        ),
      )
      for (const host of gateway.hosts) {
        // A host that is passed on as well is a fault of its own, MESH3313.
        if (passed.has(host.value) || leading.has(host.value)) continue
        if (raw.some(entrance => servesHost(entrance, gateway, host.value))) continue
        yield report(placeAt(findWrittenPlace(host)!), { host: host.value, gateway: name, kind: 'host' })
      }
      const ways = (passagesByGateway.get(gateway) ?? []).map(({ passage }) => passage.by)
      const passing = new Set(
        ways.flatMap(way => (way.kind === 'host' ? listCoveringHosts(way.host.value) : [])),
      )
      const listeners = new Set(ways.map(way => (way.kind === 'port' ? way.listener : undefined)))
      for (const host of gateway.passthrough) {
        if (passing.has(host.value)) continue
        if (raw.some(entrance => servesHost(entrance, gateway, host.value))) continue
        yield report(placeAt(findWrittenPlace(host)!), {
          host: host.value,
          gateway: name,
          kind: 'passthrough',
        })
      }
      for (const listener of gateway.tcp) {
        if (listeners.has(listener)) continue
        if (raw.some(entrance => isAt(entrance, gateway))) continue
        yield report(placeAtKey(listener.origin), { host: listener.key.value, gateway: name, kind: 'tcp' })
      }
    }
  },
)
