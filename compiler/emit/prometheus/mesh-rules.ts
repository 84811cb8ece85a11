import type { RuleGroup } from '../../../schema/generated/prometheus-rule.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { because, decided, type Reason } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest, manifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'
import { alertRule, type ProvenAlert } from './alert.ts'
import { controlPlaneAlerts } from './control-plane-alerts.ts'
import { gatewayAlerts } from './gateway-alerts.ts'
import { burnRates, objectiveGroups } from './objective-alerts.ts'
import { promisesOf } from './promise.ts'
import { trafficAlerts } from './traffic-alerts.ts'

// The names of the objects; those about services have a dot.
export const meshName = 'mesh'
export const objectivesName = 'objectives'

/** Every alert of a mesh but those about objectives, by the group it is evaluated in. */
export function meshAlerts(mesh: Mesh): Readonly<Record<string, readonly ProvenAlert[]>> {
  const groups = {
    'control-plane': controlPlaneAlerts(mesh),
    traffic: trafficAlerts(mesh),
    gateways: gatewayAlerts(mesh),
  }
  return Object.fromEntries(Object.entries(groups).filter(([, alerts]) => alerts.length > 0))
}

/** The rules that are about the mesh as a whole: its alerts, and what all objectives have in common. */
export function meshRules(mesh: Mesh): readonly Manifest[] {
  const groups = Object.entries(meshAlerts(mesh)).map(([name, alerts]): Sourceable<RuleGroup> => {
    const group = { name, rules: alerts.map(alert => alertRule(mesh, alert)) }
    // While it has one alert, it is there for the same reasons.
    return because(group, ...(alerts[0]?.reasons ?? []))
  })
  const promised = firstPromise(mesh)
  return [
    prometheusRule(mesh, meshName, groups),
    ...(promised === undefined
      ? []
      : [prometheusRule(mesh, objectivesName, objectiveGroups(mesh), promised)]),
  ]
}

/** The names of all alerts of a mesh, each once: the headings of its runbook. */
export function alertNames(mesh: Mesh): ReadonlySet<string> {
  if (!mesh.observability.prometheus.hasOperator.value) return new Set()
  const alerts = Object.values(meshAlerts(mesh)).flat()
  const burning = firstPromise(mesh) === undefined ? [] : burnRates.map(({ alert }) => alert)
  return new Set([...alerts.map(({ name }) => name), ...burning])
}

/** What the first service with an objective promises: while it does, there is something to watch. */
export function firstPromise({ services, observability }: Mesh): Reason | undefined {
  if (!observability.prometheus.hasOperator.value) return undefined
  for (const service of services) {
    const [promised] = promisesOf(service)
    if (promised !== undefined) return promised.said
  }
  return undefined
}

function prometheusRule(
  mesh: Mesh,
  name: string,
  groups: readonly Sourceable<RuleGroup>[],
  ...reasons: readonly Reason[]
): Manifest {
  const policy = reasons.length === 0 ? 'policy:alerts' : 'policy:objectives'
  const labels = labelRecord(mesh.observability.prometheus.selectorLabels)
  return manifest(
    mesh,
    'PrometheusRule',
    { name: decided(policy, name), namespace: mesh.istio.namespace, policy, labels, reasons },
    because({ groups }, ...reasons),
  )
}
