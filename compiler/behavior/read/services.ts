import { compare } from '../../diagnostics/compare.ts'
import type { ManifestObject } from '../manifest-object.ts'
import type { MeshSettings, Service, ServiceEndpoint, ServicePort } from '../model.ts'
import { plainRecord } from '../plain-record.ts'
import { protocolOf, servicePortProtocol } from '../protocol.ts'
import { specFields } from './kinds.ts'
import { type Finding, objectOf } from './object-of.ts'
import { labelsAt, listAt, mapAt, numberAt, textAt, textsAt } from './values.ts'

/** A Service of Kubernetes. See pilot/pkg/serviceregistry/kube/conversion.go of istio/istio. */
export function serviceOf(source: ManifestObject, settings: MeshSettings): Service {
  const spec = mapAt(source.value, 'spec')
  const metadata = mapAt(source.value, 'metadata')
  const isLocal = textAt(spec, 'internalTrafficPolicy') === 'Local'
  const findings: readonly Finding[] = isLocal
    ? [{ path: ['spec', 'internalTrafficPolicy'], reason: 'pods of the own node only' }]
    : []
  const object = objectOf(source, undefined, findings)
  const clusterIp = textAt(spec, 'clusterIP')
  const externalName = textAt(spec, 'type') === 'ExternalName' ? textAt(spec, 'externalName') : undefined
  const isHeadless = clusterIp === 'None'
  const written = textsAt(spec, 'clusterIPs')
  const exportTo = textAt(mapAt(metadata, 'annotations'), 'networking.istio.io/exportTo')
  return {
    host: `${object.name}.${object.namespace}.svc.cluster.local`,
    registry: 'Kubernetes',
    ports: listAt(spec, 'ports').map(portOf),
    selector: labelsAt(spec, 'selector'),
    addresses: isHeadless || !clusterIp ? [] : written.length > 1 ? written : [clusterIp],
    isHeadless,
    resolution: externalName !== undefined ? 'alias' : isHeadless ? 'passthrough' : 'client',
    isExternal: externalName !== undefined,
    exportTo: visibleIn(
      exportTo?.split(',').map(name => name.trim()) ?? [],
      settings.defaultServiceExportTo,
      object.namespace,
    ),
    labels: labelsAt(metadata, 'labels'),
    endpoints: [],
    subjectAltNames: [],
    ...(externalName !== undefined && { externalName }),
    ...object,
  }
}

function portOf(port: unknown): ServicePort {
  const number = numberAt(port, 'port') ?? 0
  const name = textAt(port, 'name') ?? ''
  const target = mapAt({ port }, 'port')?.['targetPort']
  return {
    number,
    name,
    protocol: servicePortProtocol(
      number,
      name,
      textAt(port, 'protocol') ?? 'TCP',
      textAt(port, 'appProtocol'),
    ),
    targetPort: typeof target === 'string' || (typeof target === 'number' && target !== 0) ? target : number,
  }
}

/**
 * The hosts of a ServiceEntry, one for each of its addresses: Istio merges them later. `workloadEntries`: of all
 * namespaces. See pilot/pkg/serviceregistry/serviceentry/conversion.go of istio/istio.
 */
export function servicesOfEntry(
  source: ManifestObject,
  settings: MeshSettings,
  workloadEntries: readonly ManifestObject[],
): readonly Service[] {
  const spec = mapAt(source.value, 'spec')
  const object = objectOf(source, specFields['ServiceEntry'], upperCaseHosts(spec))
  const { namespace } = object
  const selector = labelsAt(mapAt(spec, 'workloadSelector'), 'labels')
  const selects = isSelecting(source)
  const ports = listAt(spec, 'ports').map((port): ServicePort => {
    const number = numberAt(port, 'number') ?? 0
    return {
      number,
      name: textAt(port, 'name') ?? '',
      protocol: protocolOf(textAt(port, 'protocol') ?? ''),
      targetPort: numberAt(port, 'targetPort') || number,
    }
  })
  const addresses = textsAt(spec, 'addresses').map(address => address.replace(/\/32$/, ''))
  const endpoints = selects
    ? workloadEntries
        .filter(entry => textAt(mapAt(entry.value, 'metadata'), 'namespace') === namespace)
        .map(endpointOfEntry)
        .filter(({ labels }) => Object.entries(selector).every(([key, value]) => labels[key] === value))
        .toSorted((a, b) => compare(a.name, b.name))
    : listAt(spec, 'endpoints').map((endpoint, index) =>
        endpointOf(endpoint, namespace, `${object.name}-${index}`, labelsAt(endpoint, 'labels')),
      )
  const service = {
    registry: 'External' as const,
    ports,
    selector: selects ? selector : plainRecord<string>(),
    isHeadless: false,
    resolution: resolutions.get(textAt(spec, 'resolution') ?? 'NONE') ?? 'passthrough',
    isExternal: (textAt(spec, 'location') ?? 'MESH_EXTERNAL') === 'MESH_EXTERNAL',
    exportTo: visibleIn(textsAt(spec, 'exportTo'), settings.defaultServiceExportTo, namespace),
    labels: labelsAt(mapAt(source.value, 'metadata'), 'labels'),
    endpoints,
    subjectAltNames: textsAt(spec, 'subjectAltNames'),
    ...object,
  }
  return textsAt(spec, 'hosts').flatMap(host =>
    (addresses.length > 0 ? addresses.map(address => [address]) : [[]]).map(of => ({
      host,
      addresses: of,
      ...service,
    })),
  )
}

/** Routes name the clusters of a host in lower case, and its clusters are as it is written. See httproute.go of istio/istio. */
const upperCaseHosts = (spec: unknown): readonly Finding[] =>
  textsAt(spec, 'hosts').flatMap((host, index) =>
    /[A-Z]/.test(host)
      ? [{ path: ['spec', 'hosts', index], reason: 'a host in upper case, of which routes find no cluster' }]
      : [],
  )

/** Whether the endpoints of a ServiceEntry are objects of their own. */
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

function endpointOfEntry(source: ManifestObject): ServiceEndpoint {
  const metadata = mapAt(source.value, 'metadata')
  const spec = mapAt(source.value, 'spec')
  return endpointOf(
    spec,
    textAt(metadata, 'namespace') ?? 'default',
    textAt(metadata, 'name') ?? '',
    plainRecord(labelsAt(spec, 'labels'), labelsAt(metadata, 'labels')),
  )
}

const endpointOf = (
  entry: unknown,
  namespace: string,
  name: string,
  labels: Readonly<Record<string, string>>,
): ServiceEndpoint => ({
  address: textAt(entry, 'address') ?? '',
  namespace,
  name,
  labels,
  ports: portNumbersAt(entry, 'ports'),
  serviceAccount: textAt(entry, 'serviceAccount'),
})

function portNumbersAt(entry: unknown, key: string): ServiceEndpoint['ports'] {
  const ports = plainRecord<number>()
  for (const [port, number] of Object.entries(mapAt(entry, key) ?? {})) ports[port] = Number(number)
  return ports
}

/** The namespaces that `exportTo` means: `*`, or names; none for `~`. */
export function visibleIn(
  exportTo: readonly string[],
  byDefault: readonly string[],
  namespace: string,
): readonly string[] {
  const names = exportTo.length > 0 ? exportTo : byDefault
  if (names.includes('*')) return everywhere
  return names.includes('~') ? [] : names.map(name => (name === '.' ? namespace : name))
}

const everywhere: readonly string[] = ['*']
