import type { Limits } from '../../compiler/behavior/budget.ts'
import {
  findRouteStates,
  findRuleStates,
  listRulePlaces,
  makeMtlsMatrix,
} from '../../compiler/behavior/index.ts'
import type { MtlsRow } from '../../compiler/behavior/lint/mtls-matrix.ts'
import type { RouteName, RouteState } from '../../compiler/behavior/lint/route-states.ts'
import type { RuleName, RuleState } from '../../compiler/behavior/lint/rule-states.ts'
import type { Refusal } from '../../compiler/behavior/model.ts'
import type { Request } from '../../compiler/behavior/request.ts'
import type { At, Unmodelled } from '../../compiler/behavior/result.ts'
import { makeRuleForMissing } from '../../compiler/manifests/left-out.ts'
import type { MeshAtHand } from './mesh.ts'

/** A route or rule that has no effect, or whose effect is unknown; or an object that a cluster refuses. */
export interface LintFinding {
  readonly part: 'route' | 'rule' | 'object'
  readonly state: 'dead' | 'idle' | 'unselected' | 'unknown' | 'refused'
  /** `VirtualService shop/cart http[1] (canary)`. */
  readonly name: string
  readonly at: readonly At[]
  /** A request that it would decide about. */
  readonly witness?: Request
  /** The rules that decide first, each of which is needed for that. */
  readonly eatenBy: readonly { readonly name: string; readonly at: readonly At[] }[]
  /** True if it denies requests that no rule allows. */
  readonly isAllowedByNothing: boolean
  /** The parts that are not modelled, or that a cluster refuses. */
  readonly unknown: readonly (Unmodelled | Refusal)[]
}

/** The findings of lint about a mesh. */
export interface Lint {
  readonly routes: number
  readonly rules: number
  readonly findings: readonly LintFinding[]
  readonly mtls: readonly MtlsRow[]
}

/** Looks at every route, every rule of a policy, and how everything is spoken to. */
export function lintMesh(
  { model, isForeign }: Pick<MeshAtHand, 'model' | 'isForeign'>,
  limits: Limits,
  progress: (words: string) => void,
): Lint {
  // A mesh has thousands of routes and rules, so only the parts that are shown are kept.
  const listRoutes = findRouteStates(model, limits)
  let routes = 0
  const routeFindings = model.virtualServices.flatMap(virtualService => {
    progress(`looking at the routes of ${virtualService.namespace}/${virtualService.name}`)
    const states = listRoutes(virtualService)
    routes += states.length
    return states.flatMap(listRouteFindings)
  })
  const listRules = findRuleStates(model, limits)
  const findMissing = isForeign ? makeRuleForMissing(model) : () => undefined
  let rules = 0
  const ruleFindings = model.authorizationPolicies.flatMap(policy => {
    progress(`looking at the rules of ${policy.namespace}/${policy.name}`)
    const states = listRules(policy)
    rules += states.length
    return states.flatMap(state => listRuleFindings(asFarAsKnown(state, findMissing)))
  })
  progress('looking at who speaks to whom')
  return {
    routes,
    rules,
    findings: [...model.refused.map(makeRefusalFinding), ...routeFindings, ...ruleFindings],
    mtls: makeMtlsMatrix(model),
  }
}

const makeRefusalFinding = (refusal: Refusal): LintFinding => ({
  part: 'object',
  state: 'refused',
  name: `${refusal.object.kind} ${refusal.object.namespace}/${refusal.object.name}`,
  at: [refusal],
  eatenBy: [],
  isAllowedByNothing: false,
  unknown: [refusal],
})

export function listRouteFindings(state: RouteState): readonly LintFinding[] {
  if (state.state === 'live') return []
  return [
    {
      part: 'route',
      state: state.state,
      name: nameRoute(state),
      at: listRulePlaces(state),
      ...(state.state === 'dead' && { witness: state.witness }),
      eatenBy:
        state.state === 'dead'
          ? state.eatenBy.map(eatenBy => ({ name: nameRoute(eatenBy), at: listRulePlaces(eatenBy) }))
          : [],
      isAllowedByNothing: false,
      unknown: state.state === 'unknown' ? state.because : [],
    },
  ]
}

/** A rule only for callers whose service accounts no pod has decides about no caller of the manifests. */
function asFarAsKnown(rule: RuleState, findMissing: ReturnType<typeof makeRuleForMissing>): RuleState {
  const { policy, index } = rule
  const missing = rule.state === 'live' ? findMissing(policy, policy.rules[index]!) : undefined
  if (missing === undefined) return rule
  const reason = { code: 'account-without-pod', accounts: missing } as const
  return {
    policy,
    index,
    state: 'unknown',
    because: [{ object: policy, path: ['spec', 'rules', index, 'from'], reason }],
  }
}

export function listRuleFindings(state: RuleState): readonly LintFinding[] {
  if (state.state === 'live') return []
  return [
    {
      part: 'rule',
      state: state.state,
      name: namePolicyRule(state),
      at: [placeOfRule(state)],
      ...(state.state === 'dead' && { witness: state.witness }),
      eatenBy:
        state.state === 'dead'
          ? state.eatenBy.map(eatenBy => ({ name: namePolicyRule(eatenBy), at: [placeOfRule(eatenBy)] }))
          : [],
      isAllowedByNothing: state.state === 'dead' && state.isAllowedByNothing,
      unknown: state.state === 'unknown' ? state.because : [],
    },
  ]
}

export function nameRoute({ virtualService, protocol, index }: RouteName): string {
  const { namespace, name } = virtualService
  const ownName = protocol === 'http' ? virtualService.http[index]!.name : ''
  return `VirtualService ${namespace}/${name} ${protocol}[${index}]${ownName === '' ? '' : ` (${ownName})`}`
}

export const namePolicyRule = ({ policy: { namespace, name, action }, index }: RuleName): string =>
  `AuthorizationPolicy ${namespace}/${name} ${action} rules[${index}]`

const placeOfRule = ({ policy, index }: RuleName): At => ({ object: policy, path: ['spec', 'rules', index] })
