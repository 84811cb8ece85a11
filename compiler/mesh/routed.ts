import type { External, Service } from './mesh.ts'
import { isHttp } from './port.ts'

/**
 * Tells whether the mesh has a route for a service: one for its requests, or one that shares out connections among
 * versions.
 */
export const isRouted = ({ ports, versions }: Service): boolean =>
  ports.some(port => isHttp(port) || versions.length > 0)

/** Tells whether the mesh sees the requests to an external system, so that it can limit their time and try again. */
export const isTimed = ({ tls, port }: External): boolean =>
  tls.value === 'originate' || port.protocol.value === 'http'
