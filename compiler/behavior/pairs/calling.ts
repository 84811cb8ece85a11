import { isInjected } from '../is-injected.ts'
import type { Workload } from '../model.ts'
import type { IndexedModel } from '../symbolic/indexed-model.ts'
import { listIdentityWordsAt } from '../symbolic/peer-classes.ts'
import {
  type AssumedCaller,
  anyone,
  assumeCaller,
  makeAssumedCallerFinder,
  makeIdentityTest,
  nameAssumedCaller,
} from './assumed-callers.ts'
import type { CallerInModel } from './callers.ts'
import type { CallerName } from './names.ts'

/** A caller, with its distinguishing fields. */
export type Calling = CallerInModel & { readonly name: CallerName & { readonly kind: 'workload' } }

/**
 * Makes a caller from an assumed caller. It has a sidecar, unless pods of its namespace get none. An assumed caller with the service
 * account of a workload is that workload.
 */
export function makeCalling(indexed: IndexedModel, assumedCaller: AssumedCaller): Calling {
  const { namespace, serviceAccount, identity } = assumedCaller
  return {
    ...makeAssumedCalling(indexed, assumedCaller, isInjected({}, indexed.model.namespaces.get(namespace))),
    ambiguousWith:
      identity === undefined
        ? indexed.workloadsByNamespace
            .get(namespace)
            ?.find(workload => workload.assumed === undefined && workload.serviceAccount === serviceAccount)
        : undefined,
  }
}

const makeAssumedCalling = (
  indexed: IndexedModel,
  assumedCaller: AssumedCaller,
  hasSidecar: boolean,
): Calling => ({
  name: nameAssumedCaller(assumedCaller, hasSidecar),
  ...assumeCaller(indexed, assumedCaller, hasSidecar),
})

/** Assumes a caller about which only the namespace is known. */
export const assumeCallerIn = (namespace: string): AssumedCaller => ({ ...anyone, namespace })

/** Assumes a caller with an identity, wherever it runs. */
export const assumeCallerWith = (identity: string): AssumedCaller => ({ ...anyone, identity })

/** Lists the callers that the policies of some workloads name, and that no manifest has. */
export function listAssumedCallersAt(
  indexed: IndexedModel,
  workloads: readonly Workload[],
): readonly Calling[] {
  const findAssumedCallers = indexed.once('assumedCallers', () =>
    makeAssumedCallerFinder(indexed.model.settings, makeIdentityTest([indexed])),
  )
  const words = workloads.flatMap(workload => listIdentityWordsAt(indexed, workload))
  return findAssumedCallers(words).map(assumedCaller => makeAssumedCalling(indexed, assumedCaller, true))
}
