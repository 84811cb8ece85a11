import type { RuleGroup } from '../../../schema/generated/prometheus-rule.ts'
import { weakMemo } from '../../basics/weak-memo.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { because, decided, type Reason } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'
import { makeAlertRule, type ProvenAlert } from './alert.ts'
import { makeControlPlaneAlerts } from './control-plane-alerts.ts'
import { makeGatewayAlerts } from './gateway-alerts.ts'
import { burnRates, makeObjectiveGroups } from './objective-alerts.ts'
import { listPromises } from './promise.ts'
import { makeTrafficAlerts } from './traffic-alerts.ts'

// The names of the objects; those about services have a dot.
const meshName = 'mesh'
export const objectivesName = 'objectives'

/** Makes every alert of a mesh but those about objectives, by the group it is evaluated in. */
export const makeMeshAlerts = weakMemo((mesh: Mesh): Readonly<Record<string, readonly ProvenAlert[]>> => {
  const groups = {
    'control-plane': mesh.istio.install.value === 'charts' ? makeControlPlaneAlerts(mesh) : [],
    traffic: makeTrafficAlerts(mesh),
    gateways: makeGatewayAlerts(mesh),
  }
  return Object.fromEntries(Object.entries(groups).filter(([, alerts]) => alerts.length > 0))
})

/** The rules for the mesh as a whole: its alerts, and the common rules of all objectives. */
export function emitMeshRules(mesh: Mesh): readonly Manifest[] {
  const groups = Object.entries(makeMeshAlerts(mesh)).map(([name, alerts]): Sourceable<RuleGroup> => {
    const group = { name, rules: alerts.map(alert => makeAlertRule(mesh, alert)) }
    // While it has one alert, it is there for the same reasons.
    return because(group, ...(alerts[0]?.reasons ?? []))
  })
  return [
    ...(groups.length === 0 ? [] : [prometheusRule(mesh, meshName, groups)]),
    ...emitObjectiveRules(mesh),
  ]
}

/** The common rules of all objectives, if a service has one. */
export function emitObjectiveRules(mesh: Mesh): readonly Manifest[] {
  const promised = findFirstPromise(mesh)
  return promised === undefined
    ? []
    : [prometheusRule(mesh, objectivesName, makeObjectiveGroups(mesh), promised)]
}

/** The names of all alerts of a mesh, each once: the headings of its runbook. */
export function listAlertNames(mesh: Mesh): ReadonlySet<string> {
  if (!mesh.observability.prometheus.hasOperator.value) return new Set()
  const alerts = Object.values(makeMeshAlerts(mesh)).flat()
  const burning = findFirstPromise(mesh) === undefined ? [] : burnRates.map(({ alert }) => alert)
  return new Set([...alerts.map(({ name }) => name), ...burning])
}

/**
 * Finds the promise of the first service with an objective: while it is there, there is something to watch.
 */
export function findFirstPromise({ services, observability }: Mesh): Reason | undefined {
  if (!observability.prometheus.hasOperator.value) return undefined
  for (const service of services) {
    const [promised] = listPromises(service)
    if (promised !== undefined) return promised.written
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
  const { selectorLabels, hasOperator } = mesh.observability.prometheus
  const identity = { name: decided(policy, name), namespace: mesh.home, policy } as const
  return makeManifest(
    mesh,
    'PrometheusRule',
    { ...identity, labels: labelRecord(selectorLabels), reasons: [...reasons, hasOperator] },
    because({ groups }, ...reasons),
  )
}
