import { isInjected } from '../is-injected.ts'
import type { Workload } from '../model.ts'
import { listIdentityWordsAt } from '../symbolic/peer-classes.ts'
import type { Side } from '../symbolic/side.ts'
import {
  type AssumedCaller,
  anyone,
  assumeCaller,
  makeAssumedCallerFinder,
  makeIdentityTest,
  nameAssumedCaller,
} from './assumed-callers.ts'
import type { CallerOnSide } from './callers.ts'
import type { CallerName } from './names.ts'

/** A caller, by what tells it from others. */
export type Calling = CallerOnSide & { readonly name: CallerName & { readonly kind: 'workload' } }

/**
 * An assumed caller as a caller: with a sidecar, unless pods of his namespace get none. A caller that has the
 * account of a workload is that workload.
 */
export function makeCalling(side: Side, assumedCaller: AssumedCaller): Calling {
  const { namespace, serviceAccount, identity } = assumedCaller
  return {
    ...makeAssumedCalling(side, assumedCaller, isInjected({}, side.model.namespaces.get(namespace))),
    ambiguousWith:
      identity === undefined
        ? side.workloadsByNamespace
            .get(namespace)
            ?.find(workload => workload.assumed === undefined && workload.serviceAccount === serviceAccount)
        : undefined,
  }
}

const makeAssumedCalling = (side: Side, assumedCaller: AssumedCaller, hasSidecar: boolean): Calling => ({
  name: nameAssumedCaller(assumedCaller, hasSidecar),
  ...assumeCaller(side, assumedCaller, hasSidecar),
})

/** Assumes a caller in a namespace, of which nothing else is said. */
export const assumeCallerIn = (namespace: string): AssumedCaller => ({ ...anyone, namespace })

/** Assumes a caller with an identity, wherever it runs. */
export const assumeCallerWith = (identity: string): AssumedCaller => ({ ...anyone, identity })

/** Lists the callers that the policies of some workloads name, and that no manifest has. */
export function listAssumedCallersAt(side: Side, workloads: readonly Workload[]): readonly Calling[] {
  const findAssumedCallers = side.once('assumedCallers', () =>
    makeAssumedCallerFinder(side.model.settings, makeIdentityTest([side])),
  )
  const words = workloads.flatMap(workload => listIdentityWordsAt(side, workload))
  return findAssumedCallers(words).map(assumedCaller => makeAssumedCalling(side, assumedCaller, true))
}
