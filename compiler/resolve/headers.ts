import type { HeaderChanges, HeaderOperations, Rewrite } from '../mesh/mesh.ts'
import type { SpecNode } from '../mesh/sourced.ts'
import { entries, labelsOf, said } from './fields.ts'
import type { RouteSpec } from './spec-sections.ts'

type HeaderChangesSpec = NonNullable<RouteSpec['headers']>

/** Headers changed on the way, of a route or an exposure. */
export function headerChangesOf(
  spec: HeaderChangesSpec | undefined,
  node: SpecNode,
): HeaderChanges | undefined {
  if (spec === undefined) return undefined
  return {
    origin: node,
    request: operationsOf(spec.request, node.at('request')),
    response: operationsOf(spec.response, node.at('response')),
  }
}

function operationsOf(spec: HeaderChangesSpec['request'], node: SpecNode): HeaderOperations {
  return {
    set: labelsOf(spec?.set, node.at('set')),
    add: labelsOf(spec?.add, node.at('add')),
    remove: entries(spec?.remove, node.at('remove')),
  }
}

/** What is changed in a request before it is sent on, of a route or an exposure. */
export function rewriteOf(spec: RouteSpec['rewrite'], node: SpecNode): Rewrite | undefined {
  if (spec === undefined) return undefined
  return { origin: node, path: said(spec, node, 'path'), host: said(spec, node, 'host') }
}
