import type { Route, Service } from '../../../mesh/mesh.ts'
import { isHttp } from '../../../mesh/port.ts'
import type { SpecNode } from '../../../mesh/sourced.ts'
import { findWrittenPlace, isWrittenIn, keyPlace, makeKeyParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'
import { listWrittenTimes } from '../../times.ts'

/** Envoy sees requests on HTTP ports only; elsewhere it sees connections, and has no use for what is said of requests. */
export const httpPorts = defineRule<{ service: string; setting: string }>(
  {
    code: 'MESH3013',
    severity: 'error',
    summary: 'A setting for requests belongs to a service with an HTTP port',
    message: p => `\`${p.setting}\` has no effect: no port of \`${p.service}\` speaks HTTP`,
    help: p =>
      `remove \`${p.setting}\`, or declare a port that speaks \`http\`, \`http2\`, \`grpc\` or \`grpc-web\``,
  },
  function* (_, report, { opaque }) {
    for (const service of opaque) {
      if (service.ports.some(isHttp)) continue
      for (const node of settings(service)) {
        const related = service.ports.map(port =>
          makeKeyParty(port.origin, `this port speaks ${port.protocol.value}`),
        )
        yield report(keyPlace(node), { service: service.key, setting: String(node.key) }, related)
      }
    }
  },
)

/** Yields the places where a service says something of requests. */
function* settings({ origin, policy, routes, fault, jwt, objective }: Service): Iterable<SpecNode> {
  yield* listWrittenTimes(policy, origin)
  const { header, cookie } = policy.loadBalancing
  for (const hashed of [header, cookie]) {
    const node = findWrittenPlace(hashed)
    if (node !== undefined && hashed !== undefined && isWrittenIn(hashed, origin)) yield node
  }
  for (const part of [fault, jwt, objective]) if (part !== undefined) yield part.origin
  for (const route of routes) yield* routeSettings(route)
}

function* routeSettings(route: Route): Iterable<SpecNode> {
  const mirrored = findWrittenPlace(route.mirror[0]?.weight)
  if (mirrored !== undefined) yield mirrored.parent!
  if (route.origin === undefined) return
  const { when, redirect, rewrite, headers } = route
  for (const part of [when, redirect, rewrite, headers]) if (part !== undefined) yield part.origin
  yield* listWrittenTimes(route, route.origin)
}
