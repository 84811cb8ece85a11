import type { HeaderChanges, HeaderOperations, Rewrite } from '../mesh/mesh.ts'
import type { SpecNode } from '../mesh/sourced.ts'
import { listSourcedEntries, readField, readLabels } from './fields.ts'
import type { RouteSpec } from './spec-sections.ts'

type HeaderChangesSpec = NonNullable<RouteSpec['headers']>

/** Headers changed on the way, of a route or an exposure. */
export function resolveHeaderChanges(
  { headers: spec }: Pick<RouteSpec, 'headers'>,
  owner: SpecNode,
): HeaderChanges | undefined {
  if (spec === undefined) return undefined
  const node = owner.at('headers')
  return {
    origin: node,
    request: getOperations(spec.request, node.at('request')),
    response: getOperations(spec.response, node.at('response')),
  }
}

function getOperations(spec: HeaderChangesSpec['request'], node: SpecNode): HeaderOperations {
  return {
    set: readLabels(spec?.set, node, 'set'),
    add: readLabels(spec?.add, node, 'add'),
    remove: listSourcedEntries(spec?.remove, node, 'remove'),
  }
}

/** Finds the changes in a request before it is sent on, of a route or an exposure. */
export function findRewrite(
  { rewrite: spec }: Pick<RouteSpec, 'rewrite'>,
  owner: SpecNode,
): Rewrite | undefined {
  // An empty rewrite changes nothing; Istio would refuse it.
  if (spec?.path === undefined && spec?.host === undefined) return undefined
  const node = owner.at('rewrite')
  return { origin: node, path: readField(spec, node, 'path'), host: readField(spec, node, 'host') }
}
