import { isInjected } from '../is-injected.ts'
import type { Workload } from '../model.ts'
import { listIdentityWordsAt } from '../symbolic/peer-classes.ts'
import type { Side } from '../symbolic/side.ts'
import {
  anyone,
  assumeCaller,
  makeIdentityTest,
  makeStrangerFinder,
  nameStranger,
  type Stranger,
} from './assumed-callers.ts'
import type { CallerOnSide } from './callers.ts'
import type { CallerName } from './names.ts'

/** A caller, by what tells it from others. */
export type Calling = CallerOnSide & { readonly name: CallerName & { readonly kind: 'workload' } }

/**
 * A stranger as a caller: with a sidecar, unless pods of his namespace get none. A caller that has the
 * account of a workload is that workload.
 */
export function makeCalling(side: Side, stranger: Stranger): Calling {
  const { namespace, serviceAccount, identity } = stranger
  return {
    ...callingWith(side, stranger, isInjected({}, side.model.namespaces.get(namespace))),
    mistakenFor:
      identity === undefined
        ? side.workloadsByNamespace
            .get(namespace)
            ?.find(workload => workload.assumed === undefined && workload.serviceAccount === serviceAccount)
        : undefined,
  }
}

const callingWith = (side: Side, stranger: Stranger, hasSidecar: boolean): Calling => ({
  name: nameStranger(stranger, hasSidecar),
  ...assumeCaller(side, stranger, hasSidecar),
})

/** Assumes a caller in a namespace, of which nothing else is said. */
export const makeStrangerIn = (namespace: string): Stranger => ({ ...anyone, namespace })

/** Assumes a caller with an identity, wherever it runs. */
export const makeStrangerWith = (identity: string): Stranger => ({ ...anyone, identity })

/** Lists the callers that the policies of some workloads name, and that no manifest has. */
export function listStrangersAt(side: Side, workloads: readonly Workload[]): readonly Calling[] {
  const strangersFor = side.once('strangers', () =>
    makeStrangerFinder(side.model.settings, makeIdentityTest([side])),
  )
  const words = workloads.flatMap(workload => listIdentityWordsAt(side, workload))
  return strangersFor(words).map(stranger => callingWith(side, stranger, true))
}
