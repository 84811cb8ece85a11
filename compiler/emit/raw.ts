import type { RawObject } from '../mesh/mesh.ts'
import { because, decided, from, type Sourced, text } from '../mesh/sourced.ts'
import type { Manifest } from './manifest.ts'
import { addOrigins } from './sourced-tree.ts'

/** An object of the spec that passes through as it is. */
export const emitRaw = (raw: RawObject): Manifest => ({
  kind: raw.kind,
  name: raw.name,
  namespace: raw.namespace,
  tree: because(addOrigins(raw.object, raw.origin), ...Object.values(getRawIdentity(raw))),
})

/** The file that such an object has to itself. */
export function rawPath(raw: RawObject): Sourced<string> {
  const { kind, name, namespace = decided('policy:kustomization', 'cluster') } = getRawIdentity(raw)
  return text`manifests/${namespace}/${name}.${kind.map(word => word.toLowerCase())}.raw.yaml`
}

function getRawIdentity({ origin, kind, name, namespace }: RawObject) {
  const metadata = origin.at('metadata')
  return {
    kind: from(origin.at('kind'), kind),
    name: from(metadata.at('name'), name),
    ...(namespace !== undefined && { namespace: from(metadata.at('namespace'), namespace) }),
  }
}
