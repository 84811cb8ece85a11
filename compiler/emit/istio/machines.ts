import type { WorkloadEntrySpec } from '../../../schema/generated/workload-entry.ts'
import { nameMachine } from '../../mesh/machine-name.ts'
import type { Machine, Machines, Service, SharedMesh } from '../../mesh/mesh.ts'
import { isFirstOfPods } from '../../mesh/same-pods.ts'
import { because, type Sourced } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'
import { emitKubernetesService } from './kubernetes-service.ts'

const machinesPolicy = 'policy:machines'

/**
 * Emits the objects of a service of virtual machines: its Kubernetes Service, since no application is installed in the cluster that
 * would bring one, the WorkloadGroup from which a machine gets its configuration, and the address of each machine. See
 * https://istio.io/latest/docs/ops/deployment/vm-architecture/
 */
export function emitMachines(mesh: SharedMesh, service: Service): readonly Manifest[] {
  const { machines } = service
  if (machines === undefined) return []
  const reasons = listMachineReasons(machines)
  const isGrouped = isFirstOfPods(service)
  return [
    ...(service.ports.length > 0 ? [emitKubernetesService(mesh, service, machinesPolicy, reasons)] : []),
    ...(isGrouped && service.sidecar.value === 'on' ? [emitGroup(mesh, service, reasons)] : []),
    ...(isGrouped ? machines.entries.map(machine => emitEntry(mesh, service, machine)) : []),
  ]
}

const listMachineReasons = ({ entries, registered }: Machines): readonly Sourced<unknown>[] => [
  ...entries.map(({ address }) => address),
  ...(registered === undefined ? [] : [registered]),
]

function emitGroup(
  mesh: SharedMesh,
  { name, namespace, selector, serviceAccount, sidecar }: Service,
  reasons: readonly Sourced<unknown>[],
): Manifest {
  const spec = { metadata: { labels: labelRecord(selector) }, template: { serviceAccount } }
  const all = [...reasons, sidecar]
  return makeManifest(
    mesh,
    'WorkloadGroup',
    { name, namespace, policy: machinesPolicy, reasons: all },
    because(spec, ...all),
  )
}

function emitEntry(
  mesh: SharedMesh,
  { name, namespace, selector, serviceAccount, sidecar }: Service,
  { address, locality, weight }: Machine,
): Manifest {
  const spec: Sourceable<WorkloadEntrySpec> = {
    address,
    labels: labelRecord(selector),
    // A machine without a service account has no identity, and speaks plain text.
    ...(sidecar.value === 'on' && { serviceAccount: because(serviceAccount, sidecar) }),
    ...(locality !== undefined && { locality }),
    ...(weight !== undefined && { weight }),
  }
  const entry = because(nameMachine(name.value, address.value), name, address)
  const identity = { name: entry, namespace, policy: machinesPolicy, reasons: [address] } as const
  return makeManifest(mesh, 'WorkloadEntry', identity, because(spec, address))
}
