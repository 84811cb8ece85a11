import { findWrittenPlace, placeAt } from '../../places.ts'
import { defineRule } from '../../rule.ts'

export const deliveryRepository = defineRule<Record<never, never>>(
  {
    code: 'MESH3901',
    severity: 'error',
    summary: 'Who asks for Argo CD’s objects says which repository they read',
    message: () => 'there is no repository that Argo CD could read',
    help: () => 'say `delivery.repository`, the git repository that holds `out/`',
  },
  function* ({ delivery: { repository, outputs } }, report) {
    // The objects are left out unless the spec asks for them in so many words.
    const writtenPlace = findWrittenPlace(outputs.argocd)
    if (repository === undefined && writtenPlace !== undefined) yield report(placeAt(writtenPlace), {})
  },
)
