/** The names of a new project, as its user calls it. */
export interface Names {
  readonly mesh: string
  readonly namespace: string
  readonly host: string
  readonly repository: string
}

/** The names in templates/init, each of which is replaced by the user's name. */
export const exampleNames: Names = {
  mesh: 'my-mesh',
  namespace: 'my-namespace',
  host: 'app.example.com',
  repository: 'https://git.example.com/platform/mesh.git',
}
