import { coversCaller, nameCaller } from '../../../mesh/caller.ts'
import { intersectPaths } from '../../../mesh/match.ts'
import type { Allow, Port, Route, Service } from '../../../mesh/mesh.ts'
import { isHttp } from '../../../mesh/port.ts'
import { findReceivingPort } from '../../../mesh/receiving-port.ts'
import { sharesConnections } from '../../../mesh/share.ts'
import { makeKeyParty, placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { rewritePaths } from '../../rewritten-paths.ts'
import { defineRule } from '../../rule.ts'

/**
 * A caller's proxy sends a request to the destination of the route. The proxy there checks the caller, and does not know the first
 * service.
 */
export const receivedCallers = defineRule<{ service: string; owner: string; caller: string }>(
  {
    code: 'MESH3431',
    severity: 'error',
    summary: 'A service that gets requests of another one allows the callers of that service',
    reads: ['services.*.allow', 'access'],
    message: p =>
      `\`${p.caller}\` may call \`${p.owner}\`, and is sent to \`${p.service}\`, which does not allow it`,
    help: p =>
      `add \`- from: ${p.caller}\` to the \`allow\` of \`${p.service}\`: it sees the caller and its request as they are`,
  },
  function* (_, report, { sharing }) {
    for (const service of sharing) {
      const reported = new Set<string>()
      for (const route of service.routes)
        for (const { service: receiver, origin, weight } of [...route.shares, ...route.mirror]) {
          if (receiver === undefined || origin === undefined || weight.value === 0) continue
          for (const rule of service.allow) {
            const params = { service: receiver.key, owner: service.key, caller: nameCaller(rule.from) }
            const key = `${receiver.key} ${params.caller}`
            if (reported.has(key) || isReceived(rule, route, service, receiver)) continue
            reported.add(key)
            yield report(placeAtKey(origin), params, [
              { at: placeAt(rule.origin), message: `it may call \`${service.key}\`` },
              receiver.allow.length > 0 && !receiver.isOpen
                ? makeKeyParty(receiver.origin.at('allow'), `who may call \`${receiver.key}\``)
                : makeKeyParty(receiver.origin, 'it has no `allow`'),
            ])
          }
        }
    }
  },
)

/** Tells whether the receiver lets some of the requests in that a rule of the first service and one of its routes let through. */
function isReceived(rule: Allow, route: Route, service: Service, receiver: Service): boolean {
  const { when, rewrite } = route
  const paths = intersectPaths(rule.paths, when?.paths ?? [])
  if (paths.kind === 'never') return true
  const seen = rewritePaths(paths.kind === 'some' ? paths.value : [], rewrite)
  const methods = meet(
    rule.methods.map(({ value }) => value),
    when?.methods.map(({ value }) => value) ?? [],
  )
  if (methods === 'none') return true
  return listPorts(rule, service, route).every(port => {
    const receiving = findReceivingPort(receiver, port)
    // Another rule reports a missing port.
    if (receiving === undefined) return true
    return receiver.allow.some(
      allowance =>
        coversCaller(allowance.from, rule.from) &&
        (allowance.ports.length === 0 || allowance.ports.some(each => each.port === receiving)) &&
        intersectPaths(allowance.paths, seen).kind !== 'never' &&
        meet(
          allowance.methods.map(({ value }) => value),
          methods,
        ) !== 'none',
    )
  })
}

/** The ports on which a rule lets requests through that a route sends on; connections take the last route. */
function listPorts({ ports }: Allow, service: Service, route: Route): readonly Port[] {
  const isForAll = route === service.routes.at(-1) && sharesConnections(service)
  return (ports.length === 0 ? service.ports : ports.map(({ port }) => port)).filter(
    port => isHttp(port) || isForAll,
  )
}

/** The words in both lists. An empty list means every word; `none`: the lists have no common word. */
function meet(a: readonly string[], b: readonly string[]): readonly string[] | 'none' {
  if (a.length === 0) return b
  if (b.length === 0) return a
  const both = a.filter(word => b.includes(word))
  return both.length === 0 ? 'none' : both
}
