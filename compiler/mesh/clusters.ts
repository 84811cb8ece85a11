import type { Mesh } from './mesh.ts'

/** The port at which the clusters of other networks reach an east-west gateway, unless its Service says another one. */
export const eastWestPort = 15443

/** Lists the networks of the clusters, each once; none where each cluster is a mesh of its own. */
export const listNetworks = ({ clusters }: Pick<Mesh, 'clusters'>): readonly string[] => [
  ...new Set(clusters.flatMap(({ network }) => network?.value ?? [])),
]
