import type { Workload } from '../model.ts'
import type { CallerName } from './difference.ts'
import type { MeshCaller } from './mesh-callers.ts'
import { hasLabels, type Side } from './side.ts'
import { anyone, isInjected, strangerPair } from './strangers.ts'

/** Who calls, on either side: the identity of a workload may be another after a change. */
export interface CallerPair {
  readonly name: CallerName & { readonly kind: 'workload' }
  readonly before: CallerOnSide
  readonly after: CallerOnSide
}

export interface CallerOnSide extends MeshCaller {
  readonly hasSidecar: boolean
  /** What keeps a request from being its own: another workload, which comes first, is all that the request can say of it. */
  readonly mistakenFor: Workload | undefined
}

/**
 * The workloads of both sides. Who is on one side only is supposed to be on the other as well: what it may do does not
 * depend on whether it runs. Then, with and without a sidecar, somebody of whom no manifest says anything.
 */
export function callerPairs(before: Side, after: Side): readonly CallerPair[] {
  const names = new Set([...callingNames(before), ...callingNames(after)])
  const pairs = [...names].sort().map(key => {
    const old = before.workloadsByName.get(key)
    const now = after.workloadsByName.get(key)
    const { namespace, name } = (now ?? old)!
    const one = onSide(before, old ?? now!, old !== undefined)
    const other = onSide(after, now ?? old!, now !== undefined)
    return {
      name: {
        kind: 'workload' as const,
        namespace,
        name,
        plaintext: !one.hasSidecar && !other.hasSidecar,
        supposed: false,
      },
      before: one,
      after: other,
    }
  })
  return [...pairs, ...[true, false].map(hasSidecar => strangerPair({ before, after }, anyone, hasSidecar))]
}

function callingNames({ model }: Side): readonly string[] {
  return model.workloads
    .filter(({ proxy, assumed }) => proxy !== 'gateway' && assumed === undefined)
    .map(({ namespace, name }) => `${namespace}/${name}`)
}

function onSide(side: Side, workload: Workload, isThere: boolean): CallerOnSide {
  const { namespace, serviceAccount, labels } = workload
  const hasSidecar = isThere
    ? workload.proxy === 'sidecar'
    : workload.proxy === 'sidecar' && isInjected(side, namespace)
  const address = isThere ? workload.address : undefined
  const first = side.workloadsByNamespace
    .get(namespace)
    ?.find(
      other =>
        other.assumed === undefined &&
        other.serviceAccount === serviceAccount &&
        hasLabels(other.labels, labels),
    )
  const isAlike =
    first === undefined ||
    first === workload ||
    (first.address === address &&
      (!hasSidecar || (first.proxy === 'sidecar' && hasLabels(labels, first.labels))))
  return {
    namespace,
    serviceAccount,
    labels,
    address,
    unmodelled: isThere ? workload.unmodelled : [],
    hasSidecar,
    mistakenFor: isAlike ? undefined : first,
  }
}
