import { listInstalledGateways } from '../../mesh/installed-gateways.ts'
import type { Dashboard, Mesh } from '../../mesh/mesh.ts'
import { because, text } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest, makeConfigMapManifest } from '../manifest.ts'
import { findFirstPromise } from '../prometheus/mesh-rules.ts'
import { listHomes, matchNamespaces } from '../prometheus/namespace-lists.ts'
import { dashboardUid } from './dashboard-url.ts'
import { makeRows, type Panel } from './panels.ts'

/** The dashboard of a mesh, in a ConfigMap that Grafana's sidecar finds by its label. */
export function emitDashboard(mesh: Mesh, { hasGrafana, labels, folder }: Dashboard): Manifest {
  const { name, environment, home, istio, namespaces, services } = mesh
  const policy = 'policy:dashboard'
  const promised = findFirstPromise(mesh)
  const json = `${JSON.stringify(model(mesh, promised !== undefined), undefined, 2)}\n`
  const reasons = [
    name,
    environment,
    istio.namespace,
    matchNamespaces(mesh, namespaces),
    ...listInstalledGateways(mesh).map(({ workload }) => workload),
    ...(promised === undefined ? [mesh.observability.prometheus.hasOperator] : [promised]),
    // The row about versions is there because of the first service that has several.
    ...(services.find(({ versions }) => versions.length > 1)?.versions ?? []).map(({ origin }) => origin),
  ]
  return makeConfigMapManifest(
    mesh,
    {
      name: text`${name}-dashboard`,
      namespace: home,
      policy,
      labels: labelRecord(labels),
      reasons: [hasGrafana],
    },
    { [`${name.value}.json`]: because(json, ...reasons) },
    folder && { grafana_folder: folder },
  )
}

/** See https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/ */
function model(mesh: Mesh, hasObjectives: boolean): object {
  const { name, environment } = mesh
  const uid = dashboardUid(mesh)?.value
  return {
    ...(uid !== undefined && { uid }),
    title: `${name.value} (${environment.value})`,
    description: 'Built by meshc: what is changed here is lost with the next build.',
    tags: ['istio', 'meshc'],
    schemaVersion: 39,
    editable: false,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: { list: makeVariables(listHomes(mesh).map(({ name }) => name.value)) },
    panels: laidOut(makeRows(mesh, hasObjectives)),
  }
}

const datasource = { type: 'prometheus', uid: '$datasource' } as const

/** The variables that a reader chooses: the data source, and the selection of metrics. */
const makeVariables = (namespaces: readonly string[]): readonly object[] => [
  { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' },
  {
    name: 'namespace',
    label: 'Namespace',
    type: 'custom',
    query: namespaces.join(','),
    multi: true,
    includeAll: true,
    current: { text: ['All'], value: ['$__all'] },
  },
  {
    name: 'service',
    label: 'Service',
    type: 'query',
    datasource,
    query:
      'label_values(istio_requests_total{destination_service_namespace=~"$namespace"}, destination_service_name)',
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: ['All'], value: ['$__all'] },
  },
]

const dashboardWidth = 24
const height = 8

/** Rows one below the other, with three panels side by side. */
function laidOut(all: ReturnType<typeof makeRows>): readonly object[] {
  let id = 0
  let y = 0
  return all.flatMap(({ title, panels }) => {
    const heading = {
      id: ++id,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y: y++, w: dashboardWidth, h: 1 },
    }
    const columns = Math.min(3, panels.length)
    const placed = panels.map((panel, index) => {
      const x = ((index % columns) * dashboardWidth) / columns
      const gridPos = {
        x,
        y: y + Math.floor(index / columns) * height,
        w: dashboardWidth / columns,
        h: height,
      }
      return panelModel(panel, ++id, gridPos)
    })
    y += Math.ceil(panels.length / columns) * height
    return [heading, ...placed]
  })
}

const panelModel = (
  { title, description, unit, isSigned, queries }: Panel,
  id: number,
  gridPos: object,
): object => ({
  id,
  type: 'timeseries',
  title,
  description,
  datasource,
  gridPos,
  fieldConfig: { defaults: { unit, ...(isSigned !== true && { min: 0 }) }, overrides: [] },
  options: { tooltip: { mode: 'multi', sort: 'desc' }, legend: { displayMode: 'list', placement: 'bottom' } },
  targets: queries.map(({ expr, legend }, index) => ({
    refId: String.fromCharCode(65 + index),
    datasource,
    expr,
    legendFormat: legend,
  })),
})
