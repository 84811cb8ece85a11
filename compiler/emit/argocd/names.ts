import type { ControlPlane, Mesh } from '../../mesh/mesh.ts'
import { because, type Sourced, text } from '../../mesh/sourced.ts'

/** The file of the Application that brings the others, below `out/<env>/`. */
export const rootFile = 'argocd/root.yaml'

/** `shop-prod`, or `shop-prod-<cluster>`: the project for objects from the git repository. */
export const manifestsProject = ({ name, environment, cluster }: Mesh): Sourced<string> =>
  cluster === undefined ? text`${name}-${environment}` : text`${name}-${environment}-${cluster.name}`

/** `shop-prod-control-plane`: the project for objects from Istio's charts. */
export const controlPlaneProject = (mesh: Mesh): Sourced<string> =>
  text`${manifestsProject(mesh)}-control-plane`

/** `shop-prod-<part>`: the Application of a part of the environment. */
export const applicationName = (mesh: Mesh, part: Sourced<string>): Sourced<string> =>
  text`${manifestsProject(mesh)}-${part}`

/** The Helm release of istiod. Each revision has its own, so that an older one serves until no proxy uses it. */
export const istiodRelease = ({ revision }: Pick<ControlPlane, 'revision'>): Sourced<string> =>
  revision === undefined
    ? because('istiod', 'policy:application')
    : text`${because('istiod', 'policy:application')}-${revision}`
