import type { Rule } from '../../../schema/generated/prometheus-rule.ts'
import type { Mesh, Service } from '../../mesh/mesh.ts'
import { because, text } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest, makeManifest } from '../manifest.ts'
import type { Bare, Sourceable } from '../sourceable.ts'
import { series } from './objective-alerts.ts'
import type { Promised } from './promise.ts'

/**
 * Emits the records of a service that states an objective: its requests, those that missed it, and how many may.
 */
export function emitServiceRules(
  mesh: Mesh,
  service: Service,
  promises: readonly Promised[],
): readonly Manifest[] {
  if (promises.length === 0) return []
  const name = nameRules(service)
  const { selectorLabels, hasOperator } = mesh.observability.prometheus
  const labels = labelRecord(selectorLabels)
  const reasons = promises.map(({ written }) => written)
  const group = { name, rules: promises.flatMap(promised => listRules(service, promised)) }
  return [
    makeManifest(
      mesh,
      'PrometheusRule',
      {
        name,
        namespace: mesh.home,
        policy: 'policy:objectives',
        labels,
        reasons: [...reasons, hasOperator],
      },
      { groups: [because(group, ...reasons)] },
    ),
  ]
}

function listRules(service: Service, promised: Promised): readonly Sourceable<Rule>[] {
  const labels = makeObjectiveLabels(service, promised)
  const rules: readonly Bare<Rule>[] = [
    { record: series.requests, expr: promised.requests, labels },
    { record: series.missed, expr: promised.missed, labels },
    { record: series.budget, expr: text`vector(${promised.budget})`, labels },
  ]
  return rules.map(rule => because(rule, promised.written))
}

/** The labels of every series about an objective, and so of its alerts. */
export const makeObjectiveLabels = ({ name, namespace, owner }: Service, promised: Promised) => ({
  service: name,
  namespace,
  ...(owner !== undefined && { owner }),
  objective: promised.name,
})

/** Names the rules about a service: no name of a service has a dot. */
export const nameRules = ({ name, namespace }: Service) => text`${name}.${namespace}`
