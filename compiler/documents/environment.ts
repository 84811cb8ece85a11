import type { LayeredSpec } from '../mesh/layered-spec.ts'
import type { ValidMesh } from '../mesh/mesh.ts'

/** A mesh and its folders. */
export interface Environment {
  readonly mesh: ValidMesh
  /** The title for people: `shop in prod`, or `bookinfo` if the environment has the name of the mesh. */
  readonly title: string
  /** The name for `--env`: the folder below `spec/`. */
  readonly name: string
  /** The mesh.yaml that people change, as a path from the root of the project. */
  readonly entry: string
  /** The folder that it is built into, as a path from the root of the project. */
  readonly output: string
  /** The path from a document to the root of the project. */
  readonly up: string
}

/** Makes the environment of a spec: `spec/prod/mesh.yaml` is built into `out/prod`. */
export function makeDocumentEnvironment(
  mesh: ValidMesh,
  { entry, base }: Pick<LayeredSpec, 'entry' | 'base'>,
): Environment {
  const name = entry.replace(/^spec\//, '').replace(/\/[^/]*$/, '')
  const output = `out/${name}`
  const words = new Set([mesh.name.value, mesh.environment.value])
  const cluster = mesh.cluster === undefined ? '' : `, cluster ${mesh.cluster.name.value}`
  const title = `${[...words].join(' in ')}${cluster}`
  return { mesh, title, name, entry: base, output, up: '../'.repeat(output.split('/').length + 1) }
}
