import type { Ask } from '../../compiler/behavior/budget.ts'
import { evaluate, makeUnknownResult } from '../../compiler/behavior/index.ts'
import { listAskedProviders } from '../../compiler/behavior/request-words.ts'
import type { Result, Step } from '../../compiler/behavior/result.ts'
import type { MeshAtHand } from './mesh.ts'
import { parseRequests, type RequestWords } from './request-typed.ts'
import { shareAnswer } from './shared-answer.ts'
import { type RefusedTrace, traceJson } from './trace-json.ts'

/**
 * Follows the request that words describe. All workloads of a word must get the same result.
 *
 * @throws Failure if the words have no meaning, or several meanings with different results
 */
export function traceRequests(words: RequestWords, mesh: MeshAtHand, ask: Ask) {
  const answers = parseRequests(words, mesh).map(({ request, target, caller }) => {
    const result = ask(
      () => evaluate(mesh.model, request),
      reason => makeUnknownResult(mesh.model, request, reason),
    )
    // An answer that the call gives is the only one.
    const authorizers = words.extAuthz === undefined ? listAuthorizers(result) : []
    const refusals = authorizers.map(
      ({ name, authorizer }): RefusedTrace => ({
        name,
        authorizer,
        result: ask(
          () => evaluate(mesh.model, { ...request, extAuthz: [authorizer] }),
          reason => makeUnknownResult(mesh.model, request, reason),
        ),
      }),
    )
    const { to, path } = request
    const owned =
      caller === undefined && path !== undefined
        ? mesh.findPathOwner?.(to.host, path.replace(/[?#].*/, ''))
        : undefined
    const json = traceJson(request, result, mesh, refusals, owned)
    const name = caller ?? result.client
    return {
      name,
      caller,
      request,
      target,
      result,
      refusals,
      owned,
      json,
      comparable: { ...json, request: {}, client: '' },
    }
  })
  const shared = shareAnswer({ word: words.from ?? '', what: '--from' }, answers)
  return { ...shared, names: answers.map(({ name }) => name) }
}

/** Lists the authorizers that check a request on its way, each once. */
const listAuthorizers = (result: Result): readonly NonNullable<Step['asks']>[] => [
  ...new Map(listAskedProviders(result).map(asks => [asks.authorizer, asks])).values(),
]
