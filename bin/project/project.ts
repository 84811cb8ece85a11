import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { listQuoted, suggestNearest } from '../../compiler/diagnostics/suggest.ts'
import { type ClusterEntry, splitClusterEntry } from '../../compiler/mesh/cluster-entry.ts'
import { isEnvironmentName, listClusters, type Workspace } from '../../compiler/source/load.ts'
import { Failure } from '../cli/failure.ts'
import { isInFolder } from '../files/is-in-folder.ts'
import { isFolder, isThere } from '../files/stat-if-there.ts'
import { attempt } from '../files/system-error.ts'
import { projectWorkspace } from '../files/workspace.ts'
import { listUnfinishedFolders } from '../output/interrupted.ts'
import { lockFileName } from '../output/lock-file.ts'
import {
  environmentFolders,
  examplesFolder,
  findExtendedSpec,
  getEntry,
  listEnvironmentNames,
  makeEnvironment,
  topLevel,
} from './environments.ts'
import { findNearestProject } from './nearest-project.ts'

/** A folder that has `spec/`, and its environments. */
export interface Project {
  readonly root: string
  readonly workspace: Workspace
}

/** An environment that is built from one mesh.yaml. */
export interface Environment {
  /** Its folder below spec/, such as `prod` or `examples/bookinfo`; a cluster of it is `prod/eu1`. */
  readonly name: string
  /** Its mesh.yaml, or that of the cluster, which may not exist, as a path from the root of the project. */
  readonly entry: string
  /** The output folder, as a path from the root of the project. */
  readonly output: string
}

/**
 * The project of a command.
 *
 * @param folder the value of `--project`; without it, the nearest folder above the current one that has `spec/`
 */
export function openProject(folder: string | undefined): Project {
  const root = folder === undefined ? findNearestProject(process.cwd()) : resolve(folder)
  if (root === undefined) {
    const help =
      'begin with `meshc init`, write `spec/prod/mesh.yaml`, or name the folder that holds `spec/` with `--project`'
    throw new Failure('there is no `spec/` here or in a folder above', help)
  }
  if (!existsSync(root))
    throw new Failure(`there is no folder \`${folder}\``, '`--project` names the folder that holds `spec/`')
  if (!isFolder(join(root, 'spec')))
    throw new Failure(
      `\`${folder}\` has no folder \`spec/\``,
      '`--project` names the folder that holds `spec/`',
    )
  if (!isInFolder(realpathSync.native(join(root, 'spec')), realpathSync.native(root)))
    throw new Failure('`spec/` is a symbolic link that leaves the project', 'move the specs into the project')
  return { root, workspace: projectWorkspace(root) }
}

/** The environments of a command: the named ones, or all. The name of an environment also means all of its clusters. */
export function listEnvironments(project: Project, names: readonly string[]): readonly Environment[] {
  if (names.length === 0) return allEnvironments(project)
  const environments = names.flatMap(name => environmentsNamed(project, name))
  return [...new Map(environments.map(environment => [environment.name, environment])).values()]
}

function environmentsNamed(project: Project, name: string): readonly Environment[] {
  const folders = specFolders(project)
  const all = () => environmentFolders(project, folders)
  const place = splitClusterEntry(getEntry(name))
  if (place !== undefined && isCluster(project, place)) return [makeEnvironment(name)]
  if (!folders.includes(name)) {
    const legal = [...all(), ...listEnvironmentNames(project, all()).filter(each => !folders.includes(each))]
    const help = suggestNearest(name, legal) ?? `the environments are ${listQuoted(all())}`
    throw new Failure(`there is no environment \`${name}\``, folders.length === 0 ? howToBegin : help)
  }
  // If an environment sets `environment` itself, the other specs need not be read.
  if (topLevel(project, getEntry(name), 'environment') === undefined && !all().includes(name)) {
    if (all().length === 0) throw inCircle(project, name)
    const heirs = all().filter(heir => findExtendedSpec(project, heir) === getEntry(name))
    const help = heirs.length === 0 ? undefined : `build ${listQuoted(heirs, 'or')}`
    throw new Failure(`\`${name}\` is a layer that others extend, not an environment`, help)
  }
  return listEnvironmentNames(project, [name]).map(makeEnvironment)
}

/** Makes the failure of a circle: each spec in it is extended by another of it. */
function inCircle(project: Project, name: string): Failure {
  const chain = [getEntry(name)]
  for (;;) {
    const base = findExtendedSpec(project, chain.at(-1)!.slice('spec/'.length, -'/mesh.yaml'.length))
    if (base === undefined) break
    chain.push(base)
    if (base === chain[0]) break
  }
  return new Failure(`\`extends\` forms a cycle: ${chain.join(' → ')}`, 'remove one of these `extends`')
}

function allEnvironments(project: Project): readonly Environment[] {
  const folders = specFolders(project)
  if (folders.length === 0) throw new Failure('no folder in `spec/` has a `mesh.yaml`', howToBegin)
  const names = environmentFolders(project, folders)
  if (names.length === 0) throw inCircle(project, folders[0]!)
  return listEnvironmentNames(project, names).map(makeEnvironment)
}

const isCluster = ({ workspace }: Project, { base, cluster }: ClusterEntry): boolean =>
  listClusters(base, workspace)?.includes(cluster) === true

/** Tells whether there is an environment, or a layer, of a name. */
function isInSpec(project: Project, name: string): boolean {
  const entry = getEntry(name)
  const place = splitClusterEntry(entry)
  if (place !== undefined) return isCluster(project, place)
  return isThere(join(project.root, entry)) && listClusters(entry, project.workspace) === undefined
}

/** The environments that meshc has built and whose spec was removed: their output is obsolete. */
export function listGoneEnvironments(project: Project): readonly Environment[] {
  const { root } = project
  const built = (folder: string) =>
    listFoldersIn(join(root, folder)).filter(name => existsSync(join(root, folder, name, lockFileName)))
  // A build that was killed during a removal has left the folder under another name.
  const unfinished = listUnfinishedFolders(root).map(({ name }) => name.slice('out/'.length))
  const folders = [
    ...listFoldersIn(join(root, 'out')),
    ...listFoldersIn(join(root, 'out', examplesFolder)).map(name => `${examplesFolder}/${name}`),
  ]
  const names = [
    ...built('out'),
    ...folders.flatMap(folder => built(`out/${folder}`).map(name => `${folder}/${name}`)),
    ...unfinished,
  ]
  return (
    [...new Set(names)]
      // No build has made a folder with another name.
      .filter(name => name.split('/').every(isEnvironmentName) && !isInSpec(project, name))
      .sort()
      .map(makeEnvironment)
  )
}

const howToBegin = 'write `spec/prod/mesh.yaml`; it begins with `meshc: v1` and `mesh: <name>`'

/** The folders below spec/ that hold a mesh.yaml, sorted. */
function specFolders({ root }: Project): readonly string[] {
  const spec = join(root, 'spec')
  const names = [
    ...listFoldersIn(spec).filter(name => name !== examplesFolder),
    ...listFoldersIn(join(spec, examplesFolder)).map(name => `${examplesFolder}/${name}`),
  ]
  return names.filter(name => isThere(join(root, getEntry(name)))).sort()
}

function listFoldersIn(path: string): readonly string[] {
  if (!isFolder(path)) return []
  return attempt(`\`${path}\` cannot be read`, () => readdirSync(path)).filter(
    name => !name.startsWith('.') && isFolder(join(path, name)),
  )
}
