import type { Service, ServicePort } from '../model.ts'

/** A port of a service by its number: one of UDP only where there is no other. See GetByPort in pilot/pkg/model/service.go of istio/istio. */
export const findPort = ({ ports }: Pick<Service, 'ports'>, number: number): ServicePort | undefined =>
  ports.find(port => port.number === number && port.protocol !== 'UDP') ??
  ports.find(port => port.number === number)
