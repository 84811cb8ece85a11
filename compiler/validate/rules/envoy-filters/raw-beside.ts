import { completeHost } from '../../../mesh/complete-host.ts'
import { listListeners } from '../../../mesh/gateway-listeners.ts'
import type { Mesh, RawObject, Service } from '../../../mesh/mesh.ts'
import {
  findExternalRouteReasons,
  findExternalRuleReasons,
  findRuleReasons,
  isRouted,
} from '../../../mesh/routed.ts'
import type { SpecNode } from '../../../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { type Fields, readEntries, readFields } from '../../raw-fields.ts'
import { defineRule } from '../../rule.ts'

/** Istio obeys one of two objects that speak for one host, workload or namespace, or parts of both. */
export const rawBeside = defineRule<{ kind: string; what: string; isOfService?: boolean }>(
  {
    code: 'MESH3705',
    severity: 'error',
    summary: 'No raw object repeats an object that meshc writes',
    covers: [
      'IST0109',
      'IST0110',
      'IST0145',
      'IST0160',
      'IST0177',
      'KIA0002',
      'KIA0201',
      'KIA1106',
      'KIA1211',
      'KIA1212',
    ],
    reads: ['istio.namespace'],
    message: p =>
      p.isOfService
        ? `a Service has the host ${p.what} already`
        : `meshc writes a ${p.kind} for ${p.what} already`,
    help: p =>
      p.isOfService
        ? 'use another host: a host of a Kubernetes Service needs no object'
        : 'set it in the spec, or change the emitted object with `patches`',
  },
  function* (mesh, report) {
    if (mesh.raw.length === 0) return
    const hostsByKind = new Map(hostKinds.map(kind => [kind, indexHosts(mesh, kind)]))
    for (const raw of mesh.raw) {
      if (!/^(networking|security|telemetry)\.istio\.io\//.test(raw.apiVersion)) continue
      const spec = readFields(raw.object['spec'])
      for (const { text, place } of hostsIn(raw, spec)) {
        const owner = hostsByKind.get(raw.kind)?.get(completeHost(text, raw.namespace))
        if (owner === undefined) continue
        const related = { at: placeAtKey(owner), message: 'it is declared here' }
        const isOfService = raw.kind === 'ServiceEntry' && owner.path[0] === 'services'
        yield report(placeAt(place), { kind: raw.kind, what: `\`${text}\``, isOfService }, [related])
      }
      const { namespace = 'default' } = raw
      if (speaksForNamespace(raw, spec) && meshcSpeaksFor(mesh, raw.kind, namespace)) {
        yield report(placeAt(raw.origin.at('kind')), {
          kind: raw.kind,
          what: `the namespace \`${namespace}\``,
        })
      }
      for (const { text, place, owner } of raw.kind === 'Gateway' ? servedIn(mesh, raw, spec) : []) {
        const related = { at: placeAtKey(owner), message: 'it is declared here' }
        yield report(placeAt(place), { kind: raw.kind, what: `\`${text}\`` }, [related])
      }
      const owner = raw.kind === 'Sidecar' ? sidecarOwner(mesh, spec, namespace) : undefined
      if (owner !== undefined) {
        const related = { at: placeAtKey(owner), message: 'these pods have a Sidecar' }
        const place = raw.origin.at('spec').at('workloadSelector')
        yield report(placeAtKey(place), { kind: raw.kind, what: 'these pods' }, [related])
      }
    }
  },
)

/**
 * Indexes every host that a kind of object is there for already: those that meshc writes, and Services, which are entries of the
 * registry too.
 */
function indexHosts({ services, externals }: Mesh, kind: string): ReadonlyMap<string, SpecNode> {
  const hosts = new Map<string, SpecNode>()
  const isThere =
    kind === 'VirtualService'
      ? isRouted
      : kind === 'DestinationRule'
        ? (service: Service) => findRuleReasons(service) !== undefined
        : ({ ports }: Service) => ports.length > 0
  for (const service of services) if (isThere(service)) hosts.set(service.host.value, service.origin)
  for (const external of externals) {
    if (kind === 'VirtualService' && findExternalRouteReasons(external) === undefined) continue
    if (kind === 'DestinationRule' && findExternalRuleReasons(external) === undefined) continue
    for (const host of external.hosts) hosts.set(host.value, external.origin)
  }
  return hosts
}

const hostKinds = ['VirtualService', 'DestinationRule', 'ServiceEntry']

interface RawHost {
  readonly text: string
  readonly place: SpecNode
}

/** The mesh hosts of a raw object; a VirtualService that is only at gateways has none. */
function hostsIn({ kind, origin }: RawObject, spec: Fields): readonly RawHost[] {
  const node = origin.at('spec')
  const { host } = spec
  if (kind === 'DestinationRule')
    return typeof host === 'string' ? [{ text: host, place: node.at('host') }] : []
  const gateways = readEntries(spec['gateways'])
  const isInMesh = gateways.length === 0 || gateways.includes('mesh')
  if (kind !== 'ServiceEntry' && !(kind === 'VirtualService' && isInMesh)) return []
  return readEntries(spec['hosts']).flatMap((text, index) =>
    typeof text === 'string' ? [{ text, place: node.at('hosts').at(index) }] : [],
  )
}

function speaksForNamespace({ kind }: RawObject, spec: Fields): boolean {
  if (kind !== 'PeerAuthentication' && kind !== 'Telemetry') return false
  return spec['selector'] === undefined && spec['targetRefs'] === undefined
}

/** meshc writes Telemetry for the mesh only, and encryption for every namespace. */
const meshcSpeaksFor = ({ istio, namespaces }: Mesh, kind: string, namespace: string) =>
  namespace === istio.namespace.value ||
  (kind === 'PeerAuthentication' && namespaces.some(({ name }) => name.value === namespace))

/** Hosts that a raw Gateway serves on ports on which a gateway of the mesh, in the same pods, serves them: IST0145. */
function* servedIn({ gateways }: Mesh, { origin }: RawObject, spec: Fields) {
  const labels = Object.entries(readFields(spec['selector']))
  const same = gateways.filter(({ selector }) =>
    labels.every(([key, value]) => selector.some(([name, label]) => name === key && label.value === value)),
  )
  for (const [order, server] of readEntries(spec['servers']).entries()) {
    const { port, hosts } = readFields(server)
    const number = Number(readFields(port)['number'])
    const listening = same.filter(gateway =>
      listListeners(gateway).some(listener => listener.number.value === number),
    )
    for (const [index, text] of readEntries(hosts).entries()) {
      const host = String(text).split('/').at(-1)
      const owner = listening.find(gateway => gateway.hosts.some(({ value }) => value === host))
      const place = origin.at('spec').at('servers').at(order).at('hosts').at(index)
      if (owner !== undefined) yield { text: String(text), place, owner: owner.origin }
    }
  }
}

/** A service whose pods a raw Sidecar also selects. */
function sidecarOwner(
  { services, sidecarScope }: Mesh,
  spec: Fields,
  namespace: string,
): SpecNode | undefined {
  if (sidecarScope.value === 'all') return undefined
  const labels = readFields(readFields(spec['workloadSelector'])['labels'])
  if (Object.keys(labels).length === 0) return undefined
  return services.find(
    service =>
      service.namespace.value === namespace &&
      Object.entries(labels).every(([key, value]) =>
        service.selector.some(([name, selected]) => name === key && selected.value === value),
      ),
  )?.origin
}
