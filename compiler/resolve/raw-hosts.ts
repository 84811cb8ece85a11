import { readList, readRecord } from '../../schema/json-schema.ts'
import { completeHost } from '../mesh/complete-host.ts'
import type { External, RawHost, RawObject, Service } from '../mesh/mesh.ts'
import { from } from '../mesh/sourced.ts'

/**
 * Lists the hosts that raw objects add to the mesh: those of ServiceEntries and Services, and those of VirtualServices for sidecars.
 * istiod sends a proxy the hosts that the Sidecar lists with the namespace of the object. See
 * https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener
 */
export function listRawHosts(
  raw: readonly RawObject[],
  services: readonly Service[],
  externals: readonly External[],
): readonly RawHost[] {
  const bringing = raw.filter(({ namespace }) => namespace !== undefined)
  if (bringing.length === 0) return []
  const declared = new Set([
    ...services.map(({ host }) => host.value),
    ...externals.flatMap(({ hosts }) => hosts.map(({ value }) => value)),
  ])
  return bringing.flatMap(object => makeHostsOfObject(object, object.namespace!, declared))
}

function makeHostsOfObject(
  { origin, object, apiVersion, kind, name }: RawObject,
  namespace: string,
  declared: ReadonlySet<string>,
): readonly RawHost[] {
  const spec = readRecord(object['spec'])
  const metadata = readRecord(object['metadata'])
  const home = from(origin.at('metadata').at('namespace'), namespace)
  const makeHost = (host: RawHost['host'], exportTo: readonly unknown[]): RawHost => ({
    host,
    namespace: home,
    isDeclared: declared.has(host.value),
    exportTo: exportTo.map(word => (word === '.' ? namespace : String(word))),
  })
  if (apiVersion === 'v1' && kind === 'Service') {
    const words = readRecord(metadata['annotations'])['networking.istio.io/exportTo']
    const exportTo = typeof words === 'string' ? words.split(',').map(word => word.trim()) : []
    const host = completeHost(name, namespace)
    return [makeHost(from(origin.at('metadata').at('name'), host), exportTo)]
  }
  if (!apiVersion.startsWith('networking.istio.io/')) return []
  const gateways = readList(spec['gateways'])
  const isForSidecars = gateways.length === 0 || gateways.includes('mesh')
  if (kind !== 'ServiceEntry' && !(kind === 'VirtualService' && isForSidecars)) return []
  const node = origin.at('spec').at('hosts')
  return readList(spec['hosts']).flatMap((host, index) => {
    if (typeof host !== 'string' || !hostName.test(host)) return []
    const full = kind === 'VirtualService' ? completeHost(host, namespace) : host
    return [makeHost(from(node.at(index), full), readList(spec['exportTo']))]
  })
}

/** A name of DNS, perhaps with a wildcard: a Sidecar lists no address. */
const hostName = /^(\*\.)?([a-z0-9-]+\.)*[a-z0-9-]*[a-z][a-z0-9-]*$/i
