import fc from 'fast-check'
import { freeLabels } from './names.ts'

/** What a namespace may say of itself. Permissive in a strict mesh is a warning, so `strict` is the word here. */
export const namespaceSpecs = fc.record(
  { mtls: fc.constant('strict' as const), labels: freeLabels },
  { requiredKeys: [] },
)
