import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A newer version that no control plane runs looks like an upgrade of the mesh, and upgrades nothing. */
export const usedVersion = defineRule<{ version: string }>(
  {
    code: 'MESH3485',
    severity: 'warning',
    summary: 'The version of Istio is that of a control plane',
    reads: ['istio.revisions'],
    message: p => `no control plane runs Istio ${p.version}: each of the \`revisions\` has another version`,
    help: () => 'remove it, or the `version` of the revision that is to run it',
  },
  function* ({ istio: { controlPlanes, sharedVersion } }, report) {
    const written = findWrittenPlace(sharedVersion)
    const [first] = controlPlanes
    if (written === undefined || controlPlanes.some(({ version }) => version.value === sharedVersion.value))
      return
    yield report(
      placeAt(written),
      { version: sharedVersion.value },
      makeParty(first!.version, 'this is the version of a revision'),
    )
  },
)
