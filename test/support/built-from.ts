import type { Compilation } from '../../compiler/compilation.ts'

/** The mesh.yaml that the files of an environment name: that of the environment, also for a cluster. */
export function getSource(compilation: Compilation): string {
  for (const { text } of compilation.files()) return /^# Built by meshc from (.*): change/.exec(text)![1]!
  throw new Error('there are no files')
}

/** The entry of an environment, or of the cluster that it is compiled for. */
export function getEntry(compilation: Compilation): string {
  const { cluster } = compilation.mesh
  const source = getSource(compilation)
  return cluster === undefined ? source : source.replace(/mesh\.yaml$/, `${cluster.name.value}/mesh.yaml`)
}

/** The folder that an environment or a cluster is built in. */
export const getOutput = (compilation: Compilation): string =>
  getEntry(compilation)
    .replace(/^spec/, 'out')
    .replace(/\/mesh\.yaml$/, '')
