import fc from 'fast-check'
import { freeLabels } from './names.ts'

/** What a namespace may say of itself. */
export const namespaceSpecs = fc.record(
  {
    mtls: fc.constantFrom('strict', 'strict', 'permissive'),
    labels: freeLabels,
    injection: fc.constant('on'),
  },
  { requiredKeys: [] },
)
