import type { BehaviorModel } from '../model.ts'
import type { Request } from '../request.ts'
import type { LimitReason, Result } from '../result.ts'
import { findCaller } from './evaluate.ts'
import { indexModel } from './indexed-model.ts'

/** The result of a request if the question passes a limit. */
export function makeUnknownResult(model: BehaviorModel, request: Request, reason: LimitReason): Result {
  const { namespace, name, proxy } = findCaller(indexModel(model), request)
  const { object } = model.settings
  return {
    client: `${namespace}/${name}`,
    mode:
      request.from.gateway !== undefined
        ? 'gateway'
        : request.plaintext || proxy === 'none'
          ? 'none'
          : 'sidecar',
    outcomes: [],
    verdict: 'UNKNOWN',
    unknown: [{ object, path: [], reason }],
    steps: [],
  }
}
