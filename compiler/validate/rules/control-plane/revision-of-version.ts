import { findWrittenPlace, makeParty, placeAt } from '../../places.ts'
import { defineRule } from '../../rule.ts'

export const revisionOfVersion = defineRule<{ revision: string; version: string }>(
  {
    code: 'MESH3603',
    severity: 'warning',
    summary: 'A revision with the name of a version runs that version',
    message: p => `the revision \`${p.revision}\` runs Istio ${p.version}`,
    help: p => `call it \`${p.version.replaceAll('.', '-')}\`, or name it after its purpose`,
  },
  function* ({ istio: { revision, version } }, report) {
    if (revision === undefined || !/^\d+(-\d+)+$/.test(revision.value)) return
    if (`${version.value.replaceAll('.', '-')}-`.startsWith(`${revision.value}-`)) return
    const params = { revision: revision.value, version: version.value }
    yield report(placeAt(findWrittenPlace(revision)!), params, makeParty(version, 'its version'))
  },
)
