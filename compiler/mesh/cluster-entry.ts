/** The two parts of the entry of a cluster. */
export interface ClusterEntry {
  /** The mesh.yaml of the environment. */
  readonly base: string
  readonly cluster: string
}

/**
 * Splits the entry of a cluster: `spec/prod/eu1/mesh.yaml` is the cluster `eu1` of `spec/prod/mesh.yaml`. The file need not exist: it
 * has only the differences of that cluster. Undefined for the mesh.yaml of an environment.
 */
export function splitClusterEntry(entry: string): ClusterEntry | undefined {
  const [, folder, cluster] =
    /^(spec\/(?:examples\/[^/]+|(?!examples\/)[^/]+))\/([^/]+)\/mesh\.yaml$/.exec(entry) ?? []
  return folder === undefined || cluster === undefined ? undefined : { base: `${folder}/mesh.yaml`, cluster }
}
