import type { Service, Share, Version } from '../mesh/mesh.ts'
import type { Sourced, SpecNode } from '../mesh/sourced.ts'
import { placeAtKey } from '../mesh/spec-place.ts'
import { unknownReceiver, unknownVersion } from './diagnostics.ts'
import type { Report } from './fields.ts'
import type { ServiceEntity } from './service-entity.ts'

/** A share that names a service. The service and its version are linked after every service is made. */
export class ServiceShare implements Share {
  readonly origin: SpecNode
  readonly weight: Sourced<number>
  /** Undefined, too, for the service of the route itself. */
  service: Service | undefined
  version: Version | undefined

  constructor(origin: SpecNode, weight: Sourced<number>) {
    this.origin = origin
    this.weight = weight
  }
}

/** A share that waits for its service. */
export interface ShareLink {
  /** The key of the service whose requests are shared. */
  readonly owner: string
  readonly share: ServiceShare
  /** The key of the service that the share names. */
  readonly key: string
  readonly version: string | undefined
}

/** Reads `service/<key>` and `service/<key>/<version>`; undefined for the name of a version. */
export function readReceiver(word: string): Pick<ShareLink, 'key' | 'version'> | undefined {
  const [kind, key, version] = word.split('/')
  return key === undefined || kind !== 'service' ? undefined : { key, version }
}

/** Fills the services and versions of shares, and marks the services that have such shares. */
export function linkShares(
  links: readonly ShareLink[],
  services: ReadonlyMap<string, ServiceEntity | Service>,
  owners: ReadonlyMap<string, ServiceEntity>,
  report: Report,
): void {
  for (const { owner, share, key, version } of links) {
    const entity = owners.get(owner)
    if (entity !== undefined) entity.namesServices = true
    const service = services.get(key)
    if (service === undefined) {
      report(unknownReceiver(placeAtKey(share.origin), { name: key, version, legal: [...services.keys()] }))
      continue
    }
    if (version !== undefined) {
      share.version = service.versions.find(({ name }) => name.value === version)
      if (share.version === undefined) {
        const legal = service.versions.map(({ name }) => name.value)
        const receiver =
          legal.length === 0
            ? { at: placeAtKey(service.origin), message: 'it has no versions' }
            : { at: placeAtKey(service.origin.at('versions')), message: `the versions of \`${key}\`` }
        const params = { service: key, name: version, prefix: `service/${key}/`, legal }
        report(unknownVersion(placeAtKey(share.origin), params, [receiver]))
      }
    }
    share.service = key === owner ? undefined : service
  }
}
