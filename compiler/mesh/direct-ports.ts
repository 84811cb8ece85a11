import type { Port, Service } from './mesh.ts'
import { because, type Sourced } from './sourced.ts'

/**
 * Finds the word because of which connections reach the application at a port without a sidecar: no policy applies there, and no
 * mutual TLS. Undefined: a sidecar takes them.
 */
export const findDirectReason = (
  { sidecar }: Pick<Service, 'sidecar'>,
  port: Pick<Port, 'sidecar'>,
): Sourced<string> | undefined => (sidecar.value === 'off' ? sidecar : port.sidecar)

/** Tells whether connections reach the application at a port without a sidecar. */
export const isDirect = (service: Pick<Service, 'sidecar'>, port: Pick<Port, 'sidecar'>): boolean =>
  findDirectReason(service, port) !== undefined

/** Finds the word because of which the sidecar of pods leaves a port alone; pods without a sidecar need none. */
export const findBypass = (
  { sidecar }: Pick<Service, 'sidecar'>,
  port: Pick<Port, 'sidecar'>,
): Port['sidecar'] => (sidecar.value === 'off' ? undefined : port.sidecar)

/**
 * Finds why callers must be told to speak plain text to a port of pods with sidecars. istiod tells them by itself where a port takes no
 * mutual TLS, but not for a headless Service: there it looks at whether the pods have sidecars alone. See
 * BestEffortInferServiceMTLSMode in pilot/pkg/model/push_context.go of istio/istio.
 */
export function findPlaintextReason(
  service: Pick<Service, 'sidecar' | 'headless'>,
  port: Pick<Port, 'sidecar' | 'mtls'>,
): Sourced<unknown> | undefined {
  const bypass = findBypass(service, port)
  if (bypass !== undefined || service.headless === undefined || service.sidecar.value === 'off') return bypass
  return port.mtls?.value === 'off' ? because(port.mtls.value, port.mtls, service.headless) : undefined
}

/** Lists the ports of the container that the sidecar of a service's pods leaves alone, sorted: those of every service on the pods. */
export const listBypassedPorts = ({ samePods }: Pick<Service, 'samePods'>): readonly number[] =>
  [
    ...new Set(
      samePods.flatMap(service =>
        service.ports.flatMap(port => (findBypass(service, port) === undefined ? [] : [port.target.value])),
      ),
    ),
  ].sort((a, b) => a - b)
