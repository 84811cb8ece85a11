import type { Workload } from '../model.ts'
import type { AuthorizerAnswers } from '../request.ts'
import type { Step, Unmodelled } from '../result.ts'
import { authorize, authorizeCustom, type PolicyInput } from './authorization.ts'
import type { IndexedModel } from './indexed-model.ts'
import type { Message } from './message.ts'
import { type VerifiedToken, verifyToken } from './token.ts'

/** The result of the filters of a proxy that receives a request, before it is routed. */
interface Filtered {
  /** The answer of the filter that refuses the request; undefined: the request passes. */
  readonly refusal: Refusal | undefined
  /** The request and the claims that the filters know at the end. */
  readonly message: Message
  readonly claims: VerifiedToken | undefined
  readonly steps: readonly Step[]
}

interface Refusal {
  readonly verdict: 'DENY' | 'UNAUTHENTICATED' | 'UNKNOWN'
  readonly status?: number
  readonly policy?: string
  readonly unknown: readonly Unmodelled[]
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
  const refuse = (refusal: Refusal, steps: readonly Step[]): Filtered => ({
    refusal,
    message: input.message,
    claims: undefined,
    steps,
  })
  if (custom.verdict !== 'pass') return refuse(makeRefusal(custom), custom.steps)
  const unmodelled = indexed.requestAuthenticationsOf(workload).flatMap(policy => policy.unmodelled)
  if (unmodelled.length > 0) return refuse({ verdict: 'UNKNOWN', unknown: unmodelled }, custom.steps)
  const verified = verifyToken(indexed, workload, input.message)
  const steps = [...custom.steps, ...verified.steps]
  if (!verified.passes)
    return refuse({ verdict: 'UNAUTHENTICATED', status: verified.status, unknown: [] }, steps)
  const { message, claims } = verified
  const decision = authorize(indexed, workload, { ...input, message, claims })
  const refusal = decision.verdict === 'pass' ? undefined : makeRefusal(decision)
  return { refusal, message, claims, steps: [...steps, ...decision.steps] }
}

const makeRefusal = ({
  verdict,
  policy,
}: {
  readonly verdict: 'pass' | 'deny' | Unmodelled
  readonly policy?: string
}): Refusal =>
  typeof verdict === 'string'
    ? { verdict: 'DENY', status: 403, ...(policy !== undefined && { policy }), unknown: [] }
    : { verdict: 'UNKNOWN', unknown: [verdict] }
