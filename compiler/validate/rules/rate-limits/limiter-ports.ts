import { findWrittenPlace, makeKeyParty, placeAt } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Istio sends by the protocol of the port: a question over gRPC that is sent as HTTP/1.1 gets no answer. */
export const limiterPorts = defineRule<{
  limiter: string
  service: string
  port: number
  speaks: string | undefined
  help: string
}>(
  {
    code: 'MESH3491',
    severity: 'error',
    summary: 'A rate limiter in the mesh answers at a port of its service that speaks gRPC',
    reads: ['services.*.port', 'services.*.ports'],
    message: p =>
      p.speaks === undefined
        ? `\`${p.service}\` has no port ${p.port}, where \`${p.limiter}\` should answer`
        : `\`${p.limiter}\` is asked with gRPC, but port ${p.port} of \`${p.service}\` speaks ${p.speaks}`,
    help: p => p.help,
  },
  function* ({ rateLimiters, services }, report) {
    for (const { name, host, port } of rateLimiters) {
      const service = services.find(service => service.host.value === host.value)
      if (service === undefined) continue
      const declared = service.ports.find(({ number }) => number.value === port.value)
      if (declared !== undefined && isFitting(declared.protocol.value)) continue
      const numbers = service.ports
        .filter(({ protocol }) => isFitting(protocol.value))
        .map(({ number }) => number.value)
      const help =
        numbers.length > 0
          ? `write port ${numbers.join(' or ')}`
          : `declare it: \`port: { grpc: ${port.value} }\``
      const related = [makeKeyParty(declared?.origin ?? service.origin, `\`${service.key}\``)]
      const params = {
        limiter: name.value,
        service: service.key,
        port: port.value,
        speaks: declared?.protocol.value,
        help,
      }
      yield report(placeAt(findWrittenPlace(port)!), params, related)
    }
  },
)

const isFitting = (protocol: string): boolean => protocol === 'grpc' || protocol === 'http2'
