import type { Mesh } from '../../../mesh/mesh.ts'
import { decided, type Sourced, text } from '../../../mesh/sourced.ts'

/** The content of Chart.yaml. */
export interface ChartMetadata {
  readonly apiVersion: Sourced<string>
  readonly name: Sourced<string>
  readonly description: Sourced<string>
  readonly type: Sourced<string>
  readonly version: Sourced<string>
  readonly appVersion: Sourced<string>
  readonly icon: Sourced<string>
}

/**
 * A chart is named after its mesh. The publisher of a chart gives it the version of the release: `helm
 * package --version`.
 */
export const makeChartMetadata = ({ name, environment, istio }: Mesh): ChartMetadata => ({
  apiVersion: decided('policy:chart', 'v2'),
  name,
  description: text`The service mesh ${name} in ${environment}`,
  type: decided('policy:chart', 'application'),
  version: decided('policy:chart', '0.1.0'),
  // The version of Istio that the objects are made for.
  appVersion: istio.version,
  icon: decided('policy:chart', 'https://istio.io/latest/favicons/android-192x192.png'),
})
