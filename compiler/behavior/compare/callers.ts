import type { Namespace, Workload } from '../model.ts'
import type { CallerName } from './difference.ts'
import type { MeshCaller } from './mesh-callers.ts'
import type { Side } from './side.ts'

/** Who calls, on either side: the identity of a workload may be another after a change. */
export interface CallerPair {
  readonly name: CallerName & { readonly kind: 'workload' }
  readonly before: CallerOnSide
  readonly after: CallerOnSide
}

export interface CallerOnSide extends MeshCaller {
  readonly hasSidecar: boolean
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
  const stranger = { namespace: 'somewhere', serviceAccount: 'somebody', labels: {}, address: undefined }
  return [
    ...pairs,
    ...[true, false].map(hasSidecar => ({
      name: {
        kind: 'workload' as const,
        namespace: stranger.namespace,
        name: stranger.serviceAccount,
        plaintext: !hasSidecar,
        supposed: true,
      },
      before: { ...stranger, hasSidecar },
      after: { ...stranger, hasSidecar },
    })),
  ]
}

function callingNames({ model }: Side): readonly string[] {
  return model.workloads
    .filter(({ proxy, assumed }) => proxy !== 'gateway' && assumed === undefined)
    .map(({ namespace, name }) => `${namespace}/${name}`)
}

function onSide(side: Side, workload: Workload, isThere: boolean): CallerOnSide {
  const { namespace, serviceAccount, labels, address } = workload
  const hasSidecar = isThere
    ? workload.proxy === 'sidecar'
    : workload.proxy === 'sidecar' && injects(side.model.namespaces.get(namespace))
  return { namespace, serviceAccount, labels, address: isThere ? address : undefined, hasSidecar }
}

/** Whether pods of a namespace get a sidecar; one that no manifest declares is taken to. */
const injects = (namespace: Namespace | undefined): boolean =>
  namespace === undefined ||
  namespace.labels['istio-injection'] === 'enabled' ||
  (namespace.labels['istio-injection'] === undefined && namespace.labels['istio.io/rev'] !== undefined)
