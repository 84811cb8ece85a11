import { fullName } from '../hosts.ts'
import type { ManifestObject } from '../manifest-object.ts'
import type { Labels, UnmodelledObject } from '../model.ts'
import { objectOf } from './object-of.ts'
import { labelsAt, listAt, mapAt, textAt } from './values.ts'

/** An object of a kind that bears on requests and is not followed, with what it touches; undefined: of another kind. */
export function unmodelledObjectOf(source: ManifestObject): UnmodelledObject | undefined {
  const group = textAt(source.value, 'apiVersion')?.split('/').slice(0, -1)[0] ?? ''
  const kind = textAt(source.value, 'kind') ?? ''
  const touches = kinds.get(`${group}/${kind}`)?.(mapAt(source.value, 'spec'), source)
  if (touches === undefined) return undefined
  const object = objectOf(source, undefined, [{ path: [], reason: `${kind} is not followed` }])
  return { ...object, workloads: touches.workloads, hosts: touches.hosts ?? [] }
}

interface Touched {
  readonly workloads: Labels | undefined
  readonly hosts?: readonly string[]
}

type Touches = (spec: unknown, source: ManifestObject) => Touched

const bySelector: Touches = spec => ({ workloads: labelsAt(mapAt(spec, 'selector'), 'matchLabels') })

/** A route of the Gateway API is for the Services that it names as parents; its Gateways have workloads of their own. */
const byParents: Touches = (spec, source) => {
  const parents = listAt(spec, 'parentRefs')
  const namespace = textAt(mapAt(source.value, 'metadata'), 'namespace') ?? 'default'
  return {
    workloads: undefined,
    hosts: parents
      .filter(parent => textAt(parent, 'kind') === 'Service')
      .map(parent => fullName(textAt(parent, 'name') ?? '', textAt(parent, 'namespace') ?? namespace)),
  }
}

const kinds: ReadonlyMap<string, Touches> = new Map(
  Object.entries<Touches>({
    'networking.istio.io/EnvoyFilter': spec => ({
      workloads: labelsAt(mapAt(spec, 'workloadSelector'), 'labels'),
    }),
    'extensions.istio.io/WasmPlugin': bySelector,
    'extensions.istio.io/TrafficExtension': bySelector,
    'gateway.networking.k8s.io/HTTPRoute': byParents,
    'gateway.networking.k8s.io/GRPCRoute': byParents,
    'gateway.networking.k8s.io/TCPRoute': byParents,
    'gateway.networking.k8s.io/TLSRoute': byParents,
    'networking.k8s.io/NetworkPolicy': spec => ({
      workloads: labelsAt(mapAt(spec, 'podSelector'), 'matchLabels'),
    }),
    'networking.k8s.io/Ingress': () => ({ workloads: { istio: 'ingressgateway' } }),
  }),
)
