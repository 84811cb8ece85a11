import type { Mesh } from '../../mesh/mesh.ts'
import type { Sourced } from '../../mesh/sourced.ts'

/** Where Istio's charts come from; Argo CD takes a registry without its scheme. */
export const chooseChartRepository = ({ istio }: Mesh): Sourced<string> =>
  istio.charts.map(charts => charts.replace(/^oci:\/\//, ''))
