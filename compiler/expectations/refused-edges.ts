import type { Limits } from '../behavior/budget.ts'
import { limitQuestions, makeReachFinder } from '../behavior/index.ts'
import type { BehaviorModel } from '../behavior/model.ts'
import type { Reached } from '../behavior/reach/reach.ts'
import { describeFullRequest } from '../behavior/request-words.ts'
import type { Result } from '../behavior/result.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { nameCaller } from '../mesh/caller.ts'
import type { Allow, Mesh, Service } from '../mesh/mesh.ts'
import { printMatch } from '../mesh/string-match.ts'
import { isSpeaker, listAssumedCallers } from './callers.ts'
import type { Compiled } from './compiled.ts'
import { edgeRefused } from './diagnostics.ts'

/**
 * Finds the edges of `allow` whose requests all fail because a policy of the surroundings denies them. Only policies of the root
 * namespace and of the namespaces of the spec can.
 */
export function findRefusedEdges(
  { mesh, surroundings }: Compiled,
  model: BehaviorModel,
  limits: Limits,
): readonly Diagnostic[] {
  if (!mayRefuse(mesh)) return []
  const ask = limitQuestions(limits)
  const reach = makeReachFinder(model)
  const owned = new Set<unknown>(surroundings)
  // An open service declares no edge.
  const closed = mesh.services.filter(({ isOpen }) => !isOpen)
  return closed.flatMap(service =>
    service.allow.flatMap(allow =>
      ask<readonly Diagnostic[]>(
        () => {
          const refusal = findRefusal(service, allow)
          return refusal === undefined ? [] : [refusal]
        },
        () => [],
      ),
    ),
  )

  function findRefusal(service: Service, allow: Allow): Diagnostic | undefined {
    const { namespace, selector } = service
    const ports = (allow.ports.length > 0 ? allow.ports.map(({ port }) => port) : service.ports).map(
      ({ target }) => target.value,
    )
    const labels = Object.fromEntries(selector.map(([key, { value }]) => [key, value]))
    const [path] = allow.paths
    const reached = reach({
      to: { workloads: [{ namespace: namespace.value, labels, ports }] },
      method: allow.methods[0]?.value,
      path: path && printMatch(path.value),
      headers: [],
      token: undefined,
      isAsked: caller => isSpeaker(mesh, allow.from, caller),
      assumedCallers: listAssumedCallers(allow.from),
      includesRefused: true,
    })
    if (reached.some(({ through, unknown }) => through !== undefined || unknown.length > 0)) return undefined
    return makeRefusal(service, allow, reached)
  }

  /** A request that the policy of another owner denies. */
  function makeRefusal(service: Service, allow: Allow, reached: readonly Reached[]): Diagnostic | undefined {
    for (const { refused } of reached) {
      const policy = refused && findDenyingObject(refused.result)
      if (refused === undefined || policy?.source === undefined || !owned.has(policy.source)) continue
      const { file, line } = policy.source
      return edgeRefused(
        { path: allow.origin.path },
        {
          from: nameCaller(allow.from),
          to: service.key,
          request: describeFullRequest(refused.request),
          policy: `${policy.kind} \`${policy.namespace}/${policy.name}\``,
          place: `${file}:${line}`,
        },
      )
    }
    return undefined
  }
}

/** Tells whether a policy of the surroundings applies to a workload of the spec. */
const mayRefuse = ({ surroundings, istio, namespaces }: Mesh): boolean => {
  const reached = new Set([istio.namespace.value, ...namespaces.map(({ name }) => name.value)])
  return surroundings.policies.some(({ namespace }) => reached.has(namespace))
}

/** Finds the policy that denies a request. */
const findDenyingObject = ({ outcomes }: Result) =>
  outcomes
    .filter(({ verdict }) => verdict === 'DENY')
    .flatMap(({ steps }) => steps.filter(({ step }) => step === 'deny policy' || step === 'custom policy'))
    .flatMap(({ at }) => at)
    .at(0)?.object
