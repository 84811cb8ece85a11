import { groupBy } from '../../basics/group-by.ts'
import type { CallerInModel } from './callers.ts'

/** Callers that meet the same decisions at a destination. */
interface CallerClass<Caller> {
  readonly members: readonly Caller[]
  /** The member whose requests represent all members. It is a member that a request can name, if there is one. */
  readonly representative: Caller
}

/**
 * The classes of some callers, in the order of their first members.
 *
 * @param signatureOf see `makeCallerSigner`: callers with one signature are one class
 * @param isNamable whether a request can name a caller, and not only a workload that comes before it
 */
export function classifyCallers<Caller>(
  callers: readonly Caller[],
  signatureOf: (caller: Caller) => unknown,
  isNamable: (caller: Caller) => boolean,
): readonly CallerClass<Caller>[] {
  return [...groupBy(callers, caller => [signatureOf(caller)]).values()].map(members => ({
    members,
    representative: members.find(isNamable) ?? members[0]!,
  }))
}

/**
 * Yields one caller of each class, on demand. A caller that no request can name does not represent a caller that one can.
 *
 * @param seen the classes that need no representative any more; those that are given join them
 */
export function* listRepresentatives<Caller extends Pick<CallerInModel, 'ambiguousWith'>>(
  callers: Iterable<Caller>,
  signatureOf: (caller: Caller) => string,
  seen: Set<string> = new Set(),
): Generator<Caller> {
  for (const caller of callers) {
    // The first is new, whatever its signature: that takes long, and mostly nothing asks for a second caller.
    const isFirst = seen.size === 0
    if (isFirst) yield caller
    const signature = `${caller.ambiguousWith === undefined} ${signatureOf(caller)}`
    if (seen.has(signature)) continue
    seen.add(signature)
    if (!isFirst) yield caller
  }
}
