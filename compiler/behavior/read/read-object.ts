import type { SpecPath } from '../../diagnostics/diagnostic.ts'
import type { ManifestObject } from '../manifest-object.ts'
import type { ModelObject } from '../model.ts'
import type { Unmodelled } from '../result.ts'
import type { UnmodelledReason } from '../unmodelled-reasons.ts'
import { type FieldRule, listUnmodelledFields } from './fields.ts'
import { mapAt, readText } from './values.ts'

/** An unmodelled part of an object that the rules of its fields do not cover: the meaning of one value depends on another value. */
export interface Finding {
  readonly path: SpecPath
  readonly reason: UnmodelledReason
}

/**
 * The part of a read object that all kinds have. `findings`: further unmodelled parts. Literals spread this value as their last
 * entry: each field after a spread is one more shape for V8, and costs as much as all fields before it.
 */
export function readObject(
  source: ManifestObject,
  rule?: FieldRule,
  findings: readonly Finding[] = [],
): ModelObject {
  const metadata = mapAt(source.value, 'metadata')
  const object = {
    kind: readText(source.value, 'kind') ?? '',
    namespace: readText(metadata, 'namespace') ?? 'default',
    name: readText(metadata, 'name') ?? '',
    source,
    unmodelled: noneUnmodelled,
  }
  const spec = mapAt(source.value, 'spec')
  const all = rule === undefined ? findings : [...listUnmodelledFields(spec, rule, ['spec']), ...findings]
  if (all.length === 0) return object
  const unmodelled: Unmodelled[] = []
  const strange: ModelObject = { ...object, unmodelled }
  for (const { path, reason } of all) unmodelled.push({ object: strange, path, reason })
  return strange
}

const noneUnmodelled: readonly Unmodelled[] = []
