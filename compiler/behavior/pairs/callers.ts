import { groupBy } from '../../basics/group-by.ts'
import { weakMemo, weakMemoOfPair } from '../../basics/weak-memo.ts'
import { isInjected } from '../is-injected.ts'
import type { BehaviorModel, Workload } from '../model.ts'
import { hasLabels, type IndexedModel, workloadsByName } from '../symbolic/indexed-model.ts'
import type { MeshCaller } from '../symbolic/sidecar-tree.ts'
import { anyone, pairAssumedCaller } from './assumed-callers.ts'
import type { CallerName } from './names.ts'

/** A caller before and after a change. The identity of a workload may change. */
export interface CallerPair {
  readonly name: CallerName & { readonly kind: 'workload' }
  readonly before: CallerInModel
  readonly after: CallerInModel
}

export interface CallerInModel extends MeshCaller {
  readonly hasSidecar: boolean
  /** The workload that a request would be taken for: it comes first, and the request can say no more of its caller. */
  readonly ambiguousWith: Workload | undefined
}

/**
 * The workloads of both models. A workload of one model only is assumed in the other, too; it has a sidecar there if its labels and
 * namespace request one. Its permissions do not depend on whether it runs. The list ends with a caller that no manifest describes,
 * with and without a sidecar.
 */
export function pairCallers(before: IndexedModel, after: IndexedModel): readonly CallerPair[] {
  const [was, now] = [before.model, after.model]
  const hasSame = was.workloads === now.workloads && was.namespaces === now.namespaces
  return [
    ...(hasSame ? pairsOfOne(now.workloads, now.namespaces) : listPairs(was, now)),
    ...[true, false].map(hasSidecar => pairAssumedCaller({ before, after }, anyone, hasSidecar)),
  ]
}

type Inhabitants = Pick<BehaviorModel, 'workloads' | 'namespaces'>

const pairsOfOne = weakMemoOfPair(
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
    const callerBefore =
      old === undefined ? assumeCallerInModel(before, now!, after) : makeCallerInModel(before, old)
    const callerAfter = isOne
      ? callerBefore
      : now === undefined
        ? assumeCallerInModel(after, old!, before)
        : makeCallerInModel(after, now)
    return {
      name: {
        kind: 'workload' as const,
        namespace,
        name,
        plaintext: !callerBefore.hasSidecar && !callerAfter.hasSidecar,
        assumed: false,
      },
      before: callerBefore,
      after: callerAfter,
    }
  })
}

function listCallingNames({ workloads }: Inhabitants): readonly string[] {
  return workloads
    .filter(({ proxy, assumed }) => proxy !== 'gateway' && assumed === undefined)
    .map(({ namespace, name }) => `${namespace}/${name}`)
}

function makeCallerInModel(
  { workloads }: Inhabitants,
  workload: Workload,
  hasSidecar = workload.proxy === 'sidecar',
): CallerInModel {
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

/** A workload of other inhabitants, as it would be among these. */
function assumeCallerInModel(
  inhabitants: Inhabitants,
  workload: Workload,
  otherInhabitants: Inhabitants,
): CallerInModel {
  const { namespace, labels, proxy } = workload
  const isInjectedAmong = ({ namespaces }: Inhabitants) => isInjected(labels, namespaces.get(namespace))
  // A workload without a proxy in a namespace that asks for one has an annotation that refuses it.
  const isRefused = proxy === 'none' && isInjectedAmong(otherInhabitants)
  return makeCallerInModel(
    inhabitants,
    { ...workload, address: undefined, unmodelled: [] },
    !isRefused && isInjectedAmong(inhabitants),
  )
}

/** Indexes the workloads of the manifests by namespace and service account. */
const knownByIdentity = weakMemo((all: readonly Workload[]) =>
  groupBy(all, ({ assumed, namespace, serviceAccount }) =>
    assumed === undefined ? [`${namespace}/${serviceAccount}`] : [],
  ),
)
