import type { Mesh } from '../../mesh/mesh.ts'
import { because, type Sourced, text } from '../../mesh/sourced.ts'

/**
 * Makes the key by which Grafana knows the dashboard of a mesh; undefined where that would be too long, and Grafana finds one
 * of its own.
 */
export function dashboardUid({ name, environment }: Mesh): Sourced<string> | undefined {
  const uid = text`meshc-${name}-${environment}`
  return uid.value.length <= 40 ? uid : undefined
}

/** Makes the address of the dashboard for people; undefined without a dashboard, or if the spec has no address of Grafana. */
export function dashboardUrl(mesh: Mesh): Sourced<string> | undefined {
  const { dashboard, links } = mesh.observability
  const { hasGrafana } = dashboard
  if (!hasGrafana.value) return undefined
  const { grafana } = links
  const uid = dashboardUid(mesh)
  return grafana && uid && because(text`${grafana.map(url => url.replace(/\/$/, ''))}/d/${uid}`, hasGrafana)
}
