import { placeAt } from '../../../mesh/spec-place.ts'
import { makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** istiod makes the WorkloadEntry of a machine when the sidecar of that machine connects. See pilot/pkg/autoregistration of istio/istio. */
export const machineRegistration = defineRule<{ service: string }>(
  {
    code: 'MESH3031',
    severity: 'error',
    summary: 'A virtual machine that registers itself has a sidecar',
    reads: ['services.*.workload', 'namespaces.*.injection'],
    message: p => `the virtual machines of \`${p.service}\` have no sidecar that could register them`,
    help: () => 'list their addresses in `machines`, or give them a sidecar',
  },
  function* (_, report, { onMachines }) {
    for (const { key: service, machines, sidecar } of onMachines) {
      const registered = machines!.registered
      if (registered?.place !== undefined && sidecar.value === 'off')
        yield report(placeAt(registered.place), { service }, makeParty(sidecar, 'they have no sidecar'))
    }
  },
)
