import fc from 'fast-check'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import { pick } from './names.ts'
import type { ServiceSpec } from './services.ts'

type Services = Readonly<Record<string, ServiceSpec>>
type Allow = NonNullable<ServiceSpec['allow']>[number]

/** A service that sends requests to another one. */
export const receiverDrafts = fc.record({
  pair: fc.nat({ max: 60 }),
  /** The version of the receiver that gets the requests; all instances, if the receiver has no versions. */
  version: fc.nat({ max: 2 }),
  kind: fc.constantFrom('route', 'mirror', 'share'),
  share: fc.integer({ min: 1, max: 99 }),
})
type ReceiverDraft = typeof receiverDrafts extends fc.Arbitrary<infer Draft> ? Draft : never

/**
 * Makes one service send a part of its requests to another, if two services allow it. The receiver has the
 * ports of the first service, and allows its callers.
 *
 * @param fixed the services that must not change, since a second Service has their pods
 */
export function withReceiver(
  services: Services,
  draft: ReceiverDraft,
  fixed: ReadonlySet<string>,
  access: MeshFile['access'],
): Services {
  const names = Object.keys(services)
  const pairs = names.flatMap(owner =>
    names
      .filter(receiver => receiver !== owner && !fixed.has(receiver) && !fixed.has(owner))
      .filter(receiver => fits(owner, services[owner]!, services[receiver]!, receiver))
      .map(receiver => [owner, receiver] as const),
  )
  if (pairs.length === 0) return services
  const [owner, receiver] = pick(pairs, draft.pair)
  const first = services[owner]!
  const second = services[receiver]!
  const versions = Object.keys(second.versions ?? {})
  const key = `service/${receiver}${versions.length > 0 ? `/${pick(versions, draft.version)}` : ''}`
  const allow = first.allow === undefined ? undefined : distinctCallers(first.allow ?? [])
  const { allow: _, deny: __, jwt: ___, authorize: ____, expose: _____, ...rest } = second
  const isOpen = access === 'open' && allow === undefined
  return {
    ...services,
    [owner]: share(first, owner, key, draft),
    [receiver]: isOpen ? rest : { ...rest, allow: allow ?? [] },
  }
}

function fits(owner: string, first: ServiceSpec, second: ServiceSpec, receiver: string): boolean {
  // A gateway reads claims, and it exposes the service.
  if (second.routes?.some(({ when }) => when?.claims !== undefined)) return false
  if ((first.allow ?? []).some(({ from }) => from === receiver || from === owner)) return false
  // A caller has no identity at a service without a sidecar, or without mutual TLS.
  if (second.workload?.sidecar != null) return false
  // Requests of a share need the address of the receiver.
  if (second.headless === true) return false
  if (JSON.stringify([second.port, second.ports]).includes('"off"')) return false
  const port = listKinds(first)
  const receiving = listKinds(second)
  return (
    port.some(kind => kind === 'requests') &&
    port.every(kind => receiving.filter(each => each === kind).length === 1)
  )
}

/** Lists the kinds of the ports of a service. */
function listKinds({ port, ports }: ServiceSpec): readonly string[] {
  const protocols = [
    ...(port == null ? [] : [findProtocol(Object.keys(port))]),
    ...Object.entries(ports ?? {}).map(([name, value]) =>
      findProtocol(typeof value === 'object' && value !== null ? Object.keys(value) : [name.split('-')[0]!]),
    ),
  ]
  return protocols.map(protocol =>
    /^(http|http2|grpc|grpc-web)$/.test(protocol)
      ? 'requests'
      : /^(https|tls)$/.test(protocol)
        ? 'TLS'
        : 'connections',
  )
}

const findProtocol = (words: readonly string[]) =>
  words.find(word => /^(http2?|https|grpc|grpc-web|tls|tcp|redis|mongo|mysql|postgres)$/.test(word)) ?? 'tcp'

/** Lists the callers of rules, each once, without conditions. */
function distinctCallers(allow: readonly Allow[]): Allow[] {
  const callers = [...new Set(allow.map(({ from }) => from))]
  const chosen = callers.includes('anyone') ? ['anyone'] : callers
  return chosen.map(from => ({ from, ...(from === 'anyone' && { because: 'it takes over from another' }) }))
}

/** Sends requests of a service to a receiver; the other requests keep their destinations. */
function share(service: ServiceSpec, name: string, key: string, draft: ReceiverDraft): ServiceSpec {
  const { traffic, versions, routes, mirror, active } = service
  if (draft.kind === 'mirror' && mirror === undefined)
    return { ...service, mirror: { [key]: `${draft.share}%` } }
  const isPlain = versions === undefined && routes === undefined && active === undefined
  if (draft.kind === 'share' && isPlain && traffic === undefined)
    return {
      ...service,
      traffic: { [`service/${name}`]: `${100 - draft.share}%`, [key]: `${draft.share}%` },
    }
  return {
    ...service,
    routes: [
      { name: 'elsewhere', when: { headers: { 'x-elsewhere': 'on' } }, traffic: { [key]: '100%' } },
      ...(routes ?? []),
    ],
  }
}
