import { isAddress } from '../address-ranges.ts'
import { isSubset } from '../is-subset.ts'
import type { ManifestObject } from '../manifest-object.ts'
import type { Workload } from '../model.ts'
import { plainRecord } from '../plain-record.ts'
import { specFields } from './kinds.ts'
import { readObject } from './read-object.ts'
import { mapAt, readLabels, readText } from './values.ts'

/**
 * Reads the virtual machine of a WorkloadEntry, or the machines that a WorkloadGroup registers. A machine without a service account
 * has no proxy. See ConvertWorkloadEntry and getTLSModeFromWorkloadEntry in pilot/pkg/serviceregistry/serviceentry/conversion.go of
 * istio/istio.
 */
export function readMachine(source: ManifestObject): Workload {
  const kind = readText(source.value, 'kind') ?? ''
  const spec = mapAt(source.value, 'spec')
  const isGroup = kind === 'WorkloadGroup'
  const entry = isGroup ? mapAt(spec, 'template') : spec
  const metadata = mapAt(isGroup ? spec : source.value, 'metadata')
  const serviceAccount = readText(entry, 'serviceAccount') ?? ''
  const address = isGroup ? undefined : readText(entry, 'address')
  const ports = plainRecord<number>()
  for (const [name, number] of Object.entries(mapAt(entry, 'ports') ?? {})) ports[name] = Number(number)
  return {
    proxy: serviceAccount === '' ? 'none' : 'sidecar',
    serviceAccount: serviceAccount || 'default',
    labels: plainRecord(readLabels(entry, 'labels'), readLabels(metadata, 'labels')),
    address: address !== undefined && isAddress(address) ? address : undefined,
    ports,
    bypassedPorts: [],
    ...readObject(source, specFields[kind]),
  }
}

/**
 * Tells whether a Kubernetes Service can have a machine among its endpoints. An address that is a name works only with ServiceEntries
 * that resolve by DNS.
 */
export const hasAddress = ({ address }: Workload): boolean => address !== undefined

/** Lists the groups without a WorkloadEntry for any of their machines: the machines register when they start. */
export const listUnregistered = (
  groups: readonly Workload[],
  entries: readonly Workload[],
): readonly Workload[] =>
  groups.filter(
    group =>
      !entries.some(
        entry =>
          entry.namespace === group.namespace &&
          entry.serviceAccount === group.serviceAccount &&
          isSubset(group.labels, entry.labels),
      ),
  )

/** Names machines apart from workloads with their names. */
export function nameMachinesApart(
  machines: readonly Workload[],
  others: readonly Workload[],
): readonly Workload[] {
  const taken = new Set(others.map(({ namespace, name }) => `${namespace}/${name}`))
  return machines.map(machine =>
    taken.has(`${machine.namespace}/${machine.name}`)
      ? { ...machine, name: `${machine.name} (${machine.kind})` }
      : machine,
  )
}
