import type { Labels, ModelObject, PolicyCondition } from '../behavior/model.ts'
import { areOfSamePods, type ForeignMesh, type ForeignService, selectsAll } from './foreign-mesh.ts'
import type { ForeignGateway } from './gateways.ts'
import { Unsayable } from './matches.ts'
import { listSelectedGateways } from './tokens.ts'

/** The part of the spec that a policy is about. */
export type PolicyOwner =
  | { readonly section: 'services'; readonly key: string; readonly service: ForeignService }
  | {
      readonly section: 'gateways'
      readonly key: string
      readonly gateway: ForeignGateway
      /** The gateways with the same proxies, itself among them: a policy is about the connections of all. */
      readonly alike: readonly ForeignGateway[]
    }

/** An object that is for the pods with some labels. */
type Selecting = ModelObject & { readonly selector: Labels }

/**
 * Finds the service or the gateway of a policy by its pods. If several have the same pods, the policy's name decides.
 *
 * @param field the field of the spec for the policy, which is the end of the policy's name
 */
export function findOwner(
  mesh: ForeignMesh,
  policy: Selecting,
  gateways: ReadonlyMap<string, ForeignGateway>,
  field: 'deny' | 'authorize' | 'rateLimit',
): PolicyOwner {
  const [ending, verb] = effectWords[field]
  const services = mesh.services.filter(
    service =>
      policy.namespace === service.service.namespace &&
      selectsAll(policy, service, mesh.model.settings.rootNamespace),
  )
  const isLimited = Object.keys(policy.selector).length > 0
  const namesake = services.find(({ service }) => policy.name === `${service.name}.${ending}`)
  const service = namesake ?? services[0]
  if (service !== undefined && isLimited && areOfSamePods(services))
    return { section: 'services', key: service.key, service }
  const entrances = listSelectedGateways(mesh, policy, gateways)
  const gateway = entrances.find(({ key }) => policy.name === `${key}.gateway-${ending}`) ?? entrances[0]
  if (gateway === undefined)
    throw new Unsayable(`it ${verb} requests of other pods than those of one service`)
  return { section: 'gateways', key: gateway.key, gateway, alike: entrances }
}

/** The end of an object's name, and the verb for its effect. */
const effectWords = {
  deny: ['deny', 'denies'],
  authorize: ['authorize', 'asks about'],
  rateLimit: ['rate-limit', 'limits'],
} as const

/** Refuses a rule about hosts that its gateway does not serve: no other rule of the language is about hosts. */
export function refuseOtherHosts(owner: PolicyOwner, hosts: readonly string[]): void {
  const served = owner.section === 'gateways' ? owner.gateway.hosts : []
  if (hosts.some(host => !served.includes(host.replace(/:[*0-9]+$/, ''))))
    throw new Unsayable('it asks for hosts')
}

/** Removes the condition that the SNI is not a TLS passthrough host from the conditions of a rule about requests. */
export const withoutConnections = (
  when: readonly PolicyCondition[],
  owner: PolicyOwner,
): readonly PolicyCondition[] =>
  owner.section === 'services'
    ? when
    : when.filter(
        ({ key, values, notValues }) =>
          key !== 'connection.sni' ||
          values.length > 0 ||
          notValues.some(host => !owner.alike.some(({ passthrough }) => passthrough.includes(host))),
      )
