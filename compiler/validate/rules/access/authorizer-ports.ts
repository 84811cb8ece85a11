import { makeKeyParty, placeAt } from '../../../mesh/spec-place.ts'
import { findUnfitPort } from '../../asked-service.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Istio sends the authorization request in the protocol of the provider, but configures the connection by the protocol of the port. */
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
        : `\`${p.authorizer}\` is called with ${p.protocol === 'grpc' ? 'gRPC' : 'HTTP'}, but port ${p.port} of \`${p.service}\` speaks ${p.speaks}`,
    help: p => p.help,
  },
  function* (mesh, report) {
    for (const authorizer of mesh.authorizers) {
      const protocol = authorizer.protocol.value
      const unfit = findUnfitPort(mesh, authorizer, [protocol, 'http2'])
      if (unfit === undefined) continue
      const { service, declared, help } = unfit
      const params = {
        authorizer: authorizer.name.value,
        service: service.key,
        port: authorizer.port.value,
        speaks: declared?.protocol.value,
        protocol,
        help,
      }
      const related = [makeKeyParty(declared?.origin ?? service.origin, `\`${service.key}\``)]
      yield report(placeAt(findWrittenPlace(authorizer.port)!), params, related)
    }
  },
)
