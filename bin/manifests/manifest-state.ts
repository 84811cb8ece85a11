import { relative, resolve } from 'node:path'
import type { Source } from '../../compiler/diagnostics/source.ts'
import { isManifestPath, makeChartFinder } from '../../compiler/manifests/foreign-files.ts'
import { Failure } from '../cli/failure.ts'
import { findCommit, openRepository, readCommitTree, readContents } from '../revision/repository.ts'
import { describePlaces, type LoadedManifests, sortManifests } from './load-manifests.ts'
import { findOwnFile, isOwnFile, type ManifestFiles, readManifestFiles } from './manifest-files.ts'
import { ownFileName } from './own-file-name.ts'

/** A state of manifests, with their own file. */
interface ManifestState {
  readonly manifests: LoadedManifests
  readonly ownFile: Source | undefined
}

/** Reads the state of manifests in folders and files. */
export function readManifestState(
  places: readonly string[],
  meshConfigFile: string | undefined,
): ManifestState {
  const files = readManifestFiles(places)
  return {
    manifests: sortManifests(describePlaces(places), files, meshConfigFile),
    ownFile: findOwnFile(places),
  }
}

/**
 * Reads manifests as a revision has them.
 *
 * @param base the revision; undefined: the default one of `meshc diff`
 */
export function readStateOfRevision(
  places: readonly string[],
  base: string | undefined,
  meshConfigFile: string | undefined,
): ManifestState {
  if (places.includes('-'))
    throw new Failure(
      'standard input has no revision',
      'compare it with manifests: `… | meshc diff clusters/prod -`',
    )
  const here = process.cwd()
  const repository = openRepository(here)
  const commit = findCommit(repository, base)
  const folders = places.map(place => {
    const path = relative(here, resolve(place)).replaceAll('\\', '/')
    if (!path.startsWith('..')) return path
    throw new Failure(
      `\`${place}\` lies outside of this folder`,
      'run meshc in the root of the repository, and name folders below it',
    )
  })
  const tree = readCommitTree(repository, commit, folders)
  const paths = [...tree].flatMap(([path, { kind }]) => (kind === 'file' ? [path] : []))
  const findChart = makeChartFinder(paths)
  const isNamed = (path: string) => folders.includes(path)
  const manifestPaths = paths.filter(path => (isManifestPath(path) && !isOwnFile(path)) || isNamed(path))
  const charts = new Set(manifestPaths.flatMap(path => findChart(path) ?? []))
  const kept = manifestPaths.filter(path => isNamed(path) || findChart(path) === undefined)
  const ownPath = folders.map(folder => (folder === '' ? ownFileName : `${folder}/${ownFileName}`))
  const owns = paths.filter(path => ownPath.includes(path))
  const contents = readContents(
    repository,
    [...kept, ...owns].map(path => tree.get(path)!.digest),
  )
  const getText = (path: string) => contents.get(tree.get(path)!.digest)!.toString('utf8')
  const files: ManifestFiles = {
    files: kept.map(path => ({ name: path, text: getText(path) })),
    charts: [...charts],
  }
  const [ownFile] = owns
  return {
    manifests: sortManifests(commit.words, files, meshConfigFile),
    ownFile: ownFile === undefined ? undefined : { name: ownFile, text: getText(ownFile) },
  }
}
