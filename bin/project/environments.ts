import { joinInSentence } from '../../compiler/diagnostics/suggest.ts'
import { splitClusterEntry } from '../../compiler/mesh/cluster-entry.ts'
import { isMap } from '../../compiler/source/document.ts'
import { isEnvironmentName, listClusters, resolvePath, type Workspace } from '../../compiler/source/load.ts'
import { parse } from '../../compiler/source/parse.ts'
import { Failure } from '../cli/failure.ts'
import type { Environment, Project } from './project.ts'

/* This file needs no module of Node: a browser lists the environments of the texts that it has, too. */

/** The folder below spec/ whose folders are environments, too, as examples for a reader. */
export const examplesFolder = 'examples'

/**
 * The environments among all files of a project that is not on the disk, by their paths from its root. Throws a failure if one has an
 * invalid name: its deployed state is unknown.
 */
export function listEnvironmentsAmong(workspace: Workspace, paths: Iterable<string>): readonly Environment[] {
  const folders = [...paths].flatMap(
    path => /^spec\/((?:examples\/)?[^/]+)\/mesh\.yaml$/.exec(path)?.[1] ?? [],
  )
  const named = folders.filter(name => name !== examplesFolder && !name.startsWith('.')).sort()
  const names = listEnvironmentNames({ workspace }, environmentFolders({ workspace }, named))
  const unfit = names.filter(name => !name.split('/').every(isEnvironmentName))
  if (unfit.length > 0) {
    const help = 'rename it there: letters, digits, dots and dashes; `meshc explain MESH1021`'
    throw new Failure(
      `the revision has an environment of a name that none may have`,
      help,
      unfit.map(getEntry),
    )
  }
  return names.map(makeEnvironment)
}

/** The path of the mesh.yaml of an environment; a cluster without differences has no such file. */
export const getEntry = (name: string) => `spec/${name}/mesh.yaml`

export const makeEnvironment = (name: string): Environment => ({
  name,
  entry: getEntry(name),
  output: `out/${name}`,
})

/** Finds the environment that a name of a cluster belongs to: `prod` for `prod/eu1`; undefined for the name of an environment. */
export const findEnvironmentOfCluster = (name: string): string | undefined =>
  splitClusterEntry(getEntry(name))?.base.slice('spec/'.length, -'/mesh.yaml'.length)

/** Describes environments by their names; many clusters of one are counted: `dev` and 50 clusters of `prod`. */
export function describeEnvironments(names: readonly string[]): string {
  const groups = new Map<string, string[]>()
  for (const name of names) {
    const environment = findEnvironmentOfCluster(name) ?? name
    groups.set(environment, [...(groups.get(environment) ?? []), name])
  }
  return joinInSentence(
    [...groups].flatMap(([environment, members]) =>
      members.length > manyClusters
        ? [`${members.length} clusters of \`${environment}\``]
        : members.map(name => `\`${name}\``),
    ),
  )
}

/** More clusters of one environment than this are counted, not named. */
const manyClusters = 3

/** Lists the names of environments, where each cluster of one has a name of its own: `prod/eu1`. */
export const listEnvironmentNames = (
  { workspace }: Pick<Project, 'workspace'>,
  folders: readonly string[],
): readonly string[] =>
  folders.flatMap(
    folder => listClusters(getEntry(folder), workspace)?.map(cluster => `${folder}/${cluster}`) ?? [folder],
  )

/** Selects the folders whose spec is an environment: it sets `environment`, or no other spec extends it. */
export function environmentFolders(
  project: Pick<Project, 'workspace'>,
  folders: readonly string[],
): readonly string[] {
  const isExtended = (folder: string) =>
    folders.some(otherFolder => otherFolder !== folder && bases.get(otherFolder) === getEntry(folder))
  const bases = new Map(folders.map(folder => [folder, findExtendedSpec(project, folder)]))
  return folders.filter(
    folder => !isExtended(folder) || topLevel(project, getEntry(folder), 'environment') !== undefined,
  )
}

/** The path from the root of the project that a spec extends. */
export function findExtendedSpec(project: Pick<Project, 'workspace'>, folder: string): string | undefined {
  const base = topLevel(project, getEntry(folder), 'extends')
  return base === undefined ? undefined : resolvePath(base, getEntry(folder))
}

/** The value of a word at the top of a spec; undefined also if the spec is broken, which the compiler reports. */
export function topLevel(
  { workspace }: Pick<Project, 'workspace'>,
  path: string,
  key: string,
): string | undefined {
  const content = workspace.read(path)
  if (!('text' in content) || !content.text.includes(key)) return undefined
  // As nearly every spec writes it; parsing a large one to learn one word of it takes long.
  const line = new RegExp(`^${key}:[ \\t]+([\\w./-]+)[ \\t\\r]*$`, 'm').exec(content.text)
  if (line !== null) return line[1]
  const spec = parse({ name: path, text: content.text }).document?.value
  const value = isMap(spec) ? spec[key] : undefined
  return typeof value === 'string' ? value : undefined
}
