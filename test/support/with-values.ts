import type { MeshFile } from '../../schema/spec/mesh.ts'
import type { ChartValues } from '../arbitraries/chart-values.ts'
import type { Spec } from '../arbitraries/mesh.ts'
import type { Declared } from './declared.ts'

const entry = 'spec/changed/mesh.yaml'

/** A spec under one layer more, which says what the values of a chart say, and that there is a chart. */
export function withValues(spec: Spec, { spec: merged }: Declared, values: ChartValues): Spec {
  const services = Object.entries(values.services ?? {}).map(([key, { routes: changed, ...rest }]) => {
    const routes = merged.services?.[key]?.routes?.map(route => merge(route, changed?.[route.name] ?? {}))
    return [key, { ...rest, ...(changed !== undefined && routes !== undefined && { routes }) }]
  })
  const layer = {
    meshc: 'v1',
    extends: '../prod/mesh.yaml',
    environment: merged.environment ?? 'prod',
    delivery: {
      outputs: ['argocd', 'chart'],
      repository: 'https://git.example.com/platform/mesh.git',
      path: 'out/prod',
    },
    ...values,
    services: Object.fromEntries(services),
  }
  // The values are words of the language.
  return { entry, documents: { ...spec.documents, [entry]: layer as MeshFile } }
}

/** A map with another merged into it, as a layer is: null takes away. Lists, unlike maps, are not merged by layers. */
function merge(below: unknown, above: unknown): unknown {
  if (!isMap(above)) return above
  const merged: Record<string, unknown> = isMap(below) ? { ...below } : {}
  for (const [key, value] of Object.entries(above)) {
    if (value === null) delete merged[key]
    else merged[key] = merge(merged[key], value)
  }
  return merged
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
