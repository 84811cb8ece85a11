import type { MeshSpec } from '../../schema/spec/mesh.ts'
import type { Patch } from '../mesh/mesh.ts'
import { SpecNode } from '../mesh/sourced.ts'
import { emptyList, readField } from './fields.ts'

/** Changes to objects that meshc emits, in the order of the spec; whether they match one is known when it is emitted. */
export function resolvePatches(spec: MeshSpec['patches']): readonly Patch[] {
  if (spec === undefined) return emptyList
  const node = new SpecNode(undefined, 'patches')
  return spec.map((written, index) => {
    const origin = node.at(index)
    const { kind, namespace, name, spec: change } = written
    return { origin, kind, namespace, name, spec: change, reason: readField(written, origin, 'because') }
  })
}
