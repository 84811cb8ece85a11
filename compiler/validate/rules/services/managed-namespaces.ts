import type { Place } from '../../../diagnostics/diagnostic.ts'
import type { Mesh } from '../../../mesh/mesh.ts'
import type { Sourced, SpecNode } from '../../../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty, placeIn } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** The owner of another namespace would own the object there. */
export const managedNamespaces = defineRule<{ what: string; namespace: string }>(
  {
    code: 'MESH3022',
    severity: 'error',
    summary: 'A spec that manages some namespaces has objects only in them',
    reads: ['manages', 'istio.namespace'],
    message: p => `${p.what} is in the namespace \`${p.namespace}\`, which \`manages\` does not list`,
    help: p => `add \`${p.namespace}\` to \`manages.namespaces\`, or leave it to its owner`,
  },
  function* (mesh, report) {
    const { managed } = mesh
    if (managed.kind === 'mesh') return
    const names = new Set(managed.names.map(({ value }) => value))
    const related = makeParty(managed.names[0], 'this is what the spec manages')
    for (const { what, namespace, at } of listPlaced(mesh))
      if (!names.has(namespace)) yield report(at, { what, namespace }, related)
  },
)

/** A part of the spec with the namespace of its objects. */
interface Placed {
  readonly what: string
  readonly namespace: string
  /** The place of the name, or else of the part. */
  readonly at: Place
}

function* listPlaced({
  services,
  gateways,
  rateLimiters,
  externals,
  namespaces,
  raw,
}: Mesh): Iterable<Placed> {
  for (const { key, namespace, origin } of services)
    yield makePlaced(`the service \`${key}\``, namespace, origin)
  for (const { name, namespace, origin } of gateways)
    yield makePlaced(`the gateway \`${name.value}\``, namespace, origin)
  for (const gateway of gateways) {
    const { name, namespace, workloadNamespace, certificates, jwt, deny, rateLimit, origin } = gateway
    if (workloadNamespace.value === namespace.value) continue
    if (gateway.isEgress.value)
      yield makePlaced(`the policy of the gateway \`${name.value}\``, workloadNamespace, origin)
    if (certificates.some(({ issuer }) => issuer !== undefined))
      yield makePlaced(`the certificate of the gateway \`${name.value}\``, workloadNamespace, origin)
    if (jwt !== undefined)
      yield { what: '`jwt` of the proxies', namespace: workloadNamespace.value, at: placeAtKey(jwt.origin) }
    for (const denial of deny.slice(0, 1))
      yield { what: '`deny` of the proxies', namespace: workloadNamespace.value, at: placeAt(denial.origin) }
    if (rateLimit !== undefined)
      yield {
        what: '`rateLimit` of the proxies',
        namespace: workloadNamespace.value,
        at: placeAtKey(rateLimit.origin),
      }
  }
  for (const { routes, exposures } of services)
    for (const { rateLimit } of routes) {
      if (rateLimit === undefined) continue
      for (const { gateway } of exposures)
        if (gateway.workloadNamespace.value !== gateway.namespace.value)
          yield {
            what: `\`rateLimit\` of the proxies of \`${gateway.name.value}\``,
            namespace: gateway.workloadNamespace.value,
            at: placeAtKey(rateLimit.origin),
          }
    }
  for (const { name, namespace } of rateLimiters)
    yield {
      what: `the ConfigMap with the limits of \`${name.value}\``,
      namespace: namespace.value,
      at: placeAt(findWrittenPlace(namespace)!),
    }
  for (const { key, namespace, origin } of externals)
    yield makePlaced(`the external system \`${key}\``, namespace, origin)
  for (const { name } of namespaces) {
    const written = findWrittenPlace(name)
    if (written?.path[0] === 'namespaces')
      yield { what: 'this entry', namespace: name.value, at: placeAtKey(written) }
  }
  for (const { kind, namespace, origin } of raw)
    if (namespace !== undefined) yield { what: `this ${kind}`, namespace, at: placeAt(origin) }
}

function makePlaced(what: string, namespace: Sourced<string>, origin: SpecNode): Placed {
  return { what, namespace: namespace.value, at: placeIn(origin, namespace) }
}
