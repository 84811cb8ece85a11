import type { Allow, Exposure, External, Gateway, Mesh, Port, Service } from '../mesh/mesh.ts'
import { isHttp } from '../mesh/port.ts'

/** The real parts of a mesh that examples use, so that a command can be copied unchanged. */
export interface Cast {
  /** A service that is called, one with versions before others. */
  readonly called: Called | undefined
  /** An edge from one service to another, preferably one with conditions on requests. */
  readonly hop: { readonly from: Service; readonly to: Called; readonly allow: Allow } | undefined
  /** A service that a gateway shows to the outside. */
  readonly door: { readonly service: Service; readonly exposure: Exposure } | undefined
  /** A way in before a way out. */
  readonly gateway: Gateway | undefined
  /** A service that asks for tokens. */
  readonly guarded: Service | undefined
  /** An external system and a service that may call it. */
  readonly outside: { readonly from: Service; readonly external: External } | undefined
}

export interface Called {
  readonly service: Service
  readonly port: Port
}

export function listCast({ services, gateways, externals }: Mesh): Cast {
  const called = services
    .flatMap(calledAt)
    .toSorted((a, b) => b.service.versions.length - a.service.versions.length)
  const hops = called.flatMap(to =>
    to.service.allow.flatMap(allow =>
      allow.from.kind === 'service' ? [{ from: allow.from.service, to, allow }] : [],
    ),
  )
  const doors = services.flatMap(service => service.exposures.map(exposure => ({ service, exposure })))
  const outsides = externals.flatMap(external =>
    external.allow.flatMap(({ from }) => (from.kind === 'service' ? [{ from: from.service, external }] : [])),
  )
  return {
    called: called.find(({ service }) => doors.some(door => door.service === service)) ?? called[0],
    hop: hops.find(({ allow }) => allow.methods.length + allow.paths.length > 0) ?? hops[0],
    door: doors[0],
    gateway: doors[0]?.exposure.gateway ?? gateways.find(({ isEgress }) => !isEgress.value) ?? gateways[0],
    guarded: services.find(({ jwt }) => jwt !== undefined),
    outside: outsides[0],
  }
}

/** A service at the first of its ports that speaks HTTP, or else the first. */
function calledAt(service: Service): readonly Called[] {
  const port = service.ports.find(isHttp) ?? service.ports[0]
  return port === undefined ? [] : [{ service, port }]
}
