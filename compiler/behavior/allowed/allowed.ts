import { findArrivingRequests } from '../connections/find-arriving-requests.ts'
import { evaluate, evaluateIn } from '../evaluate/evaluate.ts'
import { indexModel } from '../evaluate/indexed-model.ts'
import type {
  AuthorizationPolicy,
  AuthorizationRule,
  BehaviorModel,
  PolicyOperation,
  PolicySource,
  Words,
  Workload,
} from '../model.ts'
import { getQualifiedName } from '../qualified-name.ts'
import type { Request } from '../request.ts'
import type { At, Result, Unmodelled } from '../result.ts'
import { type Candidate, listCandidates, makeCandidate, makeCandidateRequest } from './candidates.ts'
import { listDemandingRequests } from './demanding.ts'
import { isolateRule } from './isolate-rule.ts'

/** The requests that a caller may make at a port of a service. */
export interface Allowed {
  /** A request that no line covers, if there is one, and its result. */
  readonly request: Request
  readonly result: Result
  /** The workloads that requests reach, by some route. */
  readonly workloads: readonly string[]
  /** The lines. Each line has a request that it covers and that was tried. */
  readonly lines: readonly AllowedLine[]
  /** Workloads without a particular ALLOW policy, each with a request that arrives there. */
  readonly open: readonly { readonly workload: string; readonly request: Request }[]
}

/** A part of a rule that a request of the caller meets. */
export interface AllowedLine {
  /** `ASK`: the provider of a CUSTOM policy decides. */
  readonly verdict: 'ALLOW' | 'DENY' | 'ASK' | 'UNKNOWN'
  readonly policy: AuthorizationPolicy
  readonly at: At
  readonly source: PolicySource | undefined
  readonly operation: PolicyOperation | undefined
  readonly when: AuthorizationRule['when']
  /** The workloads to which the line applies. */
  readonly workloads: readonly string[]
  readonly request: Request
  readonly unknown: readonly Unmodelled[]
}

/**
 * Takes every part of every policy at the workloads that a request can reach, and tries a request that matches the part. If some
 * request of the caller arrives, one of the tried requests arrives: the symbolic engine finds it.
 */
export function findAllowed(model: BehaviorModel, request: Request): Allowed {
  const arriving = findArrivingRequests(model, request)
  const candidates = [...listCandidates(model, request), ...arriving.map(makeCandidate)]
  const result = evaluate(model, request)
  const tried = [request, ...candidates.map(candidate => makeCandidateRequest(request, candidate))].map(
    givenRequest => ({
      request: givenRequest,
      result: evaluate(model, givenRequest),
    }),
  )
  const reached = listWorkloads(
    model,
    tried.map(attempt => attempt.result),
  )
  const open = reached.flatMap(workload => {
    const policies = indexModel(model).authorizationPoliciesOf(workload)
    if (policies.some(({ action, isDryRun }) => action === 'ALLOW' && !isDryRun)) return []
    const attempted = tried.find(attempt =>
      attempt.result.outcomes.some(
        outcome => outcome.workload === getQualifiedName(workload) && outcome.verdict === 'ALLOW',
      ),
    )
    return attempted === undefined
      ? []
      : [{ workload: getQualifiedName(workload), request: attempted.request }]
  })
  const lines = new Map<string, AllowedLine>()
  for (const workload of reached) {
    const arrivingCandidates = candidates.filter(
      (candidate, index) => candidate.token !== undefined || mayArrive(tried[index + 1]!.result, workload),
    )
    for (const policy of indexModel(model).authorizationPoliciesOf(workload))
      if (!policy.isDryRun && policy.action !== 'AUDIT')
        for (const line of listLines(model, request, { candidates, arrivingCandidates }, workload, policy)) {
          const { at, source, operation, verdict } = line
          const key = JSON.stringify([policy.namespace, policy.name, at.path, source, operation, verdict])
          const allowedLine = lines.get(key)
          lines.set(
            key,
            allowedLine === undefined
              ? line
              : { ...allowedLine, workloads: [...allowedLine.workloads, ...line.workloads] },
          )
        }
  }
  return {
    ...findOtherRequest(model, request, result, arriving),
    workloads: reached.map(getQualifiedName),
    lines: [...lines.values()],
    open,
  }
}

interface Tries {
  readonly candidates: readonly Candidate[]
  /** The candidates that may arrive at the workload if a rule asks nothing else of them. */
  readonly arrivingCandidates: readonly Candidate[]
}

/** Tells whether some request like one with a known result may arrive at a workload: a gateway may have thousands of routes to others. */
const mayArrive = ({ outcomes, unknown }: Result, workload: Workload): boolean =>
  unknown.length > 0 ||
  outcomes.length === 0 ||
  outcomes.some(outcome => outcome.workload === undefined || outcome.workload === getQualifiedName(workload))

/** The first of: a request that no rule allows, an allowed request, the request without conditions. */
function findOtherRequest(
  model: BehaviorModel,
  request: Request,
  result: Result,
  arriving: readonly Request[],
): Pick<Allowed, 'request' | 'result'> {
  const plain = { request, result }
  if (request.protocol !== undefined && request.protocol !== 'http') return plain
  const others = [
    plain,
    ...unusual.map(([method, path]) => {
      const tried = { ...request, method, path }
      return { request: tried, result: evaluate(model, tried) }
    }),
    ...arriving.map(tried => ({ request: tried, result: evaluate(model, tried) })),
  ]
  return (
    others.find(({ result: { outcomes } }) => outcomes.some(({ policy }) => policy === 'none')) ??
    others.find(({ result: { verdict } }) => verdict === 'ALLOW') ??
    plain
  )
}

const unusual = [
  ['GET', '/other'],
  ['DELETE', '/other'],
  ['TRACE', '/other'],
] as const

function listLines(
  model: BehaviorModel,
  request: Request,
  tries: Tries,
  workload: Workload,
  policy: AuthorizationPolicy,
): readonly AllowedLine[] {
  return policy.rules.flatMap((rule, index) =>
    (rule.from.length === 0 ? [undefined] : rule.from).flatMap((source, from) =>
      (rule.to.length === 0 ? [undefined] : rule.to).flatMap((operation, to): readonly AllowedLine[] => {
        const part: AuthorizationRule = {
          from: source === undefined ? [] : [source],
          to: operation === undefined ? [] : [operation],
          when: rule.when,
        }
        const tried = tryPart(model, request, tries, workload, policy, index, part)
        if (tried === undefined) return []
        const path = ['spec', 'rules', index]
        return [
          {
            ...tried,
            policy,
            at: {
              object: policy,
              path:
                operation !== undefined && rule.to.length > 1
                  ? [...path, 'to', to]
                  : source !== undefined && rule.from.length > 1
                    ? [...path, 'from', from]
                    : path,
            },
            source,
            operation,
            when: rule.when,
            workloads: [getQualifiedName(workload)],
          },
        ]
      }),
    ),
  )
}

/** The first request that matches a part of a rule, in a model in which this part is the only rule with its action. */
function tryPart(
  model: BehaviorModel,
  request: Request,
  { candidates, arrivingCandidates }: Tries,
  workload: Workload,
  policy: AuthorizationPolicy,
  index: number,
  part: AuthorizationRule,
): Pick<AllowedLine, 'verdict' | 'request' | 'unknown'> | undefined {
  const verdict = policy.action === 'ALLOW' ? 'ALLOW' : policy.action === 'DENY' ? 'DENY' : 'ASK'
  const alone = isolateRule(indexModel(model), policy, index, part)
  const isHttp = request.protocol === undefined || request.protocol === 'http'
  const routes = isHttp && isForCallers(part) ? arrivingCandidates : candidates
  const tries = listDemandingRequests(model, workload, part, routes)
  let open: Pick<AllowedLine, 'verdict' | 'request' | 'unknown'> | undefined
  for (const candidate of isHttp ? tries : tries.slice(0, 1)) {
    const tried = makeCandidateRequest(request, candidate)
    const { outcomes, unknown } = evaluateIn(
      alone,
      verdict === 'ASK' ? { ...tried, extAuthz: 'deny' } : tried,
    )
    const outcome = outcomes.find(givenOutcome => givenOutcome.workload === getQualifiedName(workload))
    if (outcome?.verdict === (verdict === 'ALLOW' ? 'ALLOW' : 'DENY')) {
      // On a connection, a part of a rule that has HTTP conditions also depends on the other parts: the part alone allows more.
      if (verdict === 'ALLOW' && !isAllowedAt(model, tried, workload)) continue
      return { verdict, request: tried, unknown: [] }
    }
    const constructs = outcome === undefined ? unknown : outcome.unknown
    if (constructs.length > 0) open ??= { verdict: 'UNKNOWN', request: tried, unknown: constructs }
  }
  return open
}

/** Tells whether a part of a rule asks nothing of the method, path, headers and token of a request. */
const isForCallers = ({ from, to, when }: AuthorizationRule): boolean =>
  when.length === 0 &&
  from.every(({ requestPrincipals }) => !isAsked(requestPrincipals)) &&
  to.every(({ methods, paths }) => !isAsked(methods) && !isAsked(paths))

const isAsked = ({ values, notValues }: Words): boolean => values.length + notValues.length > 0

const isAllowedAt = (model: BehaviorModel, request: Request, workload: Workload) =>
  evaluate(model, request).outcomes.some(
    outcome => outcome.workload === getQualifiedName(workload) && outcome.verdict === 'ALLOW',
  )

function listWorkloads(model: BehaviorModel, results: readonly Result[]): readonly Workload[] {
  const names = new Set(results.flatMap(({ outcomes }) => outcomes.flatMap(({ workload }) => workload ?? [])))
  return model.workloads.filter(workload => names.has(getQualifiedName(workload)))
}
