import { completeHost } from '../mesh/complete-host.ts'
import { coversHost } from '../mesh/gateway-hosts.ts'
import type { Gateway, Mesh, Service } from '../mesh/mesh.ts'
import { readEntries, readFields } from './raw-fields.ts'

/** A raw VirtualService at gateways: the hosts of its requests, and their destinations. */
interface RawEntrance {
  /** `namespace/name` of each gateway. */
  readonly gateways: ReadonlySet<string>
  readonly hosts: readonly string[]
  /** The hosts of its destinations, as far as they can be completed: `cart.shop.svc.cluster.local`. */
  readonly destinations: ReadonlySet<string>
}

/** The raw VirtualServices of a mesh that a gateway can serve. */
export const listRawEntrances = ({ raw }: Mesh): readonly RawEntrance[] =>
  raw
    .filter(
      ({ kind, apiVersion }) => kind === 'VirtualService' && apiVersion.startsWith('networking.istio.io/'),
    )
    .map(({ object, namespace = 'default' }) => {
      const spec = readFields(object['spec'])
      const gateways = readEntries(spec['gateways']).map(String)
      return {
        gateways: new Set(gateways.map(name => (name.includes('/') ? name : `${namespace}/${name}`))),
        hosts: readEntries(spec['hosts']).map(String),
        destinations: new Set(destinationsIn(spec, namespace)),
      }
    })

/** Tells whether it is for a gateway. */
export const isAt = ({ gateways }: RawEntrance, gateway: Gateway): boolean =>
  gateways.has(`${gateway.namespace.value}/${gateway.name.value}`)

/** Tells whether requests for a host of a gateway come in there. */
export const servesHost = (entrance: RawEntrance, gateway: Gateway, host: string): boolean =>
  isAt(entrance, gateway) &&
  entrance.hosts.some(served => coversHost(served, host) || coversHost(host, served))

/** Tells whether requests come from a gateway to a service there. */
export const leadsTo = (entrance: RawEntrance, gateway: Gateway, service: Service): boolean =>
  (gateway.tcp.length > 0
    ? isAt(entrance, gateway)
    : [...gateway.hosts, ...gateway.passthrough].some(({ value }) => servesHost(entrance, gateway, value))) &&
  entrance.destinations.has(service.host.value)

function* destinationsIn(spec: ReturnType<typeof readFields>, namespace: string): Iterable<string> {
  for (const protocol of ['http', 'tls', 'tcp']) {
    for (const rule of readEntries(spec[protocol])) {
      for (const entry of readEntries(readFields(rule)['route'])) {
        const { host } = readFields(readFields(entry)['destination'])
        if (typeof host === 'string') yield completeHost(host, namespace)
      }
    }
  }
}
