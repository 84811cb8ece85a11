import fc from 'fast-check'
import type { Protocol } from '../../schema/protocols.ts'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import { defined, maybe, seldom } from './names.ts'
import { finishRefinement, refinementDrafts } from './traffic.ts'

type ServiceSpec = NonNullable<NonNullable<MeshFile['services']>[string]>
type PortFields = Pick<ServiceSpec, 'port' | 'ports'>

/** A port of a service in a draft. */
export interface PortDraft {
  /** The name of the port in the spec. */
  readonly name: string
  readonly protocol: Protocol
  readonly mtls?: 'permissive' | 'off'
  readonly sidecar?: 'off'
}

/** The protocols whose requests Istio sees. */
export const isHttp = (protocol: Protocol): boolean =>
  protocol === 'http' || protocol === 'http2' || protocol === 'grpc' || protocol === 'grpc-web'

const httpProtocols = fc.constantFrom<Protocol>('http', 'grpc', 'http2', 'grpc-web')
const streamProtocols = fc.constantFrom<Protocol>(
  'tcp',
  'redis',
  'mongo',
  'mysql',
  'postgres',
  'tls',
  'https',
)

/** The settings of a port that differs from the rest of its service. */
const exceptions = fc.constantFrom(
  { mtls: 'permissive' as const },
  { mtls: 'off' as const },
  { sidecar: 'off' as const },
)

export const portDrafts = fc.record({
  main: fc.oneof({ weight: 5, arbitrary: httpProtocols }, { weight: 1, arbitrary: streamProtocols }),
  /** True if the draft writes `ports:` although `port:` is enough. */
  long: fc.boolean(),
  number: fc.constantFrom(80, 3000, 5000, 7070, 8080, 9080, 50_051),
  target: maybe(fc.constantFrom(8000, 8081, 3001)),
  exception: seldom(exceptions),
  refinement: seldom(refinementDrafts),
  others: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('metrics', 'admin', 'events', 'ops'),
      /** True if the name begins with the protocol. */
      prefixed: fc.boolean(),
      protocol: fc.oneof(httpProtocols, streamProtocols),
      target: fc.boolean(),
      exception: seldom(exceptions),
      refinement: seldom(refinementDrafts),
    }),
    { selector: ({ name }) => name, maxLength: 2 },
  ),
})
type PortsDraft = typeof portDrafts extends fc.Arbitrary<infer Draft> ? Draft : never

/** Returns the same ports for pods without a sidecar: each accepts only plaintext. */
export const withoutExceptions = (draft: PortsDraft): PortsDraft => ({
  ...draft,
  exception: undefined,
  others: draft.others.map(port => ({ ...port, exception: undefined })),
})

/** Returns the same ports, all of which the sidecar captures. */
export const withSidecars = (draft: PortsDraft): PortsDraft => ({
  ...draft,
  exception: keepMtls(draft.exception),
  others: draft.others.map(port => ({ ...port, exception: keepMtls(port.exception) })),
})

const keepMtls = (exception: PortsDraft['exception']) =>
  exception !== undefined && 'mtls' in exception ? exception : undefined

/** Returns the same ports for a service without an address: each is equal to the container's port. */
export const withoutTargets = (draft: PortsDraft): PortsDraft => ({
  ...draft,
  target: undefined,
  others: draft.others.map(port => ({ ...port, target: false })),
})

/**
 * Returns the fields of a service and the ports that they declare. No two ports share a number or a target.
 */
export function finishPorts(draft: PortsDraft): {
  readonly fields: PortFields
  readonly ports: readonly PortDraft[]
} {
  const { main, others, number } = draft
  const first = {
    ...defined({ [main]: number, target: draft.target }),
    ...draft.exception,
    ...(draft.refinement && finishRefinement(draft.refinement, isHttp(main))),
  }
  const firstPort = { name: main, protocol: main, ...draft.exception }
  if (others.length === 0 && !draft.long) return { fields: { port: first }, ports: [firstPort] }
  const rest = others.map(({ name, prefixed, protocol, target, exception, refinement }, index) => {
    const number = 9100 + index
    const settings = refinement === undefined ? {} : finishRefinement(refinement, isHttp(protocol))
    const isPlain = prefixed && !target && exception === undefined && Object.keys(settings).length === 0
    const fields = {
      ...defined({ [protocol]: number, target: target ? number + 10_000 : undefined }),
      ...exception,
      ...settings,
    }
    return {
      port: { name: prefixed ? `${protocol}-${name.slice(0, 6)}` : name, protocol, ...exception },
      fields: isPlain ? number : fields,
    }
  })
  return {
    fields: {
      ports: {
        [main]: Object.keys(first).length === 1 ? number : first,
        ...Object.fromEntries(rest.map(({ port, fields }) => [port.name, fields])),
      },
    },
    ports: [firstPort, ...rest.map(({ port }) => port)],
  }
}
