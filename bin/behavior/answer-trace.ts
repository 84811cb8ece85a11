import type { Ask } from '../../compiler/behavior/budget.ts'
import { evaluate, makeUnknownResult } from '../../compiler/behavior/index.ts'
import type { MeshAtHand } from './mesh.ts'
import { parseRequests, type RequestWords } from './request-typed.ts'
import { shareAnswer } from './shared-answer.ts'
import { traceJson } from './trace-json.ts'

/**
 * Follows the request that words mean. All workloads that the words name must fare alike.
 *
 * @throws Failure where the words mean nothing, or several things that fare differently
 */
export function answerTrace(words: RequestWords, mesh: MeshAtHand, ask: Ask) {
  const answers = parseRequests(words, mesh).map(({ request, target, caller }) => {
    const result = ask(
      () => evaluate(mesh.model, request),
      reason => makeUnknownResult(mesh.model, request, reason),
    )
    const json = traceJson(request, result, mesh)
    const name = caller ?? result.client
    return { name, caller, request, target, result, json, comparable: { ...json, request: {}, client: '' } }
  })
  const shared = shareAnswer({ word: words.from ?? '', what: '--from' }, answers)
  return { ...shared, names: answers.map(({ name }) => name) }
}
