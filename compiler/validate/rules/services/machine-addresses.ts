import type { Machine, Service } from '../../../mesh/mesh.ts'
import { makeKeyParty, placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** A proxy has one identity and one set of policies, so an address belongs to the machines of one workload. */
export const machineAddresses = defineRule<{ service: string; other: string; address: string }>(
  {
    code: 'MESH3029',
    severity: 'error',
    summary: 'A virtual machine belongs to one workload',
    reads: ['services.*.workload'],
    message: p => `\`${p.service}\` and \`${p.other}\` both have the virtual machine ${p.address}`,
    help: p =>
      `remove the address from one of them, or give both the same \`workload\` if \`${p.service}\` and \`${p.other}\` run in one process`,
  },
  function* (_, report, { onMachines }) {
    const owners = new Map<string, { readonly service: Service; readonly machine: Machine }>()
    for (const service of onMachines)
      for (const machine of service.machines!.entries) {
        const address = machine.address.value
        const owner = owners.get(address)
        if (owner === undefined) owners.set(address, { service, machine })
        else if (!owner.service.samePods.includes(service))
          yield report(
            placeAtKey(machine.origin),
            { service: service.key, other: owner.service.key, address },
            [makeKeyParty(owner.machine.origin, `the machine of \`${owner.service.key}\``)],
          )
      }
  },
)
