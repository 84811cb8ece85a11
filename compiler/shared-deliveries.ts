import type { Compilation } from './compilation.ts'
import { type DiagnosticDefinition, defineDiagnostic, type Place } from './diagnostics/diagnostic.ts'
import { type LocatedDiagnostic, locateDiagnostics } from './diagnostics/locate.ts'
import { findArgocdReasons } from './emit/argocd/argocd-files.ts'
import { isArgocdShared } from './emit/argocd/destination.ts'
import { controlPlaneProject, manifestsProject } from './emit/argocd/names.ts'
import type { Mesh } from './mesh/mesh.ts'
import type { Sourced } from './mesh/sourced.ts'

/** An environment that compiles, by the name of its folder. */
export interface NamedCompilation {
  readonly name: string
  readonly compilation: Compilation
}

const sharedDelivery = defineDiagnostic<{
  name: string
  otherName: string
  project?: string
  cluster: string
}>({
  code: 'MESH3904',
  severity: 'error',
  summary: 'No two environments share a cluster, or a name in Argo CD',
  message: p =>
    p.project === undefined
      ? `\`${p.name}\` is delivered to the same cluster as \`${p.otherName}\`, \`${p.cluster}\`: a sync of one reverts the other`
      : `\`${p.name}\` and \`${p.otherName}\` are both called \`${p.project}\` in Argo CD: each overwrites the Applications of the other`,
  help: p =>
    p.project === undefined
      ? 'deliver them to two clusters, or give each its own `istio.namespace` and namespaces'
      : 'set another `environment` in one; if each has its own Argo CD, set `delivery.argocd.url` in both',
})

/** The diagnostics that need several environments together. */
export const sharedDeliveryDiagnostics: readonly DiagnosticDefinition<never>[] = [sharedDelivery]

/**
 * Finds where an environment would overwrite an earlier one: AppProjects and Applications with one name in one Argo CD, or the
 * objects of one root namespace in one cluster. Two environments that are delivered to the cluster of their own Argo CD may have
 * different clusters.
 */
export function findSharedDeliveries(
  { name, compilation }: NamedCompilation,
  before: readonly NamedCompilation[],
): readonly LocatedDiagnostic[] {
  const { mesh, layers } = compilation
  if (findArgocdReasons(mesh) === undefined) return []
  const collisions = before.flatMap(({ name: otherName, compilation: { mesh: earlier, layers: theirs } }) => {
    if (findArgocdReasons(earlier) === undefined) return []
    const project = areApart(mesh, earlier)
      ? undefined
      : listProjects(mesh).find(givenProject => listProjects(earlier).includes(givenProject))
    if (project === undefined && !(isOneCluster(mesh, earlier) && areSame(mesh, earlier, getRoot))) return []
    const select = project === undefined ? getDelivery : getEnvironment
    const params = { name, otherName, cluster: mesh.delivery.cluster.value }
    const related = { location: theirs.locationOf(getDeliveryPlace(select(earlier))) }
    return sharedDelivery(
      getDeliveryPlace(select(mesh)),
      { ...params, ...(project !== undefined && { project }) },
      [{ at: related, message: `this is what \`${otherName}\` says` }],
    )
  })
  return locateDiagnostics(
    collisions,
    layers,
    layers.documents.map(({ source }) => source.name),
  )
}

/** Tells whether the specs deliver to different Argo CDs: their namespaces differ, or both set a URL and these differ. */
function areApart({ delivery: { argocd: argocdA } }: Mesh, { delivery: { argocd: argocdB } }: Mesh): boolean {
  const hasUrls = argocdA.url !== undefined && argocdB.url !== undefined
  return (
    argocdA.namespace.value !== argocdB.namespace.value ||
    (hasUrls && argocdA.url.value !== argocdB.url.value)
  )
}

/** Tells whether both deliver to the same cluster: a name has a meaning in one Argo CD only, a URL in all. */
const isOneCluster = (a: Mesh, b: Mesh) =>
  isArgocdShared(a) &&
  areSame(a, b, getDelivery) &&
  (!areApart(a, b) || a.delivery.cluster.value.startsWith('https://'))

const listProjects = (mesh: Mesh) => [manifestsProject(mesh).value, controlPlaneProject(mesh).value]

const getEnvironment = ({ environment }: Mesh) => environment
const getDelivery = ({ delivery }: Mesh) => delivery.cluster
const getRoot = ({ istio }: Mesh) => istio.namespace

const areSame = (a: Mesh, b: Mesh, select: (mesh: Mesh) => Sourced<string>) =>
  select(a).value === select(b).value

/** Finds the place of a value. A value that meshc decides follows from the folder, whose place is the name of the mesh. */
const getDeliveryPlace = ({ place }: Sourced<string>): Place =>
  place === undefined ? { path: ['mesh'], part: 'key' } : { path: place.path }
