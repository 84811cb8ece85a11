import { memo } from '../../compiler/basics/memo.ts'
import type { Limits } from '../../compiler/behavior/budget.ts'
import { makeModelReader } from '../../compiler/behavior/index.ts'
import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import { withoutLiveParts, withSharedAges } from '../../compiler/manifests/live-parts.ts'
import { nameOfObject } from '../../compiler/manifests/name-of-object.ts'
import {
  checkManifests,
  checkManifestsWithPolicies,
  type OwnFile,
  readOwnFile,
} from '../../compiler/own-file.ts'
import { findWaiversSince, listWaivers } from '../../compiler/review/index.ts'
import type { Side } from '../../compiler/review/side.ts'
import { Failure } from '../cli/failure.ts'
import type { Terminal } from '../cli/terminal.ts'
import { readToday } from '../cli/today.ts'
import { completeManifests } from '../manifests/complete-manifests.ts'
import { describePlaces, refuseEmpty } from '../manifests/load-manifests.ts'
import { readManifestState, readStateOfRevision } from '../manifests/manifest-state.ts'
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

/** Compares two states of manifests. Only the state after must meet the expectations and policies. */
export function pairManifests(asked: AskedManifests, terminal: Terminal): Compared {
  const { before, places, meshConfigFile, limits } = asked
  const name = describePlaces(places)
  const isRevision = !('places' in before)
  const former = isRevision
    ? readStateOfRevision(places, before.base, meshConfigFile)
    : readManifestState(before.places, meshConfigFile)
  const now = readManifestState(places, meshConfigFile)
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
  const expected = checkManifests(ownFiles.after, sides.after.model, limits)
  if ('message' in expected) {
    const { file, line, message, help } = expected
    throw new Failure(`${file}:${line}: ${message}`, help)
  }
  const { written, files } = now.manifests
  const diagnostics = [...expected, ...checkManifestsWithPolicies(ownFiles.after, written, files, limits)]
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
