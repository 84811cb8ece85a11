import type { Retries, Route, Service } from '../../mesh/mesh.ts'
import { isHttp } from '../../mesh/port.ts'
import type { SpecNode } from '../../mesh/sourced.ts'
import { isWrittenIn, keyOf, keyParty, writtenAt } from '../places.ts'
import { defineRule } from '../rule.ts'

/** Envoy sees requests on HTTP ports only; elsewhere it sees connections, and has no use for what is said of requests. */
export const httpPorts = defineRule<{ service: string; setting: string }>(
  {
    code: 'MESH3013',
    severity: 'error',
    summary: 'What is said of requests is said of a service with an HTTP port',
    message: p => `\`${p.setting}\` has no effect: no port of \`${p.service}\` speaks HTTP`,
    help: p =>
      `remove \`${p.setting}\`, or say of a port that it speaks \`http\`, \`http2\`, \`grpc\` or \`grpc-web\``,
  },
  function* ({ services }, report) {
    for (const service of services) {
      if (service.ports.some(isHttp)) continue
      for (const node of settings(service)) {
        const related = service.ports.map(port =>
          keyParty(port.origin, `this port speaks ${port.protocol.value}`),
        )
        yield report(keyOf(node), { service: service.key, setting: String(node.key) }, related)
      }
    }
  },
)

/** Where a service says something of requests. */
function* settings({ origin, policy, routes, fault, jwt, objective }: Service): Iterable<SpecNode> {
  const { timeout, retries } = policy
  if (isWrittenIn(timeout, origin)) yield origin.at('timeout')
  if (areWrittenIn(retries, origin)) yield origin.at('retries')
  if (fault !== undefined) yield fault.origin
  if (jwt !== undefined) yield jwt.origin
  if (objective !== undefined) yield objective.origin
  const serviceMirror = routes.find(route => route.origin === undefined)?.mirror[0]
  if (serviceMirror !== undefined) yield origin.at('mirror')
  for (const route of routes) if (route.origin !== undefined) yield* routeSettings(route, route.origin)
}

function* routeSettings(route: Route, origin: SpecNode): Iterable<SpecNode> {
  const { when, redirect, rewrite, headers, mirror, timeout, retries } = route
  for (const part of [when, redirect, rewrite, headers]) if (part !== undefined) yield part.origin
  const mirrored = writtenAt(mirror[0]?.weight)
  if (mirrored !== undefined) yield mirrored.parent!
  if (isWrittenIn(timeout, origin)) yield origin.at('timeout')
  if (areWrittenIn(retries, origin)) yield origin.at('retries')
}

const areWrittenIn = ({ attempts, perTryTimeout, on }: Retries, origin: SpecNode) =>
  [attempts, on, ...(perTryTimeout === undefined ? [] : [perTryTimeout])].some(part =>
    isWrittenIn(part, origin),
  )
