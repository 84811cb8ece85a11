import fc from 'fast-check'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import { defined, externalNames, maybe, pick, reasons, seldom } from './names.ts'
import { circuitBreakers, connections, patience } from './traffic.ts'

type ExternalSpec = NonNullable<NonNullable<MeshFile['external']>[string]>

export const externalDrafts = fc.record({
  name: fc.constantFrom(...externalNames),
  /** The number of its namespace in the mesh; the root namespace if absent. */
  namespace: maybe(fc.nat({ max: 5 })),
  kind: fc.constantFrom('originate', 'passthrough', 'http', 'wildcard', 'tls', 'tcp'),
  hosts: fc.integer({ min: 1, max: 3 }),
  /** The method of resolution, if a draft has one that fits its kind. */
  lookup: maybe(fc.constantFrom('none', 'dns', 'dns-round-robin', 'dynamic-dns')),
  /** The endpoints, if they are listed, and the number of them that are names. */
  endpoints: seldom(
    fc.record({
      names: fc.boolean(),
      all: fc.array(
        fc.oneof(
          fc.integer({ min: 1, max: 1000 }),
          fc.record(
            {
              weight: fc.integer({ min: 1, max: 1000 }),
              port: fc.constantFrom(8443, 9000),
              locality: fc.constantFrom('eu-west-1', 'eu-west-1/a', 'us/b/c'),
            },
            { requiredKeys: [] },
          ),
        ),
        { minLength: 1, maxLength: 3 },
      ),
    }),
  ),
  /** The form of the addresses of TCP. */
  addresses: fc.constantFrom('address', 'range', 'any'),
  clientCertificate: maybe(
    fc.oneof(
      fc.constant({ secret: 'outside-client' }),
      fc.record(
        {
          certificate: fc.constant('/etc/outside/tls.crt'),
          key: fc.constant('/etc/outside/tls.key'),
          ca: fc.constant('/etc/outside/ca.crt'),
        },
        { requiredKeys: ['certificate', 'key'] },
      ),
    ),
  ),
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
  /** True if the draft omits its callers where access is open. */
  open: fc.boolean(),
  /** The reason that anyone may call the system; undefined if not everyone may. */
  anyone: seldom(reasons),
})
type ExternalDraft = typeof externalDrafts extends fc.Arbitrary<infer Draft> ? Draft : never

/** Makes an external system that services of this mesh call. */
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
  const isOpen = isOpenMesh && draft.open
  // Only the pods of a service have a secret.
  const needsServices =
    kind === 'originate' && draft.clientCertificate !== undefined && 'secret' in draft.clientCertificate
  const callers = draft.allow.map(({ namespace, index, because }) => ({
    from: namespace && !needsServices ? `namespace/${pick(namespaces, index)}` : pick(services, index).name,
    ...defined({ because }),
  }))
  if (draft.anyone !== undefined && !needsServices) callers.push({ from: 'anyone', because: draft.anyone })
  const endpoints = listEndpoints(draft, index)
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
      clientCertificate: kind === 'originate' ? draft.clientCertificate : undefined,
      resolution: fitLookup(draft, endpoints),
      addresses:
        kind !== 'tcp'
          ? undefined
          : draft.addresses === 'range' && !isLookedUp(draft, endpoints)
            ? [`198.51.${index}.0/24`, `203.0.113.${index + 1}`]
            : draft.addresses === 'any' && !isLookedUp(draft, endpoints)
              ? ('any' as const)
              : [`203.0.113.${index + 1}`],
      endpoints,
      circuitBreaker: draft.circuitBreaker,
      connections: draft.connections,
    }),
    ...(seesRequests ? draft.patience : {}),
    ...(!(isOpen && !needsServices) && {
      allow: callers.filter(
        (caller, at) => callers.findIndex(otherCaller => otherCaller.from === caller.from) === at,
      ),
    }),
  }
}

type Endpoints = NonNullable<ExternalSpec['endpoints']>

function listEndpoints({ endpoints, name }: ExternalDraft, index: number): Endpoints | undefined {
  if (endpoints === undefined) return undefined
  const { names, all } = endpoints
  return Object.fromEntries(
    all.map((endpoint, at) => [
      names && at === 0 ? `one.${name}.example.org` : `192.0.2.${10 * index + at}`,
      endpoint,
    ]),
  )
}

/** Returns the drawn resolution method, if the language accepts it for this kind of system. */
function fitLookup(
  { lookup, kind }: ExternalDraft,
  endpoints: Endpoints | undefined,
): ExternalSpec['resolution'] | undefined {
  const count = Object.keys(endpoints ?? {}).length
  switch (lookup) {
    case 'none':
      return kind !== 'originate' && count === 0 ? lookup : undefined
    case 'dns':
      return kind !== 'wildcard' || count > 0 ? lookup : undefined
    case 'dns-round-robin':
      return count === 1 || (count === 0 && kind !== 'wildcard') ? lookup : undefined
    case 'dynamic-dns':
      return kind === 'wildcard' && count === 0 ? lookup : undefined
  }
  return undefined
}

/** Checks whether a proxy resolves a name. */
const isLookedUp = (draft: ExternalDraft, endpoints: Endpoints | undefined): boolean =>
  /^dns/.test(fitLookup(draft, endpoints) ?? '') || (draft.endpoints?.names ?? false)
