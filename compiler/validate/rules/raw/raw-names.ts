import { memo } from '../../../basics/memo.ts'
import { findOnlyNear, suggestName } from '../../../diagnostics/suggest.ts'
import type { Labels, Mesh, RawObject } from '../../../mesh/mesh.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findCustomProvider, readEntries, readFields } from '../../raw-fields.ts'
import { defineRule } from '../../rule.ts'

/**
 * The check ReferencedResourceNotFound of `istioctl analyze`, for names that the spec knows: namespaces, workloads and gateways of
 * the mesh.
 */
export const rawNames = defineRule<{ what: string; help?: string; name: string; known: readonly string[] }>(
  {
    code: 'MESH4009',
    severity: 'warning',
    summary: 'A raw object names namespaces, pods and gateways that the spec knows',
    covers: ['IST0101', 'IST0127', 'KIA0004', 'KIA1102'],
    reads: ['authorizers', 'services.*.workload', 'services.*.namespace', 'gateways', 'istio.namespace'],
    message: p => p.what,
    help: p => p.help ?? suggestName(p.name, p.known) ?? 'declare it in the spec, or correct the name',
  },
  function* (mesh, report) {
    const gateways = listGateways(mesh)
    const namespaces = listNamespaces(mesh)
    const authorizers = mesh.authorizers.map(({ name }) => name.value)
    const rawHomes = listRawHomes(mesh)
    const listPods = memo((namespace: string) => podsIn(mesh, namespace))
    for (const raw of mesh.raw) {
      const spec = raw.origin.at('spec')
      const { namespace = 'default' } = raw
      // A namespace that is like no other may belong to others.
      if (!namespaces.includes(namespace) && findOnlyNear(namespace, namespaces) !== undefined) {
        const what = `the spec has no namespace \`${namespace}\`, and no object here creates it`
        yield report(placeAt(raw.origin.at('metadata').at('namespace')), {
          what,
          name: namespace,
          known: namespaces,
        })
        continue
      }
      const provider = findCustomProvider(raw)
      // Istio denies all requests if it does not know the provider.
      if (provider !== undefined && !authorizers.includes(provider)) {
        const what = `meshc configures no provider \`${provider}\`: this policy refuses every request`
        const near = findOnlyNear(provider, authorizers)
        yield report(placeAt(spec.at('provider').at('name')), {
          what,
          help:
            near === undefined
              ? `declare it under \`authorizers\`: \`${provider}: { grpc: <service>.<namespace>:9191 }\``
              : `did you mean \`${near}\`?`,
          name: provider,
          known: authorizers,
        })
      }
      if (isIstioObject(raw) && raw.kind === 'VirtualService') {
        for (const [index, entry] of readEntries(readFields(raw.object['spec'])['gateways']).entries()) {
          const name = String(entry)
          if (name === 'mesh' || gateways.includes(name.includes('/') ? name : `${namespace}/${name}`))
            continue
          const what = `there is no gateway \`${name}\`: no request takes these routes`
          yield report(placeAt(spec.at('gateways').at(index)), { what, name, known: gateways })
        }
      }
      const field = selectors[raw.kind]
      if (field === undefined || !isIstioObject(raw) || runsPods(mesh, rawHomes, namespace)) continue
      const selector = readFields(readFields(readFields(raw.object['spec'])[field[0]])[field[1]])
      const labels = Object.entries(selector).map(([key, value]) => [key, String(value)] as const)
      const pods = listPods(namespace)
      if (labels.length === 0 || pods.length === 0 || pods.some(pod => mayHave(pod, labels))) continue
      const [key, value] = labels[0]!
      yield report(placeAt(spec.at(field[0]).at(field[1])), {
        what: `no service or gateway of \`${namespace}\` has pods with these labels`,
        name: value,
        known: pods.flatMap(pod => pod.filter(([name]) => name === key).map(([, { value }]) => value)),
      })
    }
  },
)

/** The namespaces that the spec names, and the namespaces that every cluster has. */
const listNamespaces = ({ namespaces, istio, delivery, observability: { tracing }, raw }: Mesh) => [
  ...namespaces.map(({ name }) => name.value),
  ...[istio, delivery.argocd, tracing].flatMap(part => (part === undefined ? [] : [part.namespace.value])),
  ...raw.filter(({ kind }) => kind === 'Namespace').map(({ name }) => name),
  ...['default', 'kube-system', 'kube-public', 'kube-node-lease'],
]

const isIstioObject = ({ apiVersion }: RawObject) =>
  /^(networking|security|telemetry|extensions)\.istio\.io\//.test(apiVersion)

/** The kinds with a workload selector, and the field of the selector. */
const selectors: Readonly<Record<string, readonly [string, string]>> = {
  AuthorizationPolicy: ['selector', 'matchLabels'],
  PeerAuthentication: ['selector', 'matchLabels'],
  RequestAuthentication: ['selector', 'matchLabels'],
  Telemetry: ['selector', 'matchLabels'],
  WasmPlugin: ['selector', 'matchLabels'],
  Sidecar: ['workloadSelector', 'labels'],
  EnvoyFilter: ['workloadSelector', 'labels'],
}

/** `namespace/name` of each gateway of the spec, raw ones among them. */
const listGateways = ({ gateways, raw }: Mesh): readonly string[] => [
  ...gateways.map(({ name, namespace }) => `${namespace.value}/${name.value}`),
  ...raw
    .filter(({ kind }) => kind === 'Gateway')
    .map(({ name, namespace = 'default' }) => `${namespace}/${name}`),
]

/** Lists the namespaces to which raw objects bring pods of their own. */
const listRawHomes = ({ raw }: Mesh): ReadonlySet<string> =>
  new Set(
    raw
      .filter(({ kind }) =>
        /^(Pod|Deployment|StatefulSet|DaemonSet|ReplicaSet|Job|CronJob|WorkloadEntry|WorkloadGroup|Rollout)$/.test(
          kind,
        ),
      )
      .map(({ namespace = 'default' }) => namespace),
  )

/** Tells whether raw objects bring pods of their own to a namespace, or, for the root namespace, to any namespace. */
const runsPods = ({ istio }: Mesh, rawHomes: ReadonlySet<string>, namespace: string): boolean =>
  rawHomes.has(namespace) || (namespace === istio.namespace.value && rawHomes.size > 0)

/** Lists the known labels of the pods that an object of a namespace can select: in the root namespace, all pods of the mesh. */
const podsIn = ({ services, gateways, istio }: Mesh, namespace: string): readonly Labels[] =>
  [...services, ...gateways.map(({ selector, workloadNamespace: namespace }) => ({ selector, namespace }))]
    .filter(({ namespace: { value } }) => value === namespace || namespace === istio.namespace.value)
    .map(({ selector }) => selector)

/** Pods have more labels than those that select them. */
const mayHave = (pod: Labels, labels: readonly (readonly [string, string])[]) =>
  labels.every(([key, value]) => pod.every(([name, sourced]) => name !== key || sourced.value === value))
