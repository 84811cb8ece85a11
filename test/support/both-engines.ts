import { evaluate } from '../../compiler/behavior/evaluate/evaluate.ts'
import type { BehaviorModel } from '../../compiler/behavior/model.ts'
import { pairCallers } from '../../compiler/behavior/pairs/callers.ts'
import { enterGateway } from '../../compiler/behavior/symbolic/gateway-entry.ts'
import { indexModel } from '../../compiler/behavior/symbolic/indexed-model.ts'
import { isFate, makeRequestSpace } from '../../compiler/behavior/symbolic/request-space.ts'
import { buildSidecarTree } from '../../compiler/behavior/symbolic/sidecar-tree.ts'

/**
 * Lists the verdicts of both engines on the HTTP requests of a Deployment in the namespace `shop`, each verdict once. The name of the
 * Deployment is its label `app`.
 */
export function listVerdicts(
  model: BehaviorModel,
  caller: string,
  to: { readonly host: string; readonly port: number },
): readonly string[] {
  const { verdict } = evaluate(model, { from: { namespace: 'shop', labels: { app: caller } }, to })
  const indexed = indexModel(model)
  const { before } = pairCallers(indexed, indexed).find(
    ({ name }) => name.kind === 'workload' && name.name === caller,
  )!
  const tree = buildSidecarTree(indexed, before, { ...to, protocol: 'http' }, enterGateway)
  const { compile, diagrams } = makeRequestSpace([tree], 'BASE', [model])
  const ofSpace = diagrams.leaves(compile(tree)).map(leaf => {
    const value = diagrams.valueOf(leaf)
    return (typeof value === 'object' && isFate(value) && value.outcomes[0]?.verdict) || 'UNKNOWN'
  })
  return [...new Set([verdict, ...ofSpace])]
}
