import type { Service, StringMatch } from '../../../mesh/mesh.ts'
import { isHttp } from '../../../mesh/port.ts'
import type { Sourced } from '../../../mesh/sourced.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** See https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md: a path is `/`, the service, `/`, and the method. */
export const grpcPaths = defineRule<{ path: string }>(
  {
    code: 'MESH3413',
    severity: 'warning',
    summary: 'A path of a gRPC port names a call, or ends in `*`',
    message: p => `no call of gRPC has the path \`${p.path}\`: it names no method`,
    help: p =>
      p.path === '/'
        ? 'write `/package.Service/Method`, or `/package.Service/*` for all of its methods'
        : `write \`${p.path.replace(/\/$/, '')}/*\` for all methods of that service`,
  },
  function* (_, report, { grpc }) {
    for (const service of new Set(grpc.map(({ service }) => service))) {
      for (const path of listGrpcPaths(service)) {
        if (!('exact' in path.value) || /^\/[^/]+\/[^/]/.test(path.value.exact)) continue
        const related = service.ports
          .filter(isHttp)
          .flatMap(port => makeParty(port.protocol, 'this port speaks gRPC'))
        yield report(placeAt(findWrittenPlace(path)!), { path: path.value.exact }, related)
      }
    }
  },
)

/** Paths in conditions that apply to gRPC only. */
function* listGrpcPaths({ ports, routes, fault, allow }: Service): Iterable<Sourced<StringMatch>> {
  for (const { paths, ports: named } of allow)
    if (areGrpc(named.length > 0 ? named.map(({ port }) => port) : ports)) yield* paths
  if (!areGrpc(ports)) return
  for (const { when } of routes) yield* when?.paths ?? []
  yield* fault?.when?.paths ?? []
}

const areGrpc = (ports: Service['ports']) =>
  ports.filter(isHttp).every(({ protocol }) => protocol.value === 'grpc')
