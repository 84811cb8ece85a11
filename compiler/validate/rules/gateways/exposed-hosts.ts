import { coversHost } from '../../../mesh/gateway-hosts.ts'
import type { Gateway } from '../../../mesh/mesh.ts'
import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import type { Parts } from '../../parts.ts'
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
    for (const gateway of mesh.gateways) {
      const name = gateway.name.value
      for (const host of gateway.hosts) {
        // A host that is passed on as well is a fault of its own, MESH3313.
        if (gateway.passthrough.some(({ value }) => value === host.value)) continue
        if (isLed(exposures, gateway, host.value)) continue
        if (raw.some(entrance => servesHost(entrance, gateway, host.value))) continue
        yield report(placeAt(findWrittenPlace(host)!), { host: host.value, gateway: name, kind: 'host' })
      }
      const ways = passages.flatMap(({ passage }) => (passage.gateway === gateway ? [passage.by] : []))
      for (const host of gateway.passthrough) {
        if (ways.some(way => way.kind === 'host' && coversHost(host.value, way.host.value))) continue
        if (raw.some(entrance => servesHost(entrance, gateway, host.value))) continue
        yield report(placeAt(findWrittenPlace(host)!), {
          host: host.value,
          gateway: name,
          kind: 'passthrough',
        })
      }
      for (const listener of gateway.tcp) {
        if (ways.some(way => way.kind === 'port' && way.listener === listener)) continue
        if (raw.some(entrance => isAt(entrance, gateway))) continue
        yield report(placeAtKey(listener.origin), { host: listener.key.value, gateway: name, kind: 'tcp' })
      }
    }
  },
)

/** Tells whether a service is exposed at a host of a gateway, or at a host that this one covers. */
const isLed = (exposures: Parts['exposures'], gateway: Gateway, host: string) =>
  exposures.some(({ exposure }) => exposure.gateway === gateway && coversHost(host, exposure.host.value))
