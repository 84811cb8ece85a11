import fc from 'fast-check'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import { defined, externalNames, maybe, pick, reasons, seldom } from './names.ts'
import { circuitBreakers, connections, patience } from './traffic.ts'

type ExternalSpec = NonNullable<NonNullable<MeshFile['external']>[string]>

export const externalDrafts = fc.record({
  name: fc.constantFrom(...externalNames),
  /** Which of the namespaces of the mesh; the root namespace without one. */
  namespace: maybe(fc.nat({ max: 5 })),
  kind: fc.constantFrom('originate', 'passthrough', 'http', 'wildcard', 'tls', 'tcp'),
  hosts: fc.integer({ min: 1, max: 3 }),
  addresses: fc.boolean(),
  /** True if the callers look up a host that the mesh could look up. */
  isLookedUp: seldom(fc.constant(true)),
  /** True if the draft writes `tls:` although it is the default. */
  said: fc.boolean(),
  patience,
  circuitBreaker: maybe(circuitBreakers),
  connections: maybe(connections),
  allow: fc.array(
    fc.record({
      namespace: seldom(fc.constant(true)),
      index: fc.nat({ max: 20 }),
      because: maybe(reasons),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  /** True if the draft leaves out its callers where access is open. */
  open: fc.boolean(),
  /** The reason that anyone may call it; undefined if not everyone may. */
  anyone: seldom(reasons),
})
type ExternalDraft = typeof externalDrafts extends fc.Arbitrary<infer Draft> ? Draft : never

/** An external system that services of this mesh call. */
export function finishExternal(
  draft: ExternalDraft,
  index: number,
  services: readonly { readonly name: string; readonly namespace: string }[],
  isOpenMesh: boolean,
): ExternalSpec {
  const { name, kind } = draft
  const namespaces = services.map(service => service.namespace)
  const hosts = ['api', 'files', 'eu.api'].slice(0, draft.hosts).map(host => `${host}.${name}.example.net`)
  const seesRequests = kind === 'originate' || kind === 'http'
  const callers = draft.allow.map(({ namespace, index, because }) => ({
    from: namespace ? `namespace/${pick(namespaces, index)}` : pick(services, index).name,
    ...defined({ because }),
  }))
  if (draft.anyone !== undefined) callers.push({ from: 'anyone', because: draft.anyone })
  return {
    hosts: kind === 'wildcard' ? [`*.${name}.example.net`] : kind === 'tcp' ? hosts.slice(0, 1) : hosts,
    port: {
      originate: { https: 443 },
      passthrough: { https: 443 },
      wildcard: { https: 8443 },
      http: { http: 80 },
      tls: { tls: 6380 },
      tcp: { tcp: 5400 + index },
    }[kind],
    ...defined({
      namespace: draft.namespace === undefined ? undefined : pick(namespaces, draft.namespace),
      tls:
        kind === 'originate'
          ? ('originate' as const)
          : draft.said && (kind === 'passthrough' || kind === 'wildcard')
            ? ('passthrough' as const)
            : undefined,
      resolution:
        draft.isLookedUp === true && kind !== 'originate' && kind !== 'wildcard' && kind !== 'tcp'
          ? ('none' as const)
          : undefined,
      addresses: kind === 'tcp' ? [`203.0.113.${index + 1}`] : undefined,
      circuitBreaker: draft.circuitBreaker,
      connections: draft.connections,
    }),
    ...(seesRequests ? draft.patience : {}),
    ...(!(isOpenMesh && draft.open) && {
      allow: callers.filter(
        (caller, at) => callers.findIndex(otherCaller => otherCaller.from === caller.from) === at,
      ),
    }),
  }
}
