import type { BehaviorModel } from '../behavior/model.ts'
import type { ReachCaller, Reached } from '../behavior/reach/reach.ts'
import type { Result } from '../behavior/result.ts'
import type { Diagnostic, Place } from '../diagnostics/diagnostic.ts'
import { notKnown } from './diagnostics.ts'

/** A fault is a drill: what is expected holds when it is over. */
export const withoutFaults = (model: BehaviorModel): BehaviorModel => ({
  ...model,
  virtualServices: model.virtualServices.map(virtualService => ({
    ...virtualService,
    http: virtualService.http.map(rule => ({ ...rule, fault: undefined })),
  })),
})

/** A caller as the engine knows it. */
export function describeReachCaller({ name }: ReachCaller): string {
  if (name.kind === 'outside') return `${name.gateway.namespace}/${name.gateway.name}`
  if (name.assumed && name.namespace === 'somewhere')
    return name.plaintext ? 'anyone without a sidecar' : 'anyone'
  return name.plaintext
    ? `${name.namespace}/${name.name} without a sidecar`
    : `${name.namespace}/${name.name}`
}

/** The answer that a request gets, in a word. */
export function describeAnswer({ verdict, outcomes }: Result): string {
  const [first] = outcomes
  if (first === undefined) return verdict
  return first.status === undefined ? first.verdict : `${first.verdict} ${first.status}`
}

/** Says that an expectation is not known to hold, with the first reason. */
export function listUnknown(
  place: Place,
  expected: string,
  reached: readonly Reached[],
): readonly Diagnostic[] {
  const [first] = reached.flatMap(({ unknown }) => unknown)
  if (first === undefined) return []
  const { object, path, reason, isOverLimit = false } = first
  const what = `${object.kind} \`${object.namespace}/${object.name}\``
  const isWhole = reason === undefined || reason === `${object.kind} is not followed`
  const part = path.length === 0 ? '' : ` (\`${path.join('.')}\`)`
  const because =
    object.kind === 'MeshConfig' && reason !== undefined
      ? reason
      : isWhole
        ? `${what}${part} is not followed`
        : `${what}${part}: ${reason}`
  return [notKnown(place, { expected, because, isOverLimit })]
}
