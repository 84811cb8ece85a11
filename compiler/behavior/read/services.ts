import { compare } from '../../diagnostics/compare.ts'
import { isAddress } from '../address-ranges.ts'
import type { ManifestObject } from '../manifest-object.ts'
import type { MeshSettings, Service, ServiceEndpoint, ServicePort } from '../model.ts'
import { plainRecord } from '../plain-record.ts'
import { detectProtocol, parseProtocol } from '../protocol.ts'
import { specFields } from './kinds.ts'
import { type Finding, readObject } from './read-object.ts'
import { listAt, mapAt, numberAt, readLabels, readText, readTexts } from './values.ts'

/** A Service of Kubernetes. See pilot/pkg/serviceregistry/kube/conversion.go of istio/istio. */
export function readService(source: ManifestObject, settings: MeshSettings): Service {
  const spec = mapAt(source.value, 'spec')
  const metadata = mapAt(source.value, 'metadata')
  const isLocal = readText(spec, 'internalTrafficPolicy') === 'Local'
  const findings: readonly Finding[] = isLocal
    ? [{ path: ['spec', 'internalTrafficPolicy'], reason: { code: 'node-local-traffic' } }]
    : []
  const object = readObject(source, undefined, findings)
  const clusterIp = readText(spec, 'clusterIP')
  const externalName = readText(spec, 'type') === 'ExternalName' ? readText(spec, 'externalName') : undefined
  const isHeadless = clusterIp === 'None'
  const written = readTexts(spec, 'clusterIPs')
  const exportTo = readText(mapAt(metadata, 'annotations'), 'networking.istio.io/exportTo')
  return {
    host: `${object.name}.${object.namespace}.svc.cluster.local`,
    registry: 'Kubernetes',
    ports: listAt(spec, 'ports').map(readServicePort),
    selector: readLabels(spec, 'selector'),
    addresses: isHeadless || !clusterIp ? [] : written.length > 1 ? written : [clusterIp],
    isHeadless,
    resolution: externalName !== undefined ? 'alias' : isHeadless ? 'passthrough' : 'client',
    isExternal: externalName !== undefined,
    exportTo: readExportTo(
      exportTo?.split(',').map(name => name.trim()) ?? [],
      settings.defaultServiceExportTo,
      object.namespace,
    ),
    labels: readLabels(metadata, 'labels'),
    endpoints: [],
    subjectAltNames: [],
    ...(externalName !== undefined && { externalName }),
    ...object,
  }
}

function readServicePort(port: unknown): ServicePort {
  const number = numberAt(port, 'port') ?? 0
  const name = readText(port, 'name') ?? ''
  const target = mapAt({ port }, 'port')?.['targetPort']
  return {
    number,
    name,
    protocol: detectProtocol(
      number,
      name,
      readText(port, 'protocol') ?? 'TCP',
      readText(port, 'appProtocol'),
    ),
    targetPort: typeof target === 'string' || (typeof target === 'number' && target !== 0) ? target : number,
  }
}

/**
 * The hosts of a ServiceEntry, one for each of its addresses: Istio merges them later. `workloadEntries`: of all
 * namespaces. See pilot/pkg/serviceregistry/serviceentry/conversion.go of istio/istio.
 */
export function readServiceEntry(
  source: ManifestObject,
  settings: MeshSettings,
  workloadEntries: readonly ManifestObject[],
): readonly Service[] {
  const spec = mapAt(source.value, 'spec')
  const object = readObject(source, specFields['ServiceEntry'], findUpperCaseHosts(spec))
  const { namespace } = object
  const selector = readLabels(mapAt(spec, 'workloadSelector'), 'labels')
  const selects = isSelecting(source)
  const ports = listAt(spec, 'ports').map((port): ServicePort => {
    const number = numberAt(port, 'number') ?? 0
    return {
      number,
      name: readText(port, 'name') ?? '',
      protocol: parseProtocol(readText(port, 'protocol') ?? ''),
      targetPort: numberAt(port, 'targetPort') || number,
    }
  })
  const addresses = readTexts(spec, 'addresses').map(address => address.replace(/\/32$/, ''))
  const endpoints = selects
    ? workloadEntries
        .filter(entry => readText(mapAt(entry.value, 'metadata'), 'namespace') === namespace)
        .map(readEndpointOfEntry)
        // The others are machines, which it selects as it selects pods.
        .filter(({ address }) => !isAddress(address))
        .filter(({ labels }) => Object.entries(selector).every(([key, value]) => labels[key] === value))
        .toSorted((a, b) => compare(a.name, b.name))
    : listAt(spec, 'endpoints').map((endpoint, index) =>
        getEndpoint(endpoint, namespace, `${object.name}-${index}`, readLabels(endpoint, 'labels')),
      )
  const service = {
    registry: 'External' as const,
    ports,
    selector: selects ? selector : plainRecord<string>(),
    isHeadless: false,
    resolution: resolutions.get(readText(spec, 'resolution') ?? 'NONE') ?? 'passthrough',
    isExternal: (readText(spec, 'location') ?? 'MESH_EXTERNAL') === 'MESH_EXTERNAL',
    exportTo: readExportTo(readTexts(spec, 'exportTo'), settings.defaultServiceExportTo, namespace),
    labels: readLabels(mapAt(source.value, 'metadata'), 'labels'),
    endpoints,
    subjectAltNames: readTexts(spec, 'subjectAltNames'),
    ...object,
  }
  return readTexts(spec, 'hosts').flatMap(host =>
    (addresses.length > 0 ? addresses.map(address => [address]) : [[]]).map(addressList => ({
      host,
      addresses: addressList,
      ...service,
    })),
  )
}

/** Routes name the clusters of a host in lower case, and its clusters are as it is written. See httproute.go of istio/istio. */
const findUpperCaseHosts = (spec: unknown): readonly Finding[] =>
  readTexts(spec, 'hosts').flatMap((host, index) =>
    /[A-Z]/.test(host) ? [{ path: ['spec', 'hosts', index], reason: { code: 'upper-case-host' } }] : [],
  )

/** Tells whether the endpoints of a ServiceEntry are objects of their own. */
export const isSelecting = ({ value }: ManifestObject): boolean =>
  mapAt(mapAt(value, 'spec'), 'workloadSelector') !== undefined

const resolutions: ReadonlyMap<string, Service['resolution']> = new Map(
  Object.entries({
    NONE: 'passthrough',
    STATIC: 'client',
    DNS: 'dns',
    DNS_ROUND_ROBIN: 'dnsRoundRobin',
    DYNAMIC_DNS: 'dynamicDns',
  } as const),
)

function readEndpointOfEntry(source: ManifestObject): ServiceEndpoint {
  const metadata = mapAt(source.value, 'metadata')
  const spec = mapAt(source.value, 'spec')
  return getEndpoint(
    spec,
    readText(metadata, 'namespace') ?? 'default',
    readText(metadata, 'name') ?? '',
    plainRecord(readLabels(spec, 'labels'), readLabels(metadata, 'labels')),
  )
}

const getEndpoint = (
  entry: unknown,
  namespace: string,
  name: string,
  labels: Readonly<Record<string, string>>,
): ServiceEndpoint => ({
  address: readText(entry, 'address') ?? '',
  namespace,
  name,
  labels,
  ports: readPortNumbers(entry, 'ports'),
  serviceAccount: readText(entry, 'serviceAccount'),
})

function readPortNumbers(entry: unknown, key: string): ServiceEndpoint['ports'] {
  const ports = plainRecord<number>()
  for (const [port, number] of Object.entries(mapAt(entry, key) ?? {})) ports[port] = Number(number)
  return ports
}

/** The namespaces that `exportTo` selects: `*`, or names; empty for `~`. */
export function readExportTo(
  exportTo: readonly string[],
  byDefault: readonly string[],
  namespace: string,
): readonly string[] {
  const names = exportTo.length > 0 ? exportTo : byDefault
  if (names.includes('*')) return everywhere
  return names.includes('~') ? [] : names.map(name => (name === '.' ? namespace : name))
}

const everywhere: readonly string[] = ['*']
