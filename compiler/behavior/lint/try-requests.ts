import { type Candidate, toRequest } from '../allowed/candidates.ts'
import { demanding } from '../allowed/demanding.ts'
import { evaluateIn } from '../evaluate/evaluate.ts'
import { type World, withPoliciesAt, worldOf } from '../evaluate/world.ts'
import type { AuthorizationPolicy, AuthorizationRule, BehaviorModel, Workload } from '../model.ts'
import type { Request } from '../request.ts'
import type { Outcome, Result } from '../result.ts'
import type { RuleName } from './rule-states.ts'

const plain: Candidate = { method: undefined, path: undefined, headers: {}, token: undefined }

/**
 * Tries a few requests that a rule names, and gives the first that is allowed or refused only because the rule is there.
 * Most rules of a mesh are found to be live so, which takes a fraction of the time of comparing all requests.
 *
 * @param pod one of the workloads that the rule is for
 * @param calls requests that say nothing but their caller and destination
 * @param policiesWithout gives the policies of a workload without the rule
 */
export function tryRequests(
  model: BehaviorModel,
  pod: Workload,
  calls: Iterable<Request>,
  name: RuleName,
  policiesWithout: World['authorizationPoliciesOf'],
): Request | undefined {
  const world = worldOf(model)
  const [candidate] = demanding(model, pod, name.policy.rules[name.index]!, [plain])
  if (candidate === undefined) return undefined
  const others = policiesWithout(pod)
  for (const call of calls) {
    const request = toRequest(call, candidate)
    const result = evaluateIn(world, request)
    if (!isDecided(result)) continue
    if (result.outcomes.every(outcome => isAllowedAlone(outcome, name, others))) return request
    const without = evaluateIn(withPoliciesAt(world, policiesWithout), request)
    if (isDecided(without) && without.verdict !== result.verdict) return request
  }
  return undefined
}

const isDecided = ({ verdict }: Result) => verdict === 'ALLOW' || verdict === 'DENY'

/** The rule is the only one that allows the request: the other rules name other callers. */
const isAllowedAlone = (
  { verdict, peer, steps }: Outcome,
  { policy, index }: RuleName,
  others: readonly AuthorizationPolicy[],
): boolean =>
  verdict === 'ALLOW' &&
  peer !== undefined &&
  steps.some(
    ({ step, at: [at] }) => step === 'allow policy' && at?.object === policy && at.path.at(-1) === index,
  ) &&
  others.every(({ action, rules }) => action !== 'ALLOW' || rules.every(rule => isForOthers(rule, peer)))

const isForOthers = ({ from }: AuthorizationRule, peer: string) =>
  from.length > 0 &&
  from.every(
    ({ principals: { values } }) =>
      values.length > 0 && values.every(word => !word.includes('*') && accountOf(word) !== accountOf(peer)),
  )

/** An identity without its trust domain, which may have aliases. */
const accountOf = (identity: string) => identity.slice(identity.indexOf('/ns/'))
