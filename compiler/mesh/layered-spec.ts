import type { MeshSpec } from '../../schema/spec/mesh.ts'

/** The result of decode and the input of resolve: the layers of a spec merged into one. */
export interface LayeredSpec {
  /** Every file has the shape of the schema, and the nulls have removed their values. */
  readonly value: MeshSpec
  /**
   * The environment's mesh.yaml, as a path from the root of the project: `spec/prod/mesh.yaml`. The path for a cluster is
   * `spec/prod/<cluster>/mesh.yaml`, even if that file does not exist.
   */
  readonly entry: string
  /** The mesh.yaml of the environment: the entry itself, unless that is of a cluster. */
  readonly base: string
  /** The cluster that the entry is about; undefined for an environment without `clusters`. */
  readonly cluster: string | undefined
}
