import type { LayeredSpec } from '../mesh/layered-spec.ts'
import type { Callee, Mesh, Service } from '../mesh/mesh.ts'
import { SpecNode } from '../mesh/sourced.ts'
import { resolveIssuers } from './jwt.ts'
import { resolveDefaultPolicy } from './policy.ts'
import { resolveRateLimiters } from './rate-limiters.ts'
import { resolveService } from './services.ts'
import { linkShares, type ShareLink } from './share-links.ts'
import type { ServiceSpec } from './spec-sections.ts'

/** A mesh in which one service is replaced. */
interface Revision {
  readonly mesh: Mesh
  readonly service: Service
}

/**
 * A mesh as it would be with other versions and routes in the spec of a service, by the code that resolved it first. Its namespace
 * and every edge stay.
 *
 * @returns undefined if the spec would be wrong
 */
export function reviseService(
  mesh: Mesh,
  { value: spec }: LayeredSpec,
  service: Service,
  revised: ServiceSpec,
): Revision | undefined {
  let isWrong = false
  const report = () => {
    isWrong = true
  }
  const links: ShareLink[] = []
  const defaults = { spec: spec.defaults ?? {}, node: new SpecNode(undefined, 'defaults') }
  const context = {
    trustDomain: mesh.istio.trustDomain,
    gateways: new Map(mesh.gateways.map(gateway => [gateway.name.value, gateway])),
    issuers: resolveIssuers(spec, report),
    limiters: resolveRateLimiters(spec, mesh.name, report),
    defaults,
    policy: resolveDefaultPolicy(defaults),
    links,
    clusters: mesh,
  }
  const { origin, key, namespace, sidecar } = service
  const entity = resolveService(revised, origin, key, { namespace, sidecars: sidecar }, context, report)
  linkShares(links, new Map(mesh.services.map(each => [each.key, each])), new Map([[key, entity]]), report)
  if (isWrong) return undefined
  // A service that may call itself calls its revised form.
  const relink = (callee: Callee): Callee =>
    callee.kind === 'service' && callee.service === service ? { ...callee, service: entity } : callee
  entity.allow = service.allow
  entity.deny = service.deny
  entity.authorize = service.authorize
  entity.isOpen = service.isOpen
  entity.ownCallees = service.callees.map(relink)
  entity.samePods = service.samePods.map(each => (each === service ? entity : each))
  const services = mesh.services.map(each => (each === service ? entity : each))
  return { mesh: { ...mesh, services, publicCallees: mesh.publicCallees.map(relink) }, service: entity }
}
