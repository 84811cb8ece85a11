import type { Place } from '../../../diagnostics/diagnostic.ts'
import type { Service } from '../../../mesh/mesh.ts'
import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/**
 * Some settings apply only to pods. istiod gives a headless Service no endpoint that is a WorkloadEntry. The labels of a version are
 * those of a Deployment. A pod annotation lists the ports that the sidecar does not capture. See collectWorkloadInstanceEndpoints in
 * pilot/pkg/serviceregistry/kube/controller/controller.go of istio/istio.
 */
export const machineSettings = defineRule<{ service: string; field: string; help: string }>(
  {
    code: 'MESH3030',
    severity: 'error',
    summary: 'A service of virtual machines has no setting that needs pods',
    reads: ['services.*.workload'],
    message: p => `\`${p.service}\` runs on virtual machines, and \`${p.field}\` needs pods`,
    help: p => p.help,
  },
  function* (_, report, { onMachines }) {
    for (const service of onMachines)
      for (const { place, field, help } of listPodSettings(service))
        yield report(place, { service: service.key, field, help })
  },
)

interface Setting {
  readonly place: Place
  readonly field: string
  readonly help: string
}

function* listPodSettings({ origin, headless, versions, ports }: Service): Iterable<Setting> {
  if (headless !== undefined)
    yield {
      place: placeAt(origin.at('headless')),
      field: 'headless',
      help: 'remove `headless`: Istio finds no virtual machine behind a Service without an address',
    }
  if (versions.length > 0)
    yield {
      place: placeAtKey(origin.at('versions')),
      field: 'versions',
      help: 'make the machines of each version a service of their own, and give that service a share in `traffic`',
    }
  for (const { origin: port, sidecar } of ports)
    if (sidecar !== undefined)
      yield {
        place: placeAt(port.at('sidecar')),
        field: 'sidecar: off',
        help: 'remove it, and set `ISTIO_INBOUND_PORTS` in the `cluster.env` of the machines',
      }
}
