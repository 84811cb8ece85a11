import type { Workload } from '../model.ts'
import type { AuthorizerAnswers } from '../request.ts'
import type { Step, Unmodelled } from '../result.ts'
import { authorize, authorizeCustom, type PolicyInput } from './authorization.ts'
import type { IndexedModel } from './indexed-model.ts'
import type { Message } from './message.ts'
import { type VerifiedToken, verifyToken } from './token.ts'

/** The result of the filters of a proxy that receives a request, before it is routed. */
type Filtered =
  | {
      readonly verdict: 'pass'
      readonly message: Message
      readonly claims: VerifiedToken | undefined
      readonly steps: readonly Step[]
    }
  | {
      readonly verdict: 'DENY' | 'UNAUTHENTICATED' | 'UNKNOWN'
      readonly status?: number
      readonly policy?: string
      readonly unknown: readonly Unmodelled[]
      readonly steps: readonly Step[]
    }

/** CUSTOM, token, DENY, ALLOW. See buildHTTPConnectionManager in pilot/pkg/networking/core/listener_builder.go of istio/istio. */
export function filterRequest(
  indexed: IndexedModel,
  workload: Workload,
  input: PolicyInput & { readonly message: Message },
  answers: AuthorizerAnswers,
  isRouted: boolean,
): Filtered {
  const custom = authorizeCustom(indexed, workload, input, answers, isRouted)
  if (custom.verdict !== 'pass') return refuseMessage(custom, custom.steps)
  const unmodelled = indexed.requestAuthenticationsOf(workload).flatMap(policy => policy.unmodelled)
  if (unmodelled.length > 0) return { verdict: 'UNKNOWN', unknown: unmodelled, steps: custom.steps }
  const verified = verifyToken(indexed, workload, input.message)
  const steps = [...custom.steps, ...verified.steps]
  if (!verified.passes) return { verdict: 'UNAUTHENTICATED', status: verified.status, unknown: [], steps }
  const { message, claims } = verified
  const decision = authorize(indexed, workload, { ...input, message, claims })
  const all = [...steps, ...decision.steps]
  return decision.verdict === 'pass'
    ? { verdict: 'pass', message, claims, steps: all }
    : refuseMessage(decision, all)
}

const refuseMessage = (
  { verdict, policy }: { readonly verdict: 'pass' | 'deny' | Unmodelled; readonly policy?: string },
  steps: readonly Step[],
): Filtered =>
  typeof verdict === 'string'
    ? { verdict: 'DENY', status: 403, ...(policy !== undefined && { policy }), unknown: [], steps }
    : { verdict: 'UNKNOWN', unknown: [verdict], steps }
