import type { Compilation } from '../../compiler/compilation.ts'

/** Returns the mesh.yaml that the built files name: that file of the environment, also for a cluster. */
export function getSource(compilation: Compilation): string {
  for (const { text } of compilation.files()) return /^# Built by meshc from (.*): change/.exec(text)![1]!
  throw new Error('there are no files')
}

/** Returns the entry of an environment, or of the cluster that the compilation is for. */
export function getEntry(compilation: Compilation): string {
  const { cluster } = compilation.mesh
  const source = getSource(compilation)
  return cluster === undefined ? source : source.replace(/mesh\.yaml$/, `${cluster.name.value}/mesh.yaml`)
}

/** Returns the folder of the built files of an environment or a cluster. */
export const getOutput = (compilation: Compilation): string =>
  getEntry(compilation)
    .replace(/^spec/, 'out')
    .replace(/\/mesh\.yaml$/, '')
