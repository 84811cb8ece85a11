import { listInstalledGateways } from '../../../mesh/installed-gateways.ts'
import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** The charts are installed as releases with these names; the length includes the prefix that meshc adds. */
const longestRelease = 53

export const shortNames = defineRule<{ derived: string; length: number; most: number }>(
  {
    code: 'MESH3009',
    severity: 'error',
    summary: 'A name is short enough for the names that are made of it',
    message: p =>
      `\`${p.derived}\` would have ${p.length} characters, but Helm allows ${longestRelease} for a release`,
    help: p => `choose a name of at most ${p.most} characters`,
  },
  function* (mesh, report) {
    const { istio } = mesh
    for (const { workload, origin } of listInstalledGateways(mesh)) {
      const { value: derived } = workload
      const params = { derived, length: derived.length, most: longestRelease - 'istio-'.length }
      if (derived.length > longestRelease) yield report(placeAtKey(origin), params)
    }
    for (const { origin, revision } of istio.controlPlanes) {
      if (revision === undefined) continue
      const derived = `istiod-${revision.value}`
      const params = { derived, length: derived.length, most: longestRelease - 'istiod-'.length }
      const place = origin === undefined ? placeAt(findWrittenPlace(revision)!) : placeAtKey(origin)
      if (derived.length > longestRelease) yield report(place, params)
    }
  },
)
