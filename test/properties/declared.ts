import type { MeshSpec } from '../../schema/spec/mesh.ts'
import { type Protocol, protocols } from '../../schema/spec/ports.ts'

// What a spec declares, read by rules of its own: a property that asked the compiler would believe what it tests.

export interface DeclaredService {
  readonly key: string
  readonly name: string
  readonly namespace: string
  readonly host: string
  readonly selector: Readonly<Record<string, string>>
  /** The SPIFFE identity of its pods, as policies write it. */
  readonly principal: string
  readonly ports: readonly DeclaredPort[]
  readonly spec: NonNullable<MeshSpec['services']>[string]
}

export interface DeclaredPort {
  readonly name: string
  readonly protocol: Protocol
  readonly number: number
  readonly target: number
  readonly mtls: 'permissive' | 'off' | undefined
}

export const rootNamespace = (spec: MeshSpec): string => spec.istio?.namespace ?? 'istio-system'
export const trustDomain = (spec: MeshSpec): string => spec.istio?.trustDomain ?? 'cluster.local'

export function servicesOf(spec: MeshSpec): readonly DeclaredService[] {
  const services = Object.entries(spec.services ?? {})
  const said = [...Object.keys(spec.namespaces ?? {}), ...services.map(([, { namespace }]) => namespace)]
  const [only] = [...new Set(said.filter(name => name !== undefined))]
  return services.map(([key, service]) => {
    const name = service.name ?? key
    const namespace = service.namespace ?? only ?? ''
    const account = service.workload?.serviceAccount ?? name
    return {
      key,
      name,
      namespace,
      host: `${name}.${namespace}.svc.cluster.local`,
      selector: { ...(service.workload?.labels ?? { app: name }) },
      principal: `${trustDomain(spec)}/ns/${namespace}/sa/${account}`,
      ports: portsOf(service),
      spec: service,
    }
  })
}

/** The namespaces in which something of the mesh runs, or that the spec lists. */
export const namespacesOf = (spec: MeshSpec): readonly string[] => [
  ...new Set([
    ...Object.keys(spec.namespaces ?? {}),
    ...servicesOf(spec).map(({ namespace }) => namespace),
    ...gatewaysOf(spec).map(({ namespace }) => namespace),
  ]),
]

export interface DeclaredGateway {
  readonly name: string
  readonly namespace: string
  readonly principal: string
  readonly spec: NonNullable<MeshSpec['gateways']>[string]
}

export const gatewaysOf = (spec: MeshSpec): readonly DeclaredGateway[] =>
  Object.entries(spec.gateways ?? {}).map(([name, gateway]) => {
    const namespace = gateway.namespace ?? 'istio-ingress'
    return {
      name,
      namespace,
      principal: `${trustDomain(spec)}/ns/${namespace}/sa/istio-${name}-service-account`,
      spec: gateway,
    }
  })

export interface DeclaredExternal {
  readonly name: string
  readonly namespace: string
  readonly spec: NonNullable<MeshSpec['external']>[string]
  /** The namespaces of its callers. */
  readonly callers: readonly string[]
}

export const externalsOf = (spec: MeshSpec): readonly DeclaredExternal[] =>
  Object.entries(spec.external ?? {}).map(([name, external]) => ({
    name,
    namespace: external.namespace ?? rootNamespace(spec),
    spec: external,
    callers: (external.allow ?? []).map(
      ({ from }) =>
        servicesOf(spec).find(({ key }) => key === from)?.namespace ?? from.replace(/^namespace\//, ''),
    ),
  }))

function portsOf({ port, ports }: DeclaredService['spec']): readonly DeclaredPort[] {
  const named = Object.entries(ports ?? {}).map(([name, said]) =>
    typeof said === 'number' ? declaredPort(name, { [protocolOf(name)]: said }) : declaredPort(name, said),
  )
  return port === undefined ? named : [declaredPort(undefined, port)]
}

function declaredPort(
  name: string | undefined,
  said: NonNullable<DeclaredService['spec']['port']>,
): DeclaredPort {
  const protocol = protocols.find(protocol => said[protocol] !== undefined)
  if (protocol === undefined) throw new Error('a port without a protocol')
  const number = said[protocol] ?? 0
  return { name: name ?? protocol, protocol, number, target: said.target ?? number, mtls: said.mtls }
}

/** The protocol that a port's name begins with, the longest one: `grpc-web-ops` speaks gRPC-Web. */
function protocolOf(name: string): Protocol {
  const fitting = protocols.filter(protocol => name === protocol || name.startsWith(`${protocol}-`))
  const [longest] = fitting.toSorted((a, b) => b.length - a.length)
  if (longest === undefined) throw new Error(`no protocol in ${name}`)
  return longest
}

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** A duration as specs and manifests write it, in milliseconds. */
export function milliseconds(duration: unknown): number {
  const [, digits, unit] = /^([1-9][0-9]*)(ms|s|m|h)$/.exec(String(duration)) ?? []
  if (digits === undefined) throw new Error(`${String(duration)} is not a duration`)
  return Number(digits) * units[unit as keyof typeof units]
}
