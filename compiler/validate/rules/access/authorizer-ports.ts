import { findWrittenPlace, makeKeyParty, placeAt } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Istio asks by the protocol of the provider, and sends by that of the port. */
export const authorizerPorts = defineRule<{
  authorizer: string
  service: string
  port: number
  speaks: string | undefined
  protocol: 'grpc' | 'http'
  help: string
}>(
  {
    code: 'MESH3428',
    severity: 'error',
    summary: 'An authorizer in the mesh answers at a port of its service, in the protocol of that port',
    reads: ['services.*.port', 'services.*.ports'],
    message: p =>
      p.speaks === undefined
        ? `\`${p.service}\` has no port ${p.port}, where \`${p.authorizer}\` should answer`
        : `\`${p.authorizer}\` is asked with ${p.protocol === 'grpc' ? 'gRPC' : 'HTTP'}, but port ${p.port} of \`${p.service}\` speaks ${p.speaks}`,
    help: p => p.help,
  },
  function* ({ authorizers, services }, report) {
    for (const { name, host, port, protocol } of authorizers) {
      const service = services.find(service => service.host.value === host.value)
      if (service === undefined) continue
      const declared = service.ports.find(({ number }) => number.value === port.value)
      const fitting: readonly string[] = protocol.value === 'grpc' ? ['grpc', 'http2'] : ['http', 'http2']
      if (declared !== undefined && fitting.includes(declared.protocol.value)) continue
      const numbers = service.ports
        .filter(candidate => fitting.includes(candidate.protocol.value))
        .map(({ number }) => number.value)
      const help =
        numbers.length > 0
          ? `write port ${numbers.join(' or ')}`
          : `declare it: \`port: { ${protocol.value}: ${port.value} }\``
      const related = [makeKeyParty(declared?.origin ?? service.origin, `\`${service.key}\``)]
      yield report(
        placeAt(findWrittenPlace(port)!),
        {
          authorizer: name.value,
          service: service.key,
          port: port.value,
          speaks: declared?.protocol.value,
          protocol: protocol.value,
          help,
        },
        related,
      )
    }
  },
)
