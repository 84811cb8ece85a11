import type { ModelObject } from '../behavior/model.ts'
import { isMap } from '../behavior/read/values.ts'
import type { Claim, Field } from './claim.ts'
import type { ForeignMesh } from './foreign-mesh.ts'
import { readMap, readMaps, readObjectSpec, type Tree } from './read-object-spec.ts'
import { printDuration } from './rules.ts'

/** Sets that meshc writes no monitors. */
export const withoutMonitoring: Claim = {
  objects: [],
  fields: [{ path: ['observability', 'prometheus'], value: 'off' }],
}

/**
 * Claims the monitors, alerts and objectives of a mesh, and its Kiali. They are accepted or rejected together: the spec emits all of
 * them if it has an operator for some. If they are rejected, they stay in their files.
 */
export function claimMonitoring({ others, serviceByHost }: ForeignMesh): readonly Claim[] {
  const find = (kind: string, name: string, namespace?: string) =>
    others.find(
      object =>
        object.kind === kind &&
        object.name === name &&
        (namespace === undefined || object.namespace === namespace),
    )
  const monitor = find('PodMonitor', 'envoy-stats')
  const alerts = find('PrometheusRule', 'mesh', monitor?.namespace)
  if (monitor === undefined || alerts === undefined) return [withoutMonitoring]
  const home = monitor.namespace
  const kiali = find('Kiali', 'kiali', home)
  const objectives = others.filter(
    ({ kind, name, namespace }) => kind === 'PrometheusRule' && namespace === home && name.includes('.'),
  )
  const further = [
    find('ServiceMonitor', 'istiod', home),
    find('PrometheusRule', 'objectives', home),
    kiali,
  ].filter(object => object !== undefined)
  return [
    withoutMonitoring,
    {
      objects: [monitor, alerts, ...objectives, ...further],
      isExact: true,
      fields: [
        ...describePrometheus(monitor, kiali),
        ...describeLinks(alerts),
        ...(kiali === undefined ? [] : describeKiali(readObjectSpec(kiali))),
        ...objectives.flatMap(rules => describeObjective(readObjectSpec(rules), serviceByHost)),
      ],
    },
  ]
}

/** Describes the scraping of metrics. The labels by which Prometheus selects its monitors are those that only its monitors have. */
function describePrometheus(monitor: ModelObject, kiali: ModelObject | undefined): readonly Field[] {
  const { metadata } = monitor.source!.value as { readonly metadata: Tree }
  const labels = Object.entries(readMap(metadata, 'labels')).filter(
    ([key]) => !['app.kubernetes.io/managed-by', 'app.kubernetes.io/part-of'].includes(key),
  )
  const [{ interval } = {}] = readMaps(readObjectSpec(monitor), 'podMetricsEndpoints') as readonly Tree[]
  const url = kiali && readMap(readMap(readObjectSpec(kiali), 'external_services'), 'prometheus')['url']
  const prometheus = {
    ...(url !== undefined && { url }),
    ...(labels.length > 0 && { selectorLabels: Object.fromEntries(labels) }),
    ...(interval !== '15s' && { interval }),
  }
  const path = ['observability', 'prometheus']
  return [
    { path, value: undefined },
    ...(Object.keys(prometheus).length === 0 ? [] : [{ path, value: prometheus }]),
  ]
}

/** Describes the links of alerts to the runbook and the dashboard. */
function describeLinks(alerts: ModelObject): readonly Field[] {
  const [annotations = {}] = readMaps(readObjectSpec(alerts), 'groups')
    .flatMap(group => readMaps(group, 'rules'))
    .map(rule => readMap(rule, 'annotations'))
  const {
    runbook,
    runbook_url: url,
    dashboard_url: dashboard,
  } = annotations as Readonly<Record<string, string | undefined>>
  const ofRunbook = /^(?:(.*)\/)?out\/[^/]+\/docs\/RUNBOOK\.md#/
  const [, folder] = ofRunbook.exec(runbook ?? '') ?? []
  const [, root] = ofRunbook.exec(url ?? '') ?? []
  const [, grafana] = /^(.*)\/d\/[^/]+$/.exec(dashboard ?? '') ?? []
  const set = (path: readonly string[], value: unknown): readonly Field[] =>
    value === undefined ? [] : [{ path, value }]
  return [
    ...set(['delivery', 'path'], folder),
    ...set(['delivery', 'outputs'], runbook === undefined && url === undefined ? ['chart'] : undefined),
    ...set(['observability', 'links', 'runbooks'], root),
    ...set(['observability', 'links', 'grafana'], grafana),
  ]
}

function describeKiali(spec: Tree): readonly Field[] {
  const services = readMap(spec, 'external_services')
  const [grafana, tracing] = [readMap(services, 'grafana'), readMap(services, 'tracing')]
  const set = (path: readonly string[], value: unknown): readonly Field[] =>
    value === undefined ? [] : [{ path: ['observability', ...path], value }]
  return [
    { path: ['observability', 'kiali'], value: {} },
    ...set(['kiali', 'grafana'], grafana['internal_url']),
    ...set(['kiali', 'tracing'], tracing['internal_url']),
    ...set(['kiali', 'login'], readMap(spec, 'auth')['strategy'] === 'anonymous' ? 'anonymous' : undefined),
    ...set(['links', 'grafana'], grafana['external_url']),
    ...set(['links', 'traces'], tracing['external_url']),
  ]
}

/** Describes the objective of a service, from the records of its error budget and of its errors. */
function describeObjective(rules: Tree, serviceByHost: ForeignMesh['serviceByHost']): readonly Field[] {
  const all = readMaps(rules, 'groups').flatMap(group => readMaps(group, 'rules'))
  return all.flatMap(({ record, expr, labels }): readonly Field[] => {
    if (!isMap(labels) || typeof expr !== 'string') return []
    const { service, namespace, objective, owner } = labels as Readonly<Record<string, string>>
    const key = serviceByHost.get(`${service}.${namespace}.svc.cluster.local`)?.key
    if (key === undefined) return []
    const set = (value: unknown, ...path: readonly string[]): Field => ({
      path: ['services', key, ...path],
      value,
    })
    const [, budget] = /^vector\((.*)\)$/.exec(expr) ?? []
    if (record === 'mesh:objective_budget:ratio' && objective === 'availability')
      return [
        ...(owner === undefined ? [] : [set(owner, 'owner')]),
        set(`${(10_000 - Math.round(Number(budget) * 10_000)) / 100}%`, 'objective', 'availability'),
      ]
    const [, quantile] = /^latency-(p\d+)$/.exec(objective ?? '') ?? []
    const [, bound] = /,le=~"(\d+)\|/.exec(expr) ?? []
    if (record !== 'mesh:objective_missed:rate5m' || quantile === undefined || bound === undefined) return []
    return [
      ...(owner === undefined ? [] : [set(owner, 'owner')]),
      set(printDuration(Number(bound)), 'objective', 'latency', quantile),
    ]
  })
}
