import * as assert from 'uvu/assert'
import type { Compilation } from '../../compiler/compilation.ts'
import type { HttpRoute } from '../../schema/generated/virtual-service.ts'
import type { Declared, DeclaredRoute, Level } from './declared.ts'
import { type Emitted, listObjects } from './output.ts'

/** A rule of a VirtualService that sends requests on, and what the spec says of these requests. */
interface ForwardingRule {
  /** The rule in words, for messages. */
  readonly where: string
  readonly rule: HttpRoute
  /** The route of the service that it is for; undefined for an external system, which has none. */
  readonly route: DeclaredRoute | undefined
  /** The sections that may set the handling of the requests, the nearest first. */
  readonly levels: readonly Level[]
}

/**
 * Every rule that sends requests on, for the sidecars and for the gateways. Each is for one service or external system,
 * and is named after the route of the service that it is made of, with `-fault` where it is one for a fault.
 */
export function listForwardingRules(compilation: Compilation, declared: Declared): readonly ForwardingRule[] {
  return listObjects(compilation, 'VirtualService').flatMap(virtualService =>
    (virtualService.spec.http ?? [])
      .filter(({ redirect }) => redirect === undefined)
      .map(rule => forwardingRule(virtualService, rule, declared)),
  )
}

function forwardingRule(
  { namespace, name }: Emitted<'VirtualService'>,
  rule: HttpRoute,
  { services, externals }: Declared,
): ForwardingRule {
  const where = `VirtualService/${namespace}/${name} ${rule.name}`
  const hosts = new Set((rule.route ?? []).map(({ destination }) => destination.host))
  assert.is(hosts.size, 1, `${where} sends to one host`)
  const [host] = [...hosts] as [string]
  const external = externals.find(({ hosts }) => hosts.includes(host))
  if (external !== undefined) return { where, rule, route: undefined, levels: external.levels }
  const service = services.find(service => service.host === host)
  const routeName = rule.fault === undefined ? rule.name : rule.name?.replace(/-fault$/, '')
  const route = service?.routes.find(({ name }) => name === routeName)
  assert.ok(route, `${where} is a route of a declared service`)
  return { where, rule, route, levels: route.levels }
}
