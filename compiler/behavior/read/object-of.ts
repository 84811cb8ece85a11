import type { SpecPath } from '../../diagnostics/diagnostic.ts'
import type { ManifestObject } from '../manifest-object.ts'
import type { ModelObject } from '../model.ts'
import type { Unmodelled } from '../result.ts'
import { type FieldRule, unmodelledIn } from './fields.ts'
import { mapAt, textAt } from './values.ts'

/** What of an object is not followed, where the rule of its fields does not say it: what one value means for another. */
export interface Finding {
  readonly path: SpecPath
  readonly reason: string
}

/** The part of a read object that all kinds have. `findings`: what else of it is not followed. */
export function objectOf(
  source: ManifestObject,
  rule?: FieldRule,
  findings: readonly Finding[] = [],
): ModelObject {
  const metadata = mapAt(source.value, 'metadata')
  const unmodelled: Unmodelled[] = []
  const object: ModelObject = {
    kind: textAt(source.value, 'kind') ?? '',
    namespace: textAt(metadata, 'namespace') ?? 'default',
    name: textAt(metadata, 'name') ?? '',
    source,
    unmodelled,
  }
  if (rule !== undefined)
    for (const { path, reason } of unmodelledIn(mapAt(source.value, 'spec'), rule, ['spec']))
      unmodelled.push({ object, path, reason })
  for (const { path, reason } of findings) unmodelled.push({ object, path, reason })
  return unmodelled.length === 0 ? { ...object, unmodelled: nothing } : object
}

const nothing: readonly Unmodelled[] = []
