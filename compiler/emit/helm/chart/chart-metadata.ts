import type { Mesh } from '../../../mesh/mesh.ts'

/** What Chart.yaml says. */
export interface ChartMetadata {
  readonly apiVersion: string
  readonly name: string
  readonly description: string
  readonly type: string
  readonly version: string
  readonly appVersion: string
  readonly icon: string
}

/** A chart is named after its mesh. Who publishes one gives it the version of the release: `helm package --version`. */
export const chartMetadata = ({ name, environment, istio }: Mesh): ChartMetadata => ({
  apiVersion: 'v2',
  name: name.value,
  description: `The service mesh ${name.value} in ${environment.value}`,
  type: 'application',
  version: '0.1.0',
  // What the objects are made for.
  appVersion: istio.version.value,
  icon: 'https://istio.io/latest/favicons/android-192x192.png',
})
