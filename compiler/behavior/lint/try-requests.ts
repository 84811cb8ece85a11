import { type Candidate, makeCandidateRequest } from '../allowed/candidates.ts'
import { listDemandingRequests } from '../allowed/demanding.ts'
import { evaluateIn } from '../evaluate/evaluate.ts'
import { indexWorld, type World, withPoliciesAt } from '../evaluate/world.ts'
import type { AuthorizationPolicy, AuthorizationRule, Workload } from '../model.ts'
import type { Calling } from '../pairs/calling.ts'
import { makePlainRequest } from '../pairs/request-maker.ts'
import type { Request } from '../request.ts'
import type { Outcome, Result } from '../result.ts'
import { getIdentity } from '../symbolic/delivery.ts'
import type { Side } from '../symbolic/side.ts'
import type { Target } from '../symbolic/sidecar-tree.ts'
import type { RuleName } from './rule-states.ts'

/** A caller that calls a destination. */
export interface Call {
  readonly caller: Calling
  readonly target: Target
}

/**
 * Tries a few requests that a rule names, and gives the first that is allowed or refused only because the rule is there.
 *
 * @param policiesWithout gives the policies of a workload without the rule
 */
export type RuleTrial = (
  name: RuleName,
  calls: Iterable<Call>,
  policiesWithout: World['authorizationPoliciesOf'],
) => Request | undefined

const plain: Candidate = { method: undefined, path: undefined, headers: {}, token: undefined }

/**
 * Tries the rules of a policy. Most rules of a mesh are found to be live so, which takes a fraction of the time of comparing
 * all requests; and one request speaks for rules that differ in their callers alone, where the callers have one way.
 *
 * @param pods the workloads that the policy is for: one at least
 * @param waySignaturesAt see `makeWaySigner`
 */
export function makeRuleTrial(
  side: Side,
  pods: readonly Workload[],
  waySignaturesAt: (target: Target) => (caller: Calling) => string,
): RuleTrial {
  const { model } = side
  const world = indexWorld(model)
  /** Callers whom one rule alone was seen to allow a request, by what the rule demands and the destination. */
  const proofs = new Map<string, Calling[]>()
  return (name, calls, policiesWithout) => {
    const rule = name.policy.rules[name.index]!
    const [candidate] = listDemandingRequests(model, pods[0]!, rule, [plain])
    if (candidate === undefined) return undefined
    const authorizationPolicies = [...new Set(pods.flatMap(policiesWithout))]
    const demand = isByName(rule, authorizationPolicies) ? JSON.stringify([rule.to, rule.when]) : undefined
    for (const { caller, target } of calls) {
      const request = makeCandidateRequest(makePlainRequest(caller, target), candidate)
      const identity = getIdentity(side, caller)
      const isOnly = isForOthers(authorizationPolicies, identity)
      const key =
        demand === undefined || !isOnly
          ? undefined
          : `${target.host}:${target.port} ${target.protocol} ${demand}`
      const proof = key === undefined ? undefined : proofs.get(key)
      if (proof !== undefined) {
        const getWay = waySignaturesAt(target)
        if (proof.some(like => getWay(like) === getWay(caller))) return request
      }
      const result = evaluateIn(world, request)
      if (!isDecided(result)) continue
      if (isOnly && result.outcomes.every(outcome => isAllowedBy(name, identity, outcome))) {
        if (key !== undefined) proofs.set(key, [...(proof ?? []), caller])
        return request
      }
      const without = evaluateIn(withPoliciesAt(world, policiesWithout), request)
      if (isDecided(without) && without.verdict !== result.verdict) return request
    }
    return undefined
  }
}

const isDecided = ({ verdict }: Result) => verdict === 'ALLOW' || verdict === 'DENY'

/**
 * Tells whether a rule asks nothing of a caller but a name, and the policies that allow nothing ask nothing of any caller.
 */
const isByName = (rule: AuthorizationRule, authorizationPolicies: readonly AuthorizationPolicy[]): boolean =>
  rule.from.every(({ principals, ...rest }) =>
    [
      principals.notValues,
      ...Object.values(rest).flatMap(({ values, notValues }) => [values, notValues]),
    ].every(list => list.length === 0),
  ) &&
  asksNoSource(rule) &&
  authorizationPolicies.every(
    ({ action, rules }) =>
      action === 'ALLOW' || rules.every(each => each.from.length === 0 && asksNoSource(each)),
  )

const asksNoSource = ({ when }: AuthorizationRule) => when.every(({ key }) => !key.startsWith('source.'))

const isAllowedBy = (
  { policy, index }: RuleName,
  identity: string,
  { verdict, peer, steps }: Outcome,
): boolean =>
  verdict === 'ALLOW' &&
  peer === identity &&
  steps.some(
    ({ step, at: [at] }) => step === 'allow policy' && at?.object === policy && at.path.at(-1) === index,
  )

/** Tells whether all rules that allow name other callers. */
const isForOthers = (policies: readonly AuthorizationPolicy[], identity: string): boolean =>
  policies.every(
    ({ action, rules }) =>
      action !== 'ALLOW' ||
      rules.every(
        ({ from }) =>
          from.length > 0 &&
          from.every(
            ({ principals: { values } }) =>
              values.length > 0 &&
              values.every(word => !word.includes('*') && getAccount(word) !== getAccount(identity)),
          ),
      ),
  )

/** An identity without its trust domain, which may have aliases. */
const getAccount = (identity: string) => identity.slice(identity.indexOf('/ns/'))
