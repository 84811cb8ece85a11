import { relative, resolve } from 'node:path'
import type { Limits } from '../../compiler/behavior/budget.ts'
import { makeModelReader } from '../../compiler/behavior/index.ts'
import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import { memo } from '../../compiler/behavior/memo.ts'
import type { Source } from '../../compiler/diagnostics/source.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import { isManifestPath, makeChartFinder } from '../../compiler/manifests/foreign-files.ts'
import { withoutLiveParts, withSharedAges } from '../../compiler/manifests/live-parts.ts'
import { nameOfObject } from '../../compiler/manifests/name-of-object.ts'
import { checkManifests, type OwnFile, readOwnFile } from '../../compiler/own-file.ts'
import { findWaiversSince, listWaivers } from '../../compiler/review/index.ts'
import type { Side } from '../../compiler/review/side.ts'
import { Failure } from '../cli/failure.ts'
import type { Terminal } from '../cli/terminal.ts'
import { readToday } from '../cli/today.ts'
import { completeManifests } from '../manifests/complete-manifests.ts'
import { findOwnFile, isOwnFile, type ManifestFiles, readManifestFiles } from '../manifests/manifest-files.ts'
import { ownFileName } from '../manifests/own-file-name.ts'
import {
  describePlaces,
  type ReadManifests,
  refuseEmpty,
  sortManifests,
} from '../manifests/read-manifests.ts'
import { findCommit, openRepository, readContents, readTree } from '../revision/repository.ts'
import { type Compared, workingTree } from './environment-pairs.ts'
import { groupByFile } from './sides.ts'

/** The comparison of two states of manifests that no spec makes. */
interface AskedManifests {
  /** The manifests as they were: in other places, or the same in a revision; undefined for the default one. */
  readonly before: { readonly places: readonly string[] } | { readonly base: string | undefined }
  readonly places: readonly string[]
  readonly meshConfigFile: string | undefined
  readonly limits: Limits
}

/** A state of manifests, with their own file. */
interface State {
  readonly manifests: ReadManifests
  readonly ownFile: Source | undefined
}

/** Compares two states of manifests. What they must meet is asked of the state after. */
export function pairManifests(asked: AskedManifests, terminal: Terminal): Compared {
  const { before, places, meshConfigFile, limits } = asked
  const name = describePlaces(places)
  const isRevision = !('places' in before)
  const former = isRevision
    ? readStateOfRevision(places, before.base, meshConfigFile)
    : readState(before.places, meshConfigFile)
  const now = readState(places, meshConfigFile)
  refuseEmpty(now.manifests)
  if (!isRevision) refuseEmpty(former.manifests)
  const labels = {
    before: former.manifests.name,
    after: isRevision ? workingTree : name,
  }
  const bare = memo(withoutLiveParts)
  const [objectsBefore, objectsAfter] = [former, now].map(({ manifests }) => manifests.objects.map(bare))
  const read = makeModelReader()
  const makeSide = (
    label: string,
    objects: readonly ManifestObject[],
    others: readonly ManifestObject[],
    ownFile: OwnFile,
  ) => {
    const complete = completeManifests(read, withSharedAges(objects, others, nameOfObject))
    const hosts = complete.model.services.map(
      ({ host, namespace, name }) => [host, `${namespace}/${name}`] as const,
    )
    const side: Side = {
      name: label,
      files: groupByFile(complete.objects),
      beside: [],
      spec: {
        layers: ownFile.layers,
        sources: ownFile.sources,
        sourceMap: () => [],
        parties: { workloads: new Map(), hosts: new Map(hosts) },
      },
      version: undefined,
      isPlain: true,
    }
    return { side, model: complete.model, assumed: complete.assumed }
  }
  const ownFiles = {
    before: readOwnFile(former.ownFile, undefined),
    after: readOwnFile(now.ownFile, readToday()),
  }
  const sides = {
    before: makeSide(labels.before, objectsBefore!, objectsAfter!, ownFiles.before),
    after: makeSide(labels.after, objectsAfter!, objectsBefore!, ownFiles.after),
  }
  const assumed = [...new Set([...sides.after.assumed, ...sides.before.assumed])]
  const notes = new Set([...now.manifests.notes, ...former.manifests.notes])
  for (const note of notes) terminal.note(`note: ${note}`)
  for (const words of assumed) terminal.note(`note: assumed: ${makeTextVisible(words)}`)
  const diagnostics = checkManifests(ownFiles.after, sides.after.model, limits)
  if ('message' in diagnostics) {
    const { file, line, message, help } = diagnostics
    throw new Failure(`${file}:${line}: ${message}`, help)
  }
  const ok = diagnostics.every(({ severity }) => severity === 'warning')
  const texts = [...(now.ownFile === undefined ? [] : [now.ownFile]), ...now.manifests.files]
  const entry = texts[0]?.name ?? name
  const pair = {
    name,
    sides: { before: sides.before.side, after: sides.after.side },
    waivers: isRevision
      ? findWaiversSince(sides.before.side, sides.after.side)
      : { counting: listWaivers(sides.after.side), ownWaivers: [] },
  }
  return {
    ...labels,
    isRevision,
    pairs: ok ? [pair] : [],
    assumed,
    result: {
      compiled: [],
      failed: ok ? [] : [name],
      environments: [{ name, entry, ok, diagnostics, suppressed: [] }],
      diagnostics,
      sources: new Map(texts.map(source => [source.name, source])),
    },
  }
}

function readState(places: readonly string[], meshConfigFile: string | undefined): State {
  const files = readManifestFiles(places)
  return {
    manifests: sortManifests(describePlaces(places), files, meshConfigFile),
    ownFile: findOwnFile(places),
  }
}

/** The same places as a revision has them. */
function readStateOfRevision(
  places: readonly string[],
  base: string | undefined,
  meshConfigFile: string | undefined,
): State {
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
  const tree = readTree(repository, commit, folders)
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
