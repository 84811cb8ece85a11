import type { AssumedCaller } from '../behavior/pairs/assumed-callers.ts'
import { assumeCallerIn, assumeCallerWith } from '../behavior/pairs/calling.ts'
import type { ReachCaller } from '../behavior/reach/reach.ts'
import { isRemote } from '../mesh/clusters.ts'
import { nameMachine } from '../mesh/machine-name.ts'
import type { Caller, Mesh, Service } from '../mesh/mesh.ts'
import { findDeployedService } from '../mesh/same-pods.ts'

/** Tells whether a policy takes a caller for the named one: it knows callers by their identity. */
export function isCallerNamed(named: Caller, { identity }: ReachCaller): boolean {
  switch (named.kind) {
    case 'anyone':
      return true
    case 'namespace':
      return identity?.includes(`/ns/${named.namespace.value}/`) === true
    case 'service':
    case 'gateway':
    case 'external-caller':
    case 'workload':
      return identity === getPrincipal(named)
  }
}

/**
 * Tells whether a caller must reach every destination that the named caller must reach. In a group, only a member of which the spec
 * has no other facts must.
 */
export function isSpeaker(
  mesh: Pick<Mesh, 'cluster'>,
  named: Caller,
  { name, namespace, identity }: ReachCaller,
): boolean {
  switch (named.kind) {
    case 'service':
      return (
        name.kind === 'workload' &&
        namespace === named.service.namespace.value &&
        listWorkloadNames(mesh, named.service).includes(name.name)
      )
    case 'gateway':
      return name.kind === 'outside' && identity === getPrincipal(named)
    case 'external-caller':
      return name.kind === 'workload' && identity === getPrincipal(named)
    case 'workload':
      return identity === getPrincipal(named)
    case 'namespace':
      return isSomebodyIn(named.namespace.value)
    case 'anyone':
      return isSomebodyIn('somewhere') && identity !== undefined
  }

  function isSomebodyIn(where: string): boolean {
    const somebody = assumeCallerIn(where)
    return (
      name.kind === 'workload' &&
      name.assumed &&
      namespace === where &&
      name.name === somebody.serviceAccount &&
      identity?.endsWith(`/ns/${where}/sa/${somebody.serviceAccount}`) !== false
    )
  }
}

/** Lists the assumed callers of which the spec has no other facts. */
export function listAssumedCallers(named: Caller): readonly AssumedCaller[] {
  if (named.kind === 'namespace') return [assumeCallerIn(named.namespace.value)]
  const isAssumed = named.kind === 'external-caller' || (named.kind === 'workload' && !named.isRunning)
  return isAssumed ? [assumeCallerWith(getPrincipal(named))] : []
}

function getPrincipal(
  named: Extract<Caller, { kind: 'service' | 'gateway' | 'external-caller' | 'workload' }>,
): string {
  const { value } =
    named.kind === 'service'
      ? named.service.principal
      : named.kind === 'gateway'
        ? named.gateway.principal
        : named.principal
  return `spiffe://${value}`
}

function listWorkloadNames(mesh: Pick<Mesh, 'cluster'>, service: Service): readonly string[] {
  const deployed = findDeployedService(service)
  const { name, versions, machines } = deployed
  if (machines !== undefined && !isRemote(mesh, deployed) && machines.entries.length > 0)
    return machines.entries.map(({ address }) => nameMachine(name.value, address.value))
  return versions.length === 0 ? [name.value] : versions.map(version => `${name.value}-${version.name.value}`)
}
