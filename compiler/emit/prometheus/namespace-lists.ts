import type { Mesh, Namespace } from '../../mesh/mesh.ts'
import { because, type Sourced } from '../../mesh/sourced.ts'

/** The namespaces that services run in. */
export const listHomes = ({ namespaces }: Mesh): readonly Namespace[] =>
  namespaces.filter(({ hasServices }) => hasServices)

/**
 * Namespaces as a regular expression of PromQL. That a namespace is in the list, or is not, is the doing of every
 * service and gateway that says where it is.
 */
export const matchNamespaces = (mesh: Mesh, namespaces: readonly Namespace[]): Sourced<string> =>
  because(
    namespaces.map(({ name }) => name.value).join('|'),
    ...namespaces.map(({ name }) => name),
    ...mesh.services.map(({ namespace }) => namespace),
    ...mesh.gateways.map(({ namespace }) => namespace),
  )
