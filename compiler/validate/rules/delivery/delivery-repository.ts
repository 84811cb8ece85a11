import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

export const deliveryRepository = defineRule<Record<never, never>>(
  {
    code: 'MESH3901',
    severity: 'error',
    summary: 'An environment with Argo CD objects sets the repository that they read',
    message: () => 'Argo CD has no repository to read: `delivery.repository` is not set',
    help: () => 'set `delivery.repository` to the git repository that holds `out/`',
  },
  function* ({ delivery: { repository, outputs } }, report) {
    // The objects are left out unless the spec asks for them in so many words.
    const writtenPlace = findWrittenPlace(outputs.argocd)
    if (repository === undefined && writtenPlace !== undefined) yield report(placeAt(writtenPlace), {})
  },
)
