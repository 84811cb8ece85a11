import * as assert from 'uvu/assert'
import type { Compilation } from '../../compiler/compilation.ts'

/** The parts of a Grafana dashboard that the tests read. */
interface Dashboard {
  readonly uid?: string
  readonly title: string
  readonly templating: { readonly list: readonly Variable[] }
  readonly panels: readonly Panel[]
}

interface Variable {
  readonly name: string
  readonly type: string
  readonly query: string
  readonly datasource?: { readonly uid: string }
}

export interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly datasource?: { readonly type: string; readonly uid: string }
  readonly targets?: readonly {
    readonly refId: string
    readonly expr: string
    readonly legendFormat: string
    readonly datasource: { readonly type: string; readonly uid: string }
  }[]
}

/**
 * Finds the dashboard of a mesh in the ConfigMap that Grafana's sidecar reads. Returns undefined without
 * Grafana.
 */
export function findDashboard(compilation: Compilation): Dashboard | undefined {
  const result = [...compilation.manifests()].filter(
    ({ path }) => path.startsWith('manifests/') && path.endsWith('.dashboard.yaml'),
  )
  const { dashboard } = compilation.mesh.observability
  assert.is(result.length, dashboard.hasGrafana.value ? 1 : 0)
  if (!dashboard.hasGrafana.value) return undefined
  // A ConfigMap from meshc has this form. Its schema is checked elsewhere.
  const { metadata, data } = result[0]!.object as {
    readonly metadata: { readonly labels: Readonly<Record<string, string>> }
    readonly data: Readonly<Record<string, string>>
  }
  for (const [name, { value }] of dashboard.labels) assert.is(metadata.labels[name], value)
  const [[file, text] = ['', ''], ...others] = Object.entries(data)
  assert.ok(file.endsWith('.json') && others.length === 0)
  return JSON.parse(text) as Dashboard
}

/** Returns the dashboard of a mesh. The mesh must have a dashboard. */
export function getDashboard(compilation: Compilation): Dashboard {
  const dashboard = findDashboard(compilation)
  assert.ok(dashboard !== undefined)
  return dashboard
}

/** Lists every PromQL expression of a dashboard. */
export const listQueries = (dashboard: Dashboard | undefined): readonly string[] =>
  (dashboard?.panels ?? []).flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
