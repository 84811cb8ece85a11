import { makeKeyParty, placeAt } from '../../../mesh/spec-place.ts'
import { findUnfitPort } from '../../asked-service.ts'
import { findWrittenPlace } from '../../places.ts'
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
        : `\`${p.limiter}\` is called with gRPC, but port ${p.port} of \`${p.service}\` speaks ${p.speaks}`,
    help: p => p.help,
  },
  function* (mesh, report) {
    for (const limiter of mesh.rateLimiters) {
      const unfit = findUnfitPort(mesh, limiter, ['grpc', 'http2'])
      if (unfit === undefined) continue
      const { service, declared, help } = unfit
      const params = {
        limiter: limiter.name.value,
        service: service.key,
        port: limiter.port.value,
        speaks: declared?.protocol.value,
        help,
      }
      const related = [makeKeyParty(declared?.origin ?? service.origin, `\`${service.key}\``)]
      yield report(placeAt(findWrittenPlace(limiter.port)!), params, related)
    }
  },
)
