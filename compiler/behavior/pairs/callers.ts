import { isInjected } from '../is-injected.ts'
import { listIndex, pairIndex } from '../list-index.ts'
import type { BehaviorModel, Workload } from '../model.ts'
import { groupBy, hasLabels, type Side, workloadsByName } from '../symbolic/side.ts'
import type { MeshCaller } from '../symbolic/sidecar-tree.ts'
import { anyone, pairAssumedCaller } from './assumed-callers.ts'
import type { CallerName } from './names.ts'

/** A caller on either side: the identity of a workload may be another after a change. */
export interface CallerPair {
  readonly name: CallerName & { readonly kind: 'workload' }
  readonly before: CallerOnSide
  readonly after: CallerOnSide
}

export interface CallerOnSide extends MeshCaller {
  readonly hasSidecar: boolean
  /** The workload that a request would be taken for: it comes first, and the request can say no more of its caller. */
  readonly ambiguousWith: Workload | undefined
}

/**
 * The workloads of both sides. A caller on one side only is assumed to be on the other as well, with a
 * sidecar if its labels and namespace ask for one there: what it may do does not depend on whether it runs.
 * Then, with and without a sidecar, a caller that no manifest describes.
 */
export function pairCallers(before: Side, after: Side): readonly CallerPair[] {
  const [was, now] = [before.model, after.model]
  const hasSame = was.workloads === now.workloads && was.namespaces === now.namespaces
  return [
    ...(hasSame ? pairsOfOne(now.workloads, now.namespaces) : listPairs(was, now)),
    ...[true, false].map(hasSidecar => pairAssumedCaller({ before, after }, anyone, hasSidecar)),
  ]
}

type Inhabitants = Pick<BehaviorModel, 'workloads' | 'namespaces'>

const pairsOfOne = pairIndex(
  (workloads: Inhabitants['workloads'], namespaces: Inhabitants['namespaces']): readonly CallerPair[] => {
    const inhabitants = { workloads, namespaces }
    return listPairs(inhabitants, inhabitants)
  },
)

function listPairs(before: Inhabitants, after: Inhabitants): readonly CallerPair[] {
  const isOne = before === after
  const names = new Set([...listCallingNames(before), ...(isOne ? [] : listCallingNames(after))])
  return [...names].sort().map(key => {
    const old = workloadsByName(before.workloads).get(key)
    const now = workloadsByName(after.workloads).get(key)
    const { namespace, name } = (now ?? old)!
    const callerOnSide = old === undefined ? assumeOn(before, now!, after) : placeOnSide(before, old)
    const otherCallerOnSide = isOne
      ? callerOnSide
      : now === undefined
        ? assumeOn(after, old!, before)
        : placeOnSide(after, now)
    return {
      name: {
        kind: 'workload' as const,
        namespace,
        name,
        plaintext: !callerOnSide.hasSidecar && !otherCallerOnSide.hasSidecar,
        assumed: false,
      },
      before: callerOnSide,
      after: otherCallerOnSide,
    }
  })
}

function listCallingNames({ workloads }: Inhabitants): readonly string[] {
  return workloads
    .filter(({ proxy, assumed }) => proxy !== 'gateway' && assumed === undefined)
    .map(({ namespace, name }) => `${namespace}/${name}`)
}

function placeOnSide(
  { workloads }: Inhabitants,
  workload: Workload,
  hasSidecar = workload.proxy === 'sidecar',
): CallerOnSide {
  const { namespace, serviceAccount, labels, address, unmodelled } = workload
  const first = knownByIdentity(workloads)
    .get(`${namespace}/${serviceAccount}`)
    ?.find(otherWorkload => hasLabels(otherWorkload.labels, labels))
  const isAlike =
    first === undefined ||
    first === workload ||
    (first.address === address &&
      (!hasSidecar || (first.proxy === 'sidecar' && hasLabels(labels, first.labels))))
  const ambiguousWith = isAlike ? undefined : first
  return { namespace, serviceAccount, labels, address, unmodelled, hasSidecar, ambiguousWith }
}

/** A workload of the other side, as it would be on this one. */
function assumeOn(side: Inhabitants, workload: Workload, inhabitants: Inhabitants): CallerOnSide {
  const { namespace, labels, proxy } = workload
  const isInjectedOn = ({ namespaces }: Inhabitants) => isInjected(labels, namespaces.get(namespace))
  // A workload without a proxy in a namespace that asks for one has an annotation that refuses it.
  const isRefused = proxy === 'none' && isInjectedOn(inhabitants)
  return placeOnSide(
    side,
    { ...workload, address: undefined, unmodelled: [] },
    !isRefused && isInjectedOn(side),
  )
}

/** Indexes the workloads of the manifests by namespace and service account. */
const knownByIdentity = listIndex((all: readonly Workload[]) =>
  groupBy(all, ({ assumed, namespace, serviceAccount }) =>
    assumed === undefined ? [`${namespace}/${serviceAccount}`] : [],
  ),
)
