import fc from 'fast-check'
import { freeLabels } from './names.ts'

/** The fields of a namespace. */
export const namespaceSpecs = fc.record(
  {
    mtls: fc.constantFrom('strict', 'strict', 'permissive'),
    labels: freeLabels,
    injection: fc.constant('on'),
  },
  { requiredKeys: [] },
)
