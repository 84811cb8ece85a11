import type { Service } from '../../../mesh/mesh.ts'
import { isHttp } from '../../../mesh/port.ts'
import { findSyntaxError, requiresSign } from '../../../mesh/regular-expression.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A route with a contradictory or impossible condition has no effect. */
export const possibleMatches = defineRule<{ reason: string; help: string }>(
  {
    code: 'MESH3104',
    severity: 'error',
    summary: 'Every condition can be met by some request',
    message: p => `no request meets this condition: ${p.reason}`,
    help: p => p.help,
  },
  function* (_, report, { matches }) {
    for (const { service, match } of matches) {
      for (const absent of match.withoutHeaders) {
        const header = match.headers.find(([name]) => name === absent.value)
        if (header === undefined) continue
        const reason = `\`${absent.value}\` must be present and absent`
        const related = makeParty(header[1], 'asked for here')
        yield report(placeAt(findWrittenPlace(absent)!), { reason, help: 'keep one of the two' }, related)
      }
      for (const path of match.paths) {
        if (!('regex' in path.value) || !/^[-A-Za-z0-9_](?![*?{])[^|]*$/.test(path.value.regex)) continue
        const reason = `every path begins with \`/\`, and \`${path.value.regex}\` does not`
        const help = `the whole path is compared: write \`/${path.value.regex}\``
        yield report(placeAt(findWrittenPlace(path)!), { reason, help })
      }
      for (const path of match.paths) {
        if (!('regex' in path.value) || !asksForQuery(path.value.regex)) continue
        const reason = `a path ends before the \`?\`, and \`${path.value.regex}\` asks for one`
        yield report(placeAt(findWrittenPlace(path)!), {
          reason,
          help: 'match the query with `query`',
        })
      }
      const [method] = match.methods
      if (method !== undefined && isGrpc(service) && match.methods.every(({ value }) => value !== 'POST')) {
        const reason = `\`${service.key}\` speaks gRPC, whose requests are all POST`
        const related = service.ports
          .filter(isHttp)
          .flatMap(port => makeParty(port.protocol, 'this port speaks gRPC'))
        yield report(
          placeAt(findWrittenPlace(method)!),
          { reason, help: 'remove `methods`, or list `POST`' },
          related,
        )
      }
    }
  },
)

/** Envoy compares the path without its query. Another rule refuses an invalid expression. */
const asksForQuery = (regex: string) =>
  regex.includes('?') && findSyntaxError(regex) === undefined && requiresSign(regex, '?')

const isGrpc = ({ ports }: Service) =>
  ports.some(isHttp) && ports.filter(isHttp).every(({ protocol }) => protocol.value === 'grpc')
