import { isAddress } from '../address-ranges.ts'
import { parsePorts, readCapture } from '../captured-traffic.ts'
import { bypassAnnotation } from '../is-bare.ts'
import { isInjected } from '../is-injected.ts'
import { isSubset } from '../is-subset.ts'
import type { ManifestObject } from '../manifest-object.ts'
import type { Labels, Namespace, Service, Workload } from '../model.ts'
import { plainRecord } from '../plain-record.ts'
import { podTemplates } from '../pod-templates.ts'
import { type Finding, readObject } from './read-object.ts'
import { isMap, listAt, mapAt, numberAt, readLabels, readText } from './values.ts'

/** A pod that a manifest runs, before it is known whether it has a proxy. */
export interface Pod extends Omit<Workload, 'proxy'> {
  readonly annotations: Labels
}

/** The pod that an object of one of these kinds runs. */
export function readPod(source: ManifestObject): Pod {
  const path = podTemplates.get(readText(source.value, 'kind') ?? '') ?? []
  const template = path.reduce((value: unknown, key) => mapAt(value, key), source.value)
  const metadata = mapAt(template, 'metadata')
  const spec = mapAt(template, 'spec')
  const annotations = readLabels(metadata, 'annotations')
  const labels = readLabels(metadata, 'labels')
  const isPod = path.length === 0
  return {
    serviceAccount: readText(spec, 'serviceAccountName') || 'default',
    labels,
    annotations,
    address: isPod ? readPodAddress(source) : undefined,
    ...readTopology(annotations),
    ports: readPodPorts(spec),
    bypassedPorts: parsePorts(annotations[bypassAnnotation]) ?? [],
    ...readObject(source, undefined, listFindings(labels, annotations, [...path, 'metadata'])),
  }
}

/** The address of a running pod. A value that is not an address counts as absent. */
function readPodAddress(source: ManifestObject): string | undefined {
  const address = readText(mapAt(source.value, 'status'), 'podIP')
  return address !== undefined && isAddress(address) ? address : undefined
}

/** The ports of all containers that have a name. */
function readPodPorts(spec: unknown): Pod['ports'] {
  const ports = plainRecord<number>()
  for (const container of listAt(spec, 'containers'))
    for (const port of listAt(container, 'ports').filter(isMap)) {
      const name = readText(port, 'name') ?? ''
      if (name !== '') ports[name] = numberAt(port, 'containerPort') ?? 0
    }
  return ports
}

/** Assumes a pod for a Service that selects no pods of the manifests. */
export const assumePod = (service: Service): Pod => ({
  kind: 'Pod',
  namespace: service.namespace,
  name: `${service.name}-pod`,
  source: service.source,
  unmodelled: [],
  serviceAccount: 'default',
  labels: service.selector,
  annotations: plainRecord(),
  address: undefined,
  ports: plainRecord(),
  bypassedPorts: [],
  assumed: 'service',
})

/** Tells whether the proxy of a pod is a gateway. `selectors`: the selectors of all Gateways. */
export const isGatewayPod = ({ annotations, labels }: Pod, selectors: readonly Labels[]): boolean =>
  annotations['inject.istio.io/templates'] === 'gateway' ||
  selectors.some(selector => Object.keys(selector).length > 0 && isSubset(selector, labels))

/**
 * The workload of a pod: whether it has a proxy.
 */
export function makeWorkload(pod: Pod, namespace: Namespace | undefined, isGateway: boolean): Workload {
  const { annotations, unmodelled, ...workload } = pod
  const proxy = isGateway ? 'gateway' : hasSidecar(pod, namespace) ? 'sidecar' : 'none'
  // Ambient mode is an unmodelled part of a namespace, and affects all of its workloads.
  const beside = namespace?.unmodelled ?? []
  return {
    proxy,
    unmodelled: beside.length === 0 ? unmodelled : [...unmodelled, ...beside],
    ...workload,
  }
}

/** The label of a pod comes before its annotation. */
function hasSidecar({ labels, annotations }: Pod, namespace: Namespace | undefined): boolean {
  const isRefused = annotations['sidecar.istio.io/inject'] === 'false'
  return isInjected(labels, namespace) && (!isRefused || labels['sidecar.istio.io/inject'] === 'true')
}

const proxyConfig = 'proxy.istio.io/config'

/** Finds the proxies in front of a gateway that its pod declares. */
function readTopology(annotations: Labels): Pick<Workload, 'topology'> {
  const written = annotations[proxyConfig]
  if (written === undefined || !/gatewayTopology/.test(written)) return {}
  const topology = mapAt(readProxyConfig(written), 'gatewayTopology')
  if (topology === undefined) return {}
  const trustedProxies = numberAt(topology, 'numTrustedProxies')
  return {
    topology: {
      ...(trustedProxies !== undefined && { trustedProxies }),
      ...(mapAt(topology, 'proxyProtocol') !== undefined && { hasProxyProtocol: true }),
    },
  }
}

/**
 * Reads the configuration of a proxy: JSON, or YAML maps with words and numbers as values. Undefined: another form, or an unmodelled
 * part of the topology.
 */
function readProxyConfig(written: string): unknown {
  const config = written.trimStart().startsWith('{') ? parseJson(written) : parseMaps(written)
  const topology = mapAt(config, 'gatewayTopology')
  if (!isMap(topology)) return undefined
  const followed = ['numTrustedProxies', 'forwardClientCertDetails', 'proxyProtocol']
  if (Object.keys(topology).some(key => !followed.includes(key))) return undefined
  const { numTrustedProxies, proxyProtocol } = topology
  const isCount = numTrustedProxies === undefined || Number.isInteger(numTrustedProxies)
  const isEmpty =
    proxyProtocol === undefined || (isMap(proxyProtocol) && Object.keys(proxyProtocol).length === 0)
  return isCount && isEmpty ? config : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Parses maps in block form with words, numbers or `{}` as values. */
function parseMaps(text: string): unknown {
  const root = plainRecord<unknown>()
  const open: { readonly indent: number; readonly map: Record<string, unknown> }[] = [
    { indent: -1, map: root },
  ]
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const [, spaces = '', key, value] = /^( *)([A-Za-z]+):(?: +([A-Za-z0-9_]+|\{\}))? *$/.exec(line) ?? []
    if (key === undefined) return undefined
    while (open.at(-1)!.indent >= spaces.length) open.pop()
    const { map } = open.at(-1)!
    if (value === undefined) {
      const inner = plainRecord<unknown>()
      map[key] = inner
      open.push({ indent: spaces.length, map: inner })
    } else map[key] = value === '{}' ? {} : /^[0-9]+$/.test(value) ? Number(value) : value
  }
  return root
}

function listFindings(labels: Labels, annotations: Labels, path: readonly string[]): readonly Finding[] {
  const strange = Object.keys(annotations).filter(
    name =>
      name === 'sidecar.istio.io/interceptionMode' ||
      (name === proxyConfig &&
        (/interceptionMode|proxyMetadata/.test(annotations[name]!) ||
          (/gatewayTopology/.test(annotations[name]!) && readProxyConfig(annotations[name]!) === undefined))),
  )
  return [
    ...Object.entries(annotations).flatMap(([name, value]) => {
      const reason = readCapture(name, value)
      return reason === undefined ? [] : [{ path: [...path, 'annotations', name], reason }]
    }),
    ...strange.map(name => ({
      path: [...path, 'annotations', name],
      reason: { code: 'traffic-capture' } as const,
    })),
    ...(labels['istio.io/dataplane-mode'] === 'ambient'
      ? [{ path: [...path, 'labels', 'istio.io/dataplane-mode'], reason: { code: 'ambient-mode' } as const }]
      : []),
  ]
}
