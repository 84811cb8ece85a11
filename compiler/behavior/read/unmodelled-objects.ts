import { expandHost } from '../hosts.ts'
import type { ManifestObject } from '../manifest-object.ts'
import type { Labels, UnmodelledObject, UnmodelledReach } from '../model.ts'
import { readObject } from './read-object.ts'
import { isMap, listAt, mapAt, numberAt, readLabels, readText } from './values.ts'

/** An object of an unmodelled kind that affects requests, with the affected workloads; undefined: an object of another kind. */
export function readUnmodelledObject(source: ManifestObject): UnmodelledObject | undefined {
  const group = readText(source.value, 'apiVersion')?.split('/').slice(0, -1)[0] ?? ''
  const kind = readText(source.value, 'kind') ?? ''
  const touches = kinds.get(`${group}/${kind}`)?.(mapAt(source.value, 'spec'), source)
  if (touches === undefined) return undefined
  const object = readObject(source, undefined, [{ path: [], reason: { code: 'unmodelled-kind', kind } }])
  return { ...object, workloads: touches.workloads, reaches: touches.reaches, hosts: touches.hosts ?? [] }
}

interface Touched {
  readonly workloads: Labels | undefined
  readonly reaches: readonly UnmodelledReach[]
  readonly hosts?: readonly string[]
}

type Touches = (spec: unknown, source: ManifestObject) => Touched

const listReaches = (...ways: readonly UnmodelledReach['way'][]): readonly UnmodelledReach[] =>
  ways.map(way => ({ way, ports: undefined }))

/** See pilot/pkg/model/extensions.go of istio/istio: to a gateway, all that it takes is a client's. */
const byExtension: Touches = spec => {
  const matches = listAt(spec, 'match')
  const modes = matches.map(match => readText(match, 'mode') ?? 'UNDEFINED')
  const isFor = (mode: string) =>
    matches.length === 0 || modes.some(each => each === mode || !/^(?:CLIENT|SERVER)$/.test(each))
  return {
    workloads:
      listAt(spec, 'targetRefs').length > 0 ? undefined : readLabels(mapAt(spec, 'selector'), 'matchLabels'),
    reaches: listReaches(
      ...(isFor('SERVER') ? (['inbound'] as const) : []),
      ...(isFor('CLIENT') ? (['outbound', 'gateway'] as const) : []),
    ),
  }
}

/** A route of the Gateway API is for the Services that it names as parents; its Gateways have workloads of their own. */
const byParents: Touches = (spec, source) => {
  const parents = listAt(spec, 'parentRefs')
  const namespace = readText(mapAt(source.value, 'metadata'), 'namespace') ?? 'default'
  return {
    workloads: undefined,
    reaches: [],
    hosts: parents
      .filter(parent => readText(parent, 'kind') === 'Service')
      .map(parent => expandHost(readText(parent, 'name') ?? '', readText(parent, 'namespace') ?? namespace)),
  }
}

/** Finds the traffic that the patches of an EnvoyFilter affect. See pilot/pkg/networking/core/envoyfilter of istio/istio. */
const byPatches: Touches = spec => ({
  // Targets are gateways of the Gateway API, and waypoints.
  workloads:
    listAt(spec, 'targetRefs').length > 0 ? undefined : readLabels(mapAt(spec, 'workloadSelector'), 'labels'),
  reaches: listAt(spec, 'configPatches').flatMap(reachesOfPatch),
})

const contexts: Readonly<Record<string, readonly UnmodelledReach['way'][]>> = {
  SIDECAR_INBOUND: ['inbound'],
  SIDECAR_OUTBOUND: ['outbound'],
  GATEWAY: ['gateway'],
}

function reachesOfPatch(patch: unknown): readonly UnmodelledReach[] {
  const match = mapAt(patch, 'match')
  const ways = contexts[readText(match, 'context') ?? ''] ?? (['inbound', 'outbound', 'gateway'] as const)
  const applyTo = readText(patch, 'applyTo') ?? ''
  const listener = mapAt(match, 'listener')
  const isFilter = applyTo === 'HTTP_FILTER' || applyTo === 'NETWORK_FILTER'
  if (!isFilter || listener === undefined) return listReaches(...ways)
  const [, named] = /_(\d+)$/.exec(readText(listener, 'name') ?? '') ?? []
  const port = numberAt(listener, 'portNumber') ?? (named === undefined ? undefined : Number(named))
  const chainPort = numberAt(mapAt(listener, 'filterChain'), 'destinationPort')
  return ways.flatMap((way): readonly UnmodelledReach[] => {
    if (way === 'gateway') return listReaches(way)
    const isOther = way === 'inbound' ? named !== undefined : readText(listener, 'name') === 'virtualInbound'
    if (isOther) return []
    const reachedPort = port ?? (way === 'inbound' ? chainPort : undefined)
    return [{ way, ports: reachedPort === undefined ? undefined : [reachedPort] }]
  })
}

/** Finds the traffic that a NetworkPolicy affects. It blocks connections that match no rule; a rule without conditions matches all. */
const byDirections: Touches = spec => {
  const types = listAt(spec, 'policyTypes')
  const isFor = (type: string, direction: string) =>
    (types.includes(type) ||
      (types.length === 0 && (type === 'Ingress' || listAt(spec, direction).length > 0))) &&
    !listAt(spec, direction).some(rule => isMap(rule) && Object.keys(rule).length === 0)
  return {
    workloads: readLabels(mapAt(spec, 'podSelector'), 'matchLabels'),
    reaches: listReaches(
      ...(isFor('Ingress', 'ingress') ? (['arriving'] as const) : []),
      ...(isFor('Egress', 'egress') ? (['leaving'] as const) : []),
    ),
  }
}

const kinds: ReadonlyMap<string, Touches> = new Map(
  Object.entries<Touches>({
    'networking.istio.io/EnvoyFilter': byPatches,
    'extensions.istio.io/WasmPlugin': byExtension,
    'extensions.istio.io/TrafficExtension': byExtension,
    'gateway.networking.k8s.io/HTTPRoute': byParents,
    'gateway.networking.k8s.io/GRPCRoute': byParents,
    'gateway.networking.k8s.io/TCPRoute': byParents,
    'gateway.networking.k8s.io/TLSRoute': byParents,
    'networking.k8s.io/NetworkPolicy': byDirections,
    'networking.k8s.io/Ingress': () => ({
      workloads: { istio: 'ingressgateway' },
      reaches: listReaches('gateway'),
    }),
  }),
)
