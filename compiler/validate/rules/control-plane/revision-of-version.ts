import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

export const revisionOfVersion = defineRule<{ revision: string; version: string }>(
  {
    code: 'MESH3603',
    severity: 'warning',
    summary: 'A revision with the name of a version runs that version',
    message: p => `the revision \`${p.revision}\` runs Istio ${p.version}`,
    help: p => `call it \`${p.version.replaceAll('.', '-')}\`, or name it after its purpose`,
  },
  function* ({ istio: { controlPlanes } }, report) {
    for (const { origin, revision, version } of controlPlanes) {
      if (revision === undefined || !/^\d+(-\d+)+$/.test(revision.value)) continue
      if (`${version.value.replaceAll('.', '-')}-`.startsWith(`${revision.value}-`)) continue
      const params = { revision: revision.value, version: version.value }
      const place = origin === undefined ? placeAt(findWrittenPlace(revision)!) : placeAtKey(origin)
      yield report(place, params, makeParty(version, 'its version'))
    }
  },
)
