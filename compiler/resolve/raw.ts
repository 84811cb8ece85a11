import type { MeshSpec } from '../../schema/spec/mesh.ts'
import type { RawObject } from '../mesh/mesh.ts'
import { SpecNode } from '../mesh/sourced.ts'
import { emptyList } from './fields.ts'

/** Objects that pass through as they are, in the order of the spec. */
export function resolveRaw(spec: MeshSpec['raw']): readonly RawObject[] {
  if (spec === undefined) return emptyList
  const node = new SpecNode(undefined, 'raw')
  return spec.map((object, index) => {
    const { apiVersion, kind, metadata } = object
    const { name, namespace } = metadata
    return { origin: node.at(index), object, apiVersion, kind, namespace, name }
  })
}
