import { fieldsOfRequests } from '../../../../schema/generated/field-facts.ts'
import type { Port, Route, Service, TrafficPolicy } from '../../../mesh/mesh.ts'
import { isHttp } from '../../../mesh/port.ts'
import type { Sourced, SpecNode } from '../../../mesh/sourced.ts'
import { makeKeyParty, placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, isWrittenIn } from '../../places.ts'
import { defineRule } from '../../rule.ts'
import { listWrittenTimes } from '../../times.ts'

/** Envoy sees requests on HTTP ports only; on other ports it sees connections, so settings of requests have no effect. */
export const httpPorts = defineRule<{ service: string; setting: string; port: string | undefined }>(
  {
    code: 'MESH3013',
    severity: 'error',
    summary: 'A setting for requests belongs to a service or port that speaks HTTP',
    message: p =>
      p.port === undefined
        ? `\`${p.setting}\` has no effect: no port of \`${p.service}\` speaks HTTP`
        : `\`${p.setting}\` has no effect: the port \`${p.port}\` of \`${p.service}\` does not speak HTTP`,
    help: p =>
      p.port !== undefined
        ? `remove \`${p.setting}\``
        : `remove \`${p.setting}\`, or declare a port that speaks \`http\`, \`http2\`, \`grpc\` or \`grpc-web\``,
  },
  function* (_, report, { opaque }) {
    for (const service of opaque) {
      for (const port of service.ports)
        if (!isHttp(port))
          for (const node of listRequestLimits(port))
            yield report(
              placeAtKey(node),
              { service: service.key, setting: String(node.key), port: port.key },
              [makeKeyParty(port.origin, `this port speaks ${port.protocol.value}`)],
            )
      if (service.ports.some(isHttp)) continue
      for (const node of listHttpSettings(service)) {
        const related = service.ports.map(port =>
          makeKeyParty(port.origin, `this port speaks ${port.protocol.value}`),
        )
        yield report(
          placeAtKey(node),
          { service: service.key, setting: String(node.key), port: undefined },
          related,
        )
      }
    }
  },
)

/** Yields the settings of a service that apply to requests. */
function* listHttpSettings({
  origin,
  policy,
  versions,
  routes,
  fault,
  jwt,
  objective,
}: Service): Iterable<SpecNode> {
  yield* listWrittenTimes(policy, origin)
  yield* listHashed(policy, origin)
  for (const version of versions)
    if (version.refinement !== undefined) yield* listHashed(version.refinement.policy, version.origin)
  for (const part of [fault, jwt, objective]) if (part !== undefined) yield part.origin
  for (const route of routes) yield* routeSettings(route)
}

/** Yields the places where a part of a spec hashes a part of a request. */
const listHashed = ({ loadBalancing }: TrafficPolicy, origin: SpecNode) =>
  listWritten(
    fieldsOfRequests.loadBalancing.map(field => loadBalancing[field]),
    origin,
  )

/** Yields the places where a port limits requests, or hashes a part of them. */
function* listRequestLimits({ origin, refinement }: Port): Iterable<SpecNode> {
  if (refinement === undefined) return
  const { policy } = refinement
  yield* listHashed(policy, origin)
  yield* listWritten(
    fieldsOfRequests.connections.map(field => policy.connections?.[field]),
    origin,
  )
}

/** Yields the places of the values that a part of a spec writes. */
function* listWritten(
  values: readonly (Sourced<unknown> | undefined)[],
  origin: SpecNode,
): Iterable<SpecNode> {
  for (const value of values) {
    const node = findWrittenPlace(value)
    if (node !== undefined && value !== undefined && isWrittenIn(value, origin)) yield node
  }
}

function* routeSettings(route: Route): Iterable<SpecNode> {
  const mirrored = findWrittenPlace(route.mirror[0]?.weight)
  if (mirrored !== undefined) yield mirrored.parent!
  if (route.origin === undefined) return
  const { when, redirect, rewrite, headers } = route
  for (const part of [when, redirect, rewrite, headers]) if (part !== undefined) yield part.origin
  yield* listWrittenTimes(route, route.origin)
}
