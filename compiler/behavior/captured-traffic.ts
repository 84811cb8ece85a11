import { bypassAnnotation } from './is-bare.ts'
import type { Unmodelled } from './result.ts'

const prefix = 'traffic.sidecar.istio.io/'

/** The annotation that names the ports of other pods to which a pod sends past its sidecar. */
const sentPastAnnotation = `${prefix}excludeOutboundPorts`

/** The annotations that select outbound traffic, except the annotation for ports. */
const outbound = ['includeOutboundIPRanges', 'excludeOutboundIPRanges', 'includeOutboundPorts']
const inbound = ['includeInboundPorts']

/**
 * Reads the traffic that an annotation of a pod makes unknown: outbound traffic to some ports or to all, inbound traffic, or both. A
 * value that the injector refuses makes both unknown. Undefined: the annotation makes no traffic unknown. See
 * https://istio.io/latest/docs/reference/config/annotations/ and tools/istio-iptables/pkg/capture/run.go of istio/istio.
 */
export function readCapture(name: string, value: string): Unmodelled['reason'] | undefined {
  if (!name.startsWith(prefix)) return undefined
  if (name === sentPastAnnotation) {
    const ports = parsePorts(value)
    return ports === undefined ? { code: 'traffic-capture' } : { code: 'outbound-capture', ports }
  }
  if (name === bypassAnnotation)
    return parsePorts(value) === undefined ? { code: 'traffic-capture' } : undefined
  const word = name.slice(prefix.length)
  if (outbound.includes(word)) return { code: 'outbound-capture' }
  if (inbound.includes(word)) return { code: 'inbound-capture' }
  return { code: 'traffic-capture' }
}

/** Parses ports as the injector reads them in an annotation; undefined: it refuses them. */
export function parsePorts(value = ''): readonly number[] | undefined {
  const words = value.split(',').map(word => word.trim())
  if (value.trim() === '') return []
  return words.every(word => /^\d+$/.test(word) && Number(word) <= 65535) ? words.map(Number) : undefined
}

/** Lists the unmodelled parts of a pod as a server: settings of its outgoing requests do not affect requests to it. */
export const listUnmodelledServing = (unmodelled: readonly Unmodelled[]): readonly Unmodelled[] =>
  unmodelled.length === 0
    ? unmodelled
    : unmodelled.filter(({ reason }) => reason?.code !== 'outbound-capture')

/** Lists the unmodelled parts of a pod as a client: settings of its incoming requests do not affect its own requests. */
export const listUnmodelledSending = (
  unmodelled: readonly Unmodelled[],
  port: number,
): readonly Unmodelled[] =>
  unmodelled.length === 0
    ? unmodelled
    : unmodelled.filter(
        ({ reason }) =>
          reason?.code !== 'inbound-capture' &&
          !(reason?.code === 'outbound-capture' && reason.ports?.includes(port) === false),
      )
