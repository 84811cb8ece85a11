import type { Port, Service } from './mesh.ts'
import { isHttp, isTls } from './port.ts'

/**
 * Finds the port of another service that receives the requests or connections to a port: the one with the same name, or else the only
 * one of the same kind (requests, TLS, connections). Undefined if there is neither.
 */
export function findReceivingPort({ ports }: Service, port: Port): Port | undefined {
  const alike = ports.filter(each => isHttp(each) === isHttp(port) && isTls(each) === isTls(port))
  return alike.find(({ key }) => key === port.key) ?? (alike.length === 1 ? alike[0] : undefined)
}
