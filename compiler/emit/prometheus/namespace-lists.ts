import type { Mesh, Namespace } from '../../mesh/mesh.ts'
import { because, type Sourced } from '../../mesh/sourced.ts'

/** The namespaces that services run in. */
export const listHomes = ({ namespaces }: Mesh): readonly Namespace[] =>
  namespaces.filter(({ hasServices }) => hasServices)

/**
 * Namespaces as a regular expression of PromQL. Every service and gateway with a namespace decides whether the namespace is in the
 * list, so each is an origin.
 */
export const matchNamespaces = (mesh: Mesh, namespaces: readonly Namespace[]): Sourced<string> =>
  because(
    namespaces.map(({ name }) => name.value).join('|'),
    ...namespaces.map(({ name }) => name),
    ...mesh.services.map(({ namespace }) => namespace),
    ...mesh.gateways.map(({ namespace }) => namespace),
  )
