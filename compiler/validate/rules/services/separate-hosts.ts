import type { Service } from '../../../mesh/mesh.ts'
import { placeAtKey } from '../../../mesh/spec-place.ts'
import type { RoutedHost } from '../../../mesh/surroundings.ts'
import { defineRule } from '../../rule.ts'

/** Istio merges no two VirtualServices of one host for sidecars: the older one wins. It merges DestinationRules in part. */
export const separateHosts = defineRule<{ service: string; host: RoutedHost }>(
  {
    code: 'MESH3023',
    severity: 'error',
    summary: 'No VirtualService or DestinationRule of the surroundings is about a service of the spec',
    reads: ['surroundings'],
    message: p =>
      `a ${p.host.kind} of the surroundings is about \`${p.service}\` as well: ${p.host.namespace}/${p.host.name} in ${p.host.place.file}:${p.host.place.line}`,
    help: () => 'move what it says into this spec, and remove it there: for one host, Istio uses one of them',
  },
  function* ({ services, surroundings }, report) {
    if (surroundings.hosts.length === 0) return
    const byHost = new Map<string, Service>(services.map(service => [service.host.value, service]))
    for (const host of surroundings.hosts) {
      const service = byHost.get(host.host)
      if (service !== undefined) yield report(placeAtKey(service.origin), { service: service.key, host })
    }
  },
)
