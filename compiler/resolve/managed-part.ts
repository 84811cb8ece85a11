import type { MeshSpec } from '../../schema/spec/mesh.ts'
import type { ManagedPart } from '../mesh/mesh.ts'
import { because, from, type Sourced, SpecNode } from '../mesh/sourced.ts'
import { placeAtKey } from '../mesh/spec-place.ts'
import { requiredField } from './diagnostics.ts'
import { listSourcedEntries, type Report } from './fields.ts'

/** The part of the mesh that a spec manages: the whole mesh, unless it lists namespaces. */
export function resolveManagedPart(spec: MeshSpec['manages'], report: Report): ManagedPart {
  if (spec === undefined) return { kind: 'mesh', word: undefined }
  const node = new SpecNode(undefined, 'manages')
  if (spec === 'mesh') return { kind: 'mesh', word: from(node, spec) }
  const names = listSourcedEntries(spec.namespaces, node, 'namespaces')
  if (names.length > 0) return { kind: 'namespaces', names }
  const field = 'the word `mesh` or its `namespaces`'
  report(requiredField(placeAtKey(node), { owner: '`manages`', field, example: 'namespaces: [shop, web]' }))
  return { kind: 'mesh', word: undefined }
}

/** The namespace of the objects that belong to no service: the root namespace, or the first that the spec manages. */
export function findHome(managed: ManagedPart, rootNamespace: Sourced<string>): Sourced<string> {
  if (managed.kind === 'mesh') return rootNamespace
  const first = managed.names[0]!
  return because(first.value, first, 'policy:home-namespace')
}
