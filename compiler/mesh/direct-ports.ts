import type { Port, Service } from './mesh.ts'
import { because, type Sourced } from './sourced.ts'

/**
 * Finds the word in the spec that makes connections reach the application at a port without a sidecar. No policy and no mutual TLS
 * apply there. Undefined: a sidecar captures them.
 */
export const findDirectReason = (
  { sidecar }: Pick<Service, 'sidecar'>,
  port: Pick<Port, 'sidecar'>,
): Sourced<string> | undefined => (sidecar.value === 'off' ? sidecar : port.sidecar)

/** Tells whether connections reach the application at a port without a sidecar. */
export const isDirect = (service: Pick<Service, 'sidecar'>, port: Pick<Port, 'sidecar'>): boolean =>
  findDirectReason(service, port) !== undefined

/** Finds the word in the spec that makes the sidecar of pods not capture a port; undefined for pods without a sidecar. */
export const findBypass = (
  { sidecar }: Pick<Service, 'sidecar'>,
  port: Pick<Port, 'sidecar'>,
): Port['sidecar'] => (sidecar.value === 'off' ? undefined : port.sidecar)

/**
 * Finds the reason why callers need an explicit plaintext setting for a port of pods with sidecars. istiod configures plaintext
 * itself for a port that accepts no mutual TLS, but not for a headless Service: there it only checks whether the pods have sidecars.
 * See BestEffortInferServiceMTLSMode in pilot/pkg/model/push_context.go of istio/istio.
 */
export function findPlaintextReason(
  service: Pick<Service, 'sidecar' | 'headless'>,
  port: Pick<Port, 'sidecar' | 'mtls'>,
): Sourced<unknown> | undefined {
  const bypass = findBypass(service, port)
  if (bypass !== undefined || service.headless === undefined || service.sidecar.value === 'off') return bypass
  return port.mtls?.value === 'off' ? because(port.mtls.value, port.mtls, service.headless) : undefined
}

/** Lists the container ports that the sidecar of a service's pods does not capture, sorted, for every service on the pods. */
export const listBypassedPorts = ({ samePods }: Pick<Service, 'samePods'>): readonly number[] =>
  [
    ...new Set(
      samePods.flatMap(service =>
        service.ports.flatMap(port => (findBypass(service, port) === undefined ? [] : [port.target.value])),
      ),
    ),
  ].sort((a, b) => a - b)
