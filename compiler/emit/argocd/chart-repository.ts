import type { Mesh } from '../../mesh/mesh.ts'
import type { Sourced } from '../../mesh/sourced.ts'

/** Chooses the repository of Istio's charts; Argo CD takes a registry without its scheme. */
export const chooseChartRepository = ({ istio }: Mesh): Sourced<string> =>
  istio.charts.map(charts => charts.replace(/^oci:\/\//, ''))
