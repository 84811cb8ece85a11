import type { BehaviorModel } from '../../behavior/model.ts'
import type { Result } from '../../behavior/result.ts'
import { type Advice, getObjectName } from './advice.ts'

/** A route and the subset that it names arrive one after the other. */
export const adviseSubsetBeforeRoute: Advice = ({ difference: { witness }, before, after }) => [
  ...appearing(witness.after.result, before, after).map(
    ({ rule, subset }) =>
      `subset ${subset} of ${rule} is as new as the route to it: where the route arrives first, its requests get 503. Apply the DestinationRule before the VirtualService, by a lower sync wave or a commit of its own`,
  ),
  ...appearing(witness.before.result, after, before).map(
    ({ rule, subset }) =>
      `subset ${subset} of ${rule} goes together with the route to it: where the DestinationRule arrives first, requests get 503. Apply the VirtualService before it`,
  ),
]

/** Subsets that a route names and that are on one side only. */
function appearing({ route }: Result, without: BehaviorModel, having: BehaviorModel) {
  const has = ({ destinationRules }: BehaviorModel, host: string | undefined, subset: string | undefined) =>
    destinationRules.find(rule => rule.host === host && rule.subsets.some(({ name }) => name === subset))
  return (route?.clusters ?? []).flatMap(({ host, subset }) => {
    const rule = subset === undefined ? undefined : has(having, host, subset)
    return rule === undefined || has(without, host, subset) !== undefined
      ? []
      : [{ rule: getObjectName(rule), subset }]
  })
}
