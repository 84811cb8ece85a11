import { listInstalledGateways } from '../../../mesh/installed-gateways.ts'
import { placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/**
 * Istio interprets its own annotations and warns of unknown ones. A spec needs none of the annotations that Istio knows for a
 * gateway's Service.
 */
export const ownAnnotations = defineRule<{ annotation: string; gateway: string }>(
  {
    code: 'MESH3307',
    severity: 'error',
    summary: 'No annotation of Istio is set by hand',
    covers: ['IST0107', 'IST0108', 'IST0125', 'IST0135', 'IST0136'],
    message: p => `the annotation \`${p.annotation}\` of the gateway \`${p.gateway}\` belongs to Istio`,
    help: () => 'remove it: annotations here are for the cloud that makes the load balancer',
  },
  function* (mesh, report) {
    for (const { name, installation } of listInstalledGateways(mesh)) {
      for (const [annotation, value] of installation.serviceAnnotations) {
        if (!/^([^/]+\.)?istio\.io\//.test(annotation)) continue
        yield report(placeAtKey(findWrittenPlace(value)!), { annotation, gateway: name.value })
      }
    }
  },
)
