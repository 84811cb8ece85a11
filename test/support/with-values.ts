import type { MeshFile } from '../../schema/spec/mesh.ts'
import type { ChartValues } from '../arbitraries/chart-values.ts'
import type { Spec } from '../arbitraries/mesh.ts'
import type { Declared } from './declared.ts'

const layerEntry = 'spec/changed/mesh.yaml'

/**
 * Puts a layer on top of a spec that sets the values of a chart and the chart itself. In a spec with
 * clusters, the file of the cluster is the highest layer, so the values are merged into that file.
 */
export function withValues(
  { entry, documents }: Spec,
  { spec: merged }: Declared,
  values: ChartValues,
): Spec {
  const services = Object.entries(values.services ?? {}).map(([key, { routes: changed, ...rest }]) => {
    const routes = merged.services?.[key]?.routes?.map(route => merge(route, changed?.[route.name] ?? {}))
    return [key, { ...rest, ...(changed !== undefined && routes !== undefined && { routes }) }]
  })
  const layer = {
    meshc: 'v1',
    delivery: {
      outputs: ['argocd', 'chart'],
      repository: 'https://git.example.com/platform/mesh.git',
      path: 'out/prod',
    },
    ...values,
    services: Object.fromEntries(services),
  }
  const below = documents[entry]
  const [file, text] =
    merged.clusters === undefined
      ? [layerEntry, { ...layer, extends: '../prod/mesh.yaml', environment: merged.environment ?? 'prod' }]
      : [entry, { ...below, ...layer, istio: { ...below?.istio, ...values.istio } }]
  // The values are words of the language.
  return { entry: file, documents: { ...documents, [file]: text as MeshFile } }
}

/**
 * Merges a map into another map like a layer: null removes a value. Lists are replaced, although layers merge
 * them.
 */
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
