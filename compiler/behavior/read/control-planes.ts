import type { ManifestObject } from '../manifest-object.ts'
import type { MeshSettings } from '../model.ts'
import type { Unmodelled } from '../result.ts'
import { readObject } from './read-object.ts'
import { mapAt, readText } from './values.ts'

const revisionLabel = 'istio.io/rev'

/** The revision of an Istio object; undefined: every control plane reads the object. */
export const findRevision = ({ value }: ManifestObject): string | undefined =>
  readText(mapAt(mapAt(value, 'metadata'), 'labels'), revisionLabel) || undefined

/**
 * Finds the control planes that read an Istio object. istiod ignores an object whose revision label is not istiod's own revision; a
 * tag is not a revision. If no object declares the revision, the readers are unknown. See `LabelsInRevision` of istio
 * pkg/config/model.go and pilot/pkg/config/kube/crdclient.
 */
export function findReaders(
  object: ManifestObject,
  operators: readonly ManifestObject[],
): 'all' | 'none' | 'unknown' {
  const label = findRevision(object)
  if (label === undefined) return 'all'
  const revisions = operators.map(({ value }) => readText(mapAt(value, 'spec'), 'revision'))
  if (revisions.length === 0 || revisions.includes(undefined)) return 'unknown'
  if (revisions.every(revision => revision === label)) return 'all'
  return revisions.includes(label) ? 'unknown' : 'none'
}

/** Adds unknown parts to the settings of a mesh: objects that only some of its control planes read, and settings in which they differ. */
export function addDoubts(
  settings: MeshSettings,
  operators: readonly ManifestObject[],
  doubtful: readonly ManifestObject[],
): MeshSettings {
  const configs = operators.map(({ value }) => JSON.stringify(mapAt(mapAt(value, 'spec'), 'meshConfig')))
  const areAlike = new Set(configs).size <= 1
  if (areAlike && doubtful.length === 0) return settings
  const { object } = settings
  const unmodelled: readonly Unmodelled[] = [
    ...settings.unmodelled,
    ...(areAlike ? [] : [{ object, path: [], reason: { code: 'different-control-planes' } as const }]),
    ...doubtful.map(source => ({
      object: readObject(source, undefined, []),
      path: ['metadata', 'labels', revisionLabel],
      reason: { code: 'object-of-one-control-plane' } as const,
    })),
  ]
  return { ...settings, unmodelled }
}
