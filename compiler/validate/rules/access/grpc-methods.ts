import { isHttp } from '../../../mesh/port.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

export const grpcMethods = defineRule<object>(
  {
    code: 'MESH3404',
    severity: 'error',
    summary: 'A rule for a gRPC port allows `POST`',
    message: () => 'this allows no call: every request of gRPC is a POST',
    help: () => 'remove `methods`, and name the calls in `paths: [/package.Service/Method]`',
  },
  function* (_, report, { grpc }) {
    for (const { ports, allow } of new Set(grpc.map(({ service }) => service))) {
      for (const { methods, ports: named } of allow) {
        const [method] = methods
        if (method === undefined || methods.some(({ value }) => value === 'POST')) continue
        const meant = (named.length > 0 ? named.map(({ port }) => port) : ports).filter(isHttp)
        if (!meant.every(({ protocol }) => protocol.value === 'grpc')) continue
        const related = meant.flatMap(port => makeParty(port.protocol, 'this port speaks gRPC'))
        yield report(placeAt(findWrittenPlace(method)!), {}, related)
      }
    }
  },
)
