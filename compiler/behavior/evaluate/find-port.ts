import type { Service, ServicePort } from '../model.ts'

/**
 * A port of a service by its number. A UDP port is the result only if no other port has the number. See GetByPort in
 * pilot/pkg/model/service.go of istio/istio.
 */
export const findPort = ({ ports }: Pick<Service, 'ports'>, number: number): ServicePort | undefined =>
  ports.find(port => port.number === number && port.protocol !== 'UDP') ??
  ports.find(port => port.number === number)
